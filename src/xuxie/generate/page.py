"""The page of samples: which stretches are verbatim, what surprised, which prompt signs mattered.

A page without scripts: what belongs to a piece of text is shown while the pointer or the keyboard
is on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import jinja2

from xuxie.generate.explain import Explanation
from xuxie.generate.provenance.spans import Span, covered
from xuxie.generate.sample import Sample
from xuxie.model.surprisal import Piece

# Bits a character at which the tint is full: a character drawn from 4,096 equally likely ones.
FULL_BITS = 12.0


@dataclass(frozen=True)
class Fragment:
    """Some characters: no piece and no span begins or ends inside them."""

    text: str
    piece: Piece | None
    span: Span | None

    @property
    def bits(self) -> float | None:
        """By character; None where they are not known."""
        piece = self.piece
        return piece.bits / (piece.end - piece.start) if piece else None

    @property
    def tint(self) -> float:
        return min(max((self.bits or 0) / FULL_BITS, 0), 1)


@dataclass(frozen=True)
class Shown:
    """A sample with what is said about it. runs: neighbouring fragments of one span, or of none."""

    sample: Sample
    spans: list[Span]
    explanation: Explanation | None

    @property
    def runs(self) -> list[tuple[Span | None, list[Fragment]]]:
        pieces = self.explanation.pieces if self.explanation else []
        made = fragments(self.sample.text, pieces, self.spans)
        return [(span, list(run)) for span, run in groupby(made, key=lambda part: part.span)]

    @property
    def prompt(self) -> list[tuple[str, float | None, float]]:
        """Each character of the prompt, its bits, and its tint from -1 to 1."""
        if self.explanation is None:
            return [(character, None, 0.0) for character in self.sample.prompt]
        bits = self.explanation.prompt
        most = max(map(abs, bits), default=0) or 1.0
        return [(c, b, b / most) for c, b in zip(self.sample.prompt, bits, strict=True)]

    @property
    def verbatim(self) -> float:
        return covered(self.spans) / max(len(self.sample.text), 1)


def fragments(text: str, pieces: Sequence[Piece], spans: Sequence[Span]) -> list[Fragment]:
    """The text in parts; where spans overlap, a part belongs to the longest."""
    edges = {0, len(text)} | {edge for part in pieces for edge in (part.start, part.end)}
    edges |= {edge for span in spans for edge in (span.start, span.end)}
    made = []
    for start, end in pairwise(sorted(edges)):
        piece = next((piece for piece in pieces if piece.start <= start < piece.end), None)
        around = [span for span in spans if span.start <= start < span.end]
        span = max(around, key=lambda span: span.end - span.start, default=None)
        made.append(Fragment(text[start:end], piece, span))
    return made


def page(shown: Sequence[Shown], fingerprint: str, *, characters: int) -> str:
    """Args: characters: fewest of a verbatim stretch."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xuxie.generate", "."), autoescape=True, trim_blocks=True
    )
    by_prompt: dict[str, list[Shown]] = {}
    for one in shown:
        by_prompt.setdefault(one.sample.prompt, []).append(one)
    return environment.get_template("page.html").render(
        prompts=by_prompt, fingerprint=fingerprint, characters=characters
    )
