"""Long answers, sent piece by piece while what they read from is held open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

PIECE = 64 * 1024
"""Bytes a streamed answer is sent in."""

stopping = threading.Event()
"""Set once the process has been asked to end: answers that go on for as long as somebody listens then end too."""


class Stream:
    """The rest of a long answer; closing it (which WSGI servers do in any case) gives back what it reads from."""

    def __init__(self, pieces: Iterator[bytes], close: Callable[[], None]) -> None:
        self._pieces = pieces
        self._close: Callable[[], None] | None = close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._close is not None:
            close, self._close = self._close, None
            close()

    def __del__(self) -> None:
        """For servers that forget to close an answer whose client has gone."""
        self.close()


def gathered(texts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of at least `PIECE`, but for the last."""
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)
