"""caldav-server-tester finds the server to lack what notes/conformance.md says, and nothing else."""

from __future__ import annotations

from pathlib import Path

from clients.conformance import a_site_at_any_hour, features

LACKING = {
    "create-calendar": "unsupported",
    "create-calendar.auto": "unsupported",
    "principal-search": "ungraceful",
    "principal-search.by-name.self": "ungraceful",
    "principal-search.list-all": "ungraceful",
    "save-load.journal": "unsupported",
    "save-load.todo": "unsupported",
    "scheduling": "unsupported",
    "search.text.comp-type-optional": "unsupported",
    "search.time-range.todo": "ungraceful",
}
UNDECIDED = ("full", "unknown")


def test_the_protocol_lacks_nothing_but_what_is_documented(tmp_path: Path) -> None:
    with a_site_at_any_hour(tmp_path) as running:
        found = {name: told.get("support", "full") for name, told in features(running.url).items()}

    assert {name: support for name, support in found.items() if support not in UNDECIDED} == LACKING
    assert list(found.values()).count("full") >= 60
