"""Every code that a user meets has a short name and a sentence, in Chinese and in English."""

import re
from itertools import chain

import pytest

from xuxie.clean.examine import Removal
from xuxie.clean.identifiers import Kind
from xuxie.clean.judge import Reason
from xuxie.clean.normalise import Rule
from xuxie.clean.report_names import named
from xuxie.clean.wording import WORDS

CODES = [code.value for code in chain(Rule, Reason, Removal)]


@pytest.mark.parametrize("code", [*CODES, *Kind])
def test_a_code_has_a_name_in_both_languages(code: str) -> None:
    name = named(code)
    assert re.search("[\u4e00-\u9fff]", name.zh) and name.zh != code
    assert name.en and name.en.isascii()


@pytest.mark.parametrize("code", CODES)
def test_a_rule_and_a_reason_is_explained_in_both_languages(code: str) -> None:
    zh, en = WORDS[code]
    assert re.search("[\u4e00-\u9fff]", zh) and en.isascii()
    assert (named(code).zh_line, named(code).en_line) == (zh, en)


def test_no_sentence_explains_what_does_not_exist() -> None:
    assert set(WORDS) == set(CODES)


def test_no_code_means_two_things() -> None:
    assert len(set(CODES)) == len(CODES)


def test_a_code_without_a_name_is_its_own_name() -> None:
    assert (named("xx").zh, named("xx").en, named("xx").zh_line) == ("xx", "", "")
