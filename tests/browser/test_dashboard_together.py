"""Several people at one dashboard: whose booking it is, who may change it, and two who change the same."""

from __future__ import annotations

import json
import re

import pytest
from board import LANGUAGES, WORDS, booking, day, dialog, drag, held, line, middle, names, put, seated, toast
from building import a_booking
from chromium import Site
from playwright.sync_api import expect
from running import ANNE, MARIE, PAUL

DAY = "2027-02-02"  # a Tuesday
NOW_ON = {
    "fr": "Elle est maintenant mardi 2 février 2027 de 16:00 à 17:00.",
    "en": "It is now on Tuesday 2 February 2027 from 16:00 to 17:00.",
}
KEEP = {"fr": "Garder mes modifications", "en": "Keep my changes"}
SEE = {"fr": "Voir la version actuelle", "en": "See the current version"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_second_of_two_who_change_a_booking_is_told_what_changed(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    put(dashboard, a_booking(on=DAY, uid="one", summary="Point"))
    page = day(seated(dashboard, MARIE, language), DAY)
    booking(page, "Point").dblclick()
    box = dialog(page)
    box.get_by_role("textbox", name="Note").fill("Point d’étape")

    put(dashboard, a_booking(on=DAY, at="16:00", until="17:00", uid="one", summary="Point"), email=ANNE, status=204)
    box.get_by_role("button", name=words.confirm).click()
    told = box.get_by_role("alert")
    expect(told).to_contain_text(NOW_ON[language])
    assert held(dashboard, "prado", DAY) == ["2027-02-02 16:00-17:00 Point"]

    told.get_by_role("button", name=SEE[language]).click()
    expect(box.get_by_role("combobox", name=words.start)).to_have_value("16:00")
    box.get_by_role("textbox", name="Note").fill("Point d’étape")
    box.get_by_role("button", name=words.confirm).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 16:00-17:00 Point d’étape"]


def test_who_knows_what_changed_can_keep_his_own(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, uid="one", summary="Point"))
    page = day(seated(dashboard, MARIE), DAY)
    booking(page, "Point").dblclick()
    box = dialog(page)
    box.get_by_role("combobox", name="Start").fill("09:00")
    put(dashboard, a_booking(on=DAY, at="16:00", until="17:00", uid="one", summary="Point"), email=ANNE, status=204)
    box.get_by_role("button", name="Confirm").click()
    box.get_by_role("button", name=KEEP["en"]).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 09:00-10:00 Point"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_anothers_booking_can_be_read_and_not_changed(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    put(dashboard, a_booking(on=DAY, summary="Jury", extra="DESCRIPTION:Salle fermée"), email=PAUL)
    page = day(seated(dashboard, MARIE, language), DAY)
    drag(page, middle(booking(page, "Jury")), line(page).at("14:30"))
    expect(booking(page, "Jury", "10:00–11:00", "Paul Martin")).to_be_visible()

    booking(page, "Jury").dblclick()
    box = dialog(page)
    expect(box).to_contain_text("Salle fermée")
    expect(box.get_by_role("link", name="Paul Martin")).to_be_visible()
    expect(box.get_by_role("button")).to_have_count(1)
    expect(box.get_by_role("textbox")).to_have_count(0)
    box.get_by_role("button", name=words.close).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Jury"]


def test_anothers_booking_is_not_changed_by_a_direct_request(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, summary="Jury"), email=PAUL)
    page = day(seated(dashboard, MARIE), DAY)
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Referer": page.url}
    name = names(dashboard)[0]
    found = page.request.get(f"/api/bookings/prado/{name}").json()
    draft = {each: found[each] for each in ("room", "date", "title", "description", "private", "repeat")}
    change = {"scope": "all", "recurrence": None, "etag": found["etag"]}

    moved = page.request.patch(
        f"/api/bookings/prado/{name}",
        headers=headers,
        data=json.dumps(change | {"draft": draft | {"start": "14:00", "end": "15:00", "excluding": [], "also": []}}),
    )
    assert moved.status == 403
    assert [rule["code"] for rule in moved.json()["refusal"]["rules"]] == ["not-the-organiser"]
    gone = page.request.delete(f"/api/bookings/prado/{name}", headers=headers, data=json.dumps(change))
    assert gone.status == 403
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Jury"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_private_booking_shows_others_that_the_room_is_taken_and_by_whom(dashboard: Site, language: str) -> None:
    put(dashboard, a_booking(on=DAY, summary="Entretien", extra="CLASS:PRIVATE"), email=PAUL)
    page = day(seated(dashboard, MARIE, language), DAY)
    expect(booking(page, {"fr": "Réservé", "en": "Reserved"}[language], "10:00–11:00", "Paul Martin")).to_be_visible()
    assert "Entretien" not in page.content()


