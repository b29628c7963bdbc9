"""Changes of one occurrence, of the following and of all, on objects of any client: what is held afterwards is exactly
what was asked for, and what the form does not show is still there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from booking.calendars import PARIS, a_calendar, a_zone, an_event, an_observance, instant, local
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sesstim_caldav.booking.calendar_object import CalendarObject, read
from sesstim_caldav.booking.draft import Frequency, Impossible, Monthly, Repeat, Why, drafted, written
from sesstim_caldav.booking.editing import Edit, Scope, changed, detached, divided, without
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.schedule import schedule

NOW = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp())
UNTIL = instant("2028-06-01 00:00")
OTHER = "two@example.org"

WEEKLY = (
    "DTSTART;TZID=Europe/Paris:20270503T100000",
    "DTEND;TZID=Europe/Paris:20270503T110000",
    "RRULE:FREQ=WEEKLY;COUNT=6",
    "SUMMARY;LANGUAGE=fr:Réunion",
    "X-ROOM-NOTE;X-A=1:keep me",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "TRIGGER:-PT15M",
    "END:VALARM",
)


def an_object(*lines: str, others: str = "", zones: str = "") -> CalendarObject:
    return read(a_calendar(zones, an_event(*lines), others))


def held(*texts: str | None) -> list[tuple[str, str]]:
    """Start and end of what these texts hold, on the room's clock."""
    found: list[tuple[str, str]] = []
    for text in texts:
        if text is not None:
            found += [(local(o.start), local(o.end)[11:]) for o in schedule(read(text), PARIS).occurrences(UNTIL)]
    return sorted(found)


def starts(*texts: str | None) -> list[str]:
    return [start for start, _ in held(*texts)]


def edit(obj: CalendarObject, scope: Scope, at: str | None = None, **said: object) -> Edit:
    """The object after a change of what the form showed at the occurrence of that identity."""
    recurrence_id = instant(at) if at else None
    was = drafted(obj, schedule(obj, PARIS), recurrence_id, PARIS)
    return changed(obj, scope, recurrence_id, was, replace(was, **said), PARIS, NOW, OTHER)  # type: ignore[arg-type]


def test_one_occurrence_moved_becomes_an_exception_with_all_that_the_series_has() -> None:
    text = edit(an_object(*WEEKLY), Scope.THIS, "2027-05-17 10:00", start=time(14), end=time(15, 30)).text

    assert held(text)[2] == ("2027-05-17 14:00", "15:30")
    assert len(held(text)) == 6
    override = text.split("BEGIN:VEVENT")[2]
    assert "RECURRENCE-ID;TZID=Europe/Paris:20270517T100000\r\n" in override
    assert "DTSTART;TZID=Europe/Paris:20270517T140000\r\n" in override
    assert "X-ROOM-NOTE;X-A=1:keep me" in override
    assert "TRIGGER:-PT15M" in override
    assert "RRULE" not in override


def test_an_exception_is_changed_in_its_place() -> None:
    first = read(edit(an_object(*WEEKLY), Scope.THIS, "2027-05-17 10:00", title="Autre").text)
    text = edit(first, Scope.THIS, "2027-05-17 10:00", day=date(2027, 5, 18)).text

    assert text.count("RECURRENCE-ID") == 1
    assert "SUMMARY:Autre" in text
    assert held(text)[2] == ("2027-05-18 10:00", "11:00")


def test_nothing_changed_is_nothing_written() -> None:
    obj = an_object(*WEEKLY)

    for scope in Scope:
        assert edit(obj, scope, "2027-05-17 10:00") == Edit(obj.text)


