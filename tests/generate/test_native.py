"""The compiled decoder: its int8, its threads, and what holds where there is no compiler."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedModel

from xuxie.errors import Refusal
from xuxie.generate import kernel
from xuxie.generate.decoder import decoder_of, steady_rows
from xuxie.generate.gpt2 import Gpt2Decoder
from xuxie.generate.int8 import round_weights, rounded
from xuxie.generate.native import NativeDecoder

PROMPTS = [[7, 3, 9], [5] * 17, [200, 1], [*range(150)], [7, 3, 9]]


@pytest.fixture
def gpt2() -> PreTrainedModel:
    torch.manual_seed(3)
    shape = {"n_embd": 48, "n_layer": 2, "n_head": 4, "n_positions": 200}
    return GPT2LMHeadModel(GPT2Config(vocab_size=211, initializer_range=0.3, **shape)).eval()


@pytest.fixture
def no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", str(tmp_path))
    kernel.library.cache_clear()
    yield
    kernel.library.cache_clear()


@torch.inference_mode()
def logits(decoder: NativeDecoder, prompts: list[list[int]], steps: int = 20) -> torch.Tensor:
    """[steps, prompts, vocabulary], each row going on with the same tokens."""
    found = [decoder.start(prompts, steps).clone()]
    for token in range(1, steps):
        found.append(decoder.step(torch.full((len(prompts),), token)).clone())
    return torch.stack(found)


def test_int8_is_the_model_with_rounded_weights(gpt2: PreTrainedModel) -> None:
    exact, small = NativeDecoder(gpt2), NativeDecoder(gpt2, small=True)
    found = logits(small, PROMPTS)
    assert not torch.allclose(found, logits(exact, PROMPTS), atol=1e-2)
    round_weights(gpt2)
    torch.testing.assert_close(found, logits(NativeDecoder(gpt2), PROMPTS), rtol=1e-4, atol=1e-4)
    whole = [gpt2(torch.tensor([prompt])).logits[0, -1] for prompt in PROMPTS]
    torch.testing.assert_close(found[0], torch.stack(whole), rtol=1e-4, atol=1e-4)


def test_a_rounded_weight_is_off_by_half_a_step_at_most() -> None:
    weight = torch.randn(50, 7) * torch.tensor([1e-3, 1, 5, 0, 2, 3, 100])
    numbers, scales = rounded(weight)
    assert numbers.dtype == torch.int8
    off = (numbers * scales - weight).abs()
    assert bool((off <= scales * 0.50001).all())


@pytest.mark.parametrize("small", [False, True])
def test_bits_depend_neither_on_the_batch_nor_on_threads(
    gpt2: PreTrainedModel, small: bool
) -> None:
    decoder = NativeDecoder(gpt2, small=small)
    whole = logits(decoder, PROMPTS * 13)
    for first, last in ((0, 1), (1, 3), (0, 5), (3, 20)):
        part = logits(decoder, (PROMPTS * 13)[first:last])
        assert torch.equal(part, whole[:, first:last])
    torch.set_num_threads(2)
    try:
        assert torch.equal(logits(decoder, PROMPTS * 13), whole)
    finally:
        torch.set_num_threads(1)


def test_no_row_is_added_to_a_batch(gpt2: PreTrainedModel) -> None:
    assert steady_rows(decoder_of(gpt2, "fp32", compiled=True), 64).filled(1) == 1


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler_torch_decodes_and_int8_is_refused(gpt2: PreTrainedModel) -> None:
    assert type(decoder_of(gpt2, "fp32", compiled=True)) is Gpt2Decoder
    with pytest.raises(Refusal, match=r"C 编译器.*C compiler"):
        decoder_of(gpt2, "int8", compiled=True)


def test_int8_is_refused_for_a_model_in_half_precision(gpt2: PreTrainedModel) -> None:
    with pytest.raises(Refusal, match=r"generate\.weights"):
        decoder_of(gpt2.to(torch.bfloat16), "int8", compiled=True)


def test_the_compiled_kernel_is_kept_where_only_its_user_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = kernel.cache_directory()
    assert folder == tmp_path / "xuxie"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    with pytest.raises(PermissionError):
        kernel.cache_directory()
