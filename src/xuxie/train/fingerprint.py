"""A few seconds of training on made-up tokens, hashed: two machines with one hash train alike.

Bits of a sum depend on the order in which a machine adds: on its instruction set, its threads and
the versions of its libraries. The kernels here are those of a training of this model: its own
attention and matrix shapes, our loss, a step of the optimizer, the factoring of the embeddings.
"""

import copy
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel

from xuxie.model.device import best_device
from xuxie.model.head import plain_head
from xuxie.train.embeddings import OVERSAMPLING, factored
from xuxie.train.loss import mean_loss
from xuxie.train.module import boundaries
from xuxie.train.optimizer import optimizer
from xuxie.train.precision import Precision, numerics_profile
from xuxie.train.settings import Optimizer as OptimizerSettings

STEPS = 2
# More rows take the same kernels.
TOKENS = 2048
SEED = 20_260_101


def fingerprint(
    config: PretrainedConfig, settings: OptimizerSettings, precision: Precision, context: int
) -> str:
    """SHA-256 of the losses and weights of one block of the model after a few steps.

    The state of the random numbers is left as it was.

    Args:
        config: of the model that is, or was, trained.
        context: tokens of a window, if the model can attend to so many.
    """
    device = best_device()
    context = min(getattr(config, "max_position_embeddings", context), context)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    with torch.random.fork_rng(), deterministic():
        torch.manual_seed(SEED)
        model = AutoModelForCausalLM.from_config(one_block(config), dtype=torch.float32)
        model = model.to(device).train()
        losses = taught(model, optimizer(model, settings, dtype=dtype), dtype, context)
        return hashed([*embedded(model), *losses, *weights(model)])


@contextmanager
def deterministic() -> Iterator[None]:
    """As Lightning trains."""
    before = torch.are_deterministic_algorithms_enabled()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def one_block(config: PretrainedConfig) -> PretrainedConfig:
    small = copy.deepcopy(config)
    small.num_hidden_layers = 1
    if getattr(small, "layer_types", None):
        small.layer_types = small.layer_types[:1]
    return small


def embedded(model: PreTrainedModel) -> list[Tensor]:
    """The factoring that embeddings begin with, of made-up associations of some tokens."""
    width = model.get_input_embeddings().weight.shape[1]
    rows = 2 * (width + OVERSAMPLING)
    places = torch.randint(rows, (2, 8 * rows))
    matrix = torch.sparse_coo_tensor(
        places, torch.rand(8 * rows), (rows, 2 * rows), check_invariants=True
    )
    return [factored(matrix.coalesce(), width)]


def taught(
    model: PreTrainedModel, steps: torch.optim.AdamW, dtype: torch.dtype, context: int
) -> list[Tensor]:
    """The loss of each step."""
    device, vocabulary = model.device, model.config.vocab_size
    groups = torch.arange(context, device=device) // max(1, context // 2)
    mask, positions = boundaries(groups.expand(max(1, TOKENS // context), context))
    head, losses = plain_head(model), []
    for _ in range(STEPS):
        tokens = torch.randint(vocabulary, (len(mask), context + 1)).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=dtype == torch.bfloat16):
            loss = loss_of(model, head, tokens, mask, positions)
        loss.backward()  # type: ignore[no-untyped-call]
        steps.step()
        steps.zero_grad()
        losses.append(loss.detach())
    return losses


def loss_of(
    model: PreTrainedModel,
    head: nn.Linear | None,
    tokens: Tensor,
    mask: Tensor,
    positions: Tensor,
) -> Tensor:
    targets = tokens[:, 1:].reshape(-1)
    seen = {"attention_mask": mask, "position_ids": positions, "use_cache": False}
    if head is None:
        logits = model(tokens[:, :-1], **seen).logits
        return functional.cross_entropy(logits.flatten(0, 1).float(), targets)
    states = model.base_model(tokens[:, :-1], **seen).last_hidden_state
    return mean_loss(states.flatten(0, 1), head.weight, targets)


def weights(model: PreTrainedModel) -> list[Tensor]:
    return [weight.detach() for _, weight in sorted(model.state_dict().items())]


def hashed(tensors: list[Tensor]) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def profile_here(folder: Path) -> dict[str, Any]:
    """What this machine makes of the training that wrote the model in `folder`.

    Args:
        folder: holds the model's `config.json` and `training.json`; its weights are not read.
    """
    made = json.loads((folder / "training.json").read_text())
    asked, with_what = made["params"], made["made_with"]
    precision, threads = with_what["numerics.precision"], int(with_what["numerics.threads"])
    torch.set_num_threads(threads)
    prefix = "train.optimizer."
    chosen = {k.removeprefix(prefix): v for k, v in asked.items() if k.startswith(prefix)}
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    found = fingerprint(config, OptimizerSettings(**chosen), precision, asked["model.context"])
    return numerics_profile(precision, threads, best_device()) | {"fingerprint": found}


if __name__ == "__main__":
    from xuxie.entry import exit_codes, set_environment

    set_environment()
    with exit_codes():
        print(json.dumps(profile_here(Path(sys.argv[1]))))
