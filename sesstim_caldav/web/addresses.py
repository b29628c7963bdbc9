"""What is wrong with an e-mail address, in words; each sentence names the domains that may have an account."""

from __future__ import annotations

from sesstim_caldav.accounts.address import AddressRefused, Reason
from sesstim_caldav.booking import sentences
from sesstim_caldav.web.visit import language, say

_REASONS = {
    Reason.MISSING: "Please type your e-mail address.",
    Reason.TOO_LONG: "This address is too long.",
    Reason.CONTROL: "This address holds characters that cannot be used here.",
    Reason.NOT_LATIN: "This address holds letters other than a to z, which can look the same.",
    Reason.SEVERAL: "Please type one address, without blanks.",
    Reason.QUOTED: "Please type the address alone, without quotation marks, brackets or a name.",
    Reason.SYNTAX: "This is not an e-mail address.",
    Reason.FOREIGN: "This is not an institutional address.",
    Reason.TAG: "Please leave out the plus sign and what follows it.",
    Reason.ROUTE: "This address holds signs that cannot be used here.",
}


def said_of_address(refused: AddressRefused) -> str:
    """A sentence on an address, and one that names the domains, in the visitor's language."""
    return f"{say(_REASONS[refused.reason])} {domains_taken(refused.domains)}"


def domains_taken(domains: tuple[str, ...]) -> str:
    """Which domains may have an account; one with a dot before it also in its subdomains."""
    named = [
        say("%(domain)s and its subdomains", domain=domain[1:]) if domain.startswith(".") else domain
        for domain in domains
    ]
    return say("Addresses of these domains are accepted: %(domains)s.", domains=sentences.listed(language(), named))
