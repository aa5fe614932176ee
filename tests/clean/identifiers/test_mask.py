"""Masking: placeholders, policies, allow-lists; once is enough."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from xuxie.clean.identifiers import PLACEHOLDERS, Kind, Policy, find, masked
from xuxie.clean.identifiers.settings import IdentifierSettings

EVERY = dict.fromkeys(Kind, Policy.MASK)
TEXT = "身份证11010519491231002X，手机13812345678，患者王小明"


def test_each_identifier_becomes_the_placeholder_of_its_kind() -> None:
    done = masked(TEXT, EVERY, ())
    assert done.text == "身份证⟦身份证号⟧，手机⟦手机号⟧，患者⟦姓名⟧"
    assert done.counts == {Kind.MOBILE: 1, Kind.NAME: 1, Kind.RESIDENT_ID: 1}
    assert done.dropped is None


def test_what_is_kept_is_counted_and_stays() -> None:
    done = masked(TEXT, {**EVERY, Kind.NAME: Policy.KEEP}, ())
    assert done.text.endswith("患者王小明")
    assert done.counts[Kind.NAME] == 1


def test_a_kind_that_drops_names_itself() -> None:
    assert masked(TEXT, {**EVERY, Kind.MOBILE: Policy.DROP}, ()).dropped is Kind.MOBILE


@pytest.mark.parametrize("allowed", ["13812345678", "138-1234-5678", "１３８ １２３４ ５６７８"])
def test_an_allowed_value_is_no_identifier_however_it_is_written(allowed: str) -> None:
    done = masked("热线一三八一二三四五六七八或13912345678", EVERY, [allowed])
    assert done.text == "热线一三八一二三四五六七八或⟦手机号⟧"
    assert done.counts == {Kind.MOBILE: 1}


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_found_in_a_placeholder_or_named_by_it(kind: Kind) -> None:
    assert find(f"资料{PLACEHOLDERS[kind]}12345678abc_123") == []


def test_what_a_placeholder_sets_free_is_masked_too() -> None:
    done = masked("13812345678@example.com13912345678", EVERY, ())
    assert masked(done.text, EVERY, ()).text == done.text


ANY = st.lists(
    st.sampled_from(
        "11010519491231002X 13812345678 6222021234567890128 a@b.cn 京A12345 QQ 号 微信 "
        "护照 E12345678 患者 王小明 先生 住址 杭州市 文三路 27号 一 〇 ： - . X 9 ⟦手机号⟧ "
        "住院号 2001:db8::8a2e:370:7334".split()
    )
    | st.text(max_size=4),
    max_size=12,
).map("".join)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(ANY)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text, EVERY, ())
    again = masked(once.text, EVERY, ())
    assert (again.text, again.counts) == (once.text, {})


@settings(derandomize=True, max_examples=200, deadline=None)
@given(ANY)
def test_text_outside_the_spans_is_unchanged(text: str) -> None:
    rest, place = [], 0
    for hit in find(text):
        rest.append(text[place : hit.start])
        place = hit.end
    done = masked(text, EVERY, ()).text
    for part in rest:
        if not find(part) and not any(sign.isalnum() for sign in part):
            assert part in done


def test_settings_name_every_kind_and_refuse_what_they_do_not_know() -> None:
    policies = {kind.value: "mask" for kind in Kind}
    read = IdentifierSettings.model_validate({"policies": policies, "allow": []})
    assert set(read.policies.model_dump()) == set(Kind)
    with pytest.raises(ValidationError):
        IdentifierSettings.model_validate({"policies": policies | {"mobile": "hide"}, "allow": []})
