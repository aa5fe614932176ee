"""What is found and what is not: each kind, valid and invalid, each disguise, its neighbours."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xuxie.clean.identifiers import PLACEHOLDERS, Kind, find

ID = "11010519491231002X"
CARD = "6222021234567890128"
CREDIT = "91350100M000100Y43"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(hit.kind.value, text[hit.start : hit.end]) for hit in find(text)]


VALID = [
    ("resident_id", "客户证件", ID),
    ("residence_permit", "居住证", "810000199408230021"),
    ("foreigner_residence", "永居证", "911124198108030024"),
    ("resident_id_15", "旧身份证号", "110105491231002"),
    ("mobile", "请拨打", "13812345678"),
    ("mobile", "请拨打", "+86-138-1234-5678"),
    ("mobile", "请拨打", "8613812345678"),
    ("landline", "座机", "010-62345678"),
    ("landline", "请回电", "（0755）26345678"),
    ("landline", "电话", "02162345678"),
    ("bank_card", "转入", CARD),
    ("bank_card", "卡号", "4111111111111111"),
    ("social_credit_code", "执照上写着", CREDIT),
    ("passport", "护照号码", "E12345678"),
    ("passport", "护照", "EA1234567"),
    ("hk_macau_permit", "回乡证", "H1234567801"),
    ("hk_macau_permit", "往来港澳通行证", "C12345678"),
    ("taiwan_permit", "台胞证号", "12345678"),
    ("plate", "停着一辆", "京A12345"),
    ("plate", "停着一辆", "粤B·D12345"),
    ("plate", "停着一辆", "沪A1234学"),
    ("email", "邮箱", "li.wei@example.com"),
    ("ipv4", "登录自", "192.168.13.20"),
    ("ipv4", "IP是", "8.8.8.8"),
    ("ipv6", "来源", "2001:db8::8a2e:370:7334"),
    ("wechat", "微信号", "abc_12345"),
    ("qq", "QQ", "12345678"),
    ("medical_number", "住院号", "0020231234"),
    ("name", "患者", "王小明"),
    ("address", "家住", "浙江省杭州市西湖区文三路27号3栋502室"),
]


@pytest.mark.parametrize(("kind", "before", "value"), VALID)
def test_a_valid_identifier_is_found_between_hanzi(kind: str, before: str, value: str) -> None:
    assert kinds(f"{before}{value}，已登记") == [(kind, value)]


def test_every_kind_has_a_valid_example() -> None:
    assert {kind for kind, _, _ in VALID} == set(Kind) == set(PLACEHOLDERS)


@pytest.mark.parametrize(
    "text",
    [
        "身份证110105194912310021已登记",
        "身份证110105194902300026已登记",  # the 30th of February
        "居住证810000199408230022",
        "911124198108030025",
        "91350100M000100Y4Z",
        "卡号6222021234567890127",
        "转入9999991234567890127",
        "护照号A12345678，货号E12345678到货",
        "订单号E12345678",
        "台胞证办理时间20260828",
        "批号12345678",
        "川A级景区1234个，京I12345",
        "单价@15元",
        "固件版本10.20.30.40",
        "见第3.2.1.4节",
        "子网掩码255.255.255.0，回环127.0.0.1",
        "比分12:30:45，std::vector，a::b",
        "微信支付，微信Android客户端，微信iOS17更新",
        "QQ音乐2026，QQ币10000元，QQ1234",
        "住院12345人次，门诊收入1234567元",
        "客户高度重视，方面很多",
        "送到后请在24小时内验收",
        "单号13812345678",
        "共13812345678元，又0.13812345678",
        "SN13812345678",
        "客服400-800-1234、95588、10086",
        "ISBN 9787302511625，时间戳1756368000123",
        "第十一条，二〇二六年八月二十八日，一九九八年",
        "人民币壹万贰仟叁佰元整",
    ],
)
def test_what_only_looks_like_an_identifier_is_left_alone(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("resident_id", "１１０１０５１９４９１２３１００２Ｘ"),
        ("resident_id", "110105 19491231 002X"),
        ("resident_id", "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X"),
        ("resident_id", "110105-19491231-002X"),
        ("resident_id", "110105·19491231·002x"),
        ("resident_id", "1101\u200b0519\ufeff491231\u202e002X"),
        ("resident_id", "一一〇一〇五一九四九一二三一〇〇二X"),
        ("resident_id", "壹壹零壹零伍壹玖肆玖壹贰叁壹零零贰X"),
        ("resident_id", "11010519491231002x"),
        ("resident_id", "1101051949\n1231002X"),
        ("bank_card", "6222 0212 3456 7890 128"),
        ("bank_card", "6222—0212—3456—7890—128"),
        ("bank_card", "陆贰贰贰零贰壹贰叁肆伍陆柒捌玖零壹贰捌"),
        ("social_credit_code", "91 350100 M000100Y4 3"),
        ("social_credit_code", "91350100m000100y43"),
        ("mobile", "幺三八一二三四五六七八"),
        ("mobile", "138　1234　5678"),
        ("mobile", "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖"),
        ("email", "ｌｉｗｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ"),
        ("plate", "京Ａ·１２３４５"),
    ],
)
def test_no_disguise_hides_it_and_the_span_is_the_original(kind: str, value: str) -> None:
    assert kinds(f"资料里有{value}需要核对") == [(kind, value)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"ID{ID}ok", [("resident_id", ID)]),
        (f"ICBC{CARD}VIP", [("bank_card", CARD)]),
        (f"No{CREDIT}ok", [("social_credit_code", CREDIT)]),
        ("TEL13812345678", [("mobile", "13812345678")]),
        ("SN13812345678", []),
        ("13812345678kg", []),
        (f"1{ID}", []),
        (f"{CARD}0", []),
        ("护照ABE12345678", []),
        ("京A12345B6", []),
        ("v192.168.13.20", []),
        ("QQ12345678abc", []),
    ],
)
def test_which_neighbour_wins_is_decided_kind_by_kind(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert kinds(text) == found


def test_a_numeral_beside_digits_belongs_to_the_sentence() -> None:
    assert kinds("打了13812345678一次") == [("mobile", "13812345678")]


def test_numbers_side_by_side_are_told_apart() -> None:
    assert [value for _, value in kinds("13812345678 13912345678\n1.15012345678")] == [
        "13812345678",
        "13912345678",
        "15012345678",
    ]


def test_an_identity_number_with_a_wrong_check_digit_is_a_card_only_by_name() -> None:
    shaped = "622201199001011244"  # Gansu, a date, Luhn; MOD 11-2 fails
    assert kinds(f"证件{shaped}") == []
    assert kinds(f"银行卡号{shaped}") == [("bank_card", shaped)]


def test_a_broken_card_that_fails_its_check_leaves_no_telephone_over() -> None:
    assert kinds("卡号42913\n13618406297，请复核") == []
    assert kinds("工号42913\n13618406297，请复核") == [("mobile", "13618406297")]


def test_an_email_that_begins_with_a_number_is_one_identifier() -> None:
    assert kinds("写信到13812345678@example.com") == [("email", "13812345678@example.com")]


def test_only_names_the_kinds_that_are_wanted() -> None:
    text = f"身份证{ID}，手机13812345678"
    assert [hit.kind for hit in find(text, only={Kind.MOBILE})] == [Kind.MOBILE]


def test_an_identifier_far_into_a_long_text_is_found_where_it_stands() -> None:
    text = "今天天气很好。" * 1000 + ID + "今天天气很好。" * 1000 + "手机13812345678"
    assert kinds(text) == [("resident_id", ID), ("mobile", "13812345678")]


def test_the_repr_of_what_is_found_has_no_value() -> None:
    assert ID not in repr(find(f"身份证{ID}"))


@pytest.mark.parametrize(
    "text", ["1 " * 20000, "地址浙江省区县市镇" * 2000, "a:" * 20000, "一 " * 20000]
)
def test_a_hostile_text_ends_in_time(text: str) -> None:
    # 0.3 to 3 s here; with a cost that grows as the square it would be minutes.
    start = time.perf_counter()
    find(text)
    assert time.perf_counter() - start < 20


HOSTILE = st.text(
    st.sampled_from(
        "0123456789一二三〇壹Xx-. \n·@:：号卡微信QQ京A住址市区路号患者王\u200b⟦⟧１４ａ先生"
    )
    | st.characters(),
    max_size=80,
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(HOSTILE)
def test_spans_of_any_text_lie_inside_it_in_order_and_apart(text: str) -> None:
    end = 0
    for hit in find(text):
        assert end <= hit.start < hit.end <= len(text)
        end = hit.end


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.text("天地人花草树木风雨", max_size=30),
    st.text("天地人花草树木风雨", max_size=30),
    st.sampled_from([(kind, value) for kind, _, value in VALID[:2]] + [("bank_card", CARD)]),
)
def test_hanzi_around_an_identifier_change_nothing(
    before: str, after: str, sample: tuple[str, str]
) -> None:
    assert kinds(before + sample[1] + after) == [sample]
