"""The one way in: every booking made, changed, moved or cancelled passes here, whoever brings it.

Each write reads the calendar object, then takes the room's lock, asks the rules with what the store holds at that
moment, and stores the booking with its occurrences in the same transaction. A refusal stores nothing but the nudge that
sends the refused account's clients back for the truth.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from zoneinfo import ZoneInfo

from sesstim_caldav.accounts import Account, Accounts, names
from sesstim_caldav.booking import calendar_object, views
from sesstim_caldav.booking.calendar_object import CalendarObject, Unsupported
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.pattern import meeting
from sesstim_caldav.booking.proposal import UNKNOWN_PERSON, Held, Person, Proposal, Room, Standing, Unknown
from sesstim_caldav.booking.refusal import Refusal, Rule, Violation
from sesstim_caldav.booking.rules import judge, may_change
from sesstim_caldav.booking.schedule import FOREVER, Schedule, schedule
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import NoSuchRoom, Store, StoredBooking, Writing, tags

DAY = 86_400
HORIZON_AHEAD = 3 * 366 * DAY
"""Seconds that endless series are indexed ahead of now, at least after the horizon has been moved."""
HORIZON_MARGIN = 2 * 366 * DAY
"""The horizon moves when it is nearer than this many seconds."""


class NoSuchBooking(LookupError):
    """The room has no booking of this name."""


class PreconditionFailed(Exception):
    """If-Match or If-None-Match do not hold (RFC 9110 section 13.1)."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The raw values of a request's conditional headers, None where absent."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, store_id: str, existing: StoredBooking | None) -> None:
        """Raises `PreconditionFailed`. Any tag that the same content has had holds, also as `W/"x"` or `"x-gzip"`."""
        if self.if_match is not None and not (existing and _named(self.if_match, store_id, existing)):
            raise PreconditionFailed
        if self.if_none_match is not None and existing and _named(self.if_none_match, store_id, existing):
            raise PreconditionFailed


