"""The one way in: every booking made, changed, moved or cancelled passes here, whoever brings it.

Each write reads the calendar object, then takes the room's lock, asks the rules with what the store holds at that
moment, and stores the booking with its occurrences in the same transaction. A refusal stores nothing but the nudge that
sends the refused account's clients back for the truth.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from threading import Lock
from zoneinfo import ZoneInfo

from sesstim_caldav.accounts import Account, Accounts, names
from sesstim_caldav.booking import calendar_object, views
from sesstim_caldav.booking.calendar_object import CalendarObject, Unsupported
from sesstim_caldav.booking.editing import alike
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.pattern import meeting
from sesstim_caldav.booking.proposal import UNKNOWN_PERSON, Held, Person, Proposal, Room, Standing, Unknown
from sesstim_caldav.booking.refusal import Refusal, Rule, Violation
from sesstim_caldav.booking.rules import judge, may_change
from sesstim_caldav.booking.schedule import FOREVER, Schedule, schedule
from sesstim_caldav.mail.outbox import Outbox
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import NoSuchRoom, RoomReading, Store, StoredBooking, Writing, tags

DAY = 86_400
HORIZON_AHEAD = 3 * 366 * DAY
"""Seconds that endless series are indexed ahead of now, at least after the horizon has been moved."""
_MANY = 50
"""Single dates that are looked for in an endless series one by one."""
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
class Act:
    """One of several writes that are asked for together: a booking made or changed or, without a text, cancelled.

    `once`: it is to be made, and making it again is as once. `former` is the booking (room and name) that this one was,
    or was a part of: it stays its organiser's, and nothing of it is hidden from the text. `owner` likewise, of a
    booking that is given back after it was cancelled.
    """

    room: str
    name: str
    text: str | None
    conditions: Conditions = Conditions()
    once: bool = False
    former: tuple[str, str] | None = None
    owner: Account | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an act: the booking's ETag for who asked (None: it was cancelled)."""

    room: str
    name: str
    etag: str | None
    created: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of an act: the booking's times (None where they cannot be read), and every rule that it breaks.

    `judged`: the occurrences that were looked at, all of a finite booking.
    """

    place: Room
    times: Schedule | None
    judged: Sequence[Occurrence]
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A booking asked for, and what stood in the room, under its lock, when it was asked."""

    place: Room
    actor: Account
    name: str  # of the resource, one path segment
    sent: CalendarObject | Unsupported
    existing: StoredBooking | None = None  # under the name
    moved: StoredBooking | None = None  # that this was, elsewhere or as a part of it
    owner: Person | None = None  # whose it is, where that is known


@dataclass(frozen=True, slots=True)
class _Draft:
    """A booking that the rules have judged, ready to be stored if there are no violations."""

    obj: CalendarObject
    times: Schedule
    organiser: Account | None
    untouched: bool
    judged: Sequence[Occurrence]
    violations: tuple[Violation, ...]


class _Rehearsed(Exception):
    """Ends a transaction that was only tried."""


