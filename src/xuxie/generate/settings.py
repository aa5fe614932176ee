"""What `generate` may be told."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xuxie.section import Section

Text = Annotated[str, Field(min_length=1)]


class ProvenanceSettings(Section):
    """
    characters: fewest of a stretch that counts as verbatim.
    places: training documents named for each stretch; all are counted.
    """

    characters: Annotated[int, Field(ge=2, le=1000)]
    places: Annotated[int, Field(ge=1, le=1000)]


class ExplainSettings(Section):
    """
    prompts, samples: the first so many samples of the first so many prompts are shown with what
        the model charged for them and which part of the prompt mattered; the others are not.
    alternatives: tokens named in the place of each piece.
    steps: points of the path of integrated gradients; up to four times as many where needed.
    """

    prompts: Annotated[int, Field(ge=0, le=1000)]
    samples: Annotated[int, Field(ge=0, le=1000)]
    alternatives: Annotated[int, Field(ge=1, le=20)]
    steps: Annotated[int, Field(ge=2, le=128)]


class GenerateSettings(Section):
    """
    prompts: each is continued `samples` times; sample i of a prompt depends on (seed, prompt, i).
    min_new_tokens, max_new_tokens: so many tokens are added; before the minimum the text cannot
        end, for a prompt may already be a whole document.
    temperature: 0 takes the likeliest token every time.
    top_k: 0 for no limit. top_p: 1 for no limit. repetition_penalty: 1 for none.
    stop: a text ends before the first of these strings, however short it is then.
    weights: int8 is faster for few samples and a little less exact; it needs a C compiler.
    batch: samples decoded together, of all prompts; the texts do not depend on it.
    provenance, explain: what is said about the samples, above.
    """

    prompts: Annotated[list[Text], Field(min_length=1)]
    samples: Annotated[int, Field(ge=1, le=10_000)]
    min_new_tokens: Annotated[int, Field(ge=0)]
    max_new_tokens: Annotated[int, Field(ge=1, le=100_000)]
    temperature: Annotated[float, Field(ge=0, le=100)]
    top_k: Annotated[int, Field(ge=0)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    repetition_penalty: Annotated[float, Field(ge=1, le=100)]
    stop: list[Text]
    weights: Literal["fp32", "int8"]
    batch: Annotated[int, Field(ge=1, le=4096)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    threads: Annotated[int, Field(ge=1, le=1024)]
    provenance: ProvenanceSettings
    explain: ExplainSettings

    @model_validator(mode="after")
    def fewest_is_not_above_most(self) -> Self:
        if self.min_new_tokens > self.max_new_tokens:
            raise ValueError("generate.min_new_tokens <= generate.max_new_tokens")
        return self
