"""The answer to a request that breaks a rule: every rule, on which occurrence, in words and in XML."""

from __future__ import annotations

import re
from itertools import groupby

from sesstim_caldav.booking.proposal import Room
from sesstim_caldav.booking.rules import RULES
from sesstim_caldav.booking.violation import Rule, Violation

__all__ = ["OCCURRENCES_TOLD", "Refusal", "Rule", "Violation"]

OCCURRENCES_TOLD = 10

_MODULES = {module.RULE: module for module in RULES}
_ORDER = {rule: place for place, rule in enumerate(Rule)}
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


class Refusal(Exception):
    """A request that broke rules; nothing was stored."""

    def __init__(self, room: Room, violations: tuple[Violation, ...]) -> None:
        super().__init__(room, violations)
        self.room = room
        self.violations = tuple(sorted(violations, key=lambda violation: _ORDER[violation.rule]))

    def __str__(self) -> str:
        return self.sentences("en")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules broken, each once."""
        return tuple(dict.fromkeys(violation.rule for violation in self.violations))

    def broken(self, rule: Rule) -> list[Violation]:
        """The violations of one rule."""
        return [violation for violation in self.violations if violation.rule is rule]

    def sentences(self, language: str) -> str:
        """One text that names every rule broken; `language` is "fr" or "en" (any other is answered in English)."""
        spoken = language_spoken(language)
        return " ".join(
            _MODULES[rule].sentence(spoken, self.room, list(violations))
            for rule, violations in groupby(self.violations, key=lambda violation: violation.rule)
        )

    def xml(self, language: str, uid_href: str | None = None) -> bytes:
        """The body of the answer: a DAV:error (RFC 4918 16) with one element for each rule.

        `uid_href` is the address of the resource in the way of a UID, for CALDAV:no-uid-conflict (RFC 4791 5.3.2.1).
        """
        parts = [
            '<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:" xmlns:B="urn:sesstim:booking"'
            ' xmlns:C="urn:ietf:params:xml:ns:caldav">\n  <D:need-privileges/>\n'
        ]
        for rule, group in groupby(self.violations, key=lambda violation: violation.rule):
            parts.append(self._element(rule, list(group)))
        parts += [f"  <C:{name}/>\n" for name in self._preconditions()]
        if Rule.UID_IN_USE in self.rules:
            href = f"<D:href>{_escaped(uid_href)}</D:href>" if uid_href else ""
            parts.append(f"  <C:no-uid-conflict>{href}</C:no-uid-conflict>\n")
        spoken = language_spoken(language)
        parts.append(
            f'  <D:responsedescription xml:lang="{spoken}">{_escaped(self.sentences(spoken))}</D:responsedescription>\n'
            "</D:error>\n"
        )
        return "".join(parts).encode()

    def _element(self, rule: Rule, violations: list[Violation]) -> str:
        told = [violation for violation in violations if violation.occurrence is not None]
        if not told:
            return f"  <B:{rule}/>\n"
        count = f' count="{len(told)}"' if len(told) > OCCURRENCES_TOLD else ""
        lines = "".join(self._occurrence(violation) for violation in told[:OCCURRENCES_TOLD])
        return f"  <B:{rule}{count}>\n{lines}  </B:{rule}>\n"

    def _occurrence(self, violation: Violation) -> str:
        assert violation.occurrence is not None
        start = self.room.clock(violation.occurrence.start).isoformat()
        end = self.room.clock(violation.occurrence.end).isoformat()
        holder = f' organizer="{_escaped(violation.holder)}"' if violation.holder else ""
        return f'    <B:occurrence start="{start}" end="{end}"{holder}/>\n'

    def _preconditions(self) -> list[str]:
        return list(dict.fromkeys(str(v.precondition.value) for v in self.violations if v.precondition is not None))


def language_spoken(language: str) -> str:
    """The language among those that have sentences: "fr-CA" is answered in "fr", "de" in "en"."""
    return "fr" if language.lower().startswith("fr") else "en"


def _escaped(text: str) -> str:
    """Text for an XML attribute or element; characters that XML 1.0 cannot carry are left out."""
    return _NOT_IN_XML.sub("", text).translate(_ESCAPES)
