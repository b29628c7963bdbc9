"""What a subscription shows: a room, all rooms or the account's own bookings, as a stranger sees them.

Whether anything has changed is told by one SELECT for the subscription and one for the rooms' numbers; bookings are
read only when the calendar itself is asked for.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy import bindparam, func, literal_column, select

from sesstim_caldav.accounts.subscriptions import ALL, MINE, Subscription, Subscriptions
from sesstim_caldav.booking import compose, contentline, feed
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.language import translations
from sesstim_caldav.settings import RoomSettings
from sesstim_caldav.store import Account
from sesstim_caldav.store.database import Row, Statement, Work
from sesstim_caldav.store.reading import LONGEST, occurrence
from sesstim_caldav.store.schema import bookings, occurrences, rooms

EVERY = "PT15M"
"""How often a program is asked to look for changes (RFC 7986 section 5.7); unchanged, that costs a 304."""

_ROOMS = Statement(select(rooms.c.slug, rooms.c.id, rooms.c.seq, rooms.c.modified))
_HELD = select(occurrences.c.booking).where(
    occurrences.c.room == bindparam("room"),
    occurrences.c.start > bindparam("since", type_=sa.Integer) - literal_column(str(LONGEST)),
    occurrences.c.end > bindparam("since", type_=sa.Integer),
)
_SHOWN = select(
    bookings.c.id,
    bookings.c.uid,
    bookings.c.shown,
    bookings.c.modified,
    bookings.c.private,
    func.coalesce(bookings.c.text_other, bookings.c.text),
).where(
    bookings.c.room == bindparam("room"),
    # literal: the partial index of endless series is then used
    sa.or_(sa.text("bookings.endless = 1"), bookings.c.id.in_(_HELD)),
)
_OF_ROOM = Statement(_SHOWN.order_by(bookings.c.id))
_OF_ACCOUNT = Statement(
    _SHOWN.add_columns(sa.case((bookings.c.private == literal_column("1"), bookings.c.text), else_=sa.null()))
    .where(bookings.c.organiser == bindparam("me"))
    .order_by(bookings.c.id)
)
_DATES = Statement(
    select(occurrences.c.start, occurrences.c.end, occurrences.c.recurrence_id, occurrences.c.event)
    .where(occurrences.c.booking == bindparam("booking"), occurrences.c.end > bindparam("since"))
    .order_by(occurrences.c.start)
)


@dataclass(frozen=True, slots=True)
class FeedState:
    """How a feed stands: `etag` without quotes, `modified` and `since` (where it begins) in UTC epoch seconds.

    `modified` is a weak validator (RFC 9110 section 8.8.2.2): two changes within a second have one, and what a reader's
    language or the configuration changes is told by the tag alone until midnight.
    """

    subscription: Subscription
    account: Account
    etag: str
    modified: int
    rooms: Sequence[tuple[RoomSettings, int]]
    since: int


class Feeds:
    """The feeds of a site; safe for any number of threads."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self.subscriptions = subscriptions
        self.store = subscriptions.store
        self.settings = subscriptions.settings

    def reading(self, now: int | None = None) -> FeedReading:
        """A context: everything as it stands at one moment."""
        return FeedReading(self, int(time.time()) if now is None else now)

    def since(self, now: int) -> tuple[int, int]:
        """Where the feeds begin, and since when they do: both are midnights of the lab's clock, as epoch seconds."""
        today = datetime.fromtimestamp(now, self.settings.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = today.replace(tzinfo=None) - timedelta(days=self.settings.feeds.past_days)
        return int(begin.replace(tzinfo=self.settings.zone).timestamp()), int(today.timestamp())


class FeedReading(Work):
    """One snapshot. Streams are to be read inside the context."""

    __slots__ = ("_feeds", "_now")

    def __init__(self, feeds: Feeds, now: int) -> None:
        super().__init__(feeds.store.database)
        self._feeds = feeds
        self._now = now

    def state(self, secret: str, name: str) -> FeedState | None:
        """How the feed of a secret stands, or None where there is none of that name (any more)."""
        found = self._feeds.subscriptions.found(self.session, secret)
        if found is None or found[0].feed != name:
            return None
        subscription, account = found
        settings = self._feeds.settings
        known = {slug: (at, seq, modified) for slug, at, seq, modified in self.session.all(_ROOMS, {})}
        wanted = [r for r in settings.rooms if r.slug in known and name in (r.slug, ALL, MINE)]
        if not wanted and name not in (ALL, MINE):
            return None
        since, today = self._feeds.since(self._now)
        # what stands in the calendar beside the bookings: names, places, the reader's language
        beside = [(r.slug, known[r.slug][1], r.name, r.description) for r in wanted]
        look = (self._feeds.store.id, subscription.id, since, self._language(account), settings.site, beside)
        etag = hashlib.blake2b(repr(look).encode(), digest_size=12).hexdigest()
        modified = min(max(today, subscription.created, *(known[r.slug][2] for r in wanted)), self._now)
        return FeedState(subscription, account, etag, modified, [(r, known[r.slug][0]) for r in wanted], since)

    def calendar(self, state: FeedState) -> Iterator[bytes]:
        """The feed as one iCalendar text in UTF-8, in pieces."""
        settings = self._feeds.settings
        words = translations(self._language(state.account))
        description = ""
        if state.subscription.feed == ALL:
            name = f"{settings.site.name} – {words.gettext('All rooms')}"
        elif state.subscription.feed == MINE:
            name = f"{settings.site.name} – {words.gettext('My bookings')}"
        else:
            room, _ = state.rooms[0]
            name, description = room.name, room.description
        more = (
            "METHOD:PUBLISH",
            f"NAME:{contentline.escape_text(name)}",
            f"X-WR-TIMEZONE:{settings.site.timezone}",
            f"REFRESH-INTERVAL;VALUE=DURATION:{EVERY}",
            f"X-PUBLISHED-TTL:{EVERY}",
        )
        return compose.calendar(name, description, self._objects(state), more)

    def _objects(self, state: FeedState) -> Iterator[bytes]:
        language, where = self._language(state.account), self._feeds.settings.zone
        mine = state.subscription.feed == MINE
        for room, at in state.rooms:
            values = {"room": at, "since": state.since, "me": state.account.id}
            for row in self.session.stream(_OF_ACCOUNT if mine else _OF_ROOM, values):
                entry = self._entry(row, room, state.subscription)
                text = feed.entry(entry, language, where, partial(self._dates, row[0], state.since))
                if text:
                    yield text.encode()

    def _entry(self, row: Row, room: RoomSettings, subscription: Subscription) -> feed.Entry:
        _, uid, shown, modified, _, text, *own = row
        if subscription.nameless:
            # clients put names of people and machines into a UID
            key = self._feeds.store.secret[:64]
            uid = hashlib.blake2b(f"{room.slug}\0{uid}".encode(), key=key, digest_size=16).hexdigest()
        elif subscription.feed in (ALL, MINE):
            uid = f"{uid}@{room.slug}"  # no slug has an @: two rooms' bookings of one UID never meet
        return feed.Entry(text, uid, shown, modified, room.name, own[0] if own else None, subscription.nameless)

    def _dates(self, booking: int, since: int) -> list[Occurrence]:
        return [occurrence(row) for row in self.session.all(_DATES, {"booking": booking, "since": since})]

    def _language(self, account: Account) -> str:
        return account.language or self._feeds.settings.site.languages[0]
