"""How fast passwords can be guessed: over CalDAV and the pages together, across worker processes and restarts."""

from __future__ import annotations


class TooManyGuesses(Exception):
    """So many wrong passwords were tried that this one is not looked at. HTTP says 429 with `Retry-After`.

    `retry_after` is in whole seconds, at least 1: from then on a password is looked at again.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many guesses; the next one is looked at in {retry_after} s")
        self.retry_after = retry_after
