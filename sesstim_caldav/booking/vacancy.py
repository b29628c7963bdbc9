"""When something is free: pure reckoning with minutes of the day on the wall clock of the rooms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""[start, end) in minutes of the day."""


def gaps(taken: Iterable[Span], within: Span) -> Iterator[Span]:
    """What of a span is free, in order."""
    at, end = within
    for start, until in sorted(taken):
        if start >= end:
            break
        if start > at:
            yield at, start
        at = max(at, until)
    if at < end:
        yield at, end


def slots(taken: Iterable[Span], within: Span, length: int, grid: int, step: int = 0) -> Iterator[Span]:
    """Times of a length that are free and do not overlap, on the grid; `step` minutes apart at least."""
    for start, end in gaps(taken, within):
        at = start + -start % grid
        while at + length <= end:
            yield at, at + length
            at += max(length, step)
            at += -at % grid


def distance(slot: Span, window: Span) -> int:
    """How many minutes of moving bring a slot into a window, or as near to it as it gets."""
    return max(window[0] - slot[0], slot[1] - window[1], 0)
