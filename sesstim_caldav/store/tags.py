"""ETags, ctags and sync tokens: how they are written, and what one that comes back says.

All carry the store's random id and the viewer's epoch, so that one of another life of the store, or from before the
viewer's role or language changed, is known for what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN_PREFIX = "urn:sesstim:sync:"

_TOKEN = re.compile(r"urn:sesstim:sync:([0-9a-f]{8})-([0-9]{1,18})-([0-9]{1,18})-([0-9]{1,18})")
_CONTENT = re.compile(r'(?:W/)?"([0-9a-f]{8})-([0-9]{1,18})-[0-9]{1,18}-[0-9]{1,18}(?:-[0-9]{1,18})?(?:-gzip)?"')


def etag(store: str, rev: int, shown: int, epoch: int, nudge: int = 0) -> str:
    """The entity tag of a booking as one account sees it, quotes included.

    `rev` and `shown` are the room's seq when content and views were last written, `nudge` the number of the account's
    last refused attempt on it (0: none).
    """
    return f'"{store}-{rev}-{shown}-{epoch}-{nudge}"' if nudge else f'"{store}-{rev}-{shown}-{epoch}"'


def names_content(tag: str, store: str, rev: int) -> bool:
    """Whether one entity tag (also `W/"x"` and `"x-gzip"`, RFC 9110 section 8.8.3) is one that this content has had."""
    found = _CONTENT.fullmatch(tag.strip())
    return found is not None and found[1] == store and int(found[2]) == rev


def ctag(store: str, epoch: int, seq: int, nudge: int) -> str:
    return f"{store}-{epoch}-{seq}-{nudge}"


@dataclass(frozen=True, slots=True)
class Token:
    """A sync token (RFC 6578) taken apart."""

    store: str
    epoch: int
    seq: int
    nudge: int

    def __str__(self) -> str:
        return f"{TOKEN_PREFIX}{self.store}-{self.epoch}-{self.seq}-{self.nudge}"


def token_of(text: str) -> Token | None:
    """The token that a text is, or None if it is none of ours."""
    found = _TOKEN.fullmatch(text)
    return Token(found[1], int(found[2]), int(found[3]), int(found[4])) if found else None
