"""Scores equal what stock transformers computes, and a trained model is what any tool loads."""

import math

import numpy as np
import pytest
import torch
import transformers
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerBase

import corpus
from conftest import Outputs
from xuxie.evaluate.score import Scores, score, scored
from xuxie.evaluate.texts import Texts
from xuxie.evaluate.windows import windows
from xuxie.model.directory import load_model
from xuxie.tokenizer.encode import boundary, encode

CONTEXT = 128


@pytest.fixture(scope="module")
def stock(outputs: Outputs) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(outputs.model)


@torch.inference_mode()
def stock_loss(stock: PreTrainedModel, tokens: list[int], unscored: int) -> float:
    inputs = torch.tensor([tokens])
    return float(stock(inputs, labels=inputs.masked_fill(inputs == unscored, -100)).loss)


def scores_of(
    model: PreTrainedModel, documents: list[list[int]], end: int, batch: int = 4, stride: int = 64
) -> Scores:
    """Of documents that are groups of their own."""
    found = [
        window
        for place, document in enumerate(documents)
        for window in windows([document], place, boundary=end, context=CONTEXT, stride=stride)
    ]
    return score(model, found, len(documents), batch=batch)


def test_a_short_document_scores_as_the_plain_loss(
    model: PreTrainedModel, stock: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    end = boundary(words)
    documents = encode(words, corpus.reviews()[:12])
    found = scores_of(model, documents, end)
    assert found.tokens.tolist() == [len(document) for document in documents]
    for nats, document in zip(found.nats, documents, strict=True):
        expected = stock_loss(stock, [end, *document], end) * len(document)
        assert nats == pytest.approx(expected, rel=1e-5)


def test_right_guesses_are_the_likeliest_tokens(
    model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    (document,) = encode(words, corpus.reviews()[:1])
    tokens = torch.tensor([[boundary(words), *document]])
    with torch.inference_mode():
        guesses = model(tokens[:, :-1]).logits.argmax(-1)
    expected = int((guesses == tokens[:, 1:]).sum())
    assert scores_of(model, [document], boundary(words)).right.tolist() == [expected]


def test_the_batch_and_the_padding_change_nothing(
    model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    documents = encode(words, [*corpus.reviews()[:5], "短。", "".join(corpus.articles("长"))])
    one, other = (scores_of(model, documents, boundary(words), batch=batch) for batch in (1, 7))
    assert np.allclose(one.nats, other.nats, rtol=1e-5)
    assert np.array_equal(one.tokens, other.tokens)


def test_a_long_document_is_scored_whole(
    model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    (document,) = encode(words, ["".join(corpus.articles("长", 60))])
    assert len(document) > 3 * CONTEXT
    strides = [scores_of(model, [document], boundary(words), stride=s) for s in (16, CONTEXT)]
    assert [int(found.tokens[0]) for found in strides] == [len(document)] * 2
    assert strides[0].nats[0] != strides[1].nats[0]


def test_a_group_scores_as_stock_transformers_says(
    outputs: Outputs,
    model: PreTrainedModel,
    stock: PreTrainedModel,
    words: PreTrainedTokenizerBase,
) -> None:
    law, end = corpus.articles("虚构金滩渡口条例", 2), boundary(words)
    found = scored(
        outputs.config.evaluate, model, words, Texts(law, ["statutes"] * 2, np.array([3, 3]))
    )
    tokens = [token for document in encode(words, law) for token in [end, *document]]
    assert len(tokens) <= CONTEXT
    loss = stock_loss(stock, tokens, end)
    assert found.nats.sum() / found.tokens.sum() == pytest.approx(loss, abs=1e-3)


def test_a_long_group_advances_by_the_configured_share_of_the_context(
    outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    text = "".join(corpus.articles("长", 60))
    found = scored(outputs.config.evaluate, model, words, Texts([text], ["s"], np.array([0])))
    stride = round(outputs.config.evaluate.stride * CONTEXT)
    expected = scores_of(model, encode(words, [text]), boundary(words), stride=stride)
    assert np.array_equal(found.tokens, expected.tokens)
    assert np.allclose(found.nats, expected.nats, rtol=1e-5)


def test_groups_do_not_see_each_other(
    outputs: Outputs, model: PreTrainedModel, words: PreTrainedTokenizerBase
) -> None:
    texts = corpus.reviews()[:3]
    together, apart = (
        scored(outputs.config.evaluate, model, words, Texts(texts, ["r"] * 3, np.array(groups)))
        for groups in ([0, 0, 0], [0, 1, 2])
    )
    alone = scores_of(model, encode(words, texts), boundary(words))
    assert np.allclose(apart.nats, alone.nats, rtol=1e-5)
    assert not np.allclose(together.nats[1:], alone.nats[1:], rtol=1e-5)


def test_an_untrained_uniform_model_costs_the_logarithm_of_its_vocabulary(
    outputs: Outputs, words: PreTrainedTokenizerBase
) -> None:
    uniform = load_model(outputs.model)
    torch.nn.init.zeros_(uniform.get_input_embeddings().weight)
    found = scores_of(uniform, [[5, 6, 7]], boundary(words))
    assert found.nats[0] == pytest.approx(3 * math.log(len(words)))


def test_a_stock_pipeline_continues_a_prompt(outputs: Outputs) -> None:
    continue_text = transformers.pipeline("text-generation", model=str(outputs.model))
    (made,) = continue_text("主管部门应当", max_new_tokens=5, do_sample=False)
    assert made["generated_text"].startswith("主管部门应当")
    assert len(made["generated_text"]) > len("主管部门应当")
