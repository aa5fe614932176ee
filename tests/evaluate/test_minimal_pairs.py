"""The list of minimal pairs: what it holds, that it equals its templates, what is refused."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from xuxie.errors import Refusal
from xuxie.evaluate.minimal_pairs.jsonl import read_folder
from xuxie.evaluate.minimal_pairs.pairs import Pair, read_pairs, write_pairs
from xuxie.evaluate.minimal_pairs.templates import Phenomenon, filled, generated, phenomena, sides


@pytest.fixture(scope="module")
def pairs(root: Path) -> list[Pair]:
    return read_pairs(root / "data/minimal_pairs.tsv")


def test_the_list_is_what_its_command_writes(root: Path, tmp_path: Path) -> None:
    made = tmp_path / "pairs.tsv"
    command = [sys.executable, "-m", "xuxie.evaluate.minimal_pairs", str(made)]
    subprocess.run(command, check=True, cwd=root, env={"PYTHONPATH": str(root / "src")})
    assert made.read_bytes() == (root / "data/minimal_pairs.tsv").read_bytes()


def test_there_are_enough_phenomena_and_pairs_of_each(pairs: list[Pair]) -> None:
    counts = Counter(pair.phenomenon for pair in pairs)
    assert len(counts) >= 20
    assert len(pairs) >= 600
    assert min(counts.values()) >= 25
    assert list(counts) == list(phenomena())


def test_no_sentence_occurs_twice(pairs: list[Pair]) -> None:
    times = Counter(sentence for pair in pairs for sentence in (pair.good, pair.bad))
    assert [sentence for sentence, count in times.items() if count > 1] == []


def test_the_sentences_of_a_pair_are_equally_long(pairs: list[Pair]) -> None:
    assert [pair for pair in pairs if len(pair.good) != len(pair.bad)] == []


def test_only_pairs_about_order_have_the_same_characters(pairs: list[Pair]) -> None:
    same = {pair.phenomenon for pair in pairs if Counter(pair.good) == Counter(pair.bad)}
    assert same == {name for name, found in phenomena().items() if found.contrast == "order"}
    for pair in pairs:
        if pair.phenomenon in same:
            assert Counter(pair.good) == Counter(pair.bad)


def test_pairs_are_whole_sentences_in_chinese(pairs: list[Pair]) -> None:
    for sentence in [sentence for pair in pairs for sentence in (pair.good, pair.bad)]:
        assert sentence[-1] in "。？"
        others = set(sentence) - set("。？，")
        assert all("一" <= character <= "鿿" for character in others), sentence


def test_words_of_a_list_come_in_turn_and_rows_fill_slots() -> None:
    template = {"pattern": "<who>{有|在}<n>。", "slots": "n", "rows": "书\n<kin>的笔\n"}
    made = {"chinese": "", "english": "", "contrast": "words", "templates": [template]}
    first, second = filled(Phenomenon.model_validate(made))
    assert first == "小李{有|在}书。"
    assert second == "王芳{有|在}妈妈的笔。"
    assert sides(second) == ("王芳有妈妈的笔。", "王芳在妈妈的笔。")


def test_a_row_with_a_cell_too_few_is_no_template() -> None:
    template = {"pattern": "{<a>|<b>}", "slots": "a b", "rows": "有\n"}
    made = {"chinese": "", "english": "", "contrast": "words", "templates": [template]}
    with pytest.raises(ValueError, match="shorter"):
        list(filled(Phenomenon.model_validate(made)))


def test_a_list_reads_back_as_it_was_written(tmp_path: Path) -> None:
    some = generated()[:40]
    write_pairs(tmp_path / "pairs.tsv", some)
    assert read_pairs(tmp_path / "pairs.tsv") == some


@pytest.mark.parametrize(
    "line", ["只有现象", "现象\t好", "现象\t一样\t一样", "现象\t\t空的", "现象\t好\t坏\t多余"]
)
def test_a_line_that_is_no_pair_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text(f"phenomenon\tgood\tbad\n现象\t好\t坏\n{line}\n", encoding="utf-8")
    with pytest.raises(Refusal, match="第 3 行"):
        read_pairs(path)


@pytest.mark.parametrize("text", ["", "phenomenon\tgood\tbad\n", "现象\t好\t坏\n" * 2])
def test_a_list_without_its_heading_or_pairs_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pairs.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match="表头"):
        read_pairs(tmp_path / "pairs.tsv")


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="没有句对文件"):
        read_pairs(tmp_path / "pairs.tsv")


def test_pairs_of_others_are_read_under_the_names_they_have(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.jsonl").write_text(
        '{"UID": "u", "phenomenon": "p", "sentence_good": "好。", "sentence_bad": "坏。"}\n\n'
        '{"UID": "u", "sentence_good": "甲。", "sentence_bad": "乙。", "pairID": 1}\n',
        encoding="utf-8",
    )
    (tmp_path / "deep/file.jsonl").write_text(
        '{"sentence_good": "东。", "sentence_bad": "西。"}\n', encoding="utf-8"
    )
    assert read_folder(tmp_path) == [
        Pair("p", "好。", "坏。"),
        Pair("u", "甲。", "乙。"),
        Pair("file", "东。", "西。"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"sentence_good": "好。"}',
        '{"sentence_good": "好。", "sentence_bad": 3}',
        '{"sentence_good": "好。", "sentence_bad": "好。"}',
        '{"sentence_good": "好。", "sentence_bad": ""}',
        '{"UID": 7, "sentence_good": "好。", "sentence_bad": "坏。"}',
    ],
)
def test_a_line_of_others_that_is_no_pair_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(Refusal, match="第 1 行"):
        read_folder(tmp_path)


def test_a_folder_without_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"没有 \.jsonl 文件"):
        read_folder(tmp_path / "none")
