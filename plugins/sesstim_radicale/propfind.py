"""PROPFIND (RFC 4918 section 9.1): properties of one resource, or of a collection and its members."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from http import HTTPStatus
from xml.etree.ElementTree import Element

from sesstim_caldav.publication import RoomState, Snapshot
from sesstim_radicale.answers import XML, Answer, Failure, bad_request, not_found, streamed
from sesstim_radicale.markup import MULTISTATUS, MULTISTATUS_END, dav
from sesstim_radicale.places import Kind, Place, encoded
from sesstim_radicale.properties import BookingResponses, Subject, Wanted, needs_own, response, wanted
from sesstim_radicale.request import LARGEST_XML, REMEMBERED, Request, parsed

EVERYTHING = Wanted((), everything=True)


def answer(request: Request) -> Answer:
    """207 with the properties asked for. Raises `Failure`: 404, 400, and 403 for a listing without end."""
    kind = request.place.kind
    depth = request.depth or "0"
    if depth == "infinity":
        if kind is not Kind.BOOKING:
            raise Failure(HTTPStatus.FORBIDDEN, "D:propfind-finite-depth")
        depth = "0"
    asked = _asked(request)
    with ExitStack() as stack:
        snapshot = stack.enter_context(request.office.publication.snapshot(request.account))
        subject = existing(request, snapshot)
        if depth == "1" and kind in (Kind.ROOT, Kind.HOME, Kind.ROOM):
            texts = _listing(request, snapshot, subject, asked)
            return streamed(HTTPStatus.MULTI_STATUS, XML, texts, stack.pop_all().close, _applied(request))
        if kind is Kind.BOOKING:
            responses = BookingResponses(request, asked)
            text = responses.of(request.address(request.place), subject)  # type: ignore[arg-type]
        else:
            text = _one(request, snapshot, request.place, subject, asked)
    return Answer.of(HTTPStatus.MULTI_STATUS, XML, f"{MULTISTATUS}{text}{MULTISTATUS_END}".encode(), _applied(request))


def existing(request: Request, snapshot: Snapshot) -> Subject:
    """The room or booking that a place names, None for the others. Raises `Failure` (404).

    Of principals an account finds its own alone: nothing here needs another's, and it would tell who has an account.
    """
    place = request.place
    subject: Subject = None
    match place.kind:
        case Kind.ROOM:
            subject = snapshot.room(place.slug)
        case Kind.BOOKING:
            subject = snapshot.booking(place.slug, place.name)
        case Kind.PRINCIPAL:
            if place.email.lower() != request.account.email.lower():
                raise not_found()
            return None
        case Kind.ROOT | Kind.HOME:
            return None
    if subject is None:
        raise not_found()
    return subject


def _applied(request: Request) -> list[tuple[str, str]]:
    return [("Preference-Applied", "return=minimal")] if request.minimal and "HTTP_PREFER" in request.environ else []


def _asked(request: Request) -> Wanted:
    content = request.content(LARGEST_XML)
    if not content.strip():
        return EVERYTHING
    return _remembered(content) if len(content) <= REMEMBERED else _read(parsed(content))


@lru_cache(maxsize=256)
def _remembered(content: bytes) -> Wanted:
    return _read(parsed(content))


def _read(root: Element) -> Wanted:
    if root.tag != dav("propfind"):
        raise bad_request("The body of a PROPFIND must be a DAV:propfind.")
    for child in root:
        if child.tag == dav("prop"):
            return wanted(child)
        if child.tag == dav("propname"):
            return Wanted((), names_only=True)
        if child.tag == dav("allprop"):
            include = root.find(dav("include"))
            return Wanted(wanted(include).names if include is not None else (), everything=True)
    raise bad_request("A PROPFIND asks for prop, propname or allprop.")


def _one(request: Request, snapshot: Snapshot, place: Place, subject: Subject, asked: Wanted) -> str:
    own = snapshot.properties(place.path) if needs_own(asked, place.kind) else {}
    return response(request, place, subject, asked, own)


def _listing(request: Request, snapshot: Snapshot, subject: Subject, asked: Wanted) -> Iterator[str]:
    yield MULTISTATUS
    yield _one(request, snapshot, request.place, subject, asked)
    match request.place.kind:
        case Kind.ROOT:
            for place in (Place(Kind.HOME), Place(Kind.PRINCIPAL, email=request.account.email)):
                yield _one(request, snapshot, place, None, asked)
        case Kind.HOME:
            for state in snapshot.rooms():
                yield _one(request, snapshot, Place(Kind.ROOM, slug=state.room.slug), state, asked)
        case _:
            assert isinstance(subject, RoomState)
            yield from members(request, snapshot, subject, asked)
    yield MULTISTATUS_END


def members(request: Request, snapshot: Snapshot, state: RoomState, asked: Wanted) -> Iterator[str]:
    """The responses of all bookings of a room."""
    responses = BookingResponses(request, asked)
    root = request.address(Place(Kind.ROOM, slug=state.room.slug))
    if not responses.light:
        for booking in snapshot.all(state.room.slug):
            yield responses.of(root + encoded(booking.name), booking)
        return
    yield from responses.listed(root, snapshot.etags(state.room.slug))
