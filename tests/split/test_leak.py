"""The fresh check finds what a wrong division wrote, and names both origins."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xuxie.errors import Refusal
from xuxie.split.leak import check
from xuxie.split.settings import LeakSettings
from xuxie.store.records import Document, write_documents

Make = Callable[..., Document]
Write = Callable[..., Path]
LEAK = LeakSettings(jaccard=0.8, ngram=5, bands=14, rows=8, deals=2, verbatim=50)
LONG = "".join(chr(0x4E00 + 37 * number) for number in range(60))


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(**parts: list[Document]) -> Path:
        for part in ("train", "val", "test", "fresh"):
            write_documents(tmp_path / f"{part}.parquet", parts.get(part, []))
        return tmp_path

    return write


def test_equal_texts_and_groups_may_share_a_side(
    written: Write, document: Make, tmp_path: Path
) -> None:
    folder = written(
        train=[document("同文", "一"), document("同文", "二"), document("异文", "一")],
        test=[document(LONG, "三")],
        fresh=[document(LONG[:-1] + "改", "四")],
    )
    assert check(folder, tmp_path, LEAK) == 0


def test_a_text_may_be_another_ones_group(written: Write, document: Make, tmp_path: Path) -> None:
    folder = written(train=[document("春", "夏")], test=[document("夏", "春")])
    check(folder, tmp_path, LEAK)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("同文", "一"), ("同文", "二")),
        (("甲文", "同组"), ("乙文", "同组")),
        ((LONG, "一"), (LONG[:-1] + "改", "二")),
    ],
    ids=["text", "group", "near"],
)
@pytest.mark.parametrize("sides", [("train", "test"), ("val", "fresh")], ids=" ".join)
def test_a_leak_names_both_origins_and_splits(
    written: Write,
    document: Make,
    tmp_path: Path,
    one: tuple[str, str],
    other: tuple[str, str],
    sides: tuple[str, str],
) -> None:
    first = [document("旁文", "旁"), document(*one, origin="甲.txt:1")]
    folder = written(**{sides[0]: first, sides[1]: [document(*other, origin="乙.txt:9")]})
    with pytest.raises(Refusal, match=r"leak: 甲\.txt:1 .*乙\.txt:9 \(test\)") as caught:
        check(folder, tmp_path, LEAK)
    assert f"甲.txt:1（{sides[0]}）" in str(caught.value)
    assert caught.value.code == 65
