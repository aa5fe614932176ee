"""What normalising changes, what it keeps, and that once is enough."""

import itertools
from typing import Any

import pytest

from xuxie.clean.normalise import Rule, normalised
from xuxie.clean.normalise_settings import NormaliseSettings

POINTS: dict[str, Any] = {
    "quotes": True,
    "dashes": True,
    "ellipses": True,
    "width": True,
    "full_stops": True,
    "max_run": 3,
}
SWITCHES = "mojibake markup furniture invisible line_ends nfc width spacing".split()


def settings(*rules: str, **others: Any) -> NormaliseSettings:
    """Only the named rules are on; without a name, all but `traditional`."""
    on = dict.fromkeys(SWITCHES, not rules) | {rule: True for rule in rules if rule in SWITCHES}
    off = {name: 0 if name == "max_run" else False for name in POINTS}
    chosen = POINTS if not rules or "punctuation" in rules else off
    plain = {"traditional": "keep", "protected_words": [], "punctuation": chosen}
    return NormaliseSettings.model_validate({**on, **plain, **others})


def text_of(text: str, *rules: str, **others: Any) -> str:
    return normalised(text, settings(*rules, **others))[0]


GOOD = [
    "根据《虚构条例》，营收增长“十五％”；见第①款。",
    "「引号」『书名』——省略……、间隔·顿号！？：（括号）【方头】～",
    "〇一二三々　㎡ ℃ ½ ｶﾅ 𠀀𪚥 繁體與异體",
    "一家👨\u200d👩\u200d👧\u200d👦，彩旗🏳\ufe0f\u200d🌈，修复❤\ufe0f\u200d🩹，肤色👩🏽\u200d💻，👍🏿。",
    "一段。\n\n另一段。",
    "if x > 0: return a_b[i] # 1.5e-3, f(x)",
    "第一条　为了保护渡口，制定本条例。",
    "版权所有者应当自收到通知之日起三日内登记，未经许可不得转载他人作品的，依照前款处理。",
    "网站首页应当公示登录和注册的规则。\n责任编辑应当核对下列事项：\n上一年度的账册。",
    "点击查看更多内容之前，我以为会分享到别的地方，没想到扫一扫就打开了。",
    "写得好 不连贯 没重点 不如从前",
    "价格<三百元>，a < b 而 b > c，见<第一章>和 AT&T、R&D。",
    "北京—上海，1-2—3，12:30，3.5寸，A,B;C",
    "café”……很好，2×“三”，30°…，naïve",
    "龙\U000e0100，1\ufe0f\u20e3",
    "（一）申请；\n（二）受理；\n（三）决定。\n第十一条　自2024年5月1日起施行。",
    "他读过 The Old Orchard (2nd ed.), p. 12 和《渡口》；评分 4.5/5。",
    "编辑室的灯亮着……扫描仪坏了，共3页。",
]


@pytest.mark.parametrize("text", GOOD)
def test_good_text_stays(text: str) -> None:
    assert normalised(text, settings()) == (text, ())


