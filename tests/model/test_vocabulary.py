"""New rows begin as the mean of the rows of their pieces."""

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedModel

from xuxie.model.vocabulary import add_rows


@pytest.fixture(params=[True, False], ids=["tied", "untied"])
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    shape = LlamaConfig(
        vocab_size=20,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        tie_word_embeddings=request.param,
    )
    return AutoModelForCausalLM.from_config(shape)


def test_a_new_row_is_the_mean_of_its_pieces_and_old_rows_stay(model: PreTrainedModel) -> None:
    modules = [model.get_input_embeddings(), model.get_output_embeddings()]
    old = [module.weight.detach().clone() for module in modules]
    add_rows(model, {20: [3, 7], 21: [3, 7, 11, 3]})
    assert model.config.vocab_size == 22
    for module, before in zip(
        [model.get_input_embeddings(), model.get_output_embeddings()], old, strict=True
    ):
        assert torch.equal(module.weight[:20], before)
        torch.testing.assert_close(module.weight[20], (before[3] + before[7]) / 2)
        torch.testing.assert_close(module.weight[21], before[[3, 7, 11, 3]].mean(0))


def test_rows_that_are_there_but_unused_are_taken_first(model: PreTrainedModel) -> None:
    add_rows(model, {18: [1], 19: [2]})
    weight = model.get_input_embeddings().weight
    assert len(weight) == model.config.vocab_size == 20
    assert torch.equal(weight[18], weight[1]) and torch.equal(weight[19], weight[2])
