"""Holds every answer of the API against its description, in each story that a browser of `browsing` takes part in."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from typing import Any

from flask import request
from flask.wrappers import Response
from jsonschema import Draft202012Validator

from sesstim_caldav.web.api import openapi

_OPEN = {"Trouble"}
"""Schemas whose answers may say more than they promise."""


def check(response: Response) -> Response:
    """For `after_request`: fails the test whose request got an answer that is not described."""
    if request.path.startswith("/api/") and request.method not in ("HEAD", "OPTIONS"):
        told = _operation()["responses"] if request.url_rule is not None else {}
        if request.url_rule is None or response.status_code == 405:
            _fits({"$ref": "#/components/schemas/Trouble"}, response.get_json())
        else:
            status = str(response.status_code)
            assert status in told, (
                f"{request.method} {request.path} is not known to answer {status}: {response.get_data(as_text=True)}"
            )
            content = told[status].get("content", {})
            if not content:
                assert not response.get_data()
            else:
                assert response.mimetype in content
                if response.mimetype == "application/json":
                    _fits(content[response.mimetype]["schema"], response.get_json())
    return response


def _operation() -> dict[str, Any]:
    assert request.url_rule is not None
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", request.url_rule.rule)
    found: dict[str, Any] = openapi.document()["paths"][path].get(request.method.lower(), {"responses": {}})
    return found


def _fits(schema: dict[str, Any], answer: Any) -> None:
    errors = list(_validator(json.dumps(schema)).iter_errors(answer))
    assert not errors, f"{request.method} {request.path}: {errors[0].message} at {list(errors[0].absolute_path)}"


@cache
def _validator(schema: str) -> Draft202012Validator:
    wanted = {**json.loads(schema), "components": _strict()}
    return Draft202012Validator(wanted)


@cache
def _strict() -> dict[str, Any]:
    """The description's schemas, with nothing allowed beside what they name."""
    components: dict[str, Any] = copy.deepcopy(openapi.document()["components"])
    for name, schema in components["schemas"].items():
        if schema.get("type") == "object" and name not in _OPEN:
            schema["additionalProperties"] = False
    return components
