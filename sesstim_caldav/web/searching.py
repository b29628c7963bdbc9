"""What people type into a search box, against what is written: without regard to case and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable


def holding(sought: str) -> Callable[[str], bool]:
    """Whether a text holds every word that is sought, somewhere; "these" is found in "thèse"."""
    words = plain(sought).split()
    return lambda text: all(word in plain(text) for word in words) if words else True


def plain(text: str) -> str:
    """Small letters without their accents (Unicode's canonical decomposition, without combining marks)."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))