def test_a_new_title_for_all_reaches_exceptions_that_had_the_old_one() -> None:
    obj = read(edit(an_object(*WEEKLY), Scope.THIS, "2027-05-17 10:00", start=time(9)).text)
    obj = read(edit(obj, Scope.THIS, "2027-05-24 10:00", title="Jury").text)

    text = edit(obj, Scope.ALL, "2027-05-03 10:00", title="Comité").text

    assert [line for line in text.split("\r\n") if line.startswith("SUMMARY")] == [
        "SUMMARY:Comité",
        "SUMMARY:Comité",
        "SUMMARY:Jury",
    ]


def test_all_moved_takes_exclusions_and_exceptions_along() -> None:
    obj = read(without(an_object(*WEEKLY), Scope.THIS, instant("2027-05-10 10:00"), PARIS, NOW) or "")
    obj = read(edit(obj, Scope.THIS, "2027-05-17 10:00", title="Jury").text)
    obj = read(edit(obj, Scope.THIS, "2027-05-24 10:00", day=date(2027, 5, 27)).text)

    text = edit(obj, Scope.ALL, "2027-05-03 10:00", day=date(2027, 5, 4), start=time(11), end=time(12, 30)).text

    assert held(text) == [
        ("2027-05-04 11:00", "12:30"),
        ("2027-05-18 11:00", "12:30"),
        ("2027-05-27 10:00", "11:00"),
        ("2027-06-01 11:00", "12:30"),
        ("2027-06-08 11:00", "12:30"),
    ]


def test_this_and_following_splits_the_series_and_shares_out_its_exceptions() -> None:
    obj = read(without(an_object(*WEEKLY), Scope.THIS, instant("2027-05-10 10:00"), PARIS, NOW) or "")
    obj = read(without(obj, Scope.THIS, instant("2027-05-31 10:00"), PARIS, NOW) or "")
    obj = read(edit(obj, Scope.THIS, "2027-05-03 10:00", title="Début").text)
    obj = read(edit(obj, Scope.THIS, "2027-06-07 10:00", title="Fin").text)

    found = edit(obj, Scope.FOLLOWING, "2027-05-24 10:00", start=time(9), end=time(10))

    assert starts(found.text) == ["2027-05-03 10:00", "2027-05-17 10:00"]
    assert starts(found.split_off) == ["2027-05-24 09:00", "2027-06-07 09:00"]
    assert found.split_off is not None
    assert "RRULE:FREQ=WEEKLY;UNTIL=20270524T0" in found.text
    assert "RRULE:FREQ=WEEKLY;COUNT=3" in found.split_off
    assert (found.text.count("EXDATE"), found.split_off.count("EXDATE")) == (1, 1)
    assert ("Début" in found.text, "Fin" in found.text) == (True, False)
    assert ("Début" in found.split_off, "Fin" in found.split_off) == (False, True)
    assert read(found.split_off).uid == OTHER
    assert read(found.text).uid == obj.uid
    assert "X-ROOM-NOTE;X-A=1:keep me" in found.split_off


def test_following_from_the_first_on_is_all() -> None:
    found = edit(an_object(*WEEKLY), Scope.FOLLOWING, "2027-05-03 10:00", start=time(9), end=time(10))

    assert found.split_off is None
    assert starts(found.text)[0] == "2027-05-03 09:00"


def test_an_exception_put_off_beyond_the_cut_stays_with_the_series_it_belongs_to() -> None:
    obj = read(edit(an_object(*WEEKLY), Scope.THIS, "2027-05-10 10:00", day=date(2027, 6, 30)).text)

    found = edit(obj, Scope.FOLLOWING, "2027-05-24 10:00", title="Suite")

    assert starts(found.text) == ["2027-05-03 10:00", "2027-05-17 10:00", "2027-06-30 10:00"]
    assert len(starts(found.split_off)) == 3


