"""From scratch or on from the champion: which, and with what parameters. Pure."""

import copy
from typing import Any

from xuxie.retrain.outcome import Reason
from xuxie.retrain.settings import Training

SCRATCH, CONTINUE, AUTO = "scratch", "continue", "auto"
# Where fetch finds the champion, below models/start.
START = "base"
RATES = ("matrix_rate", "embedding_rate", "rate")
Params = dict[str, Any]


def attempts(
    strategy: str, *, champion: bool, new_training_documents: int, settings_changed: bool
) -> tuple[list[str], list[Reason]]:
    """The ways to train, each tried where the one before it will not do, and why these."""
    if not champion:
        return [SCRATCH], []
    if strategy == SCRATCH:
        return [SCRATCH], [asked_for(SCRATCH)]
    if not new_training_documents:
        return [SCRATCH], [nothing_to_continue_on()]
    if strategy == CONTINUE:
        return [CONTINUE], [asked_for(CONTINUE)]
    if settings_changed:
        return [SCRATCH], [other_settings()]
    return [CONTINUE, SCRATCH], []


def continued(params: Params, settings: Training, *, after: int) -> Params:
    """The parameters of a training that goes on from the model in models/start/base.

    Its own shape and vocabulary; the configured learning rates, lower, warmed up and decayed anew;
    the new text, and a share of the old (Ibrahim et al. 2024, arXiv 2403.08763).

    Args:
        params: as configured.
        after: number of the last arrival that the model has seen.
    """
    made = copy.deepcopy(params)
    made["fetch"]["pretrained"] |= {"kind": "folder", "name": START, "package": None}
    made["tokenizer"]["kind"] = "pretrained"
    made["model"] |= {"preset": "pretrained", "start": "pretrained", "embeddings": "random"}
    made["train"] |= {
        "epochs": settings.epochs,
        "replay": {"after": after, "share": settings.replay},
    }
    optimizer = made["train"]["optimizer"]
    optimizer |= {name: optimizer[name] * settings.rate for name in RATES}
    return made


def only_start(params: Params) -> Params:
    """For fetch: bring the model to start from, and no corpus."""
    made = copy.deepcopy(params)
    made["fetch"] |= {"statutes": None, "reviews": None}
    return made


def gained(metrics: dict[str, Any]) -> bool:
    """Whether a continued training found better weights than those that it began with.

    Args:
        metrics: what `train` wrote; the lowest validation is that of the weights it kept.
    """
    val = metrics["val"]
    return bool(val["bits_per_character"] < val["before_training"])


def asked_for(strategy: str) -> Reason:
    names = {SCRATCH: "从头训练 (scratch)", CONTINUE: "续训 (continue)"}
    return Reason(
        f"asked_{strategy}", f"按要求{names[strategy]}", f"strategy {strategy} was asked for"
    )


def nothing_to_continue_on() -> Reason:
    return Reason(
        "no_new_training_text",
        "训练集里没有新文档，无从续训：从头训练",
        "the train split has no new document to continue on: trained from scratch",
    )


def other_settings() -> Reason:
    return Reason(
        "settings_changed",
        "数据或模型的配置与冠军训练时不同：从头训练",
        "settings of data or model are not those of the champion: trained from scratch",
    )


def diverged() -> Reason:
    return Reason(
        "continue_diverged",
        "续训发散：改为从头训练",
        "continuing diverged: trained from scratch instead",
    )


def no_gain() -> Reason:
    return Reason(
        "continue_no_gain",
        "续训没有带来改善：改为从头训练",
        "continuing improved nothing: trained from scratch instead",
    )
