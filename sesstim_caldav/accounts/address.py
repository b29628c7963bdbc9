"""E-mail addresses: which ones may have an account, in the one form under which they are stored and compared.

The syntax of the part before the @ is email-validator's business (RFC 5321 section 4.1.2); the domain is compared with
the configured ones. Whatever two people could read as one address, and one mailbox could have many of, is refused:
letters that only look like Latin ones, quotes, comments, and `name+tag@` where people sign themselves up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from sesstim_caldav.settings import institutional_domain

MOST_CHARACTERS = 254
"""RFC 5321 section 4.5.3.1.3: a path of 256 octets, less its angle brackets."""

_ANY_DOMAIN = "example.org"
_LABELS = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ROUTE = re.compile(r"[%!/]")


class Reason(StrEnum):
    """Why an address is refused."""

    MISSING = "missing"
    TOO_LONG = "too long"
    CONTROL = "control characters"
    NOT_LATIN = "other than ASCII letters"
    SEVERAL = "several addresses"
    QUOTED = "quoted or with a comment"
    SYNTAX = "no address"
    FOREIGN = "foreign domain"
    TAG = "with a tag"
    ROUTE = "with a route"


class AddressRefused(ValueError):
    """An address that may not have an account; `domains` are those that may."""

    def __init__(self, reason: Reason, domains: Sequence[str]) -> None:
        super().__init__(f"{reason} (institutional domains: {', '.join(domains)})")
        self.reason = reason
        self.domains = tuple(domains)


def institutional_address(text: str, domains: Sequence[str], *, tags: bool = False) -> str:
    """The address in its one form, lower case ASCII without surrounding blanks.

    `domains` are those of the configuration; `tags`: an administrator may mean `name+tag@`. Raises `AddressRefused`.
    """

    def refuse(reason: Reason) -> AddressRefused:
        return AddressRefused(reason, domains)

    given = text.strip(" ")
    if not given:
        raise refuse(Reason.MISSING)
    if _CONTROL.search(given):
        raise refuse(Reason.CONTROL)
    if not given.isascii():  # before lower(): the Kelvin sign's lower case is an ordinary k
        raise refuse(Reason.NOT_LATIN)
    if len(given) > MOST_CHARACTERS:
        raise refuse(Reason.TOO_LONG)
    if any(mark in given for mark in '"()\\'):
        raise refuse(Reason.QUOTED)
    if given.count("@") > 1 or any(mark in given for mark in ",; "):
        raise refuse(Reason.SEVERAL)
    address = given.lower()
    local, at, domain = address.partition("@")
    if not at:
        raise refuse(Reason.SYNTAX)
    try:
        # whatever the domain is: names such as `.test` are refused there, and an administrator may well mean them
        validate_email(f"{local}@{_ANY_DOMAIN}", check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise refuse(Reason.SYNTAX) from None
    if not _LABELS.fullmatch(domain) or not institutional_domain(domain, domains):
        raise refuse(Reason.FOREIGN)
    if "xn--" in domain and domain not in domains:
        raise refuse(Reason.NOT_LATIN)
    if "+" in local and not tags:
        raise refuse(Reason.TAG)
    if _ROUTE.search(local):
        raise refuse(Reason.ROUTE)
    return address
