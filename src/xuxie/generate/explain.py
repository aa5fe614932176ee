"""Why a model went on as it did: what it charged for a sample, and what of the prompt counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xuxie.generate.attribution import Attribution, attribution, by_character
from xuxie.generate.sample import Sample
from xuxie.generate.settings import GenerateSettings
from xuxie.model.directory import context_of
from xuxie.model.surprisal import Piece, surprisal
from xuxie.tokenizer.encode import boundary, encode_with_places


@dataclass(frozen=True)
class Explanation:
    """
    pieces: of the sample's text.
    target: what the prompt's characters are held responsible for, the first piece.
    prompt: bits by which each character of the prompt made it likelier, or less likely below 0.
    whole: the attribution by token, with its completeness error.
    """

    pieces: list[Piece]
    target: str
    prompt: list[float]
    whole: Attribution


class Explainer:
    """Reads each text as a reader would write it, in the tokens of the tokenizer's choice.

    The sampled tokens may spell the same text in another way; then the bits differ a little from
    the sample's own. Probabilities are the model's, before temperature, top_k and penalties.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        settings: GenerateSettings,
    ) -> None:
        self.model, self.tokenizer, self.settings = model, tokenizer, settings.explain
        self.boundary = boundary(tokenizer)
        self.room = context_of(model) - settings.max_new_tokens
        self.known: dict[tuple[int, ...], Attribution] = {}

    def explain(self, sample: Sample) -> Explanation | None:
        """None where nothing was added to the prompt."""
        before, places = encode_with_places(self.tokenizer, sample.prompt)
        before = [self.boundary, *before][-self.room :]
        places = [(0, 0), *places][-self.room :]
        tokens, touched = encode_with_places(self.tokenizer, sample.text)
        if not tokens:
            return None
        pieces = surprisal(
            self.model,
            self.tokenizer,
            before,
            tokens,
            touched,
            length=len(sample.text),
            alternatives=self.settings.alternatives,
        )
        whole = self.attribution(before, tokens[: pieces[0].tokens])
        target = sample.text[: pieces[0].end]
        characters = by_character(whole.bits, places, len(sample.prompt))
        return Explanation(pieces, target, characters, whole)

    def attribution(self, before: Sequence[int], target: Sequence[int]) -> Attribution:
        """Samples of one prompt often begin alike: each beginning is attributed once."""
        key = (len(before), *before, *target)
        if key not in self.known:
            self.known[key] = attribution(
                self.model, self.boundary, before, target, steps=self.settings.steps
            )
        return self.known[key]
