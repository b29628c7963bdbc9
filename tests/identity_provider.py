"""An identity provider for tests, in a process of its own (`organisation/provider.py`)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import requests

PROGRAM = Path(__file__).parent / "organisation" / "provider.py"


@dataclass
class Provider:
    """The provider's side of the stories: who has which claims, and what it answers to a browser that it was sent."""

    process: subprocess.Popen[str] = field(repr=False)
    issuer: str

    @classmethod
    def start(cls, port: int = 0) -> Provider:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the provider did not start"
        return cls(process, f"http://127.0.0.1:{int(line)}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()

    def knows(self, subject: str, **claims: object) -> None:
        """Gives somebody claims, in place of the ones he had."""
        assert requests.put(f"{self.issuer}/users/{quote(subject)}", json=claims, timeout=30).status_code == 204

    def rotates_its_keys(self) -> None:
        assert requests.put(f"{self.issuer}/keys", timeout=30).status_code == 204

    def answers(self, address: str, subject: str, **form: str) -> dict[str, str]:
        """Signs somebody in who was sent to an address; answers the parameters that he is sent back with."""
        assert address.startswith(self.issuer)
        page = requests.get(address, timeout=30)
        assert page.status_code == 200
        assert re.search(r"<form", unescape(page.text))
        back = requests.post(address, data={"sub": subject, **form}, timeout=30, allow_redirects=False)
        assert back.status_code == 302, back.text
        return dict(parse_qsl(urlsplit(back.headers["Location"]).query))
