"""What the reception says, in the reader's language: verdicts, refusals with every date in the way, and ways out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from flask import Response

from sesstim_caldav.booking import sentences
from sesstim_caldav.booking.proposal import Room
from sesstim_caldav.booking.refusal import Refusal, language_spoken
from sesstim_caldav.booking.schedule import FOREVER
from sesstim_caldav.booking.violation import Rule, Violation
from sesstim_caldav.reception import Verdict
from sesstim_caldav.ways import Kind, Way
from sesstim_caldav.web.api import models
from sesstim_caldav.web.api.access import json_text
from sesstim_caldav.web.api.drafts import draft_shown
from sesstim_caldav.web.visit import catalogue, language, office, say

MOST_CONFLICTS = 200
"""Dates in the way that an answer tells of."""


def refused(refusal: models.Refusal) -> Response:
    """The answer 403."""
    told = models.Refused(error="refused", text=refusal.text, refusal=refusal)
    return json_text(told.model_dump_json(), 403)


def refusal_shown(
    place: Room,
    violations: Sequence[Violation],
    ways: Iterable[Way] = (),
    like: models.Draft | None = None,
    most: int = MOST_CONFLICTS,
) -> models.Refusal:
    """A refusal in full; `like` is the draft that was refused, for the ways out."""
    refusal = Refusal(place, tuple(violations))
    rules = []
    for rule, group in groupby(refusal.violations, key=lambda violation: violation.rule):
        broken = list(group)
        told = [violation for violation in broken if violation.occurrence is not None]
        rules.append(
            models.Broken(
                code=str(rule),
                sentence=Refusal(place, tuple(broken)).sentences(language()),
                count=max(len(told), 1),
                occurrences=list(_conflicts(place, told[:most])),
            )
        )
    drafts = [] if like is None else [_way(way, like) for way in ways]
    return models.Refusal(text=refusal.sentences(language()), rules=rules, ways=drafts)


def _conflicts(place: Room, violations: Iterable[Violation]) -> Iterator[models.Conflict]:
    for violation in violations:
        occurrence = violation.occurrence
        assert occurrence is not None
        start, end = place.clock(occurrence.start), place.clock(occurrence.end)
        yield models.Conflict(
            date=start.date().isoformat(),
            start=f"{start:%H:%M}",
            end=f"{end:%H:%M}" if end.date() <= start.date() else "24:00",
            holder=violation.holder,
            email=violation.email,
        )


# -- verdicts


def verdict_shown(
    verdict: Verdict, ways: Iterable[Way] = (), like: models.Draft | None = None, most: int = 50
) -> models.Verdict:
    """What the reception would say."""
    endless = verdict.times is not None and verdict.times.endless
    count = None if endless else dates_of(verdict)
    refusal = refusal_shown(verdict.place, verdict.violations, ways, like, most) if verdict.violations else None
    return models.Verdict(
        ok=refusal is None,
        dates=count,
        endless=endless,
        sentence=_consent(count) if refusal is None else _objection(verdict, count, refusal.text),
        refusal=refusal,
    )


def dates_of(verdict: Verdict) -> int:
    """How many dates a finite booking has."""
    if verdict.times is None:
        return len(verdict.judged)
    return len(verdict.times.occurrences(FOREVER))


def _consent(count: int | None) -> str:
    if count is None:
        return say("Without end, all dates are free.")
    if count == 1:
        return say("Free.")
    return say("%(n)d dates, all of them free.", n=count)


def _objection(verdict: Verdict, count: int | None, text: str) -> str:
    """ "12 dates, 2 taken: …" for a series with some dates taken; else the refusal's own words."""
    violations = verdict.violations
    if any(v.rule is not Rule.ROOM_ALREADY_BOOKED or v.own_series or v.occurrence is None for v in violations):
        return text
    if count == 1:
        return text
    spoken = language_spoken(language())
    named = []
    for violation in violations[: sentences.DATES_NAMED]:
        assert violation.occurrence is not None
        day = sentences.day(spoken, verdict.place.clock(violation.occurrence.start).date())
        named.append(f"{day} ({violation.holder})" if violation.holder else day)
    others = len(violations) - len(named)
    facts = {
        "n": count,
        "taken": catalogue().ngettext("%(n)d taken", "%(n)d taken", len(violations)) % {"n": len(violations)},
        "days": ", ".join(named) + ("…" if others else ""),
    }
    if count is None:
        return say("Without end, %(taken)s: %(days)s", **facts)
    return say("%(n)d dates, %(taken)s: %(days)s", **facts)


# -- ways out


def _way(way: Way, like: models.Draft) -> models.Way:
    drafts = [draft_shown(offer.room, offer.draft, like, first=place == 0) for place, offer in enumerate(way.offers)]
    return models.Way(kind=way.kind.value, label=_label(way, like), drafts=drafts)


def _label(way: Way, like: models.Draft) -> str:
    spoken = language_spoken(language())
    last = way.offers[-1]
    room = office().settings.room(last.room)
    name = room.name if room else last.room
    start, end = f"{last.draft.start:%H:%M}", f"{last.draft.end:%H:%M}"
    words = catalogue()
    match way.kind:
        case Kind.ROOM:
            return say("In %(room)s", room=name)
        case Kind.TIME if last.draft.day == like.date:
            return say("From %(start)s to %(end)s", start=start, end=end)
        case Kind.TIME:
            day = sentences.day(spoken, last.draft.day)
            return say("%(day)s from %(start)s to %(end)s", day=day[:1].upper() + day[1:], start=start, end=end)
        case Kind.FREE_DATES if way.free is None:
            without = words.ngettext("without the one that is taken", "without the %(n)d that are taken", way.taken)
            return say("All other dates, %(without)s", without=without % {"n": way.taken})
        case Kind.FREE_DATES:
            free = words.ngettext("The one free date", "The %(n)d free dates", way.free or 0) % {"n": way.free}
            without = words.ngettext("without the one that is taken", "without the %(n)d that are taken", way.taken)
            return say("%(free)s, %(without)s", free=free, without=without % {"n": way.taken})
        case Kind.SPLIT:
            taken = words.ngettext("the one that is taken", "the %(n)d that are taken", way.taken) % {"n": way.taken}
            return say("The free dates here, %(taken)s in %(room)s", taken=taken, room=name)
