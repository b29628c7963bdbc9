"""The rooms as Radicale's storage: reading from the publication, all three doors for writing lead to the reception.

`sesstim-caldav serve` answers without it (see `application`); under stock `radicale` it is the whole way. A refusal is
then a `ValueError` whose text holds "[Errno 13]", which Radicale answers with 403 on PUT and MOVE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import local
from typing import Any
from xml.etree.ElementTree import Element

from radicale import config
from radicale.item import Item
from radicale.item.filter import simplify_prefilters
from radicale.storage import BaseCollection, BaseStorage

from sesstim_caldav.accounts import Account
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.office import Office
from sesstim_caldav.publication import InvalidToken, Published, RoomState
from sesstim_caldav.reception import NoSuchBooking, PreconditionFailed
from sesstim_caldav.store import NoSuchRoom, StoreUnavailable
from sesstim_caldav.verification import differences
from sesstim_radicale.offices import office_for
from sesstim_radicale.properties import http_date

TAG = "VCALENDAR"


class Refused(ValueError):
    """What Radicale answers with 403: it looks for the errno in the text."""

    def __init__(self, told: str) -> None:
        super().__init__(f"[Errno 13] {told}")


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the reception refuses into what Radicale understands."""
    try:
        yield
    except Refusal as refusal:
        raise Refused(refusal.sentences("en")) from refusal
    except (NoSuchRoom, NoSuchBooking, PreconditionFailed) as error:
        raise Refused(f"{type(error).__name__} {error}") from error


