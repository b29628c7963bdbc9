"""One concrete stretch of time that a booking holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Occurrence:
    """``[start, end)`` in UTC epoch seconds; occurrences sort by start, then end.

    ``recurrence_id`` is the instant (UTC epoch seconds) at which the series had this occurrence originally, None for
    a booking that does not repeat.  ``event`` is the index into ``CalendarObject.events`` of the VEVENT that
    describes it.  An occurrence whose end is not after its start is empty: the rule ``empty-booking`` judges it.
    """

    start: int
    end: int
    recurrence_id: int | None = None
    event: int = 0

    def __lt__(self, other: Occurrence) -> bool:
        return (self.start, self.end, self.recurrence_id or 0, self.event) < (
            other.start,
            other.end,
            other.recurrence_id or 0,
            other.event,
        )

    def overlaps(self, other: Occurrence) -> bool:
        """Whether both hold a common instant; touching ends do not, nor does an empty occurrence."""
        return self.start < other.end and other.start < self.end and self.start < self.end and other.start < other.end