REASON = {"fr": "Motif (envoyé à l’organisateur)", "en": "Reason (sent to the organiser)"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_manager_moves_anothers_booking_and_its_organiser_is_told_why(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    before = len(dashboard.sink.mails)
    put(dashboard, a_booking(on=DAY, summary="Jury"), email=PAUL)
    page = day(seated(dashboard, ANNE, language), DAY)
    booking(page, "Jury").dblclick()
    box = dialog(page)
    box.get_by_role("combobox", name=words.room).select_option(label="Salle Calanques")
    box.get_by_role("textbox", name=REASON[language]).fill("Le vidéoprojecteur est en panne.")
    box.get_by_role("button", name=words.confirm).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "calanques", DAY) == ["2027-02-02 10:00-11:00 Jury"]

    mail = dashboard.sink.mail_to(PAUL, since=before).get_body(("plain",))
    assert mail is not None
    text = mail.get_content()
    assert "Le vidéoprojecteur est en panne." in text
    assert re.search(r"Anne\s+Leroy", text)
    assert "Salle Calanques" in text


def test_a_manager_who_drags_anothers_booking_is_asked_why(dashboard: Site) -> None:
    before = len(dashboard.sink.mails)
    put(dashboard, a_booking(on=DAY, summary="Jury"), email=PAUL)
    page = day(seated(dashboard, ANNE), DAY)
    drag(page, middle(booking(page, "Jury")), line(page).at("14:30"))
    dialog(page).get_by_role("textbox", name=REASON["en"]).fill("The dean comes.")
    dialog(page).get_by_role("button", name="Confirm").click()
    expect(toast(page, "Moved: Salle Prado, Tuesday 2 February, 14:00–15:00")).to_be_visible()
    assert held(dashboard, "prado", DAY) == ["2027-02-02 14:00-15:00 Jury"]
    mail = dashboard.sink.mail_to(PAUL, since=before).get_body(("plain",))
    assert mail is not None
    assert "The dean comes." in mail.get_content()


def test_a_manager_who_was_overtaken_and_keeps_his_own_still_says_why(dashboard: Site) -> None:
    before = len(dashboard.sink.mails)
    put(dashboard, a_booking(on=DAY, uid="one", summary="Jury"), email=PAUL)
    page = day(seated(dashboard, ANNE), DAY)
    booking(page, "Jury").dblclick()
    box = dialog(page)
    box.get_by_role("combobox", name="Start").fill("09:00")
    box.get_by_role("textbox", name=REASON["en"]).fill("The dean comes.")
    put(dashboard, a_booking(on=DAY, at="16:00", until="17:00", uid="one", summary="Jury"), email=PAUL, status=204)
    box.get_by_role("button", name="Confirm").click()
    box.get_by_role("button", name=KEEP["en"]).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 09:00-10:00 Jury"]
    mail = dashboard.sink.mail_to(PAUL, since=before).get_body(("plain",))
    assert mail is not None
    assert "The dean comes." in mail.get_content()


def test_a_manager_cancels_anothers_booking_and_its_organiser_is_told_why(dashboard: Site) -> None:
    before = len(dashboard.sink.mails)
    put(dashboard, a_booking(on=DAY, summary="Jury"), email=PAUL)
    page = day(seated(dashboard, ANNE), DAY)
    booking(page, "Jury").dblclick()
    box = dialog(page)
    box.get_by_role("textbox", name=REASON["en"]).fill("Works in the corridor.")
    box.get_by_role("button", name="Delete booking").click()
    expect(toast(page, "Booking deleted")).to_be_visible()
    assert held(dashboard, "prado", DAY) == []
    mail = dashboard.sink.mail_to(PAUL, since=before).get_body(("plain",))
    assert mail is not None
    assert "Works in the corridor." in mail.get_content()


def test_a_manager_books_on_behalf_of_a_member(dashboard: Site) -> None:
    page = day(seated(dashboard, ANNE), DAY)
    line(page).drag("10:00", "11:00")
    box = dialog(page)
    box.get_by_role("textbox", name="Note").fill("Jury")
    box.get_by_role("button", name="Advanced options").click()
    box.get_by_role("combobox", name="On behalf of").press_sequentially("Paul")
    box.get_by_role("option", name="Paul Martin").click()
    box.get_by_role("button", name="Confirm").click()
    expect(booking(page, "Jury", "10:00–11:00", "Paul Martin")).to_be_visible()
