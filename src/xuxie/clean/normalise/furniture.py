"""Lines that are the furniture of a web site: navigation, copyright, credits, sharing, paging.

A line goes only if all of it is furniture by a named pattern. The last line may also lose a tail of
navigation items, as texts cut out of pages have it. What could be a sentence, above all a sentence
of a statute (版权所有者应当……), stays: the patterns ask for the whole line and refuse its commas.
"""

import re

GAP = "[\\s|｜/／·•>＞›»_-]"
ITEMS = (
    "首页 网站首页 返回首页 设为首页 加入收藏 收藏本站 免费注册 立即注册 注册 登录 立即登录 "
    "退出登录 网站导航 网站地图 站点地图 宾馆索引 酒店索引 服务说明 服务条款 服务协议 用户协议 "
    "使用条款 隐私政策 隐私条款 隐私声明 法律声明 免责声明 版权声明 诚聘英才 人才招聘 招贤纳士 "
    "加入我们 代理合作 商务合作 合作伙伴 广告业务 广告服务 广告合作 友情链接 联系我们 联系方式 "
    "联系客服 帮助中心 常见问题 意见反馈 客服中心 手机版 电脑版 返回顶部 上一页 下一页 尾页 末页 "
    "上一篇 下一篇 更多 查看更多 举报 回复 评论 收藏 分享 点赞 打印 打印本页 关闭窗口 微信 微博 "
    "新浪微博 腾讯微博 朋友圈 QQ空间 QQ好友 复制链接"
).split()
ITEM = f"(?:{'|'.join(sorted(ITEMS, key=len, reverse=True))}|关于\\w{{2,6}})"
# A row that is cut off ends in the first characters of an item.
CUT_OFF = f"(?:{GAP}+\\w{{1,3}})?{GAP}*"
NAVIGATION = f"{ITEM}(?:{GAP}+{ITEM}){{2,}}{CUT_OFF}"
# No comma and no end: not a sentence.
PLAIN = "[^，。！？!?；]"
HOLDER = f"[ :：©|\\d]{PLAIN}{{0,80}}|{PLAIN}{{2,30}}(?:公司|网|社|集团|中心|站)"
COPYRIGHT = (
    f"(?:copyright\\b|©|\\(c\\) ?\\d{{4}}){PLAIN}{{0,120}}[。.]?"
    f"|版权所有(?:{HOLDER})?[。.]?|{PLAIN}{{2,40}}[ |©]版权所有[。.]?"
    "|(?:版权所有[，, ]?)?未经(?:书面)?(?:许可|授权|允许|同意)[，, ]?"
    "(?:不得|禁止|严禁|请勿)转载[。.！]?(?:违者必究[。.！]?)?"
)
LICENCE = f"{PLAIN}{{0,60}}(?:ICP[备证][ :：]?\\d{{4,}}|公网安备 ?\\d{{6,}}){PLAIN}{{0,60}}"
CREDIT = (
    r"[（(【\[]?(?:责任编辑|责编|值班编辑|编辑|审核|校对) ?[:：] ?"
    r"[^，。！？!?；:：]{0,15}[）)】\]]?"
)
SHARING = f"分享到[:：]?{GAP}*(?:{ITEM}(?:{GAP}+{ITEM})*{GAP}*)?"
PAGING = (
    r"(?:上一[篇页章]|下一[篇页章]) ?[:：].{0,60}"
    r"|(?:共\d+页[ ,，]?)?第\d+页[ ,，/]?(?:共\d+页)"
)
SCANNING = (
    f"(?:微信|手机|打开微信)?扫(?:一扫|码|描)(?:二维码|下方二维码|上方二维码)?{PLAIN}{{0,12}}"
)
MORE = (
    "(?:点击(?:此处)?|展开|阅读|查看|加载)(?:查看|加载|阅读|展开)?"
    "(?:更多|全文|原文|剩余全文)(?:内容|评论|信息|精彩内容)?[>＞».…]*"
)
BUTTONS = rf"(?:{ITEM}{GAP}+)*查看其他用户评论\(\d+\)(?:{GAP}+{ITEM})*"
LINE = re.compile(
    "|".join((NAVIGATION, COPYRIGHT, LICENCE, CREDIT, SHARING, PAGING, SCANNING, MORE, BUTTONS)),
    re.I,
)
TAIL = re.compile(
    f"(?:^|(?<=[\\s。！？!?.~…]))(?:{ITEM}(?:{GAP}+{ITEM}){{3,}}{CUT_OFF}|{BUTTONS})$"
)
LONGEST_LINE = 200
# Each pattern, but for a row of rarer items, holds one of these; most texts hold none. Literals
# only: their first characters then make one set, and the search runs at its speed.
TRIGGER = re.compile(
    "首页|免费注册|立即注册|登录|网站导航|关于我们|联系我们|下一|上一|更多|分享|收藏|全文|原文|查看|"
    "opyright|OPYRIGHT|©|\\(c\\)|\\(C\\)|版权所|不得转载|禁止转载|严禁转载|请勿转载|ICP|icp|网安备|"
    "责编|责任编辑|编辑:|编辑：|编辑 |审核:|审核：|审核 |校对:|校对：|校对 |扫一扫|扫码|扫描"
)
PAGE = re.compile(r"\d页")


def without_furniture(text: str) -> str:
    """`text` without the lines, and the tail of its last line, that are site furniture."""
    if not triggered(text):
        return text
    lines = text.split("\n")
    kept = [line for line in lines if not is_furniture(line)]
    if not kept:
        return ""
    shorter = without_tail(kept[-1])
    if len(kept) == len(lines) and shorter == kept[-1]:
        return text
    return "\n".join([*kept[:-1], shorter])


def triggered(text: str) -> bool:
    return bool(TRIGGER.search(text) or ("页" in text and PAGE.search(text)))


def is_furniture(line: str) -> bool:
    """Whether all of a line is site furniture, whatever stands in the other lines."""
    line = line.strip()
    return 0 < len(line) <= LONGEST_LINE and triggered(line) and bool(LINE.fullmatch(line))


def without_tail(line: str) -> str:
    """`line` without the rows of navigation that it ends in."""
    end = len(line)
    while found := TAIL.search(line, max(0, end - LONGEST_LINE), end):
        end = found.start()
    return line[:end]
