"""Which split a group belongs to: a pure function of its name, so that new text moves nothing.

Or, with kind=time, of the date of its first document.
"""

import hashlib
from datetime import date
from enum import StrEnum


class Part(StrEnum):
    TRAIN = "train"
    VAL = "val"
    TEST = "test"


def assign(group: str, *, val: float, test: float, salt: str) -> Part:
    """The split of `group`: the hash of its name against the shares.

    Args:
        val, test: shares of the groups, in (0, 1).
        salt: a different salt gives an independent division.
    """
    digest = hashlib.sha256(f"{salt}\0{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < test:
        return Part.TEST
    return Part.VAL if place < test + val else Part.TRAIN


def assign_by_date(day: date, *, val_from: date, test_from: date) -> Part:
    """The split of what is dated `day`: the bounds belong to what follows them."""
    if day >= test_from:
        return Part.TEST
    return Part.VAL if day >= val_from else Part.TRAIN
