"""What the calendar holds is one VEVENT with its overrides, whose dates can be told."""

from __future__ import annotations

from collections.abc import Iterator

from sesstim_caldav.booking.proposal import Proposal, Room
from sesstim_caldav.booking.rules.example import Example, Examples
from sesstim_caldav.booking.violation import Rule, Violation

RULE = Rule.UNSUPPORTED_CALENDAR_DATA


def check(proposal: Proposal) -> Iterator[Violation]:  # noqa: ARG001
    """Nothing: what breaks this rule has no occurrences and never becomes a proposal; see `Violation.of`."""
    yield from ()


_REASONS: dict[str, tuple[str, str]] = {
    "NOT_ICALENDAR": ("ce n'est pas un calendrier iCalendar", "it is not an iCalendar calendar"),
    "NO_UID": ("l'événement n'a pas d'UID", "the event has no UID"),
    "SEVERAL_UIDS": ("il contient plusieurs événements", "it holds several events"),
    "WRONG_COMPONENT": (
        "seuls les événements peuvent être enregistrés, ni tâches ni journaux",
        "only events can be stored, neither tasks nor journals",
    ),
    "METHOD": ("c'est une invitation (METHOD), pas un événement", "it is an invitation (METHOD), not an event"),
    "EMPTY_RULE": ("la règle de répétition ne donne aucune date", "the rule of repetition yields no date"),
    "TOO_MANY": ("la série a trop de dates", "the series has too many dates"),
    "BAD_COUNT": (
        "le nombre de répétitions (COUNT) doit être au moins 1",
        "the number of repetitions (COUNT) must be at least 1",
    ),
    "COUNT_AND_UNTIL": (
        "la série a à la fois un nombre de répétitions et une date de fin",
        "the series has both a number of repetitions and a last date",
    ),
    "TWO_RRULES": ("la série a deux règles de répétition", "the series has two rules of repetition"),
    "EXRULE": (
        "les règles d'exclusion (EXRULE) ne sont pas prises en charge",
        "rules of exclusion (EXRULE) are not supported",
    ),
    "RECURRENCE_ID_TWICE": (
        "une même date de la série est modifiée deux fois",
        "one date of the series is changed twice",
    ),
    "END_AND_DURATION": ("la fin et la durée se contredisent", "the end and the duration contradict each other"),
    "UNKNOWN_ZONE": ("le fuseau horaire est inconnu", "the time zone is unknown"),
    "ZONE_ON_UTC": (
        "une heure porte à la fois un fuseau horaire et la marque UTC (Z)",
        "a time bears both a time zone and the mark of UTC (Z)",
    ),
    "THIS_AND_FUTURE": (
        "« cette date et les suivantes » ne se change pas en une fois : terminez la série et commencez-en une autre",
        '"this and all following" cannot be changed in one step: end the series and begin another',
    ),
    "BAD_RULE": ("la règle de répétition ne peut pas être lue", "the rule of repetition cannot be read"),
    "BAD_VALUE": ("une date ou une durée ne peut pas être lue", "a date or a duration cannot be read"),
    "TOO_LARGE": ("l'événement est trop volumineux", "the event is too large"),
}
_DETAILED = frozenset({"UNKNOWN_ZONE", "ZONE_ON_UTC", "BAD_RULE", "BAD_VALUE", "RECURRENCE_ID_TWICE"})
_ELSE = ("son contenu n'est pas pris en charge", "its content is not supported")


def sentence(language: str, room: Room, violations: list[Violation]) -> str:  # noqa: ARG001
    """What about it cannot be taken."""
    violation = violations[0]
    reason = _REASONS.get(violation.reason.name, _ELSE) if violation.reason is not None else _ELSE
    telling = violation.reason is not None and violation.reason.name in _DETAILED and violation.detail
    detail = f" ({_short(violation.detail)})" if telling else ""
    if language == "fr":
        return f"Cet événement ne peut pas être enregistré : {reason[0]}{detail}."
    return f"This event cannot be stored: {reason[1]}{detail}."


def _short(detail: str) -> str:
    return detail if len(detail) <= 80 else detail[:79] + "…"


_HOUR = "DTSTART:20261201T100000\nDTEND:20261201T110000\n"
_MOVED = "BEGIN:VEVENT\nRECURRENCE-ID{}:20261202T100000\nDTSTART:20261202T120000\nDTEND:20261202T130000\nEND:VEVENT\n"
_SERIES = f"BEGIN:VEVENT\n{_HOUR}RRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\n"

EXAMPLES = Examples(
    taken=(
        Example("an event", _HOUR),
        Example("an event with an override", _SERIES + _MOVED.format("")),
        Example("an override alone", _MOVED.format("")),
        Example("an end and a duration that agree", _HOUR + "DURATION:PT1H"),
        Example("a series whose EXDATEs leave nothing", _HOUR + "RRULE:FREQ=DAILY;COUNT=1\nEXDATE:20261201T100000"),
        Example("TZID=Etc/GMT beside Z", "DTSTART;TZID=Etc/GMT:20270111T090000Z\nDURATION:PT1H"),
    ),
    refused=(
        Example("a task", "BEGIN:VTODO\nSUMMARY:water the plants\nEND:VTODO"),
        Example("a rule of the 30th of February", _HOUR + "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        Example("a rule of ten million dates", _HOUR + "RRULE:FREQ=DAILY;COUNT=10000000"),
        Example("a count of none", _HOUR + "RRULE:FREQ=DAILY;COUNT=0"),
        Example("a count beside an end", _HOUR + "RRULE:FREQ=DAILY;COUNT=3;UNTIL=20261203T100000"),
        Example("two rules", _HOUR + "RRULE:FREQ=DAILY;COUNT=3\nRRULE:FREQ=WEEKLY;COUNT=2"),
        Example("a rule of exclusion", _HOUR + "RRULE:FREQ=DAILY;COUNT=3\nEXRULE:FREQ=WEEKLY;COUNT=2"),
        Example("one date changed twice", _SERIES + _MOVED.format("") + _MOVED.format("")),
        Example("this and all following", _SERIES + _MOVED.format(";RANGE=THISANDFUTURE")),
        Example("an end and a duration that disagree", _HOUR + "DURATION:PT2H"),
        Example("an unknown zone", "DTSTART;TZID=Nowhere/Land:20261201T100000\nDURATION:PT1H"),
        Example("a zone beside Z", "DTSTART;TZID=Europe/Paris:20261201T100000Z\nDURATION:PT1H"),
    ),
)
