"""A text ends before the first stop sequence, and nothing of that sequence is ever shown."""

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from conftest import Settings
from xuxie.generate.growing import Growing, OneAfterAnother
from xuxie.generate.sample import Sampler
from xuxie.tokenizer.encode import boundary, encode

LONG = ("min_new_tokens=0", "max_new_tokens=40", "temperature=1.5", "top_k=0", "top_p=1.0")


def grown(
    words: PreTrainedTokenizerBase, tokens: list[int], stop: list[str]
) -> tuple[Growing, list[str]]:
    pieces: list[str] = []
    text = Growing(words, boundary(words), stop, lambda piece, _: pieces.append(piece))
    for place, token in enumerate(tokens, 1):
        text.add(token, 1.0, last=place == len(tokens))
    return text, pieces


def cut(text: str, stop: list[str]) -> str:
    return min((text.split(sign)[0] for sign in stop), key=len)


@hypothesis.given(
    text=st.text("今天a𠮷。", min_size=1, max_size=14),
    stop=st.lists(st.text("今天a𠮷。", min_size=1, max_size=4), min_size=1, max_size=3),
)
@hypothesis.settings(
    deadline=None,
    derandomize=True,
    max_examples=300,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_what_is_shown_is_what_stands_before_the_stop(
    words: PreTrainedTokenizerBase, text: str, stop: list[str]
) -> None:
    made, pieces = grown(words, encode(words, [text])[0], stop)
    assert "".join(pieces) == made.text == cut(text, stop)
    assert made.finished == (made.text != text)


def test_a_stop_that_straddles_tokens_is_not_begun(words: PreTrainedTokenizerBase) -> None:
    tokens = [token for sign in "今天。\n好的" for token in encode(words, [sign])[0]]
    made, pieces = grown(words, tokens, ["。\n好"])
    assert "".join(pieces) == made.text == "今天"
    assert len(made.tokens) < len(tokens)


def test_what_only_begins_like_a_stop_is_shown_at_the_end(words: PreTrainedTokenizerBase) -> None:
    tokens = [token for sign in "今天。" for token in encode(words, [sign])[0]]
    assert "".join(grown(words, tokens, ["。\n好"])[1]) == "今天。"


def test_samples_end_before_the_stop(
    settings: Settings, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    def made(*overrides: str) -> list[Any]:
        chosen = settings(*(f"generate.{one}" for one in (*LONG, *overrides))).generate
        return list(
            Sampler(model, words, chosen, compiled=False).samples(
                [("主管部门", n) for n in range(12)]
            )
        )

    free, stopped = made(), made('stop=["，", "的"]')
    for whole, short in zip(free, stopped, strict=True):
        assert short.text == cut(whole.text, ["，", "的"])
        assert short.tokens <= whole.tokens
        assert short.finished or short.text == whole.text
    assert any(short.tokens < whole.tokens for whole, short in zip(free, stopped, strict=True))


def test_texts_that_grow_together_are_shown_one_after_the_other() -> None:
    shown: list[str] = []
    screen = OneAfterAnother(["甲", "乙", "丙"], shown.append)
    screen(0, "一", False)
    assert "".join(shown) == "甲一"
    screen(2, "三", True)
    screen(1, "二", False)
    assert "".join(shown) == "甲一"
    screen(0, "。", True)
    assert "".join(shown) == "甲一。\n\n乙二"
    screen(1, "！", True)
    assert "".join(shown) == "甲一。\n\n乙二！\n\n丙三\n\n"


@pytest.mark.parametrize("stop", [["今天"], ["气"], ["x", "天气"]])
def test_spaces_between_hanzi_do_not_hide_a_stop(
    words: PreTrainedTokenizerBase, stop: list[str]
) -> None:
    made, pieces = grown(words, encode(words, ["今 天 气"])[0], stop)
    assert "".join(pieces) == made.text == cut("今天气", stop)
