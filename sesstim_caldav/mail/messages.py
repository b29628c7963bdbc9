"""What mails say: one method a message, in the reader's language, as plain text and HTML of the same words.

Addresses in links begin with `site.base_url`, whatever a request said. Before an address is confirmed, nothing that
somebody typed stands in a mail to it: he may be a stranger.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from gettext import NullTranslations
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from sesstim_caldav.booking import sentences
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import Room
from sesstim_caldav.language import translations
from sesstim_caldav.settings import Settings

DATES_NAMED = 3
MANY = 500
"""So many dates of a series are as good as without end: their number is not told."""


@dataclass(frozen=True, slots=True)
class Link:
    """What to click on: its words and its address."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a mail, all in one language."""

    subject: str
    paragraphs: Sequence[str]
    link: Link | None = None
    afterwards: Sequence[str] = ()
    quotation: str = ""


class Messages:
    """The mails of a site, each to be put into the outbox. `now` is in UTC epoch seconds throughout."""

    def __init__(self, settings: Settings, new_id: Callable[[], str] = lambda: secrets.token_hex(16)) -> None:
        self.settings = settings
        self._new_id = new_id

    # -- accounts

    def confirm_sign_up(self, to: str, secret: str, language: str, now: int) -> EmailMessage:
        """To a new member's address, perhaps a stranger's."""
        words = self._words(language)
        letter = Letter(
            words.gettext("%(site)s: confirm your address") % self._site,
            [
                words.gettext("This address was given to open an account for booking the rooms of %(site)s.")
                % self._site,
                words.gettext("Please confirm that it is yours; you can then sign in."),
            ],
            Link(words.gettext("Confirm my address"), self._address(f"confirm/{secret}")),
            [
                self._valid_hours(words),
                words.gettext("If you did not ask for an account, ignore this message: none will be opened."),
            ],
        )
        return self._message(to, letter, language, now)

    def account_exists(self, to: str, language: str, now: int) -> EmailMessage:
        """To the owner of an account whose address somebody signed up with again."""
        words = self._words(language)
        letter = Letter(
            words.gettext("%(site)s: you have an account already") % self._site,
            [
                words.gettext("Somebody, perhaps you, asked to open an account at %(site)s with this address.")
                % self._site,
                words.gettext(
                    "You have one already, and nothing about it was changed. "
                    "If you forgot the password, you can choose another."
                ),
            ],
            Link(words.gettext("Choose a new password"), self._address("reset")),
            [words.gettext("If it was not you, there is nothing to do.")],
        )
        return self._message(to, letter, language, now)

    def choose_password(self, to: str, secret: str, language: str, now: int) -> EmailMessage:
        """To a member who forgot the password."""
        words = self._words(language)
        minutes = self.settings.accounts.reset_minutes
        letter = Letter(
            words.gettext("%(site)s: choose a new password") % self._site,
            [words.gettext("A new password was asked for, for your account at %(site)s.") % self._site],
            Link(words.gettext("Choose a new password"), self._address(f"reset/{secret}")),
            [
                words.ngettext(
                    "The link works once, within one minute.", "The link works once, within %(n)d minutes.", minutes
                )
                % {"n": minutes},
                words.gettext("If you did not ask for it, ignore this message: your password stays as it is."),
            ],
        )
        return self._message(to, letter, language, now)

    def password_changed(self, to: str, language: str, now: int) -> EmailMessage:
        """To a member whose password was changed, in case it was not he."""
        words = self._words(language)
        moment = datetime.fromtimestamp(now - now % 60, self.settings.zone)
        facts = self._site | {"day": sentences.day(language, moment.date()), "hour": sentences.hour(moment.time())}
        letter = Letter(
            words.gettext("%(site)s: your password was changed") % self._site,
            [
                words.gettext("The password of your account at %(site)s was changed on %(day)s at %(hour)s.") % facts,
                words.gettext("You were signed out of your other browsers. Application passwords still work."),
            ],
            Link(words.gettext("It was not me: choose a new password"), self._address("reset")),
        )
        return self._message(to, letter, language, now)

    def confirm_address(self, to: str, member: str, secret: str, language: str, now: int) -> EmailMessage:
        """To a further address that a member (named by his first one) gave, perhaps a stranger's."""
        words = self._words(language)
        letter = Letter(
            words.gettext("%(site)s: confirm this further address") % self._site,
            [
                words.gettext("At %(site)s, %(member)s gave this address as a further one of their own.")
                % (self._site | {"member": member}),
                words.gettext("Once it is confirmed, bookings that name it as their organiser are theirs."),
            ],
            Link(words.gettext("Confirm my address"), self._address(f"confirm/{secret}")),
            [
                self._valid_hours(words),
                words.gettext("If you did not ask for this, ignore this message: nothing will happen."),
            ],
        )
        return self._message(to, letter, language, now)

    # -- bookings

    def booking_changed(
        self,
        to: str,
        language: str,
        *,
        before: tuple[Room, Sequence[Occurrence]],
        after: tuple[Room, Sequence[Occurrence]],
        title: str,
        by: str,
        reason: str,
        now: int,
    ) -> EmailMessage:
        """To the organiser of a booking that the manager `by` changed; before and after: the room and the dates."""
        words = self._words(language)
        facts = self._site | {"by": by, "title": title}
        told = [
            words.gettext("%(by)s changed your booking “%(title)s”.") % facts
            if title
            else words.gettext("%(by)s changed one of your bookings.") % facts,
            words.gettext("It was: %(dates)s") % {"dates": self._dates(language, *before)},
            words.gettext("It is now: %(dates)s") % {"dates": self._dates(language, *after)},
        ]
        return self._of_booking(to, language, words.gettext("%(site)s: your booking was changed"), told, reason, now)

    def booking_cancelled(
        self,
        to: str,
        language: str,
        *,
        room: Room,
        dates: Sequence[Occurrence],
        title: str,
        by: str,
        reason: str,
        now: int,
    ) -> EmailMessage:
        """To the organiser of a booking that the manager `by` cancelled, or of which he cancelled these dates."""
        words = self._words(language)
        facts = self._site | {"by": by, "title": title}
        told = [
            words.gettext("%(by)s cancelled your booking “%(title)s”.") % facts
            if title
            else words.gettext("%(by)s cancelled one of your bookings.") % facts,
            words.gettext("It was: %(dates)s") % {"dates": self._dates(language, room, dates)},
        ]
        return self._of_booking(to, language, words.gettext("%(site)s: your booking was cancelled"), told, reason, now)

    def booking_restored(
        self,
        to: str,
        language: str,
        *,
        room: Room,
        dates: Sequence[Occurrence],
        title: str,
        by: str,
        now: int,
    ) -> EmailMessage:
        """To the organiser of a booking of which the manager `by` takes back a change or a cancellation."""
        words = self._words(language)
        facts = self._site | {"by": by, "title": title}
        told = [
            words.gettext("%(by)s took back the change to your booking “%(title)s”.") % facts
            if title
            else words.gettext("%(by)s took back the change to one of your bookings.") % facts,
            words.gettext("It is now: %(dates)s") % {"dates": self._dates(language, room, dates)},
        ]
        return self._of_booking(to, language, words.gettext("%(site)s: your booking is as it was"), told, "", now)

    def _of_booking(self, to: str, language: str, subject: str, told: list[str], reason: str, now: int) -> EmailMessage:
        """What a manager did to a booking: told, why in his own words (""; nothing was said), and where it is seen."""
        words, why = self._words(language), reason.strip()
        letter = Letter(
            subject % self._site,
            [*told, words.gettext("The reason given:")] if why else told,
            Link(words.gettext("My bookings"), self._address("bookings")),
            quotation=why,
        )
        return self._message(to, letter, language, now)

    # -- inside

    @property
    def _site(self) -> dict[str, str]:
        return {"site": self.settings.site.name}

    def _words(self, language: str) -> NullTranslations:
        return translations(language)

    def _address(self, path: str) -> str:
        return f"{self.settings.site.base_url}/{path}"

    def _valid_hours(self, words: NullTranslations) -> str:
        hours = self.settings.accounts.confirm_hours
        once = words.ngettext(
            "The link works once, within one hour.", "The link works once, within %(n)d hours.", hours
        )
        return once % {"n": hours}

    def _dates(self, language: str, room: Room, dates: Sequence[Occurrence]) -> str:
        named = [sentences.span(language, room, one) for one in dates[:DATES_NAMED]]
        others = len(dates) - len(named)
        if len(dates) >= MANY:
            named.append(self._words(language).gettext("so on"))
        elif others:
            named.append(self._words(language).ngettext("one other date", "%(n)d other dates", others) % {"n": others})
        return f"{room.name}, {sentences.listed(language, named)}"

    def _message(self, to: str, letter: Letter, language: str, now: int) -> EmailMessage:
        identity = self._new_id()
        message = EmailMessage(policy=SMTP)
        message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
        name, address = self.settings.mail.mailbox
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = " ".join(letter.subject.split())
        message["Message-ID"] = f"<{identity}@{urlsplit(self.settings.site.base_url).hostname or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        values = {"letter": letter, "site": self.settings.site, "language": language}
        templates = _templates(language)
        message.set_content(templates.get_template("letter.txt").render(values), cte="quoted-printable")
        message.add_alternative(
            templates.get_template("letter.html").render(values), subtype="html", cte="quoted-printable"
        )
        message["Content-Language"] = language  # here, for set_content() takes away what begins with Content-
        message.set_boundary(f"=_{hashlib.sha256(identity.encode()).hexdigest()[:32]}")
        return message


@lru_cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("sesstim_caldav.mail"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    return environment
