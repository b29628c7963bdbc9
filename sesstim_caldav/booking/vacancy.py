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


def nearest(taken: Iterable[Span], within: Span, length: int, grid: int, window: Span) -> Span | None:
    """The free time of a length, on the grid, that is least far from a window; the earliest of two as far."""
    found: list[Span] = []
    for start, end in gaps(taken, within):
        first, last = start + -start % grid, end - length - (end - length) % grid
        if first <= last:
            at = min(max(window[0] + -window[0] % grid, first), last)
            found.append((at, at + length))
    return min(found, key=lambda slot: distance(slot, window), default=None)


def distance(slot: Span, window: Span) -> int:
    """By how many minutes a slot misses a window, or where that is too short, a time that begins with it."""
    start, end = slot
    return max(window[0] - start, end - max(window[1], window[0] + end - start), 0)
