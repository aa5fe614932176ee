"""Text with identifiers replaced by placeholders. Pure and idempotent."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xuxie.clean.identifiers.find import find
from xuxie.clean.identifiers.kinds import PLACEHOLDERS, Identifier, Kind, Policy
from xuxie.clean.identifiers.shadow import bare


@dataclass(frozen=True)
class Masked:
    """The text, how many of each kind were masked or kept, and the kind that drops the document."""

    text: str
    counts: dict[Kind, int]
    dropped: Kind | None


def masked(text: str, policies: Mapping[Kind, Policy], allowed: Collection[str]) -> Masked:
    """`text` under `policies`; a kind without a policy is kept.

    Repeated until nothing is left to mask: a placeholder may free what touched the identifier, and
    only so is masked(masked(x)) == masked(x). Each round takes characters away, so it ends.
    """
    nobodys = {bare(value) for value in allowed}
    counts: Counter[Kind] = Counter()
    while True:
        found = [hit for hit in find(text) if bare(text[hit.start : hit.end]) not in nobodys]
        policy = {hit: policies.get(hit.kind, Policy.KEEP) for hit in found}
        dropping = [hit.kind for hit in found if policy[hit] is Policy.DROP]
        masking = [hit for hit in found if policy[hit] is Policy.MASK]
        if dropping or not masking:
            counts.update(hit.kind for hit in found)
            return Masked(text, dict(sorted(counts.items())), dropping[0] if dropping else None)
        counts.update(hit.kind for hit in masking)
        text = replaced(text, masking)


def replaced(text: str, hits: list[Identifier]) -> str:
    """`text` with a placeholder for each of `hits`, which are in order and apart."""
    parts, place = [], 0
    for hit in hits:
        parts += [text[place : hit.start], PLACEHOLDERS[hit.kind]]
        place = hit.end
    return "".join([*parts, text[place:]])