def test_cancelling_one_the_following_or_all() -> None:
    obj = an_object(*WEEKLY)
    at = instant("2027-05-17 10:00")

    assert len(held(without(obj, Scope.THIS, at, PARIS, NOW))) == 5
    assert starts(without(obj, Scope.FOLLOWING, at, PARIS, NOW)) == ["2027-05-03 10:00", "2027-05-10 10:00"]
    assert without(obj, Scope.ALL, at, PARIS, NOW) is None
    assert without(obj, Scope.FOLLOWING, instant("2027-05-03 10:00"), PARIS, NOW) is None
    assert without(an_object(*WEEKLY[:2]), Scope.THIS, None, PARIS, NOW) is None


def test_the_last_occurrence_cancelled_leaves_nothing() -> None:
    obj = an_object(*WEEKLY[:2], "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE;TZID=Europe/Paris:20270503T100000")

    assert without(obj, Scope.THIS, instant("2027-05-10 10:00"), PARIS, NOW) is None


def test_an_occurrence_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(Impossible) as impossible:
        without(an_object(*WEEKLY), Scope.THIS, instant("2027-05-18 10:00"), PARIS, NOW)

    assert impossible.value.why is Why.NO_SUCH_OCCURRENCE


def test_a_day_moved_in_a_series_of_weeks_that_begin_on_sunday() -> None:
    obj = an_object(*WEEKLY[:2], "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;COUNT=5")
    before = [o.start for o in schedule(obj, PARIS).occurrences(UNTIL)]

    text = edit(obj, Scope.ALL, "2027-05-03 10:00", day=date(2027, 5, 5)).text

    assert [o.start for o in schedule(read(text), PARIS).occurrences(UNTIL)] == [s + 2 * 86_400 for s in before]