CHANGES = {
    "mojibake": [
        ("渡口应当设置标识，“清楚”。".encode().decode("latin-1"), "渡口应当设置标识，“清楚”。"),
        ("前文。" + "好的".encode().decode("cp1252") + "。后文", "前文。好的。后文"),
        ("cafÃ© 很好", "café 很好"),
        ("锟斤拷", "锟斤拷"),
    ],
    "line_ends": [("一\r\n二\r三\v四\f五\x85六\u2028七\u2029八", "一\n二\n三\n四\n五\n六\n七\n八")],
    "invisible": [
        ("零\u200b宽\u200c字\ufeff符\u2060", "零宽字符"),
        ("软\u00ad连\u202e字\u2066符\u200e左\u200f右", "软连字符左右"),
        ("控\x00制\x1b字\x7f符\x80", "控制字符"),
        ("字\u200d间🙂\u200d字🙂\u200d\u200d🙂", "字间🙂字🙂🙂"),
        ("私\ue000用\U000f0000区\U0001fffe非\ufdd0字符", "私用区非字符"),
        ("a\ufe0fb 字\ufe00 \U000e0100", "ab 字\ufe00 "),
    ],
    "markup": [
        ("<p class='a'>一段</p><P>另<b>一</b>段<br/>", "\n一段\n\n另一段\n"),
        ("前<script>var a = '<b>';</script><style>p{}</style><!-- 注 -->后", "前后"),
        ("没有关上<script>的程序", "没有关上的程序"),
        (
            "一&nbsp;二&amp;amp;lt;三&#22235;&#x4e94;&unknown;&#0;&#xD800;",
            "一\xa0二<三四五&unknown;&#0;&#xD800;",
        ),
        ("[url=https://a.example/]说明[/url][img]x.png[/img]，a[b]", "说明，a[b]"),
        ("&lt;b&gt;粗&lt;/b&gt;", "粗"),
    ],
    "nfc": [("cafe\u0301 \u212b \uf9dc ，①", "café Å 隆 ，①")],
    "width": [("第１１条ＡＢＣｘｙｚ０９，！％", "第11条ABCxyz09，！％")],
    "furniture": [
        ("首页 | 登录 | 免费注册 | 网站地图\n正文在此。\n责任编辑：某某", "正文在此。"),
        ("房间不错。免费注册 网站导航 服务说明 关于我们 联系", "房间不错。"),
        ("正文。\nCopyright © 2020 某某网 All Rights Reserved\n京ICP备12345678号-1", "正文。"),
        ("正文。\n上一篇：渡口的故事\n下一篇：果园的故事\n分享到：微信 微博\n扫一扫关注", "正文。"),
        ("点击查看更多>>\n正文。\n版权所有 某某公司\n未经许可，不得转载！", "正文。"),
        ("首页 登录 注册", ""),
    ],
    "punctuation": [
        ("好的...再见。。。走了…完⋯", "好的……再见……走了……完……"),
        ("他说--不行,真的?好!走吧", "他说——不行，真的？好！走吧"),
        ('他说"不行",又说＂好＂。', "他说“不行”，又说“好”。"),
        ('14"的屏，他说"不', '14"的屏，他说"不'),
        ('他问"，很近，"又走了', '他问"，很近，"又走了'),
        ("第１.５.项…………完", "第１.５.项……完"),
        ("括号(如下)和f(x)、(3)项", "括号（如下）和f(x)、(3)项"),
        ("第一行.\n第二行?\n3.5.\nend.", "第一行。\n第二行？\n3.5.\nend."),
        ("太好了！！！！！！", "太好了！！！"),
    ],
    "spacing": [
        ("多 \t\xa0\u2003空  格", "多 空 格"),
        ("　　首行缩进  \n　　次行　\n", "首行缩进\n次行"),
        ("一\n \n　\n\n\n二", "一\n\n二"),
        ("今 天 天 气 很 好 。", "今天天气很好。"),
        ("很好 ， 再 来，「 对 」", "很好，再 来，「对」"),
        ("灯（塑料） 不亮 《渡口》 还行", "灯（塑料） 不亮 《渡口》 还行"),
        ("有 iPhone 手机 3 部", "有 iPhone 手机 3 部"),
        ("第一章　　总则", "第一章　总则"),
        (" \u3000\n", ""),
    ],
}


def test_every_rule_has_its_cases() -> None:
    assert {*CHANGES, Rule.TRADITIONAL} == set(Rule)


@pytest.mark.parametrize(
    ("rule", "text", "normal"), [(rule, *pair) for rule, pairs in CHANGES.items() for pair in pairs]
)
def test_a_rule_alone_changes_its_noise(rule: str, text: str, normal: str) -> None:
    assert normalised(text, settings(rule)) == (normal, (rule,) if normal != text else ())


def test_rules_that_changed_a_text_are_named_in_their_order() -> None:
    text = "&lt;b&gt;第１１条\u200b&lt;/b&gt;\r\n好,的  "
    found = normalised(text, settings())
    assert found == (
        "第11条\n好，的",
        ("line_ends", "invisible", "markup", "width", "punctuation", "spacing"),
    )
    assert [Rule(name) for name in found[1]] == sorted(map(Rule, found[1]), key=list(Rule).index)


@pytest.mark.parametrize(
    ("text", "protected", "simple"),
    [
        ("以後再說乾隆與乾燥", [], "以后再说乾隆与干燥"),
        ("後藤先生以後再說", ["後藤"], "後藤先生以后再说"),
        ("臺灣臺北", ["臺北", "臺"], "臺湾臺北"),
        ("简体不变", [], "简体不变"),
    ],
)
def test_traditional_is_simplified_but_for_protected_words(
    text: str, protected: list[str], simple: str
) -> None:
    simplify = {"traditional": "simplify", "protected_words": protected}
    assert text_of(text, "nfc", **simplify) == simple
    assert text_of(text, "nfc", protected_words=protected) == text


def test_punctuation_may_be_chosen_one_by_one() -> None:
    text = '他说"好"--不行,真的...\n完了.'
    plain = settings("nfc").punctuation.model_dump()
    for name, changed in {
        "quotes": "他说“好”--不行,真的...\n完了.",
        "dashes": '他说"好"--不行,真的...\n完了.',
        "ellipses": '他说"好"--不行,真的……\n完了.',
        "width": '他说"好"--不行，真的...\n完了.',
        "full_stops": '他说"好"--不行,真的...\n完了。',
    }.items():
        assert text_of(text, "nfc", punctuation={**plain, name: True}) == changed
    assert text_of("“好”--行", "nfc", punctuation={**plain, "dashes": True}) == "“好”——行"


def test_a_rule_that_is_off_changes_nothing() -> None:
    noisy = "".join(
        itertools.chain.from_iterable(pair[0] for pairs in CHANGES.values() for pair in pairs)
    )
    assert normalised(noisy, settings("none")) == (noisy, ())
