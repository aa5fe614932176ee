"""How much of each language may stay: a cap on every language but the main one."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from xuxie.section import Section

Share = Annotated[float, Field(ge=0, lt=1)]


class MixSettings(Section):
    """
    main: the language that may always stay, as ISO 639 code; "" lets every language stay.
    others: the share of all characters that each other language may have; none for those not named.
    """

    main: str
    others: dict[str, Share]


def over_the_cap(
    languages: npt.NDArray[np.str_],
    characters: npt.NDArray[np.int64],
    taking_part: npt.NDArray[np.bool_],
    settings: MixSettings,
) -> npt.NDArray[np.bool_]:
    """Which documents would give their language more than its share of what stayed before them.

    In the order of arrival, so that later documents change nothing.
    """
    gone = np.zeros(len(languages), dtype=bool)
    if not settings.main:
        return gone
    main = np.cumsum(np.where(taking_part & (languages == settings.main), characters, 0))
    stayed = dict.fromkeys(settings.others, 0)
    for place in np.flatnonzero(taking_part & (languages != settings.main)):
        language, length = str(languages[place]), int(characters[place])
        total = int(main[place]) + sum(stayed.values()) + length
        if stayed.get(language, 0) + length > settings.others.get(language, 0.0) * total:
            gone[place] = True
        else:
            stayed[language] += length
    return gone