def _named(header: str, store_id: str, existing: StoredBooking) -> bool:
    """Whether an If-Match or If-None-Match value names the content of `existing`."""
    return any(tag.strip() == "*" or tags.names_content(tag, store_id, existing.rev) for tag in header.split(","))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a write: `etag` is None when the sender must fetch what was stored (RFC 4791 section 5.3.4)."""

    created: bool
    etag: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """A booking asked for, and what stood in the room, under its lock, when it was asked."""

    place: Room
    actor: Account
    name: str  # of the resource, one path segment
    sent: CalendarObject | Unsupported
    existing: StoredBooking | None = None  # under the name
    moved: StoredBooking | None = None  # that this was, elsewhere


@dataclass(frozen=True, slots=True)
class _Draft:
    """A booking that the rules have taken, ready to be stored."""

    obj: CalendarObject
    times: Schedule
    organiser: Account | None
    untouched: bool


class Reception:
    """Books, changes, moves and cancels. All methods are safe to call from any thread and process at once."""

    def __init__(self, store: Store, accounts: Accounts, settings: Settings) -> None:
        self.store = store
        self.accounts = accounts
        self.settings = settings
        self.zone = ZoneInfo(settings.site.timezone)
        self._series = _Series(self.zone)

    # -- requests

    def book(
        self,
        actor: Account,
        room: str,
        name: str,
        data: bytes,
        conditions: Conditions = Conditions(),
    ) -> Receipt:
        """Makes or changes the booking `name` (one path segment) of a room from one iCalendar object.

        Raises `NoSuchRoom`, `Refusal`, `PreconditionFailed` or `StoreUnavailable`; nothing is stored then.
        """
        place = self.place(room)
        try:
            sent: CalendarObject | Unsupported = calendar_object.read(data)
        except Unsupported as unsupported:
            sent = unsupported
        try:
            with self.store.writing(room) as writing:
                existing = writing.booking(name)
                if existing:
                    self._allow(place, actor, existing)
                conditions.check(self.store.id, existing)
                return self._put(writing, Order(place, actor, name, sent, existing))
        except Refusal:
            self._nudge(actor, room, name)
            raise

    def cancel(self, actor: Account, room: str, name: str, conditions: Conditions = Conditions()) -> None:
        """Takes a booking out of its room. Raises as `book`, and `NoSuchBooking`."""
        place = self.place(room)
        try:
            with self.store.writing(room) as writing:
                existing = writing.booking(name)
                if existing is None:
                    raise NoSuchBooking(name)
                self._allow(place, actor, existing)
                conditions.check(self.store.id, existing)
                writing.remove(existing, now())
                writing.audit(actor.email, "cancel", f"{room}/{name}", now())
        except Refusal:
            self._nudge(actor, room, name)
            raise

    def move(
        self,
        actor: Account,
        room: str,
        name: str,
        to_room: str,
        to_name: str,
        overwrite: bool = True,
        conditions: Conditions = Conditions(),
    ) -> Receipt:
        """Moves a booking to another name or room; what stands there goes, if it may and `overwrite` is set.

        The booking stays its organiser's. Raises as `cancel`.
        """
        place, to_place = self.place(room), self.place(to_room)
        try:
            with self.store.writing(room, to_room) as (source, target):
                existing = source.booking(name)
                if existing is None:
                    raise NoSuchBooking(name)
                self._allow(place, actor, existing)
                conditions.check(self.store.id, existing)
                if (room, name) == (to_room, to_name):
                    raise PreconditionFailed
                replaced = target.booking(to_name)
                if replaced:
                    self._allow(to_place, actor, replaced)
                    if not overwrite:
                        raise PreconditionFailed
                    target.remove(replaced, now())
                source.remove(existing, now())
                sent = calendar_object.read(existing.text)
                receipt = self._put(target, Order(to_place, actor, to_name, sent, moved=existing))
                return Receipt(created=replaced is None, etag=receipt.etag)
        except Refusal:
            self._nudge(actor, room, name)
            self._nudge(actor, to_room, to_name)
            raise

    def place(self, room: str) -> Room:
        """The published room as the rules see it. Raises `NoSuchRoom`."""
        found = self.settings.room(room)
        if found is None:
            raise NoSuchRoom(room)
        return found

    # -- one booking, under the room's lock

    def _allow(self, place: Room, actor: Account, existing: StoredBooking) -> None:
        """Refuses who may not change a booking whatever he asks: this comes before every condition of the request."""
        if not may_change(actor.person(), existing.organiser):
            violation = Violation(
                rule=Rule.NOT_THE_ORGANISER,
                occurrence=self._series.first(existing),
                holder=existing.organiser.name if existing.organiser else None,
            )
            raise Refusal(place, (violation,))

    def _put(self, writing: Writing, order: Order) -> Receipt:
        if writing.horizon < now() + HORIZON_MARGIN:
            self.extend(writing, now() + HORIZON_AHEAD)
        draft, existing = self._draft(writing, order), order.existing
        person = draft.organiser.person() if draft.organiser else None
        if existing and existing.text == draft.obj.text and _id(existing.organiser) == _id(person):
            stored = existing
        else:
            shown = views.shown(draft.obj, person)
            stored = writing.put(
                name=order.name,
                uid=draft.obj.uid,
                organiser_id=_id(person),
                text=shown.own,
                text_manager=shown.manager,
                text_other=shown.other,
                private=draft.obj.private,
                endless=draft.times.endless,
                occurrences=draft.times.occurrences(writing.horizon if draft.times.endless else FOREVER),
                before=existing,
                now=now(),
            )
        faithful = draft.untouched and (_id(person) == order.actor.id or stored.text_manager is None)
        if person and stored.organiser and stored.organiser.name != person.name:
            # got another name since this request was let in
            names.show(writing, stored, stored.organiser, now())
            faithful = False
        etag = self.accounts.etag(order.actor, writing, stored) if faithful else None
        return Receipt(created=existing is None, etag=etag)

    def _draft(self, writing: Writing, order: Order) -> _Draft:
        """What would be stored, if no rule refuses it. Raises `Refusal`. Writes nothing."""
        asker, sent, existing, moved = order.actor.person(), order.sent, order.existing, order.moved
        try:
            if isinstance(sent, Unsupported):
                raise sent
            before = self._standing(existing) if existing else None
            named, organiser = self._organiser(asker, sent, before, moved)
            obj = (
                views.organised(sent, organiser)
                if moved and organiser
                else self._completed(sent, before, asker, organiser)
            )
            times = schedule(obj, self.zone)
            own = () if times.empty else times.occurrences(writing.horizon if times.endless else FOREVER)
            judged: Sequence[Occurrence] = [*own, *times.kinds(self.zone)] if times.endless else own
        except Unsupported as unsupported:
            raise Refusal(order.place, (Violation.of(unsupported),)) from unsupported
        held_before: frozenset[tuple[int, int]] = frozenset()
        if before or (moved and moved.room == writing.room_id):
            held_before = self._held_before(before.schedule if before else times, judged)
        proposal = Proposal(
            room=order.place,
            asker=asker,
            before=before,
            after=obj,
            schedule=times,
            occurrences=judged,
            taken=self._taken(writing, times, own, existing.id if existing else None),
            uid_owner=_other(writing.name_of_uid(obj.uid), order.name),
            named=named,
            held_before=held_before,
        )
        if violations := judge(proposal):
            raise Refusal(order.place, tuple(violations))
        return _Draft(obj, times, self._account(organiser, order.actor), obj.untouched and obj.text == sent.text)

    def _standing(self, existing: StoredBooking) -> Standing:
        obj, times = self._series.read(existing)
        return Standing(existing.id, existing.uid, existing.organiser, obj, times)

    def _organiser(
        self, asker: Person, sent: CalendarObject, before: Standing | None, moved: StoredBooking | None
    ) -> tuple[Person | Unknown | None, Person | None]:
        """Whom ORGANIZER names (None where it is absent or repeats what is stored) and whose the booking would be."""
        standing = before.organiser if before else moved.organiser if moved else asker
        stored = before.object if before else sent if moved else None
        values = {line.value for event in sent.events for line in event.lines("ORGANIZER")}
        if stored is not None:
            values -= {line.value for event in stored.events for line in event.lines("ORGANIZER")}
        named: Person | Unknown | None = None
        for value in sorted(values):
            account = self.accounts.resolve(value)
            person: Person | Unknown = account.person() if account else UNKNOWN_PERSON
            if named is not None and person != named:
                person = UNKNOWN_PERSON
            named = person
        if not isinstance(named, Person):
            return named, standing
        return named, named

    def _completed(
        self, sent: CalendarObject, before: Standing | None, asker: Person, organiser: Person | None
    ) -> CalendarObject:
        """The object as it would be stored: with its organiser, and with what the asker had not been shown."""
        standing = before.organiser if before else asker
        if before and _id(standing) != asker.id:
            text = views.restored(before.object, sent, asker, standing)
        elif organiser and before is None and organiser.id != asker.id:
            text = views.quiet(sent)
        else:
            text = sent.text
        obj = sent if text == sent.text else calendar_object.read(text)
        if organiser is None:
            return obj
        if before and organiser.id != _id(standing):
            obj = calendar_object.read(views.handed_over(obj, organiser))
        return views.organised(obj, organiser)

    def _account(self, organiser: Person | None, actor: Account) -> Account | None:
        if organiser is None:
            return None
        return actor if organiser.id == actor.id else self.accounts.by_id(organiser.id)

    @staticmethod
    def _held_before(before: Schedule, judged: Sequence[Occurrence]) -> frozenset[tuple[int, int]]:
        """Which of the judged times the booking holds already."""
        if not judged or before.empty:
            return frozenset()
        held = {(o.start, o.end) for o in before.occurrences(judged[-1].end + DAY if before.endless else FOREVER)}
        return frozenset(
            (o.start, o.end)
            for o in judged
            if (o.start, o.end) in held
            or (before.endless and any((b.start, b.end) == (o.start, o.end) for b in before.between(o.start, o.end)))
        )

    # -- who has the room

    def _taken(
        self, writing: Writing, times: Schedule, own: Sequence[Occurrence], but: int | None
    ) -> list[tuple[Occurrence, Held]]:
        """Every pair of an occurrence and somebody's hold on the room that may overlap, now and for ever."""
        real = [o for o in own if o.end > o.start]
        taken = writing.overlapping(real, but) if real else []
        beyond = [o for o in real if o.end > writing.horizon]
        if times.endless:
            taken += self._finite_beyond(writing, times, but)
        if times.endless or beyond:
            for stored in writing.endless(but):
                _, other = self._series.read(stored)
                pairs = _meeting(times, other, writing.horizon) if times.endless else _meetings(beyond, other)
                holder = stored.organiser.name if stored.organiser else ""
                taken += [(mine, Held(theirs.start, theirs.end, holder, stored.id)) for mine, theirs in pairs]
        return taken

    @staticmethod
    def _finite_beyond(writing: Writing, times: Schedule, but: int | None) -> Iterable[tuple[Occurrence, Held]]:
        """Single bookings and bounded series that stand past the horizon, against an endless series."""
        for _, held in writing.overlapping([Occurrence(writing.horizon - DAY, FOREVER)], but):
            for mine in times.between(held.start, held.end):
                yield mine, held

    # -- the index of endless series

    def extend(self, writing: Writing, until: int) -> None:
        """Moves the room's horizon to `until` (epoch seconds): endless series are indexed up to there."""
        since = writing.horizon
        rows: list[tuple[int, list[Occurrence]]] = []
        for stored in writing.endless(None):
            _, times = self._series.read(stored)
            rows.append((stored.id, [o for o in times.occurrences(until) if o.start >= since]))
        writing.extend(until, rows)

    def extend_all(self) -> None:
        """Moves every published room's horizon ahead where it has come too near; the server calls it once a day."""
        for room in self.settings.rooms:
            with self.store.writing(room.slug) as writing:
                if writing.horizon < now() + HORIZON_MARGIN:
                    self.extend(writing, now() + HORIZON_AHEAD)

    # -- afterwards

    def rename(self, account: Account, first_name: str, last_name: str) -> Account:
        """Gives an account another name, and its bookings with it: everybody's ETags, ctags and tokens of them move.

        Raises `AccountError`, and `StoreUnavailable`: the name is then the old one, or the bookings follow later.
        """
        return names.rename(self.store, account, first_name, last_name, now())

    def finish(self) -> None:
        """Finishes what a crash has cut short; as the server starts and once a day. Raises `StoreUnavailable`."""
        names.finish(self.store, now())

    def _nudge(self, actor: Account, room: str, name: str) -> None:
        """Sends the account's clients back for the truth after a refused change of an existing booking."""
        with self.store.writing(room) as writing:
            existing = writing.booking(name)
            if existing:
                writing.nudge(actor.id, existing.id)


