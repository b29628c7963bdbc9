"""Words in the reader's language: gettext catalogues, read from their `.po` files when they are first wanted.

English stands in the code, French in `translations/fr/*.po`, one file for each part of the program.
"""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from pathlib import Path

from babel.messages import mofile, pofile

CATALOGUES = Path(__file__).parent / "translations"


@lru_cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language ("fr", "en"); what it lacks is answered as it stands in the code."""
    merged: gettext.NullTranslations = gettext.NullTranslations()
    for file in sorted((CATALOGUES / language).glob("*.po")):
        with file.open("rb") as source:
            catalogue = pofile.read_po(source, locale=language, abort_invalid=True)
        compiled = io.BytesIO()
        mofile.write_mo(compiled, catalogue)
        compiled.seek(0)
        found = gettext.GNUTranslations(compiled)
        found.add_fallback(merged)
        merged = found
    return merged


def accepted(accept: str, spoken: tuple[str, ...]) -> str:
    """The best of Accept-Language among the site's languages (RFC 9110 section 12.5.4); its first if none is."""
    best, weight = spoken[0], 0.0
    for choice in accept[:200].split(","):
        tag, _, parameter = choice.strip().partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        name = tag.strip().lower().split("-")[0]
        if name in spoken and quality > weight:
            best, weight = name, quality
    return best
