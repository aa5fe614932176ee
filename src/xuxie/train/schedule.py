"""How long training lasts and how the learning rate moves. Pure functions of numbers."""

import math


def plan(*, epochs: float, windows: int, batch: int, validations: int) -> tuple[int, int]:
    """Steps that see every window `epochs` times, and steps from one validation to the next.

    The steps are rounded up so that the last one is validated.
    """
    steps = max(1, math.ceil(epochs * windows / batch))
    interval = math.ceil(steps / validations)
    return interval * math.ceil(steps / interval), interval


def rate_factor(step: int, *, steps: int, warmup: float, decay: float, final: float) -> float:
    """Share of the peak rate at `step` of `steps`: a straight rise, a plateau, half a cosine down.

    With `decay` = 1 - `warmup` there is no plateau: the usual cosine (Loshchilov and Hutter 2017,
    arXiv 1608.03983).

    Args:
        warmup: share of the steps that rise.
        decay: share of the steps that fall.
        final: share of the peak that is left at the end.
    """
    rise, fall = max(1, round(warmup * steps)), max(1, round(decay * steps))
    if step < rise:
        return (step + 1) / rise
    fallen = min(1.0, max(0.0, (step - (steps - fall)) / fall))
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * fallen))
