"""The description of the API: complete, well formed, and readable by everybody."""

from __future__ import annotations

import re

from browsing import a_browser
from building import Lab
from jsonschema import Draft202012Validator

from sesstim_caldav.web.api import openapi


def test_every_address_is_described_and_none_that_there_is_not(lab: Lab) -> None:
    rules = a_browser(lab.office).client.application.url_map.iter_rules()
    served = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    described = {(method, path) for path, methods in openapi.document()["paths"].items() for method in methods}
    assert described == served


def test_the_description_needs_no_account_and_is_what_it_says(lab: Lab) -> None:
    answer = a_browser(lab.office).get("/api/openapi.json")

    assert (answer.status_code, answer.json["openapi"]) == (200, "3.1.0")
    assert answer.json == openapi.document()
    for schema in answer.json["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere() -> None:
    document = openapi.document()
    names = set(re.findall(r"'#/components/schemas/(\w+)'", repr(document)))

    assert len(names) > 20
    assert names <= set(document["components"]["schemas"])
