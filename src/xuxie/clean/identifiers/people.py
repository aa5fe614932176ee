"""Names and addresses, by the words around them. Counted and reported, never promised.

No check digit and no closed form: a surname after 患者 is a name often, not always. Recall and
precision are measured (benchmarks/identifiers.py), and the default policy keeps them.
"""

import re
from collections.abc import Iterator

from xuxie.clean.identifiers.kinds import Kind

Hit = tuple[Kind, int, int]
# The most frequent surnames of the Ministry of Public Security's report for 2020, and some more.
SURNAMES = (
    "王李张刘陈杨高黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚"
    "邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳"
    "甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳阳管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾"
)
COMPOUND = "欧阳|上官|司马|诸葛|皇甫|令狐|慕容|司徒|夏侯|东方|尉迟|公孙|长孙|宇文|端木|独孤|南宫"
LABEL = (
    "姓名|患者|病人|客户|联系人|收货人|收件人|寄件人|法定代表人|法人代表"
    "|持卡人|申请人|投保人|被保险人|受益人|户主|原告|被告|经办人|负责人"
    "|主治医师|店长|会员|顾客|借款人|担保人|本人"
)
TITLE = "先生|女士|小姐|太太|同志|大夫|医生|医师|护士|老师|经理|主任"
HAN = "\u4e00-\u9fff"
# What follows a name and does not end one.
AFTER = "因于在的是向到为与和及了来自称经将已被于今现拟后还发请办没需要应可能未，。、；：（）,.;:()"
NAME = rf"(?:(?:{COMPOUND})[{HAN}]{{1,2}}?|[{SURNAMES}][{HAN}]{{1,2}}?)"
NAME_END = (
    rf"(?=[{AFTER}\s\"”】]|$|{TITLE}|男|女|身份证|电话|手机|联系|住"
    r"|申请|办理|反映|咨询|购买|主诉|入院|签)"
)
LABELLED = re.compile(rf"(?:{LABEL})[ 　]?[：:为是]?[ 　]?(?P<name>{NAME}){NAME_END}")
TITLED = re.compile(TITLE)
BEFORE_TITLE = re.compile(rf"(?:(?:{COMPOUND})[{HAN}]{{0,2}}|[{SURNAMES}][{HAN}]{{0,2}})$")
# Words that begin like a surname.
WORDS = frozenset(
    (
        "高度 方面 方式 金额 安全 安排 成功 成为 成本 成员 时间 何时 程序 江苏 云南 于是 "
        "向来 应当 关于 关系 关注 温馨 白天 管理 经理 华东 华北 华南 万元 马上 平时 文件 "
        "文化 石油 黄金 路径 单位 单独 严重 严格 解除 解决 解答 任何 任意 易于 段落 施工 "
        "康复 毛利 包括 包装 曾经 常见 付款 余额 左右 游客 钟内 武汉 苏州 温度 陆续 章程 "
        "尚未 许可 金融 季度 房产 房屋 谷歌 盛大 牛奶 江西 宁波 宁夏 贺卡 龙头 雷达 范围 "
        "周边 周期 周末 何种 方便 左侧 右侧 成交 关怀 查询 明确 "
    ).split()
)

PROVINCE_NAMES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建"
    "|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海"
    "|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
ADDRESS_LABEL = (
    "户籍地址|收货地址|通讯地址|联系地址|家庭住址|家庭地址|详细地址|住址|地址"
    "|现住|家住|居住于|居住在|居住地|住所地|住所|住在|户籍所在地|户籍地"
    "|户籍|籍贯|收货地|寄往|送至|送到"
)
# Atomic: or 区县市镇区县市镇... would be cut in every way there is.
PLACE = rf"(?>[{HAN}]{{1,8}}?(?:省|自治区|市|自治州|地区|区|县|旗|镇|乡|街道|开发区))"
ROAD = rf"[{HAN}]{{1,10}}?(?:大道|路|街|巷|弄|胡同|村|里|小区|花园|新村|苑|社区|组)"
# Four digits at most: a longer run is another identifier.
UNIT = (
    r"[ 0-9０-９一二三四五六七八九十百A-Za-z甲乙丙丁东西南北-]{1,6}"
    r"(?:号院|号楼|号|栋|幢|座|单元|室|楼|层|弄|组|户)"
)
DETAIL = rf"(?:{ROAD}|{UNIT}|[{HAN}]{{2,8}}?(?:小区|花园|大厦|广场|家园|苑|村))"
LABELLED_ADDRESS = re.compile(
    rf"(?:{ADDRESS_LABEL})(?:[：:为是在于]|)[ 　]?"
    rf"(?P<place>(?:(?:{PROVINCE_NAMES})(?:省|市|自治区)?)?(?:{PLACE}){{0,4}}{DETAIL}{{1,6}})"
)
FREE_ADDRESS = re.compile(
    rf"(?P<place>(?:{PROVINCE_NAMES})(?:省|市|[{HAN}]{{0,3}}自治区)?(?:{PLACE}){{0,3}}{ROAD}{UNIT}{{1,5}})"
)


def name_hits(text: str) -> Iterator[Hit]:
    """Surname and given name after a label, or before a title."""
    for found in LABELLED.finditer(text):
        if found["name"][:2] not in WORDS:
            yield Kind.NAME, *found.span("name")
    for title in TITLED.finditer(text):
        first = max(0, title.start() - 4)
        before = BEFORE_TITLE.search(text[first : title.start()])
        if before and before[0][:2] not in WORDS:
            yield Kind.NAME, first + before.start(), title.start()


def address_hits(text: str) -> Iterator[Hit]:
    """Place, road and number after a label; without one only from a province down to a number."""
    for pattern in (LABELLED_ADDRESS, FREE_ADDRESS):
        for found in pattern.finditer(text):
            yield Kind.ADDRESS, *found.span("place")
