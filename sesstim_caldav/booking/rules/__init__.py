"""The rules of booking, one module each: the check, its sentence in each language, examples taken and refused.

A check is a pure function of the proposal. The order here is the order in which broken rules are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sesstim_caldav.booking.proposal import Proposal, Room
from sesstim_caldav.booking.rules import (
    empty_booking,
    not_on_quarter_hour,
    not_the_organiser,
    outside_opening_hours,
    room_already_booked,
    uid_in_use,
    unsupported_calendar_data,
)
from sesstim_caldav.booking.rules.example import Examples
from sesstim_caldav.booking.rules.not_the_organiser import may_change
from sesstim_caldav.booking.violation import Rule, Violation

__all__ = ["RULES", "RuleModule", "judge", "may_change"]


class RuleModule(Protocol):
    """What each module here holds."""

    RULE: Rule
    EXAMPLES: Examples

    def check(self, proposal: Proposal) -> Iterator[Violation]:
        """The violations of this rule, in the order of the occurrences."""

    def sentence(self, language: str, room: Room, violations: list[Violation]) -> str:
        """What is wrong, in "fr" or "en"; `violations` are this rule's, at least one."""


RULES: tuple[RuleModule, ...] = (
    not_the_organiser,
    uid_in_use,
    unsupported_calendar_data,
    empty_booking,
    outside_opening_hours,
    not_on_quarter_hour,
    room_already_booked,
)


def judge(proposal: Proposal) -> list[Violation]:
    """Every rule that the proposal breaks, on every occurrence and once each; empty where it can be had."""
    return list(dict.fromkeys(violation for rule in RULES for violation in rule.check(proposal)))
