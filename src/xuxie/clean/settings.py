"""The thresholds of `clean`."""

from typing import Annotated

from pydantic import Field

from xuxie.section import Section

Share = Annotated[float, Field(ge=0, le=1)]


class CleanSettings(Section):
    """
    min_characters, max_characters: length of the normalised text.
    min_han_share: Han characters among those that are not white space.
    max_repetition: share of the character 5-grams that occurred before in the same document.
    deduplicate: keep only the first of documents with the same normalised text.
    """

    min_characters: Annotated[int, Field(ge=1)]
    max_characters: Annotated[int, Field(ge=1)]
    min_han_share: Share
    max_repetition: Share
    deduplicate: bool
