"""PUT, DELETE, MOVE and COPY: translated into what the reception does; collections are beyond every one of them."""

from __future__ import annotations

from http import HTTPStatus

from sesstim_caldav.reception import Conditions, NoSuchBooking, Receipt
from sesstim_caldav.store import NoSuchRoom
from sesstim_radicale.answers import (
    COLLECTION_FIXED,
    ELSEWHERE,
    TOO_LARGE,
    Answer,
    Failure,
    bad_request,
    denied,
    not_found,
)
from sesstim_radicale.places import Kind, Place
from sesstim_radicale.reading import has_tag
from sesstim_radicale.request import LARGEST_OBJECT, Request

_LATIN = {"iso-8859-1": "iso-8859-1", "latin-1": "iso-8859-1", "iso-8859-15": "iso-8859-15", "windows-1252": "cp1252"}


def put(request: Request) -> Answer:
    """Makes or changes a booking: 201 or 204, with an ETag only if what is stored is what was sent."""
    place = _booking(request)
    try:
        sent = request.content(LARGEST_OBJECT)
    except Failure as failure:
        if failure.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise Failure(HTTPStatus.FORBIDDEN, "D:need-privileges", "C:max-resource-size", told=TOO_LARGE) from None
        raise
    data = _utf8(sent, request.environ.get("CONTENT_TYPE") or "")
    conditions = request.conditions(_current(request))
    try:
        receipt = request.office.reception.book(request.account, place.slug, place.name, data, conditions)
    except NoSuchRoom:
        raise _no_parent() from None
    return _written(receipt, faithful=data is sent)


def delete(request: Request) -> Answer:
    """Takes a booking back: 204."""
    place = _booking(request)
    conditions = request.conditions(_current(request))
    try:
        request.office.reception.cancel(request.account, place.slug, place.name, conditions)
    except (NoSuchRoom, NoSuchBooking):
        raise not_found() from None
    return Answer.empty(HTTPStatus.NO_CONTENT)


def move(request: Request) -> Answer:
    """Another name or another room for a booking: 201, or 204 where it took the place of one."""
    place, target, overwrite = _booking(request), _destination(request), request.overwrite
    conditions = request.conditions(_current(request))
    try:
        receipt = request.office.reception.move(
            request.account, place.slug, place.name, target.slug, target.name, overwrite, conditions
        )
    except NoSuchBooking:
        raise not_found() from None
    except NoSuchRoom:
        raise _no_room(request, place) from None
    return _written(receipt, faithful=False)


def copy(request: Request) -> Answer:
    """A second booking with the text that the account sees of the first: the rules judge it as any new one."""
    place, target, overwrite = _booking(request), _destination(request), request.overwrite
    with request.office.publication.snapshot(request.account) as snapshot:
        source = snapshot.booking(place.slug, place.name)
    if source is None:
        raise not_found()
    conditions = request.conditions(source.etag)
    if conditions.if_match is not None and not has_tag(conditions.if_match, source.etag):
        raise Failure(HTTPStatus.PRECONDITION_FAILED, told="If-Match does not hold.")
    there = Conditions(if_none_match=None if overwrite else "*")
    try:
        receipt = request.office.reception.book(request.account, target.slug, target.name, source.text.encode(), there)
    except NoSuchRoom:
        raise _no_parent() from None
    return _written(receipt, faithful=False)


def _booking(request: Request) -> Place:
    """The place of the request if it is a booking's. Raises `Failure`: 403 whatever the request's conditions say."""
    if request.place.kind is not Kind.BOOKING:
        raise denied(COLLECTION_FIXED)
    return request.place


def _destination(request: Request) -> Place:
    """Where a MOVE or COPY leads. Raises `Failure`: 400 without Destination, 403 if it is no place for a booking."""
    header = request.environ.get("HTTP_DESTINATION", "").strip()
    if not header:
        raise bad_request("A Destination is needed.")
    try:
        reference = header.encode("latin-1").decode()
    except UnicodeError:
        raise denied(ELSEWHERE) from None
    target = request.mount.place(reference)
    if target is None:
        raise denied(ELSEWHERE)
    if target.kind is not Kind.BOOKING:
        raise denied(COLLECTION_FIXED)
    if target == request.place:
        raise denied(ELSEWHERE)
    return target


def _current(request: Request) -> str | None:
    """The ETag that the account knows, for an If header alone: If-Match is judged where the room is locked."""
    if request.header("IF") is None:
        return None
    with request.office.publication.snapshot(request.account) as snapshot:
        booking = snapshot.booking(request.place.slug, request.place.name)
    return booking.etag if booking else None


def _no_parent() -> Failure:
    return Failure(HTTPStatus.CONFLICT, told="There is no such room.")


def _no_room(request: Request, source: Place) -> Failure:
    known = request.office.settings.room(source.slug) is not None
    return _no_parent() if known else not_found()


def _written(receipt: Receipt, faithful: bool) -> Answer:
    headers = [("ETag", receipt.etag)] if receipt.etag and faithful else []
    return Answer.empty(HTTPStatus.CREATED if receipt.created else HTTPStatus.NO_CONTENT, headers)


def _utf8(sent: bytes, content_type: str) -> bytes:
    """The body in UTF-8; the same object if it came so. An unknown charset is read as UTF-8."""
    charset = content_type.lower().partition("charset=")[2].split(";")[0].strip().strip('"')
    codec = _LATIN.get(charset)
    if codec is None:
        return sent
    try:
        text = sent.decode(codec)
    except UnicodeError:
        return sent
    encoded = text.encode()
    return sent if encoded == sent else encoded
