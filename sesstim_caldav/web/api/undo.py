"""Taking a change back: what stood before goes out with the answer, sealed, and can be brought back for a minute.

Nobody can read it on the way (a manager is not shown all that he may have to bring back), and nobody can use it but the
account that made the change.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from flask import Response

from sesstim_caldav.accounts.secret import secret_hash
from sesstim_caldav.booking.draft import Impossible
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.reception import Act, Conditions, Done, NoSuchBooking, PreconditionFailed
from sesstim_caldav.store import NoSuchRoom, StoredBooking
from sesstim_caldav.web.api import models
from sesstim_caldav.web.api.access import Fault, answer, api, asking, parsed
from sesstim_caldav.web.api.drafts import shown, stored
from sesstim_caldav.web.api.letters import told_back
from sesstim_caldav.web.visit import office, say

LIFETIME = 60
"""Seconds for which a change can be taken back."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act that was done, and what stood in its place before (None: nothing)."""

    done: Done
    before: StoredBooking | None


def ticket(steps: Sequence[Step]) -> str | None:
    """What takes these steps back; None where it cannot be: too much to carry, or somebody's whose account is gone."""
    back: list[list[object]] = []
    for step in reversed(steps):
        before, done = step.before, step.done
        if before is not None and before.organiser is None:
            return None
        text, owner = (None, None) if before is None or before.organiser is None else (before.text, before.organiser.id)
        back.append([done.room, done.name, text, done.etag, owner])
    sealed = _seal(office().store.secret).encrypt(zlib.compress(json.dumps([asking().id, back]).encode()))
    return sealed.decode() if len(sealed) <= models.MOST_UNDO else None


@lru_cache(maxsize=4)
def _seal(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(secret_hash("", secret, "undo"))))


@api.post("/undo")
def undo() -> Response:
    """Answers 409 where it is too late, or somebody has changed the booking since."""
    acts = _opened(parsed(models.Undo).undo)
    account = asking()
    if not account.manager and any(act.owner and act.owner.id != account.id for act in acts):
        raise _too_late()
    try:
        office().reception.book_all(account, acts, told_back(acts))
    except (PreconditionFailed, NoSuchBooking, NoSuchRoom, Refusal):
        raise _too_late() from None
    kept = [act for act in acts if act.text is not None]
    if not kept:
        return answer(models.Undone(booking=None))
    with office().store.reading() as reading:
        booking = stored(reading, kept[-1].room, kept[-1].name)
        try:
            return answer(models.Undone(booking=shown(reading, kept[-1].room, booking, None)))
        except Impossible:
            return answer(models.Undone(booking=None))


def _opened(sealed: str) -> list[Act]:
    """What a ticket does, if it is one of this account and not too old. Raises `Fault`."""
    try:
        opened = _seal(office().store.secret).decrypt(sealed.encode("utf-8", "replace"), ttl=LIFETIME)
        account, back = json.loads(zlib.decompress(opened))
    except InvalidToken:
        raise _too_late() from None
    if account != asking().id:
        raise _too_late()
    acts = []
    for room, name, text, etag, owner in back:
        conditions = Conditions(if_match=etag) if etag is not None else Conditions(if_none_match="*")
        whose = office().accounts.by_id(owner) if owner is not None else None
        if owner is not None and whose is None:
            raise _too_late()
        acts.append(Act(room, name, text, conditions, owner=whose))
    return acts


def _too_late() -> Fault:
    return Fault(409, "too-late", say("It is too late to take this back."))
