"""`/api/openapi.json`: what the API takes and answers, as an OpenAPI 3.1 document made of its models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from flask import Response
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from sesstim_caldav.web.api import free, mine, models, occupation, people
from sesstim_caldav.web.api.access import JSON, Trouble, api, json_text

Model = type[BaseModel]
_EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one address does; `asks`: the query string, `takes`: the body, `answers`: by status."""

    method: Literal["get", "post", "patch", "delete"]
    path: str
    does: str
    answers: Mapping[int, tuple[Model, ...]]
    asks: Model | None = None
    takes: Model | None = None
    names: Mapping[str, str] = field(default_factory=dict)


class Seen(BaseModel):
    """Which occurrence of a series; without it the first."""

    recurrence: models.Recurrence | None = None


class Sought(BaseModel):
    """Words in a name or an address."""

    q: str = ""


_ANY: dict[int, tuple[Model, ...]] = {400: (Trouble,), 401: (Trouble,), 429: (Trouble,), 503: (Trouble,)}
"""What every address may answer."""
_WRITING: dict[int, tuple[Model, ...]] = {413: (Trouble,), 415: (Trouble,)}
_ONE = {"room": "The room's slug.", "name": "The booking's name in its room, as in its CalDAV address."}

OPERATIONS = (
    Operation("get", "/rooms", "The rooms, their hours, and who is asking", {200: (models.Rooms,)}),
    Operation(
        "get",
        "/occupation",
        "What is booked on some days (62 at most, both ends included); `detail=busy`: only when",
        {200: (models.Occupation, models.Busy), 304: (), 404: (Trouble,)},
        asks=occupation.Asked,
    ),
    Operation(
        "get",
        "/bookings/{room}/{name}",
        "One booking",
        {200: (models.Booking,), 404: (Trouble,)},
        asks=Seen,
        names=_ONE,
    ),
    Operation(
        "post",
        "/examine",
        "What the reception would say to a draft, or to a change",
        {200: (models.Verdict,), 403: (models.Refused,), 404: (Trouble,), **_WRITING},
        takes=models.Examined,
    ),
    Operation(
        "post",
        "/bookings",
        "Books, all or none; the same tokens again book once (200)",
        {
            200: (models.BookingsMade,),
            201: (models.BookingsMade,),
            403: (models.Refused, Trouble),
            404: (Trouble,),
            412: (models.Outdated, Trouble),
            **_WRITING,
        },
        takes=models.NewBookings,
    ),
    Operation(
        "patch",
        "/bookings/{room}/{name}",
        "Changes or moves a booking that is as it was seen",
        {
            200: (models.Changed,),
            403: (models.Refused, Trouble),
            404: (Trouble,),
            412: (models.Outdated, Trouble),
            **_WRITING,
        },
        takes=models.Change,
        names=_ONE,
    ),
    Operation(
        "delete",
        "/bookings/{room}/{name}",
        "Cancels a booking that is as it was seen",
        {
            200: (models.Cancelled,),
            403: (models.Refused, Trouble),
            404: (Trouble,),
            412: (models.Outdated, Trouble),
            **_WRITING,
        },
        takes=models.Cancellation,
        names=_ONE,
    ),
    Operation(
        "post",
        "/undo",
        "Takes a change or a cancellation back, within a minute",
        {200: (models.Undone,), 403: (models.Refused, Trouble), 404: (Trouble,), 409: (Trouble,), **_WRITING},
        takes=models.Undo,
    ),
    Operation("get", "/mine", "One's own bookings", {200: (mine.Mine,)}, asks=mine.Wanted),
    Operation(
        "post",
        "/mine/cancel",
        "Cancels several of one's own bookings, each by itself",
        {200: (mine.CancelledOnes,), **_WRITING},
        takes=mine.Selection,
    ),
    Operation(
        "get",
        "/free",
        "The rooms that are free for so long, at the same time on all of some days; none: the nearest times",
        {200: (free.Free,)},
        asks=free.Wish,
    ),
    Operation(
        "get",
        "/people",
        "Members, for managers who book for them",
        {200: (people.People,), 403: (Trouble,)},
        asks=Sought,
    ),
    Operation(
        "get",
        "/live",
        'A stream of events: `{"versions": {slug: n}}` at once and after each change of a room',
        {200: ()},
    ),
    Operation("get", "/openapi.json", "This document", {200: ()}),
)


@api.get("/openapi.json")
def description() -> Response:
    return json_text(json.dumps(document(), ensure_ascii=False))


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/api{operation.path}", {})[operation.method] = _described(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Meeting rooms",
            "version": "1",
            "description": "What the dashboard uses. Days are 2026-12-01 and times 10:00, on the clock of the lab. "
            "Scripts sign in by HTTP Basic with an e-mail address and an application password; whatever goes wrong is "
            "told as `error` (a code) and `text` (a sentence in the account's language).",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {
                "password": {"type": "http", "scheme": "basic"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
        "security": [{"password": []}, {"session": []}],
    }


class _Schemas:
    """The schemas of all models: as they are taken and as they are answered, where these differ."""

    def __init__(self) -> None:
        wanted: dict[tuple[Model, JsonSchemaMode], None] = {(Trouble, "serialization"): None}
        for operation in OPERATIONS:
            wanted |= {(model, "serialization"): None for each in operation.answers.values() for model in each}
            wanted |= {(model, "validation"): None for model in (operation.takes, operation.asks) if model}
        self._refs, schema = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
        self.definitions: dict[str, Any] = schema["$defs"]

    def of(self, model: Model, mode: JsonSchemaMode) -> dict[str, Any]:
        return self._refs[model, mode]

    def fields(self, model: Model) -> dict[str, Any]:
        name = self.of(model, "validation")["$ref"].rpartition("/")[2]
        found: dict[str, Any] = self.definitions[name]
        return found


def _described(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {"summary": operation.does}
    parameters = [
        {"name": name, "in": "path", "required": True, "description": says, "schema": {"type": "string"}}
        for name, says in operation.names.items()
    ]
    if operation.asks is not None:
        parameters += _query(schemas.fields(operation.asks))
    if parameters:
        described["parameters"] = parameters
    if operation.takes is not None:
        body = schemas.of(operation.takes, "validation")
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    described["responses"] = {
        str(status): _answered(operation, status, answered, schemas)
        for status, answered in sorted({**_ANY, **operation.answers}.items())
    }
    if operation.path == "/openapi.json":
        described["security"] = []
    return described


def _query(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    required = fields.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": schema,
            **({"style": "form", "explode": False} if schema.get("type") == "array" else {}),
        }
        for name, schema in fields["properties"].items()
    ]


def _answered(operation: Operation, status: int, answered: tuple[Model, ...], schemas: _Schemas) -> dict[str, Any]:
    if operation.path == "/live" and status == 200:
        return {"description": "OK", "content": {_EVENTS: {"schema": {"type": "string"}}}}
    if not answered:
        content = {"content": {JSON: {"schema": {"type": "object"}}}} if status == 200 else {}
        return {"description": "OK" if status == 200 else "Not modified", **content}
    each = [schemas.of(model, "serialization") for model in answered]
    schema = each[0] if len(each) == 1 else {"anyOf": each}
    return {"description": "OK" if status < 400 else "Refused", "content": {JSON: {"schema": schema}}}
