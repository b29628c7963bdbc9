"""The audit log: who did what to whom, and when. A line stands or falls with the act: both are of one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from sesstim_caldav.store import Store
from sesstim_caldav.store.database import Change, Statement
from sesstim_caldav.store.schema import audit
from sesstim_caldav.store.writing import note as _note

UPKEEP = "upkeep"
"""Who acts where nobody does: the server's daily work."""
DIRECTORY = "directory"
"""Who makes the account of a member whom the directory vouches for."""

_LAST = 2**62
_COLUMNS = (audit.c.id, audit.c.at, audit.c.who, audit.c.what, audit.c.detail)
_ENTRIES = Statement(
    select(*_COLUMNS).where(audit.c.id < bindparam("before")).order_by(audit.c.id.desc()).limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A line of the log: `at` in UTC epoch seconds, `who` an address, `command line` or `upkeep`."""

    id: int
    at: int
    who: str
    what: str
    detail: str


def note(change: Change, who: str, what: str, detail: str, now: int) -> None:
    """Notes an act in its own transaction; `now` in UTC epoch seconds."""
    _note(change.session, who, what, detail, now)


def entries(store: Store, most: int = 100, before: int | None = None) -> list[AuditEntry]:
    """The last lines, newest first; `before`: those older than the line of this id. Raises `StoreUnavailable`."""
    with store.reading() as reading:
        rows = reading.session.all(_ENTRIES, {"most": most, "before": _LAST if before is None else before})
    return [AuditEntry(*row) for row in rows]
