"""How hard a password is to guess. There are no rules of composition: length and zxcvbn's estimate decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from sesstim_caldav.accounts.passwords import MOST_CHARACTERS, normalised
from sesstim_caldav.store.database import storable

FEWEST_CHARACTERS = 8
LEAST_SCORE = 2
"""Of zxcvbn's 0 to 4: more than a million guesses."""

_ESTIMATED = 64
"""Characters that are estimated: what follows adds strength, and the estimate's cost grows with the cube."""


class Weakness(StrEnum):
    """What is wrong with a password."""

    MISSING = "missing"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    GUESSABLE = "easy to guess"
    UNUSABLE = "holds what cannot be typed"


def weakness(password: str, own_words: Iterable[str] = ()) -> Weakness | None:
    """What is wrong with a password, or None. `own_words`: names and addresses, which others try first."""
    if not password:
        return Weakness.MISSING
    if len(password) > MOST_CHARACTERS:
        return Weakness.TOO_LONG
    if not storable(password):
        return Weakness.UNUSABLE
    plain = normalised(password)
    if len(plain) < FEWEST_CHARACTERS:
        return Weakness.TOO_SHORT
    from zxcvbn import zxcvbn  # 13 MB of dictionaries: for a process in which somebody chooses a password

    words = {part for word in own_words for part in (word, word.partition("@")[0], *re.split(r"[\W_]+", word)) if part}
    estimate = zxcvbn(plain[:_ESTIMATED], user_inputs=sorted(words), max_length=_ESTIMATED)
    return Weakness.GUESSABLE if estimate["score"] < LEAST_SCORE else None
