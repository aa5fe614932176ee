"""The thresholds of quality. Each bound that cannot be broken (0 or 1) switches its rule off."""

from typing import Annotated

from pydantic import Field

from xuxie.section import Section

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class QualitySettings(Section):
    """
    Characters are code points of the normalised text; shares are of its visible characters unless
    it says otherwise. Gopher (arXiv 2112.11446, table A1) and FineWeb-2 (arXiv 2506.20920, its
    configuration cmn_Hani) count words where we count characters: Chinese has no spaces. What names
    no source is ours.

    min_characters, max_characters: length of the text (Gopher: 50 to 100,000 words).
    languages: ISO 639 codes that stay; an empty list lets every language stay.
    min_language_score: of the language model, where the script alone does not tell (FineWeb-2 for
        Chinese: 0.692).
    min_han_share: in Chinese texts.
    max_symbol_share: neither letter, digit, punctuation nor space (Gopher: 0.1 # or … a word).
    max_digit_share: digits.
    max_placeholder_share: signs of broken encodings and of dummy text.
    max_duplicate_lines: characters in lines that occurred before in the text (Gopher: 0.2).
    max_repetition: character 5-grams that occurred before in the text (Gopher, characters in
        repeated 5-grams of words: 0.15; FineWeb-2: 0.198).
    max_long_repetition: the same for 10-grams (Gopher: 0.10; FineWeb-2: 0.127).
    max_top_bigram: characters covered by the commonest pair of different characters (Gopher: 0.2;
        FineWeb-2: 0.256).
    marks_from, min_mark_share: in texts of so many characters, the punctuation marks there must be;
        navigation and keyword lists have none.
    min_sentences: ends of sentences, Chinese or Latin. C4 (arXiv 1910.10683) asks for Latin ends of
        lines and so drops all Chinese.
    max_short_lines: lines under ten characters, in texts of five lines or more.
    """

    min_characters: Count
    max_characters: Annotated[int, Field(ge=1)]
    languages: list[Annotated[str, Field(min_length=2)]]
    min_language_score: Share
    min_han_share: Share
    max_symbol_share: Share
    max_digit_share: Share
    max_placeholder_share: Share
    max_duplicate_lines: Share
    max_repetition: Share
    max_long_repetition: Share
    max_top_bigram: Share
    marks_from: Count
    min_mark_share: Share
    min_sentences: Count
    max_short_lines: Share
