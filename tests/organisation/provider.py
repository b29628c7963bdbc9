"""An identity provider in a process of its own: oidc-provider-mock, made stricter and more malicious.

Stricter: a code is only given for a token to whoever knows the verifier of its challenge (RFC 7636). More malicious, by
claims of its users: `forged` spoils the signature of their ID tokens, `thin` leaves everything but the subject to the
user info; claims such as `aud`, `exp`, `iss` and `nonce` stand in ID tokens as they are, whatever is right.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import warnings
from typing import Any
from urllib.parse import parse_qs, urlsplit

warnings.simplefilter("ignore")

import flask  # noqa: E402
import oidc_provider_mock  # noqa: E402
from authlib.jose import RSAKey  # noqa: E402
from oidc_provider_mock import _app  # noqa: E402
from oidc_provider_mock._storage import storage  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

app = oidc_provider_mock.app()
challenges: dict[str, str] = {}
told_to_user_info = _app.OpenIDCode.generate_user_info


def claims_of(self: Any, user: Any, scope: str) -> dict[str, object]:
    claims = told_to_user_info(self, user, scope)
    return {"sub": user.sub} if claims.get("thin") else claims


_app.OpenIDCode.generate_user_info = claims_of


@app.put("/keys")
def new_keys() -> tuple[str, int]:
    storage.jwk = RSAKey.generate_key(is_private=True)
    return "", 204


@app.before_request
def check_verifier() -> flask.Response | None:
    if flask.request.path != "/oauth2/token":
        return None
    form = flask.request.form
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenges.get(form.get("code", "")):
        return None
    return flask.make_response({"error": "invalid_grant", "error_description": "PKCE"}, 400)


@app.after_request
def remember_challenge(response: flask.Response) -> flask.Response:
    if flask.request.path == "/oauth2/authorize" and response.location:
        assert flask.request.args["code_challenge_method"] == "S256"
        for code in parse_qs(urlsplit(response.location).query).get("code", []):
            challenges[code] = flask.request.args["code_challenge"]
    elif flask.request.path == "/oauth2/token" and response.status_code == 200:
        token = response.get_json()
        head, payload, signature = token["id_token"].split(".")
        if json.loads(base64.urlsafe_b64decode(payload + "==")).get("forged"):
            token["id_token"] = f"{head}.{payload}.{signature[::-1]}"
            response.set_data(json.dumps(token))
    return response


if __name__ == "__main__":
    server = make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()
