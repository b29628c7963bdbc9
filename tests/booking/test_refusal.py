"""What a refusal says, in words and in XML."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from xml.etree import ElementTree

import pytest
from booking.proposals import DAY, PRADO, at, judged, occurrence
from hypothesis import given
from hypothesis import strategies as st

from sesstim_caldav.booking.calendar_object import Precondition, Reason, Unsupported
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import OpeningHours
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.booking.rules import unsupported_calendar_data
from sesstim_caldav.booking.rules.example import Example
from sesstim_caldav.booking.violation import Rule, Violation

TUESDAY = occurrence("2026-12-01 10:00", "2026-12-01 11:00")
B, D, C = "{urn:sesstim:booking}", "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"


def booked(times: int = 1, holder: str = "Marie Dupont") -> Refusal:
    weeks = [Occurrence(TUESDAY.start + n * 7 * DAY, TUESDAY.end + n * 7 * DAY) for n in range(times)]
    return Refusal(PRADO, tuple(Violation(Rule.ROOM_ALREADY_BOOKED, each, holder) for each in weeks))


def test_the_sentence_names_room_date_time_and_holder() -> None:
    assert booked().sentences("fr") == (
        "La salle Prado est déjà réservée mardi 1er décembre 2026 de 10:00 à 11:00 (Marie Dupont)."
    )
    assert booked().sentences("en") == (
        "Salle Prado is already booked on Tuesday 1 December 2026 from 10:00 to 11:00 (Marie Dupont)."
    )


def test_the_xml_is_what_the_clients_expect() -> None:
    assert booked().xml("fr").decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<D:error xmlns:D="DAV:" xmlns:B="urn:sesstim:booking" xmlns:C="urn:ietf:params:xml:ns:caldav">\n'
        "  <D:need-privileges/>\n"
        "  <B:room-already-booked>\n"
        '    <B:occurrence start="2026-12-01T10:00:00+01:00" end="2026-12-01T11:00:00+01:00"'
        ' organizer="Marie Dupont"/>\n'
        "  </B:room-already-booked>\n"
        '  <D:responsedescription xml:lang="fr">La salle Prado est déjà réservée mardi 1er décembre 2026'
        " de 10:00 à 11:00 (Marie Dupont).</D:responsedescription>\n"
        "</D:error>\n"
    )


@pytest.mark.parametrize(
    ("times", "french", "english"),
    [
        (2, "(Marie Dupont) et mardi 8 décembre 2026 de", "(Marie Dupont) and on Tuesday 8 December 2026"),
        (3, "et mardi 15 décembre 2026 de 10:00 à 11:00 (Marie Dupont).", "and on Tuesday 15 December 2026"),
        (4, "(Marie Dupont) et une autre date.", "and one other date."),
        (10, "(Marie Dupont) et 7 autres dates.", "and 7 other dates."),
    ],
)
def test_a_few_dates_are_named_and_the_others_counted(times: int, french: str, english: str) -> None:
    assert french in booked(times).sentences("fr")
    assert english in booked(times).sentences("en")


@pytest.mark.parametrize(("times", "listed", "count"), [(1, 1, None), (10, 10, None), (11, 10, "11"), (400, 10, "400")])
def test_the_xml_lists_ten_occurrences_and_counts_all(times: int, listed: int, count: str | None) -> None:
    element = ElementTree.fromstring(booked(times).xml("fr")).find(f"{B}room-already-booked")

    assert element is not None
    assert len(element) == listed
    assert element.get("count") == count


@given(st.text(max_size=20))
def test_the_xml_is_well_formed_whatever_a_name_holds(name: str) -> None:
    refusal = booked(2, holder=name)
    refusal = Refusal(
        replace(PRADO, name=name or "x"), (*refusal.violations, Violation(Rule.NOT_THE_ORGANISER, detail=name))
    )

    root = ElementTree.fromstring(refusal.xml("fr", uid_href=name))

    assert root[0].tag == f"{D}need-privileges"
    assert root[-1].tag == f"{D}responsedescription"


@pytest.mark.parametrize("name", ['"><x/>', "a\x00b", "\ud800", "\ufffe", "]]>", "O'Neil & <fils>", "\x85\u2028"])
def test_the_xml_is_well_formed_with_names_that_mean_harm(name: str) -> None:
    assert len(ElementTree.fromstring(booked(holder=name).xml("fr"))) == 3


def test_a_uid_in_use_names_the_resource_in_the_way() -> None:
    refusal = Refusal(PRADO, (Violation(Rule.UID_IN_USE, href_name="é&.ics"),))

    root = ElementTree.fromstring(refusal.xml("fr", uid_href="/dav/rooms/prado/%C3%A9&.ics"))

    assert [child.tag for child in root] == [
        f"{D}need-privileges",
        f"{B}uid-in-use",
        f"{C}no-uid-conflict",
        f"{D}responsedescription",
    ]
    assert root.findtext(f"{C}no-uid-conflict/{D}href") == "/dav/rooms/prado/%C3%A9&.ics"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_and_its_precondition(reason: Reason) -> None:
    refusal = Refusal(PRADO, (Violation.of(Unsupported(reason, "Nowhere/Land")),))

    assert reason.name in unsupported_calendar_data._REASONS
    root = ElementTree.fromstring(refusal.xml("en"))
    assert root[2].tag in {C + precondition.value for precondition in Precondition}
    assert refusal.sentences("fr").startswith("Cet événement ne peut pas être enregistré : ")


def test_an_unknown_zone_is_named() -> None:
    violation = Violation.of(Unsupported(Reason.UNKNOWN_ZONE, "Nowhere/Land"))

    assert "le fuseau horaire est inconnu (Nowhere/Land)" in Refusal(PRADO, (violation,)).sentences("fr")


def test_a_very_long_detail_is_cut() -> None:
    violation = Violation.of(Unsupported(Reason.UNKNOWN_ZONE, "x" * 5000))

    assert len(Refusal(PRADO, (violation,)).sentences("fr")) < 200


def test_whoever_wants_the_whole_day_is_told_how_to_have_it() -> None:
    refusal = Refusal(PRADO, tuple(judged(Example("", "DTSTART;VALUE=DATE:20261201"))))

    assert refusal.sentences("fr") == (
        "La salle Prado est ouverte du lundi au vendredi de 08:00 à 20:00, mais pas mardi 1er décembre 2026 toute la"
        " journée. Pour une journée entière, réservez de 08:00 à 20:00, chaque jour à part."
    )
    assert refusal.sentences("en") == (
        "Salle Prado is open Monday to Friday from 08:00 to 20:00, but not Tuesday 1 December 2026 all day."
        " For a whole day, book from 08:00 to 20:00, each day by itself."
    )


def test_a_time_out_of_hours_gets_no_advice_about_days() -> None:
    refusal = Refusal(PRADO, tuple(judged(Example("", "DTSTART:20261201T060000\nDTEND:20261201T070000"))))

    assert refusal.sentences("fr") == (
        "La salle Prado est ouverte du lundi au vendredi de 08:00 à 20:00, mais pas mardi 1er décembre 2026"
        " de 06:00 à 07:00."
    )


def test_rules_are_told_in_one_order_whatever_order_they_came_in() -> None:
    refusal = Refusal(PRADO, (*booked().violations, Violation(Rule.NOT_THE_ORGANISER, holder="Paul Martin")))

    assert refusal.rules == (Rule.NOT_THE_ORGANISER, Rule.ROOM_ALREADY_BOOKED)
    assert refusal.broken(Rule.ROOM_ALREADY_BOOKED) == list(booked().violations)
    assert str(refusal).startswith("This booking is Paul Martin's: only its organiser and the managers")


def test_one_s_own_series_is_called_so_beside_another_s_booking() -> None:
    own = Violation(Rule.ROOM_ALREADY_BOOKED, TUESDAY, own_series=True)

    text = Refusal(PRADO, (*booked().violations, own)).sentences("fr")

    assert text.endswith("Votre propre série se chevauche elle-même mardi 1er décembre 2026 de 10:00 à 11:00.")
    assert text.startswith("La salle Prado est déjà réservée")


@pytest.mark.parametrize(
    ("weekdays", "french", "english"),
    [
        (range(7), "tous les jours de 08:00 à 20:00", "every day from 08:00 to 20:00"),
        ((0, 1), "le lundi et mardi de", "Monday and Tuesday from"),
        ((0, 2, 4), "le lundi, mercredi et vendredi de", "Monday, Wednesday and Friday from"),
        ((1, 2, 3), "du mardi au jeudi de", "Tuesday to Thursday from"),
        ((6,), "le dimanche de", "Sunday from"),
    ],
)
def test_the_week_is_said_as_people_say_it(weekdays: object, french: str, english: str) -> None:
    hours = OpeningHours(frozenset(weekdays), time(8), time(20), 15)  # type: ignore[call-overload]
    refusal = Refusal(replace(PRADO, hours=hours), (Violation(Rule.OUTSIDE_OPENING_HOURS, TUESDAY),))

    assert french in refusal.sentences("fr")
    assert english in refusal.sentences("en")


@pytest.mark.parametrize(
    ("start", "end", "french", "english"),
    [
        ("2026-12-01 10:00", "2026-12-01 10:00", "mardi 1er décembre 2026 à 10:00", "Tuesday 1 December 2026 at 10:00"),
        ("2026-12-01 10:00:30", "2026-12-01 11:00", "de 10:00:30 à 11:00", "from 10:00:30 to 11:00"),
        (
            "2026-12-01 10:00",
            "2026-12-03 11:00",
            "du mardi 1er décembre 2026 à 10:00 au jeudi 3 décembre 2026 à 11:00",
            "from Tuesday 1 December 2026 at 10:00 to Thursday 3 December 2026 at 11:00",
        ),
        (
            "2026-12-01 00:00",
            "2026-12-03 00:00",
            "du mardi 1er décembre 2026 au mercredi 2 décembre 2026",
            "from Tuesday 1 December 2026 to Wednesday 2 December 2026",
        ),
        ("2027-02-21 08:00", "2027-02-21 09:00", "dimanche 21 février 2027 de", "Sunday 21 February 2027 from"),
    ],
)
def test_dates_follow_the_language_to_the_letter(start: str, end: str, french: str, english: str) -> None:
    refusal = Refusal(PRADO, (Violation(Rule.NOT_ON_QUARTER_HOUR, occurrence(start, end)),))

    assert french in refusal.sentences("fr")
    assert english in refusal.sentences("en")


def test_dates_beyond_the_calendar_are_told_at_its_ends() -> None:
    far = Occurrence(-(10**12), 10**13)

    text = Refusal(PRADO, (Violation(Rule.OUTSIDE_OPENING_HOURS, far),)).sentences("en")

    assert "9999" in text


def test_an_unknown_language_is_answered_in_english_and_a_region_in_its_language() -> None:
    assert booked().sentences("de") == booked().sentences("en")
    assert booked().sentences("fr-CA") == booked().sentences("fr")


@pytest.mark.parametrize(
    ("name", "said"),
    [("Amphi 3", "La salle Amphi 3 est"), ("salle bleue", "La salle bleue est"), ("Salle", "La salle Salle est")],
)
def test_a_room_is_called_by_its_name(name: str, said: str) -> None:
    refusal = Refusal(replace(PRADO, name=name), booked().violations)

    assert refusal.sentences("fr").startswith(said)


def test_a_first_of_the_month_is_the_only_ordinal() -> None:
    first, eleventh = at("2026-12-01 10:00"), at("2026-12-11 10:00")
    text = Refusal(
        PRADO, tuple(Violation(Rule.ROOM_ALREADY_BOOKED, Occurrence(each, each + 3600)) for each in (first, eleventh))
    ).sentences("fr")

    assert "1er décembre" in text
    assert "vendredi 11 décembre" in text


@pytest.mark.parametrize(
    ("violation", "french", "english"),
    [
        (
            Violation(Rule.EMPTY_BOOKING, occurrence("2026-12-01 10:00", "2026-12-01 10:00")),
            "La fin doit venir après le début : mardi 1er décembre 2026 à 10:00.",
            "The end must come after the start: Tuesday 1 December 2026 at 10:00.",
        ),
        (
            Violation(Rule.NOT_ON_QUARTER_HOUR, occurrence("2026-12-01 10:05", "2026-12-01 11:00")),
            "Les réservations commencent et finissent au quart d'heure, ce qui n'est pas le cas mardi 1er décembre 2026"
            " de 10:05 à 11:00.",
            "Bookings start and end on the quarter hour, which is not so Tuesday 1 December 2026 from 10:05 to 11:00.",
        ),
        (
            Violation(Rule.NOT_THE_ORGANISER, holder="Marie Dupont"),
            "Cette réservation est au nom de Marie Dupont : seuls son titulaire et les gestionnaires peuvent la"
            " modifier ou l'annuler.",
            "This booking is Marie Dupont's: only its organiser and the managers can change or cancel it.",
        ),
        (
            Violation(Rule.NOT_THE_ORGANISER),
            "Cette réservation n'est pas à votre nom : seuls son titulaire et les gestionnaires peuvent la modifier"
            " ou l'annuler.",
            "This booking is not yours: only its organiser and the managers can change or cancel it.",
        ),
        (
            Violation(Rule.NOT_THE_ORGANISER, detail="x@example.org"),
            "L'organisateur indiqué (x@example.org) n'est ni vous ni quelqu'un pour qui vous pouvez réserver.",
            "The organizer given (x@example.org) is neither you nor somebody for whom you can book.",
        ),
        (
            Violation(Rule.UID_IN_USE, href_name="other.ics"),
            "Cette réservation existe déjà dans la salle, sous un autre nom de fichier.",
            "This booking exists already in the room, under another file name.",
        ),
        (
            Violation(Rule.UID_IN_USE),
            "Une autre réservation est déjà enregistrée sous ce nom de fichier.",
            "Another booking is already stored under this file name.",
        ),
        (
            Violation.of(Unsupported(Reason.METHOD, "METHOD")),
            "Cet événement ne peut pas être enregistré : c'est une invitation (METHOD), pas un événement.",
            "This event cannot be stored: it is an invitation (METHOD), not an event.",
        ),
        (
            Violation.of(Unsupported(Reason.UNKNOWN_ZONE, "x" * 80)),
            f"Cet événement ne peut pas être enregistré : le fuseau horaire est inconnu ({'x' * 80}).",
            f"This event cannot be stored: the time zone is unknown ({'x' * 80}).",
        ),
        (
            Violation.of(Unsupported(Reason.UNKNOWN_ZONE)),
            "Cet événement ne peut pas être enregistré : le fuseau horaire est inconnu.",
            "This event cannot be stored: the time zone is unknown.",
        ),
    ],
)
def test_every_rule_has_its_sentence(violation: Violation, french: str, english: str) -> None:
    refusal = Refusal(PRADO, (violation,))

    assert refusal.sentences("fr") == french
    assert refusal.sentences("en") == english