class Storage(BaseStorage):
    """Radicale locks the whole storage around a request; here the lock only tells who asks."""

    _is_collision_free = True
    _supports_unicode = True
    _supports_trailing_whitespace = True
    _supports_problematic_chars = True

    def __init__(self, configuration: config.Configuration, office: Office | None = None) -> None:
        super().__init__(configuration)
        self.office = office or office_for(configuration)
        self._asking = local()

    @property
    def viewer(self) -> Account:
        """Who asks. Raises `Refused` outside a signed-in request."""
        account: Account | None = getattr(self._asking, "account", None)
        if account is None:
            raise Refused("nobody has signed in")
        return account

    @contextmanager
    def _asked_by(self, user: str) -> Iterator[None]:
        before = getattr(self._asking, "account", None)
        self._asking.account = self.office.accounts.by_email(user) if user else None
        try:
            yield
        finally:
            self._asking.account = before

    def acquire_lock(self, mode: str, user: str = "", *args: Any, **kwargs: Any) -> AbstractContextManager[None]:  # noqa: ARG002
        return self._asked_by(str(kwargs.get("actor") or user))

    def discover(
        self,
        path: str,
        depth: str = "0",
        child_context_manager: Callable[[str, str | None], AbstractContextManager[None]] | None = None,  # noqa: ARG002
        user_groups: set[str] = frozenset(),  # type: ignore[assignment]  # noqa: ARG002
    ) -> Iterator[Item | BaseCollection]:
        viewer = self.viewer
        match path.strip("/").split("/"):
            case [""]:
                yield Folder(self, "")
                if depth != "0":
                    yield Folder(self, "rooms")
                    yield Folder(self, viewer.email)
            case ["rooms"]:
                yield Folder(self, "rooms")
                if depth != "0":
                    with self.office.publication.snapshot(viewer) as snapshot:
                        states = list(snapshot.rooms())
                    yield from (RoomCollection(self, state) for state in states)
            case ["rooms", slug]:
                room = self.room(slug)
                if room is not None:
                    yield room
                    if depth != "0":
                        yield from room.get_all()
            case ["rooms", slug, name]:
                room = self.room(slug)
                if room is not None:
                    yield from (item for _, item in room.get_multi([name]) if item is not None)
            case [email] if email.lower() == viewer.email.lower():
                yield Folder(self, viewer.email)

    def room(self, slug: str) -> RoomCollection | None:
        with self.office.publication.snapshot(self.viewer) as snapshot:
            state = snapshot.room(slug)
        return RoomCollection(self, state) if state is not None else None

    def move(self, item: Item, to_collection: BaseCollection, to_href: str) -> None:
        source = item.collection
        if not isinstance(source, RoomCollection) or not isinstance(to_collection, RoomCollection) or not item.href:
            raise Refused("bookings stand in rooms")
        with refusals():
            self.office.reception.move(self.viewer, source.slug, item.href, to_collection.slug, to_href)

    def create_collection(
        self,
        href: str,  # noqa: ARG002
        items: Iterable[Item] | None = None,  # noqa: ARG002
        props: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> Any:
        raise Refused("rooms are set up by the administrators")

    def verify(self) -> bool:
        return not any(True for _ in differences(self.office.store, self.office.settings.zone))


class Folder(BaseCollection):
    """The root, the home and a principal: collections without bookings."""

    def __init__(self, storage: Storage, path: str) -> None:
        self.storage = storage
        self._path = path

    @property
    def path(self) -> str:
        return self._path

    @property
    def is_principal(self) -> bool:
        return "@" in self._path

    @property
    def etag(self) -> str:
        return f'"{self.storage.office.store.id}"'

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        return ((href, None) for href in hrefs)

    def get_all(self) -> Iterator[Item]:
        return iter(())

    def upload(self, href: str, item: Item) -> tuple[Item, Item | None]:  # noqa: ARG002
        raise Refused("bookings stand in rooms")

    def delete(self, href: str | None = None) -> None:  # noqa: ARG002
        raise Refused("rooms are set up by the administrators")

    def get_meta(self, key: str | None = None) -> Any:
        return {} if key is None else None

    def set_meta(self, props: Mapping[str, str]) -> None:  # noqa: ARG002
        raise Refused("rooms are set up by the administrators")

    @property
    def last_modified(self) -> str:
        return http_date(0)


class RoomCollection(BaseCollection):
    """One room as the asking account sees it."""

    def __init__(self, storage: Storage, state: RoomState) -> None:
        self.storage = storage
        self.state = state
        self.viewer = storage.viewer

    @property
    def slug(self) -> str:
        return self.state.room.slug

    @property
    def path(self) -> str:
        return f"rooms/{self.slug}"

    @property
    def owner(self) -> str:
        return self.viewer.email

    @property
    def is_principal(self) -> bool:
        return False

    @property
    def etag(self) -> str:
        return self.state.etag

    @property
    def last_modified(self) -> str:
        return http_date(self.state.modified)

    def _item(self, booking: Published) -> Item:
        return Item(
            collection=self,
            href=booking.name,
            text=booking.text,
            etag=booking.etag,
            uid=booking.uid,
            name=TAG,
            component_name="VEVENT",
            last_modified=http_date(booking.modified),
        )

    def _read(self, read: Callable[[Any], Iterable[Published]]) -> list[Item]:
        with self.storage.office.publication.snapshot(self.viewer) as snapshot:
            return [self._item(booking) for booking in read(snapshot)]

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        names = list(dict.fromkeys(hrefs))
        found = {item.href: item for item in self._read(lambda snapshot: snapshot.bookings(self.slug, names))}
        return ((name, found.get(name)) for name in names)

    def get_all(self) -> Iterator[Item]:
        return iter(self._read(lambda snapshot: snapshot.all(self.slug)))

    def get_filtered(self, filters: Iterable[Element]) -> Iterator[tuple[Item, bool]]:
        tag, start, end, _ = simplify_prefilters(filters, TAG)
        if tag not in (None, "VEVENT"):
            return iter(())
        return ((item, False) for item in self._read(lambda snapshot: snapshot.between(self.slug, start, end)))

    def has_uid(self, uid: str) -> bool:
        return any(item.uid == uid for item in self.get_all())

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        with self.storage.office.publication.snapshot(self.viewer) as snapshot:
            try:
                changes = snapshot.changes(self.slug, old_token)
            except InvalidToken as error:
                raise ValueError(f"unknown sync token {old_token!r}") from error
        return changes.token, [*(name for name, _ in changes.changed), *changes.removed]

    def upload(self, href: str, item: Item) -> tuple[Item, Item | None]:
        before = dict(self.get_multi([href])).get(href)
        try:
            with refusals():
                self.storage.office.reception.book(self.viewer, self.slug, href, item.serialize().encode())
        except StoreUnavailable as error:
            raise ValueError(f"[Errno 28] {error}") from error
        after = dict(self.get_multi([href])).get(href)
        if after is None:
            raise Refused("the booking has gone again")
        return after, before

    def delete(self, href: str | None = None) -> None:
        if href is None:
            raise Refused("rooms are set up by the administrators")
        with refusals():
            self.storage.office.reception.cancel(self.viewer, self.slug, href)

    def get_meta(self, key: str | None = None) -> Any:
        room = self.state.room
        meta = {
            "tag": TAG,
            "D:displayname": room.name,
            "C:calendar-description": room.description,
            "ICAL:calendar-color": room.color,
            "C:supported-calendar-component-set": "VEVENT",
        }
        return meta if key is None else meta.get(key)

    def set_meta(self, props: Mapping[str, str]) -> None:  # noqa: ARG002
        raise Refused("rooms are set up by the administrators")

    def serialize(self, vcf_to_ics: bool = False, ShareActions: dict[str, Any] | None = None) -> str:  # noqa: ARG002
        with self.storage.office.publication.snapshot(self.viewer) as snapshot:
            return b"".join(snapshot.calendar(self.slug)).decode()