class Reception:
    """Books, changes, moves and cancels. All methods are safe to call from any thread and process at once."""

    def __init__(self, store: Store, accounts: Accounts, settings: Settings) -> None:
        self.store = store
        self.outbox = Outbox(store)
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

    def book_all(self, actor: Account, acts: Sequence[Act], letters: Iterable[EmailMessage] = ()) -> list[Done]:
        """Several writes in their order, in one transaction with the mails that tell of them: all of it or nothing.

        Raises as `cancel`, for the first act that is refused.
        """
        places = self._places(acts)
        with self._locked(places) as rooms:
            done = self._act_all(rooms, places, actor, acts)
            for letter in letters:
                self.outbox.put(rooms[acts[0].room], letter, now())
            return done

    def examine(self, actor: Account, acts: Sequence[Act]) -> Verdict:
        """What `book_all` would say of the first act that is refused, else of the last; nothing is stored.

        At least one act makes or changes a booking. Raises `NoSuchRoom`, `NoSuchBooking`, `PreconditionFailed` and, for
        what the actor may not touch, `Refusal`.
        """
        places = self._places(acts)
        act = acts[0]
        if len(acts) == 1 and act.text is not None and act.former is None:  # the rules only read: no lock is needed
            with self.store.reading() as reading:
                room = reading.room(act.room)
                if room is None:
                    raise NoSuchRoom(act.room)
                return self._verdict(places[act.room], self._judged(room, self._order(room, places, actor, act, {})))
        verdicts: list[Verdict] = []
        try:
            with self._locked(places) as rooms:
                self._act_all(rooms, places, actor, acts, verdicts)
                raise _Rehearsed
        except _Rehearsed:
            pass
        return next((verdict for verdict in verdicts if verdict.violations), verdicts[-1])

    def allow(self, actor: Account, room: str, existing: StoredBooking) -> None:
        """Raises `Refusal` where the actor may not change a booking, and `NoSuchRoom`."""
        self._allow(self.place(room), actor, existing)

    def place(self, room: str) -> Room:
        """The published room as the rules see it. Raises `NoSuchRoom`."""
        found = self.settings.room(room)
        if found is None:
            raise NoSuchRoom(room)
        return found

    # -- several bookings, under their rooms' locks

    def _places(self, acts: Iterable[Act]) -> dict[str, Room]:
        slugs = {act.room for act in acts} | {act.former[0] for act in acts if act.former}
        return {slug: self.place(slug) for slug in slugs}

    def _locked(self, slugs: Iterable[str]) -> _Rooms:
        return _Rooms(self.store, sorted(set(slugs)))

    def _act_all(
        self,
        rooms: Mapping[str, Writing],
        places: Mapping[str, Room],
        actor: Account,
        acts: Sequence[Act],
        verdicts: list[Verdict] | None = None,
    ) -> list[Done]:
        """Does all acts; with `verdicts` it notes what the rules say of each, and goes on as if they had taken it."""
        former = {act.former: rooms[act.former[0]].booking(act.former[1]) for act in acts if act.former}
        done: list[Done] = []
        for act in acts:
            room = rooms[act.room]
            order = self._order(room, places, actor, act, former)
            if act.text is None:
                if order.existing is None:
                    raise NoSuchBooking(act.name)
                room.remove(order.existing, now())
                room.audit(actor.email, "cancel", f"{act.room}/{act.name}", now())
                done.append(Done(act.room, act.name, None))
                continue
            if act.once and order.existing is not None:
                if not self._repeated(order):
                    raise PreconditionFailed
                done.append(Done(act.room, act.name, self.accounts.etag(actor, room, order.existing)))
                continue
            if verdicts is None:
                stored, _ = self._store(room, order)
                done.append(
                    Done(act.room, act.name, self.accounts.etag(actor, room, stored), created=order.existing is None)
                )
                continue
            verdict = self._verdict(order.place, self._judged(room, order))
            verdicts.append(verdict)
            if not verdict.violations:
                self._store(room, order)
        return done

    def _order(
        self,
        room: RoomReading,
        places: Mapping[str, Room],
        actor: Account,
        act: Act,
        former: Mapping[tuple[str, str], StoredBooking | None],
    ) -> Order:
        """What an act asks for. Raises `Refusal` for what the actor may not touch, `NoSuchBooking`,
        `PreconditionFailed`."""
        place, existing = places[act.room], room.booking(act.name)
        if existing:
            self._allow(place, actor, existing)
        if not act.once:
            act.conditions.check(self.store.id, existing)
        moved = former[act.former] if act.former else None
        if act.former and moved is None:
            raise NoSuchBooking(act.former[1])
        if moved and act.former:
            self._allow(places[act.former[0]], actor, moved)
        try:
            sent: CalendarObject | Unsupported = calendar_object.read(act.text or "")
        except Unsupported as unsupported:
            sent = unsupported
        return Order(place, actor, act.name, sent, existing, moved, act.owner.person() if act.owner else None)

    @staticmethod
    def _repeated(order: Order) -> bool:
        """Whether what is to be made stands there already."""
        existing, sent = order.existing, order.sent
        return (
            existing is not None
            and isinstance(sent, CalendarObject)
            and alike(calendar_object.read(existing.text), sent)
        )

    @staticmethod
    def _verdict(place: Room, found: _Draft | Violation) -> Verdict:
        if isinstance(found, Violation):
            return Verdict(place, None, (), (found,))
        return Verdict(place, found.times, found.judged, found.violations)

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
        stored, faithful = self._store(writing, order)
        etag = self.accounts.etag(order.actor, writing, stored) if faithful else None
        return Receipt(created=order.existing is None, etag=etag)

    def _store(self, writing: Writing, order: Order) -> tuple[StoredBooking, bool]:
        """Stores a booking, and tells whether it is, to the byte, what was sent. Raises `Refusal`."""
        if writing.horizon < now() + HORIZON_MARGIN:
            self.extend(writing, now() + HORIZON_AHEAD)
        draft, existing = self._judged(writing, order), order.existing
        if isinstance(draft, Violation):
            raise Refusal(order.place, (draft,))
        if draft.violations:
            raise Refusal(order.place, draft.violations)
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
            act = "change" if existing else "move" if order.moved else "book"
            writing.audit(order.actor.email, act, f"{order.place.slug}/{order.name}", now())
        faithful = draft.untouched and (_id(person) == order.actor.id or stored.text_manager is None)
        if person and stored.organiser and stored.organiser.name != person.name:
            # got another name since this request was let in
            names.show(writing, stored, stored.organiser, now())
            faithful = False
        return stored, faithful

    def _judged(self, room: RoomReading, order: Order) -> _Draft | Violation:
        """What would be stored, and what the rules say of it; a violation alone where it cannot be read.

        Writes nothing.
        """
        asker, sent, existing, moved = order.actor.person(), order.sent, order.existing, order.moved
        try:
            if isinstance(sent, Unsupported):
                raise sent
            before = self._standing(existing) if existing else None
            named, organiser = self._organiser(order, sent, before)
            obj = (
                self._given(sent, moved.organiser if moved else order.owner, organiser)
                if (moved or order.owner) and organiser
                else self._completed(sent, before, asker, organiser)
            )
            times = schedule(obj, self.zone)
            own = () if times.empty else times.occurrences(room.horizon if times.endless else FOREVER)
            judged: Sequence[Occurrence] = [*own, *times.kinds(self.zone)] if times.endless else own
        except Unsupported as unsupported:
            return Violation.of(unsupported)
        held_before: frozenset[tuple[int, int]] = frozenset()
        if before:
            held_before = self._held_before(before.schedule, judged)
        elif moved and moved.room == room.room_id:
            held_before = self._held_before(self._series.read(moved)[1], judged)
        proposal = Proposal(
            room=order.place,
            asker=asker,
            before=before,
            after=obj,
            schedule=times,
            occurrences=judged,
            taken=self._taken(room, times, own, existing.id if existing else None),
            uid_owner=_other(room.name_of_uid(obj.uid), order.name),
            named=named,
            held_before=held_before,
        )
        return _Draft(
            obj,
            times,
            self._account(organiser, order.actor),
            obj.untouched and obj.text == sent.text,
            judged,
            tuple(judge(proposal)),
        )

    def _standing(self, existing: StoredBooking) -> Standing:
        obj, times = self._series.read(existing)
        return Standing(existing.id, existing.uid, existing.organiser, obj, times)

    def _organiser(
        self, order: Order, sent: CalendarObject, before: Standing | None
    ) -> tuple[Person | Unknown | None, Person | None]:
        """Whom ORGANIZER names (None where it is absent or repeats what is stored) and whose the booking would be."""
        moved = order.moved
        standing = moved.organiser if moved else order.owner or order.actor.person()
        if before:
            standing = before.organiser
        stored = before.object if before else None
        if moved and not before:
            stored = self._series.read(moved)[0]
        elif order.owner:
            stored = sent
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

    @staticmethod
    def _given(sent: CalendarObject, of: Person | None, organiser: Person) -> CalendarObject:
        """What was somebody's already, complete as it is; if it becomes another's, without what only the first saw."""
        if _id(of) != organiser.id:
            sent = calendar_object.read(views.handed_over(sent, organiser))
        return views.organised(sent, organiser)

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
        self, writing: RoomReading, times: Schedule, own: Sequence[Occurrence], but: int | None
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
                who = stored.organiser
                holder, email = (who.name, who.email) if who else ("", "")
                taken += [(mine, Held(theirs.start, theirs.end, holder, stored.id, email)) for mine, theirs in pairs]
        return taken

    @staticmethod
    def _finite_beyond(writing: RoomReading, times: Schedule, but: int | None) -> Iterable[tuple[Occurrence, Held]]:
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


