"""The rules of `clean`, section by section: each lies beside the code that applies it."""

from xuxie.clean.duplicates.settings import DuplicateSettings
from xuxie.clean.identifiers.settings import IdentifierSettings
from xuxie.clean.judge.settings import QualitySettings
from xuxie.clean.mix import MixSettings
from xuxie.clean.normalise_settings import NormaliseSettings
from xuxie.clean.repeated_lines import RepeatedLineSettings
from xuxie.section import Section


class CleanSettings(Section):
    """In the order in which they are applied."""

    normalise: NormaliseSettings
    repeated_lines: RepeatedLineSettings
    identifiers: IdentifierSettings
    quality: QualitySettings
    mix: MixSettings
    duplicates: DuplicateSettings