class _Series:
    """Read calendar objects and their schedules by booking and content: endless series are asked again and again."""

    def __init__(self, zone: ZoneInfo, size: int = 256) -> None:
        self.zone = zone
        self.size = size
        self._known: OrderedDict[tuple[int, int], tuple[CalendarObject, Schedule]] = OrderedDict()
        self._lock = Lock()

    def read(self, stored: StoredBooking) -> tuple[CalendarObject, Schedule]:
        key = (stored.id, stored.rev)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        obj = calendar_object.read(stored.text)
        pair = (obj, schedule(obj, self.zone))
        with self._lock:
            self._known[key] = pair
            if len(self._known) > self.size:
                self._known.popitem(last=False)
        return pair

    def first(self, stored: StoredBooking) -> Occurrence | None:
        _, times = self.read(stored)
        return next(times.between(times.first, FOREVER), None) if times.first is not None else None


def _meeting(one: Schedule, other: Schedule, since: int) -> Iterator[tuple[Occurrence, Occurrence]]:
    pair = meeting(one, other, since)
    if pair:
        yield pair


def _meetings(mine: Sequence[Occurrence], other: Schedule) -> Iterator[tuple[Occurrence, Occurrence]]:
    """Pairs of single occurrences and those of an endless series."""
    for occurrence in mine:
        for theirs in other.between(occurrence.start, occurrence.end):
            yield occurrence, theirs


def _other(owner: str | None, name: str) -> str | None:
    return owner if owner != name else None


def _id(person: Person | None) -> int | None:
    return person.id if person else None


def now() -> int:
    """UTC epoch seconds."""
    return int(time.time())