@pytest.mark.parametrize(
    ("rule", "at", "to", "then"),
    [
        (
            "FREQ=MONTHLY;UNTIL=20270705T080000Z",
            "2027-06-03 10:00",
            "2027-06-04",
            ["2027-05-04", "2027-06-04", "2027-07-04"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=1MO;COUNT=3",
            "2027-06-07 10:00",
            "2027-06-08",
            ["2027-05-11", "2027-06-08", "2027-07-13"],
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=3;COUNT=2", "2027-05-03 10:00", "2027-04-30", ["2027-04-30", "2027-05-30"]),
        ("FREQ=YEARLY;COUNT=2", "2027-05-03 10:00", "2027-05-05", ["2027-05-05", "2028-05-05"]),
        (
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=5",
            "2027-05-03 10:00",
            "2027-05-04",
            ["2027-05-04", "2027-05-05", "2027-05-06", "2027-05-07", "2027-05-10"],
        ),
    ],
)
def test_the_day_that_returns_is_the_one_asked_for(rule: str, at: str, to: str, then: list[str]) -> None:
    text = edit(an_object(*WEEKLY[:2], f"RRULE:{rule}"), Scope.ALL, at, day=date.fromisoformat(to)).text

    assert [start[:10] for start in starts(text)] == then


def test_a_rule_from_elsewhere_keeps_its_days_and_can_change_its_hour() -> None:
    obj = an_object(*WEEKLY[:2], "RRULE:FREQ=MONTHLY;BYMONTHDAY=3,5;COUNT=4")

    assert starts(edit(obj, Scope.ALL, "2027-05-03 10:00", start=time(9)).text)[1] == "2027-05-05 09:00"
    with pytest.raises(Impossible) as impossible:
        edit(obj, Scope.ALL, "2027-05-03 10:00", day=date(2027, 5, 4))
    assert impossible.value.why is Why.OWN_RULE


def test_another_rule_keeps_the_exceptions_on_dates_that_it_still_has() -> None:
    obj = read(edit(an_object(*WEEKLY), Scope.THIS, "2027-05-17 10:00", title="Jury").text)
    obj = read(edit(obj, Scope.THIS, "2027-05-10 10:00", title="Perdu").text)
    obj = read(without(obj, Scope.THIS, instant("2027-05-31 10:00"), PARIS, NOW) or "")

    text = edit(obj, Scope.ALL, "2027-05-03 10:00", repeat=Repeat(Frequency.WEEKLY, 2, (0,), count=4)).text

    assert starts(text) == ["2027-05-03 10:00", "2027-05-17 10:00", "2027-06-14 10:00"]
    assert ("Jury" in text, "Perdu" in text) == (True, False)


def test_a_series_becomes_one_booking_and_one_booking_a_series() -> None:
    single = edit(an_object(*WEEKLY), Scope.ALL, "2027-05-17 10:00", repeat=None).text
    assert starts(single) == ["2027-05-17 10:00"]

    again = edit(read(single), Scope.ALL, None, repeat=Repeat(Frequency.DAILY, count=2)).text
    assert starts(again) == ["2027-05-17 10:00", "2027-05-18 10:00"]
    assert "X-ROOM-NOTE;X-A=1:keep me" in again


def test_days_are_taken_out_and_put_back() -> None:
    obj = an_object(*WEEKLY)
    text = edit(obj, Scope.ALL, "2027-05-03 10:00", excluding=(date(2027, 5, 10),), also=(date(2027, 5, 12),)).text
    assert starts(text)[:3] == ["2027-05-03 10:00", "2027-05-12 10:00", "2027-05-17 10:00"]

    back = edit(read(text), Scope.ALL, "2027-05-03 10:00", excluding=(), also=()).text
    assert held(back) == held(obj.text)


def test_private_is_said_of_the_whole_booking() -> None:
    obj = read(edit(an_object(*WEEKLY), Scope.THIS, "2027-05-17 10:00", title="Jury").text)

    text = edit(obj, Scope.THIS, "2027-05-17 10:00", private=True).text
    assert text.count("CLASS:PRIVATE") == 2
    assert not read(edit(read(text), Scope.THIS, "2027-05-17 10:00", private=False).text).private


def test_a_new_description_takes_the_old_formatted_one_with_it() -> None:
    obj = an_object(*WEEKLY[:2], 'DESCRIPTION;ALTREP="cid:1":vieux', "X-ALT-DESC;FMTTYPE=text/html:<b>vieux</b>")

    text = edit(obj, Scope.ALL, None, description="neuf").text

    assert "DESCRIPTION:neuf\r\n" in text
    assert "vieux" not in text


def test_a_series_in_universal_time_is_written_in_universal_time() -> None:
    obj = an_object("DTSTART:20270503T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")

    text = edit(obj, Scope.THIS, "2027-05-10 10:00", start=time(11), end=time(13)).text

    assert "RECURRENCE-ID:20270510T080000Z" in text
    assert "DTSTART:20270510T090000Z" in text
    assert "DURATION:PT2H" in text


def test_one_occurrence_leaves_for_another_room() -> None:
    text = detached(an_object(*WEEKLY), instant("2027-05-17 10:00"), PARIS, NOW, OTHER)

    assert held(text) == [("2027-05-17 10:00", "11:00")]
    assert read(text).uid == OTHER
    assert "RRULE" not in text


# -- against the engine, on objects of many shapes

CUSTOM = a_zone(
    "Customized Time Zone",
    *an_observance("STANDARD", "16010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
    *an_observance("DAYLIGHT", "16010101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
)
CLOCKS = {
    "Europe/Paris": PARIS,
    "": PARIS,
    "Customized Time Zone": PARIS,
    "America/New_York": ZoneInfo("America/New_York"),
}
RULES = (
    "FREQ=DAILY;COUNT=8",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;COUNT=6",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,SU;COUNT=7",
    "FREQ=WEEKLY;BYDAY=WE,FR;UNTIL=20270430T235959Z",
)


@st.composite
def objects(draw: st.DrawFn) -> tuple[CalendarObject, ZoneInfo]:
    """A series from Wednesday 17 March 2027, ten to eleven in its zone, the change to summer time within."""
    tzid = draw(st.sampled_from([*CLOCKS, "UTC"]))
    clock = CLOCKS.get(tzid, ZoneInfo("UTC"))

    def stamp(name: str, at: datetime) -> str:
        text = f"{at:%Y%m%dT%H%M%S}"
        return f"{name}:{text}Z" if tzid == "UTC" else f"{name};TZID={tzid}:{text}" if tzid else f"{name}:{text}"

    begin = datetime(2027, 3, 17, 10)
    rule = draw(st.sampled_from(RULES))
    if not tzid:
        rule = rule.removesuffix("Z")
    lines = [stamp("DTSTART", begin)]
    lines.append(draw(st.sampled_from(["DURATION:PT1H", stamp("DTEND", begin + timedelta(hours=1))])))
    lines += [f"RRULE:{rule}", "X-KEEP:me"]
    bare = an_object(*lines, zones=CUSTOM)
    dates = [datetime.fromtimestamp(o.start, clock).replace(tzinfo=None) for o in _held(bare)][:9]
    out = draw(st.lists(st.sampled_from(dates), unique=True, max_size=2))
    lines += [stamp("EXDATE", each) for each in out]
    if draw(st.booleans()):
        lines.append(stamp("RDATE", begin + timedelta(days=draw(st.integers(1, 20)), hours=3)))
    others = ""
    for each in draw(st.lists(st.sampled_from(dates), unique=True, max_size=2)):
        if each in out:
            continue
        kind = draw(st.sampled_from(["stands", "longer", "elsewhere", "cancelled"]))
        at = each + timedelta(days=2, hours=4) if kind == "elsewhere" else each
        length = 2 if kind == "longer" else 1
        exception = [stamp("RECURRENCE-ID", each), stamp("DTSTART", at), stamp("DTEND", at + timedelta(hours=length))]
        others += an_event(*exception, "STATUS:CANCELLED" if kind == "cancelled" else f"SUMMARY:{kind}")
    return an_object(*lines, zones=CUSTOM, others=others), clock


def _held(*objects: CalendarObject) -> list[Occurrence]:
    return sorted(o for obj in objects for o in schedule(obj, PARIS).occurrences(UNTIL))


def _times(found: list[Occurrence]) -> list[tuple[int, int]]:
    return [(o.start, o.end) for o in found]


def _window(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without the end of what is endless: there a shift moves dates over the edge."""
    return sorted(each for each in found if each[0] < UNTIL - 60 * 86_400)


@settings(max_examples=150, deadline=None)
@given(
    objects(),
    st.integers(0, 7),
    st.sampled_from(Scope),
    st.integers(-3, 9),
    st.sampled_from([-90, 0, 45]),
    st.sampled_from([0, 30]),
)
def test_after_a_change_exactly_the_dates_asked_for_are_held(
    found: tuple[CalendarObject, ZoneInfo], index: int, scope: Scope, days: int, minutes: int, longer: int
) -> None:
    obj, clock = found
    before = _held(obj)
    assume(len(before) > index)
    chosen = before[index]
    assert chosen.recurrence_id is not None
    was = drafted(obj, schedule(obj, PARIS), chosen.recurrence_id, PARIS)
    start = datetime.fromtimestamp(chosen.start, PARIS).replace(tzinfo=None) + timedelta(days=days, minutes=minutes)
    end = datetime.fromtimestamp(chosen.end, PARIS).replace(tzinfo=None) + timedelta(
        days=days, minutes=minutes + longer
    )
    assume(start.date() == end.date())
    draft = replace(was, day=start.date(), start=start.time(), end=end.time())
    to = (int(start.replace(tzinfo=PARIS).timestamp()), int(end.replace(tzinfo=PARIS).timestamp()))
    changes = to != (chosen.start, chosen.end)

    edited = changed(obj, scope, chosen.recurrence_id, was, draft, PARIS, NOW, OTHER)

    texts = [text for text in (edited.text, edited.split_off) if text is not None]
    after = [read(text) for text in texts]
    assert all(each.untouched for each in after)
    assert all("X-KEEP:me" in text for text in texts)
    assert _window(_times(_held(*after))) == _window(_expected(obj, before, chosen, scope, to, clock, changes))


def _expected(
    obj: CalendarObject,
    before: list[Occurrence],
    chosen: Occurrence,
    scope: Scope,
    to: tuple[int, int],
    clock: ZoneInfo,
    changes: bool,
) -> list[tuple[int, int]]:
    """Each occurrence by itself: does it go with the chosen one, and where to?"""
    if not changes:
        return _times(before)
    shift = _wall(to[0], clock) - _wall(chosen.start, clock)
    longer = (to[1] - to[0]) - (chosen.end - chosen.start)
    assert chosen.recurrence_id is not None
    expected = []
    for each in before:
        assert each.recurrence_id is not None
        goes = scope is Scope.ALL or (scope is Scope.FOLLOWING and each.recurrence_id >= chosen.recurrence_id)
        stands = each.start == each.recurrence_id
        if each is chosen:
            expected.append(to)
        elif goes and stands:
            start = int((_wall(each.start, clock) + shift).replace(tzinfo=clock).timestamp())
            common = each.end - each.start == 3600
            length = to[1] - to[0] if common and longer else each.end - each.start
            expected.append((start, start + length))
        else:
            expected.append((each.start, each.end))
    return expected


def _wall(at: int, clock: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, clock).replace(tzinfo=None)


REPEATS = st.builds(
    Repeat,
    st.sampled_from(Frequency),
    st.integers(1, 3),
    st.just(()),
    st.sampled_from(Monthly),
    st.none(),
    st.integers(1, 8),
)


@settings(max_examples=80, deadline=None)
@given(objects(), REPEATS, st.integers(0, 9))
def test_a_new_rule_is_the_one_of_a_new_booking(
    found: tuple[CalendarObject, ZoneInfo], repeat: Repeat, days: int
) -> None:
    obj, _ = found
    assume(not any(event.line("RECURRENCE-ID") for event in obj.events))
    was = drafted(obj, schedule(obj, PARIS), None, PARIS)
    draft = replace(
        was, day=was.day + timedelta(days=days), repeat=repeat, excluding=(), also=(date(2027, 9, 1),), custom=False
    )
    assume(draft.repeat != was.repeat and was.start < was.end)

    text = changed(obj, Scope.ALL, None, was, draft, PARIS, NOW, OTHER).text

    assert held(text) == held(written(draft, "new", None, PARIS, NOW))


@settings(max_examples=80, deadline=None)
@given(objects(), st.integers(0, 7), st.sampled_from(Scope))
def test_after_a_cancellation_exactly_the_others_are_held(
    found: tuple[CalendarObject, ZoneInfo], index: int, scope: Scope
) -> None:
    obj, _ = found
    before = _held(obj)
    assume(len(before) > index)
    chosen = before[index].recurrence_id
    assert chosen is not None

    text = without(obj, scope, chosen, PARIS, NOW)

    stays = {
        Scope.THIS: lambda each: each.recurrence_id != chosen,
        Scope.FOLLOWING: lambda each: each.recurrence_id < chosen,
        Scope.ALL: lambda each: False,
    }[scope]
    assert _times(_held(read(text)) if text else []) == [(o.start, o.end) for o in before if stays(o)]


@settings(max_examples=80, deadline=None)
@given(objects(), st.integers(0, 7))
def test_a_series_divided_holds_what_it_held(found: tuple[CalendarObject, ZoneInfo], index: int) -> None:
    obj, _ = found
    before = _held(obj)
    assume(len(before) > index)
    at = before[index].recurrence_id
    assert at is not None

    first, second = divided(obj, at, PARIS, NOW, OTHER)

    assert _times(_held(*[read(text) for text in (first, second) if text])) == _times(before)
    assert all(o.recurrence_id is None or o.recurrence_id >= at for o in _held(read(second)))
