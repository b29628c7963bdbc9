"""`/api/people`: for whom a manager can book."""

from __future__ import annotations

from flask import Response, request
from pydantic import BaseModel

from sesstim_caldav.web.api.access import Fault, answer, api, asking
from sesstim_caldav.web.searching import holding
from sesstim_caldav.web.visit import office

MOST = 12
LONGEST = 100


class Person(BaseModel):
    """A member."""

    name: str
    email: str


class People(BaseModel):
    """Members, by name."""

    people: list[Person]


@api.get("/people")
def people() -> Response:
    """The first few members in whose name or address every word of `q` occurs."""
    if not asking().manager:
        raise Fault(403)
    right = holding(request.args.get("q", "")[:LONGEST])
    found = [
        Person(name=account.name, email=account.email)
        for account in office().accounts.all()
        if account.active and right(f"{account.name} {account.email}")
    ]
    found.sort(key=lambda person: (person.name.casefold(), person.email))
    return answer(People(people=found[:MOST]))
