"""What mails say: the whole text of each stands in `golden/`, so that every change of a word is seen.

Run with `REWRITE_GOLDEN=1` to write the files anew, and read what has changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pytest
from building import at
from letters import text_of

from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import Room
from sesstim_caldav.mail.messages import Messages
from sesstim_caldav.settings import Settings

GOLDEN = Path(__file__).parent / "golden"
NOW = at("2026-12-01T09:30")
SECRET = "S" * 43
TO = "marie.dupont@univ-amu.fr"


def messages(**site: object) -> Messages:
    settings = Settings.model_validate(
        {
            "site": {"base_url": "https://salles.example.org", "contact": "salles@univ-amu.fr", **site},
            "rooms": [{"slug": "prado", "name": "Salle Prado"}, {"slug": "frioul", "name": "Salle Frioul"}],
        }
    )
    return Messages(settings, lambda: "0123456789abcdef")


def place(slug: str) -> Room:
    room = messages().settings.room(slug)
    assert room is not None
    return room


def an_hour(start: str) -> Occurrence:
    return Occurrence(at(start), at(start) + 3600)


LETTERS: dict[str, Callable[[str], EmailMessage]] = {
    "confirm-sign-up": lambda language: messages().confirm_sign_up(TO, SECRET, language, NOW),
    "account-exists": lambda language: messages().account_exists(TO, language, NOW),
    "choose-password": lambda language: messages().choose_password(TO, SECRET, language, NOW),
    "password-changed": lambda language: messages().password_changed(TO, language, NOW),
    "confirm-address": lambda language: messages().confirm_address("m@ird.fr", TO, SECRET, language, NOW),
    "booking-changed": lambda language: messages().booking_changed(
        TO,
        language,
        before=(place("prado"), [an_hour("2026-12-01T10:00")]),
        after=(place("frioul"), [an_hour("2026-12-02T14:15")]),
        title="Séminaire <doctorants>",
        by="Anne Leroy",
        reason="Le vidéoprojecteur est en panne.\nMerci de votre compréhension.",
        now=NOW,
    ),
    "booking-cancelled": lambda language: messages().booking_cancelled(
        TO,
        language,
        room=place("prado"),
        dates=[an_hour(f"2026-12-{day:02}T10:00") for day in range(1, 14)],
        title="",
        by="Anne Leroy",
        reason="",
        now=NOW,
    ),
    "booking-restored": lambda language: messages().booking_restored(
        TO,
        language,
        room=place("prado"),
        dates=[
            Occurrence(at("2026-12-01T10:00") + n * 604_800, at("2026-12-01T11:00") + n * 604_800) for n in range(500)
        ],
        title="Séminaire",
        by="Anne Leroy",
        now=NOW,
    ),
}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", LETTERS)
def test_each_mail_says_what_its_golden_file_says(name: str, language: str) -> None:
    file = GOLDEN / f"{name}.{language}.eml"
    written = LETTERS[name](language).as_bytes(policy=SMTP).replace(b"\r\n", b"\n")
    if os.environ.get("REWRITE_GOLDEN"):
        file.write_bytes(written)

    assert file.read_bytes() == written


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", LETTERS)
def test_each_mail_is_text_and_html_of_the_same_words_in_a_language(name: str, language: str) -> None:
    mail = LETTERS[name](language)

    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["Content-Language"] == language
    assert mail["Auto-Submitted"] == "auto-generated"
    assert f'<html lang="{language}">' in text_of(mail, "html")
    for line in text_of(mail).splitlines():
        if line.startswith("http"):
            assert f'href="{line}"' in text_of(mail, "html")


def test_what_people_typed_is_text_and_not_html() -> None:
    html = text_of(LETTERS["booking-changed"]("fr"), "html")

    assert "Séminaire &lt;doctorants&gt;" in html
    assert "<doctorants>" not in html


@pytest.mark.parametrize(
    "typed", ["Anne\r\nBcc: victim@evil.org", "Anne\nSubject: free", "Anne\u2028x", "Anne\0", "{{ 7*7 }}", "%s %(x)s"]
)
def test_nothing_typed_becomes_a_header(typed: str) -> None:
    mail = messages(name=typed).booking_cancelled(
        TO,
        "fr",
        room=place("prado"),
        dates=[an_hour("2026-12-01T10:00")],
        title=typed,
        by=typed,
        reason=f"{typed}\n.\r\nQUIT",
        now=NOW,
    )

    read = message_from_bytes(mail.as_bytes(policy=SMTP), policy=default)
    assert sorted(read.keys()) == sorted(
        [
            "Date",
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Language",
        ]
    )
    assert read["To"] == TO
    assert "49" not in text_of(mail)


def test_a_sender_may_have_a_name_of_any_letters() -> None:
    settings = Settings.model_validate({"mail": {"from": "Salles de l'été, SESSTIM <salles@univ-amu.fr>"}})

    mail = Messages(settings).password_changed(TO, "fr", NOW)

    read = message_from_bytes(mail.as_bytes(policy=SMTP), policy=default)
    assert read["From"].addresses[0].addr_spec == "salles@univ-amu.fr"
    assert read.as_bytes().isascii()


def test_every_mail_has_an_identity_of_its_own() -> None:
    ours = Messages(messages().settings)

    identities = {str(ours.password_changed(TO, "fr", NOW)["Message-ID"]) for _ in range(3)}

    assert len(identities) == 3
    assert all(each.endswith("@salles.example.org>") for each in identities)
