"""The configurations that trainings are compared on, and what a step of each has to compute."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A GPT-2. batch: windows of a step."""

    layers: int
    heads: int
    width: int
    context: int
    vocabulary: int
    batch: int

    @property
    def tokens(self) -> int:
        """Tokens of a step."""
        return self.batch * self.context

    @property
    def flops(self) -> int:
        """Of a token, forward and backward: six for each weight of a matrix product, and attention
        as if every token saw the whole window (Chowdhery et al. 2022, arXiv 2204.02311)."""
        weights = 12 * self.layers * self.width**2 + self.vocabulary * self.width
        return 6 * weights + 12 * self.layers * self.width * self.context


SHAPES = {
    "D": Shape(layers=2, heads=2, width=128, context=256, vocabulary=8_000, batch=8),
    "S": Shape(layers=4, heads=4, width=256, context=256, vocabulary=8_000, batch=16),
    "M": Shape(layers=6, heads=6, width=384, context=256, vocabulary=16_000, batch=16),
    "L": Shape(layers=12, heads=12, width=768, context=512, vocabulary=50_257, batch=4),
}
