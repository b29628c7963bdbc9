"""Thunderbird, headless, on a profile that is thrown away: what it keeps of a calendar on the network."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CALENDAR = "6d6e4c1a-0000-4000-8000-000000000001"
QUIET = {
    # nothing leaves this machine: what is not local goes to a proxy that is not there
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mailnews.start_page.enabled": False,
    "toolkit.telemetry.enabled": False,
}


def the_program() -> str:
    """Where Thunderbird is; skips where there is none, but not where all that is tested with must be there."""
    found = shutil.which("thunderbird")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Thunderbird is not installed, though CI installs it (.ci/run)")
        pytest.skip("Thunderbird is not installed (Debian's package thunderbird)")
    return found


@dataclass(frozen=True)
class Thunderbird:
    """A profile that subscribes to one address, with the calendar's cache switched on as it is by default."""

    folder: Path
    address: str

    def __post_init__(self) -> None:
        self.folder.mkdir()
        calendar = {"type": "ics", "uri": self.address, "name": "Feed", "readOnly": True, "cache.enabled": True}
        values = QUIET | {f"calendar.registry.{CALENDAR}.{key}": value for key, value in calendar.items()}
        lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in values.items()]
        (self.folder / "user.js").write_text("".join(lines))

    @contextmanager
    def running(self) -> Iterator[None]:
        with (self.folder.parent / "thunderbird.log").open("a") as log:
            process = subprocess.Popen(
                [the_program(), "--headless", "--no-remote", "--profile", str(self.folder)],
                env={**os.environ, "HOME": str(self.folder), "MOZ_HEADLESS": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)

    def titles(self) -> dict[str, str]:
        """The events that it has stored: UID and title."""
        return dict(self._stored("SELECT id, title FROM cal_events WHERE recurrence_id IS NULL"))

    def events(self) -> dict[str, tuple[int, int, str]]:
        """UID -> start and end (UTC epoch seconds) and the zone that it reads them in."""
        found = self._stored("SELECT id, event_start, event_end, event_start_tz FROM cal_events")
        return {uid: (start // 1_000_000, end // 1_000_000, zone) for uid, start, end, zone in found}

    def rules(self) -> dict[str, list[str]]:
        """UID -> the lines that make a series of it."""
        found: dict[str, list[str]] = {}
        for uid, text in self._stored("SELECT item_id, icalString FROM cal_recurrence"):
            found.setdefault(uid, []).append(text.strip())
        return found

    def _stored(self, query: str) -> list[tuple[object, ...]]:
        """Reads a copy: the running program has the file to itself."""
        copy = self.folder.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name in ("cache.sqlite", "cache.sqlite-wal"):
            if (self.folder / "calendar-data" / name).exists():
                shutil.copy(self.folder / "calendar-data" / name, copy)
        try:
            connection = sqlite3.connect(copy / "cache.sqlite")
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()
        except sqlite3.Error:
            return []  # not there yet, or copied half written

    def until(self, titles: dict[str, str], within: float = 100) -> None:
        """Waits until it has stored these events and no others."""
        limit = time.monotonic() + within
        while self.titles() != titles:
            assert time.monotonic() < limit, f"after {within} seconds it has {self.titles()}"
            time.sleep(0.5)
