"""Each rule module's own examples."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from booking.proposals import PRADO, judged

from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.booking.rules import RULES, RuleModule
from sesstim_caldav.booking.rules.example import Example
from sesstim_caldav.booking.violation import Rule

TAKEN = [pytest.param(m, e, id=f"{m.RULE}: {e.story}") for m in RULES for e in m.EXAMPLES.taken]
REFUSED = [pytest.param(m, e, id=f"{m.RULE}: {e.story}") for m in RULES for e in m.EXAMPLES.refused]


def test_there_is_one_module_for_every_rule_in_the_order_in_which_they_are_told() -> None:
    assert [module.RULE for module in RULES] == list(Rule)


@pytest.mark.parametrize(("module", "example"), TAKEN)
def test_taken(module: RuleModule, example: Example) -> None:
    assert module.RULE not in {violation.rule for violation in judged(example)}


@pytest.mark.parametrize(("module", "example"), REFUSED)
def test_refused(module: RuleModule, example: Example) -> None:
    assert module.RULE in {violation.rule for violation in judged(example)}


@pytest.mark.parametrize(("module", "example"), REFUSED)
def test_a_refusal_can_be_said_in_every_language(module: RuleModule, example: Example) -> None:
    refusal = Refusal(PRADO, tuple(judged(example)))

    french, english = refusal.sentences("fr"), refusal.sentences("en")

    assert french != english
    assert french.endswith(".")
    assert english.endswith(".")
    assert ElementTree.fromstring(refusal.xml("fr"))[-1].text == french
    assert ElementTree.fromstring(refusal.xml("fr")).find(f"{{urn:sesstim:booking}}{module.RULE}") is not None


def test_the_examples_without_an_alibi_break_nothing_at_all() -> None:
    """What one rule takes is refused by no other, but where the story is about a time outside of the hours or grid."""
    meant = {"a second": {Rule.NOT_ON_QUARTER_HOUR}}
    for module in RULES:
        for example in module.EXAMPLES.taken:
            broken = {violation.rule for violation in judged(example)}
            assert broken <= meant.get(example.story, set()), example.story
