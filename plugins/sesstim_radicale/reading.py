"""GET and HEAD (RFC 9110): a booking, a whole room as one calendar, and a word at the other addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from sesstim_caldav.publication import RoomState
from sesstim_radicale.answers import CALENDAR, TEXT, Answer, Failure, streamed_bytes
from sesstim_radicale.properties import http_date
from sesstim_radicale.propfind import existing
from sesstim_radicale.request import Request, plain_tag


def answer(request: Request, page: str) -> Answer:
    """What stands at the address; 304 if the client has it. `page` is shown where there is no calendar."""
    with ExitStack() as stack:
        snapshot = stack.enter_context(request.office.publication.snapshot(request.account))
        subject = existing(request, snapshot)
        if subject is None:
            return Answer.of(HTTPStatus.OK, TEXT, page.encode())
        validators = [("ETag", subject.etag), ("Last-Modified", http_date(subject.modified))]
        if _failed(request, subject.etag, subject.modified):
            raise Failure(HTTPStatus.PRECONDITION_FAILED, told="If-Match does not hold.")
        if _unchanged(request, subject.etag):
            return Answer.empty(HTTPStatus.NOT_MODIFIED, validators)
        if not isinstance(subject, RoomState):
            return Answer.of(HTTPStatus.OK, CALENDAR, subject.text.encode(), validators)
        if request.environ["REQUEST_METHOD"] == "HEAD":
            return Answer(HTTPStatus.OK, [("Content-Type", CALENDAR), *validators])
        texts: Iterator[bytes] = snapshot.calendar(subject.room.slug)
        return streamed_bytes(HTTPStatus.OK, CALENDAR, texts, stack.pop_all().close, validators)


def has_tag(header: str, etag: str) -> bool:
    """Whether a list of entity tags names `etag`, by weak comparison."""
    return header == "*" or plain_tag(etag) in [plain_tag(tag) for tag in header.split(",")]


def _unchanged(request: Request, etag: str) -> bool:
    """By If-None-Match alone: an ETag also moves for one account (its role, a nudge), which no date tells."""
    tags = request.header("IF_NONE_MATCH")
    return tags is not None and has_tag(tags, etag)


def _failed(request: Request, etag: str, modified: int) -> bool:
    tags = request.header("IF_MATCH")
    if tags:
        return not has_tag(tags, etag)
    since = _moment(request.header("IF_UNMODIFIED_SINCE"))
    return since is not None and modified > since


def _moment(value: str | None) -> float | None:
    if not value:
        return None
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