class _Rooms:
    """Rooms locked for writing, as a context: by their slugs."""

    def __init__(self, store: Store, slugs: Sequence[str]) -> None:
        self._slugs = slugs
        one, *others = slugs
        # with one slug twice: several rooms are asked for, whatever their number
        self._locked = store.writing(one, *(others or [one]))

    def __enter__(self) -> Mapping[str, Writing]:
        return dict(zip(self._slugs, self._locked.__enter__(), strict=False))

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._locked.__exit__(kind, error, trace)


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
    """Pairs of single occurrences, in order of their starts, and those of an endless series."""
    if len(mine) > _MANY:
        yield from _swept(mine, other)
        return
    for occurrence in mine:
        for theirs in other.between(occurrence.start, occurrence.end):
            yield occurrence, theirs


def _swept(mine: Sequence[Occurrence], other: Schedule) -> Iterator[tuple[Occurrence, Occurrence]]:
    """The same in one pass over both."""
    waiting, at = list[Occurrence](), 0
    for theirs in other.between(mine[0].start, max(one.end for one in mine)):
        while at < len(mine) and mine[at].start < theirs.end:
            waiting.append(mine[at])
            at += 1
        waiting = [one for one in waiting if one.end > theirs.start]
        for one in waiting:
            if one.start < theirs.end:
                yield one, theirs


def _other(owner: str | None, name: str) -> str | None:
    return owner if owner != name else None


def _id(person: Person | None) -> int | None:
    return person.id if person else None


def now() -> int:
    """UTC epoch seconds."""
    return int(time.time())
