"""Near misses of the kinds without a check digit, and sentences without any identifier."""

import random

from identifier_values import born, digits


def order(rng: random.Random) -> str:
    label = rng.choice(("订单号", "运单号", "流水号", "批号", "商品编码", "合同编号"))
    number = rng.choice((born(rng) + digits(rng, rng.choice((2, 4, 6))), "1" + digits(rng, 10)))
    return f"{label}{number}已经登记，请留意后续通知。"


def price(rng: random.Random) -> str:
    sum_of_month = f"{rng.randint(10000, 99999999)}.{digits(rng, 2)}"
    return f"本月结算金额为{sum_of_month}元，较上月增长{digits(rng, 2)}%。"


def amount(rng: random.Random) -> str:
    return f"授信总额1{digits(rng, 10)}元，已用额度{rng.randint(1, 9)}{digits(rng, 6)}元。"


def day(rng: random.Random) -> str:
    date = f"{rng.randint(2020, 2035)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return rng.choice(
        (
            f"有效期至{date}，逾期作废。",
            f"登记时间{rng.randint(2020, 2026)}1012{digits(rng, 4)}，状态正常。",
            f"生产日期{rng.randint(2020, 2026)}0{rng.randint(1, 9)}1{rng.randint(0, 9)}合格。",
            "二〇二六年八月二十八日起执行，一九九八年版同时废止。",
        )
    )


def statute(rng: random.Random) -> str:
    article = f"{rng.choice('一二三四五六七八九')}十{rng.choice('一二三四五六七八九')}"
    clause = ".".join(str(rng.randint(1, 9)) for _ in range(3))
    return rng.choice(
        (
            f"依据第{article}条第三款办理。",
            f"参见GB/T {digits(rng, 5)}-{rng.randint(1990, 2025)}第{clause}条。",
            f"国药准字H{rng.randint(1990, 2020)}{digits(rng, 4)}，处方药凭方购买。",
            f"银发〔{rng.randint(2000, 2026)}〕{rng.randint(1, 400)}号文件已经印发。",
        )
    )


def product(rng: random.Random) -> str:
    section = ".".join(str(rng.randint(1, 9)) for _ in range(4))
    version = f"{rng.randint(1, 9)}.{rng.randint(0, 9)}.{rng.randint(10, 99)}.{rng.randint(10, 99)}"
    clock = f"{rng.randint(10, 23)}:{rng.randint(10, 59)}:{rng.randint(10, 59)}"
    return rng.choice(
        (
            f"货号E{digits(rng, 8)}的外套到货了。",
            f"型号SN{digits(rng, 11)}需要返修。",
            f"ISBN 978{digits(rng, 10)}的图书缺货。",
            f"条码69{digits(rng, 11)}扫描失败。",
            f"固件版本{version}已发布。",
            f"微信Android客户端升级到8.{rng.randint(0, 9)}.{rng.randint(1, 60)}，支付更快。",
            f"共有{digits(rng, 7)}人次使用QQ音乐{rng.randint(2018, 2026)}年度歌单。",
            f"新A4纸每箱{rng.randint(1, 9)}包，鲁B组库存{digits(rng, 3)}件。",
            f"客服热线400-{digits(rng, 3)}-{digits(rng, 4)}，或拨95{digits(rng, 3)}。",
            f"第{section}节说明退款流程。",
            f"时间戳1{digits(rng, 12)}对应的日志{clock}丢失。",
        )
    )


# Near misses in the words of a kind: the label is there, the value is another thing.
OWN: dict[str, tuple[str, ...]] = {
    "resident_id_15": ("身份证复印件编号15{:06}9913240，请补交。", "流水13{:06}9932123没有对上。"),
    "mobile": (
        "手机订单号13{:06}001待付款。",
        "编号SN138{:06}12的设备离线。",
        "手机价格13{:06}元。",
    ),
    "landline": ("电话费0.{:06}元已扣。", "批号021{:06}90抽检合格。", "客服电话400{:06}1请记下。"),
    "passport": ("护照办理费E类{:06}元。", "货号E12{:06}有现货。", "护照订单号E12{:06}已付。"),
    "hk_macau_permit": ("国药准字H20{:06}可在港澳销售。", "通行证费用M{:06}元。"),
    "taiwan_permit": ("台胞证办理时间20{:06}起。", "台胞证订单号20{:06}已付。"),
    "plate": ("新C{:03}型飞机首飞。", "川A级景区共{:06}人。", "苏B类股{:06}手。"),
    "email": ("单价@{:06}元。", "请@小王处理{:06}号工单。", "a@b版式共{:06}页。"),
    "ipv4": ("版本1.2.{:03}.40已发布。", "见第3.2.1.4节和附件{:06}。", "数值1.{:06}.2无效。"),
    "ipv6": ("调用std::vector共{:06}次。", "比分12:30:45，编号{:06}。", "比例1:2:{:03}混合。"),
    "wechat": ("微信Android版本共{:06}人安装。", "微信支付{:06}元。", "微信iOS{:06}更新。"),
    "qq": ("QQ音乐{:06}首歌。", "QQ空间访问{:06}次。", "QQ币{:06}元。", "QQ{:06}人在线。"),
    "medical_number": ("住院{:06}人次。", "门诊收入{:06}元。", "医保基金结余{:06}万元。"),
    "name": ("患者高度重视第{:03}次复查。", "客户关系维护{:06}次。", "客户金额{:06}元。"),
    "address": ("地址栏填写{:06}即可。", "送到后请在{:03}小时内验收。", "住址变更共{:06}件。"),
}
EVERY = (order, price, amount, day, statute, product)


def near_miss(kind: str, rng: random.Random) -> str:
    """A text that a hasty rule for `kind` would take; half of them in the kind's own words."""
    if rng.random() < 0.5:
        return rng.choice(OWN[kind]).format(rng.randint(100000, 999999))
    return rng.choice(EVERY)(rng)


SUBJECTS = (
    "本行",
    "这家医院",
    "门店",
    "理财经理们",
    "复诊的病人",
    "仓库主管",
    "社区药房",
    "年轻的顾客",
)
VERBS = (
    "按季度整理了",
    "昨天讨论了",
    "正在核对",
    "已经公布",
    "重新安排了",
    "认真记录下",
    "详细说明了",
)
OBJECTS = (
    "风险提示",
    "随访计划",
    "换季货品",
    "还款方式",
    "用药方法",
    "促销方案",
    "库存盘点结果",
    "服务流程",
)
TAILS = (
    "，大家都觉得比从前清楚。", "，其中三分之一与去年相同。", "，计划在二〇二六年完成。", "。",
    "，并且要求每周复查一次。", "，比一九九八年的做法简单得多。", "，费用约为两千五百元。",
    "，参见第十一条的规定。", "，共有128项需要改进。", "，2025年的数字是3.6%。",
)  # fmt: skip


def sentence(rng: random.Random) -> str:
    parts = (SUBJECTS, VERBS, OBJECTS, TAILS)
    return "".join(rng.choice(part) for part in parts)
