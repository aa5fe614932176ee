"""Normalising Chinese text: named rules, text -> text. Pure and idempotent.

The rules run in their order until none changes the text: an entity may hold a tag, a removed sign
may bring two marks together. So a second call finds nothing to do, whatever rules are on.
"""

from collections.abc import Callable

from xuxie.clean.normalise import unicode_forms
from xuxie.clean.normalise.furniture import without_furniture
from xuxie.clean.normalise.markup import without_markup
from xuxie.clean.normalise.mojibake import repaired
from xuxie.clean.normalise.punctuation import regular
from xuxie.clean.normalise.rules import Rule
from xuxie.clean.normalise.spacing import one_space, spaced
from xuxie.clean.normalise.traditional import simplifier
from xuxie.clean.normalise.unicode_forms import AWKWARD
from xuxie.clean.normalise_settings import NormaliseSettings

__all__ = ["Rule", "normalised", "normaliser"]

Change = Callable[[str], str]
# Plain strings: to hash a member of an enumeration is a call in Python.
ORDER = tuple(rule.value for rule in Rule)
MARKUP = Rule.MARKUP.value
# Ordinary text is steady after two rounds. Only markup nested by hand in itself takes more: each
# round opens one layer. An attack of thousands of layers loses the signs that make the layers.
MOST_ROUNDS = 40
# One search for what these look for saves five; what another rule brings is for the next round.
BY_CHARACTER: set[Change] = {
    repaired,
    unicode_forms.one_line_end,
    unicode_forms.visible,
    unicode_forms.half_width,
    one_space,
}
LAYERS = str.maketrans("", "", "<>&[]")


def normalised(text: str, settings: NormaliseSettings) -> tuple[str, tuple[str, ...]]:
    """The normalised text, and the names of the rules that changed it, in their order."""
    return normaliser(settings)(text)


def normaliser(settings: NormaliseSettings) -> Callable[[str], tuple[str, tuple[str, ...]]]:
    """`normalised` under fixed settings, for many texts."""
    rules = chosen(settings)
    by_text = [(rule, change) for rule, change in rules if change not in BY_CHARACTER]

    def apply(text: str) -> tuple[str, tuple[str, ...]]:
        changed: set[str] = set()
        for number in range(2 * MOST_ROUNDS):
            before = text
            text = one_round(text, rules if AWKWARD.search(text) else by_text, changed)
            if text == before:
                break
            if number == MOST_ROUNDS and MARKUP in changed:
                text = text.translate(LAYERS)
        return text, tuple(name for name in ORDER if name in changed) if changed else ()

    return apply


def one_round(text: str, rules: list[tuple[str, Change]], changed: set[str]) -> str:
    """`text` after each rule, once; the rules that changed it go into `changed`."""
    for rule, change in rules:
        after = change(text)
        if after != text:
            changed.add(rule)
            text = after
    return text


def chosen(settings: NormaliseSettings) -> list[tuple[str, Change]]:
    """The rules that are on, in the order of `Rule`."""
    points = settings.punctuation
    on: list[tuple[Rule, Change, bool]] = [
        (Rule.MOJIBAKE, repaired, settings.mojibake),
        (Rule.LINE_ENDS, unicode_forms.one_line_end, settings.line_ends),
        (Rule.INVISIBLE, unicode_forms.visible, settings.invisible),
        (Rule.MARKUP, without_markup, settings.markup),
        (Rule.NFC, unicode_forms.nfc, settings.nfc),
        (Rule.WIDTH, unicode_forms.half_width, settings.width),
        (Rule.FURNITURE, without_furniture, settings.furniture),
        (Rule.PUNCTUATION, regular(points), any(points.model_dump().values())),
        (Rule.TRADITIONAL, simplifier(settings.protected_words), settings.traditional != "keep"),
        (Rule.SPACING, one_space, settings.spacing),
        (Rule.SPACING, spaced, settings.spacing),
    ]
    return [(rule.value, change) for rule, change, chosen in on if chosen]
