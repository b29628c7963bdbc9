"""Answers on their way out, and failures that know their own status and body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from sesstim_caldav.streams import PIECE, Stream, gathered
from sesstim_radicale.markup import escape

XML = "application/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"

HELD = 256 * 1024
"""Bytes of an answer that are held before it is sent: shorter ones get a Content-Length, longer ones are streamed."""

_ERROR = '<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'


@dataclass(slots=True)
class Answer:
    """A whole answer; `body` holds at most a few pieces unless it is a `Stream`."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Iterable[bytes] = ()

    @property
    def status_line(self) -> str:
        return _status_line(self.status)

    @classmethod
    def of(cls, status: int, content_type: str, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> Answer:
        """An answer whose whole body is known."""
        return cls(status, [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers], [body])

    @classmethod
    def empty(cls, status: int, headers: Iterable[tuple[str, str]] = ()) -> Answer:
        """An answer without a body. 204 and 304 must not have a Content-Length (RFC 9110 section 8.6)."""
        length = [] if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED) else [("Content-Length", "0")]
        return cls(status, [*length, *headers])


def streamed(
    status: int,
    content_type: str,
    texts: Iterator[str],
    close: Callable[[], None],
    headers: Iterable[tuple[str, str]] = (),
) -> Answer:
    """`streamed_bytes` of texts that are yet to be encoded."""
    return streamed_bytes(status, content_type, _encoded(texts), close, headers)


def streamed_bytes(
    status: int,
    content_type: str,
    texts: Iterator[bytes],
    close: Callable[[], None],
    headers: Iterable[tuple[str, str]] = (),
) -> Answer:
    """An answer from its pieces: whole if it is short, else sent as it is made.

    `close` is called once, when the last text has been read or the answer is given up. Whatever the texts raise before
    the first `HELD` bytes are there is raised here, so that it can still become a proper answer.
    """
    pieces = gathered(texts)
    held: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= HELD:
                break
        else:
            close()
            return Answer.of(status, content_type, b"".join(held), headers)
    except BaseException:
        close()
        raise
    return Answer(status, [("Content-Type", content_type), *headers], Stream(_chain(held, pieces), close))


def _encoded(texts: Iterator[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(waiting).encode()
            waiting.clear()
            size = 0
    if waiting:
        yield "".join(waiting).encode()


def _chain(held: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    while held:
        yield held.pop(0)
    yield from rest


class Failure(Exception):
    """A request that cannot be answered as it was asked, with the answer it gets instead.

    `conditions` are element names of the DAV:error body with their prefix ("D:valid-sync-token"), `told` a sentence or
    what went wrong for people and logs, in English.
    """

    def __init__(
        self, status: int, *conditions: str, told: str = "", headers: Iterable[tuple[str, str]] = (), inside: str = ""
    ) -> None:
        super().__init__(status, *conditions, told)
        self.status = status
        self.conditions = conditions
        self.told = told
        self.headers = tuple(headers)
        self.inside = inside

    def answer(self, language: str = "en") -> Answer:
        """The body is a DAV:error where a condition is named (RFC 4918 section 16), else a line of text."""
        told = SENTENCES.get(self.told, {}).get(language, self.told)
        if not self.conditions:
            return Answer.of(self.status, TEXT, (told or _status_line(self.status)).encode(), self.headers)
        parts = [_ERROR, *(f"<{name}/>" for name in self.conditions), self.inside]
        if told:
            spoken = language if self.told in SENTENCES else "en"
            parts.append(f'<D:responsedescription xml:lang="{spoken}">{escape(told)}</D:responsedescription>')
        parts.append("</D:error>")
        return Answer.of(self.status, XML, "".join(parts).encode(), self.headers)


COLLECTION_FIXED = "The rooms are set up by the administrators: collections cannot be made, changed or deleted here."
NOT_A_NAME = "A booking cannot have this address."
TOO_LARGE = "The event is too large to be kept."
ELSEWHERE = "A booking can only be moved or copied to a room of this server."
TOO_MANY_GUESSES = "Too many wrong passwords were tried. Wait a little, then sign in again."
DIRECTORY_AWAY = "The directory that knows your password does not answer. Try again later."

SENTENCES = {
    COLLECTION_FIXED: {
        "fr": "Les salles sont définies par l'administration : aucun calendrier ne peut être créé, modifié ou supprimé."
    },
    NOT_A_NAME: {"fr": "Une réservation ne peut pas porter cette adresse."},
    TOO_LARGE: {"fr": "L'événement est trop volumineux pour être conservé."},
    ELSEWHERE: {"fr": "Une réservation ne peut être déplacée ou copiée que vers une salle de ce serveur."},
    DIRECTORY_AWAY: {"fr": "L'annuaire qui connaît votre mot de passe ne répond pas. Réessayez plus tard."},
    TOO_MANY_GUESSES: {
        "fr": "Trop de mots de passe erronés ont été essayés. Patientez un peu avant de vous connecter à nouveau."
    },
}


def denied(told: str) -> Failure:
    """403 with need-privileges: the one refusal after which every client goes on with the rest of the calendar."""
    return Failure(HTTPStatus.FORBIDDEN, "D:need-privileges", told=told)


def not_found() -> Failure:
    return Failure(HTTPStatus.NOT_FOUND, told="There is nothing at this address.")


def bad_request(told: str) -> Failure:
    return Failure(HTTPStatus.BAD_REQUEST, told=told)


_LINES = {int(status): f"{int(status)} {status.phrase}" for status in HTTPStatus}


def _status_line(status: int) -> str:
    return _LINES[status]
