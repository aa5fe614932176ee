"""What counts as a duplicate."""

from typing import Annotated

from pydantic import Field

from xuxie.section import Section


class DuplicateSettings(Section):
    """
    exact: of documents with the same normalised text only the earliest stays.
    near: of near-duplicates only the earliest stays.
    jaccard: share of character n-grams that two documents must have in common, at least.
    ngram: characters a shingle; white space does not count.
    bands, rows: of the MinHash signature, which has bands x rows values. FineWeb's 14 x 8
        (arXiv 2406.17557) finds 92 % of the pairs that are alike to 0.8.
    deals: how often the signature's values are dealt into bands, each time in another order. Twice
        finds 99 % at 0.8 with the same signature: see docs/benchmarks.md.
    """

    exact: bool
    near: bool
    jaccard: Annotated[float, Field(ge=0.5, le=1)]
    ngram: Annotated[int, Field(ge=1, le=32)]
    bands: Annotated[int, Field(ge=1, le=128)]
    rows: Annotated[int, Field(ge=1, le=32)]
    deals: Annotated[int, Field(ge=1, le=8)]
