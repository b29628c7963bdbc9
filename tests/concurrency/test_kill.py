"""A server killed in the middle of its work."""

from __future__ import annotations

import http.client
import signal
import threading
import time
from datetime import date, timedelta
from pathlib import Path

from building import a_booking
from running import Running, a_config, furnish, start

WRITERS = 4


def _write_until_killed(site: Running, round_: int, writer: int, acknowledged: list[str]) -> None:
    client = site.client()
    for n in range(10_000):
        day = date(2027, 1, 4) + timedelta(weeks=n // 5 + 2000 * round_, days=n % 5)
        name = f"{round_}-{writer}-{n}.ics"
        data = a_booking(on=str(day), at=f"{8 + writer:02}:00", until=f"{9 + writer:02}:00", uid=name)
        try:
            status = client("PUT", f"/dav/rooms/prado/{name}", data).status
        except (OSError, http.client.HTTPException):
            return
        assert status == 201
        acknowledged.append(name)


def test_what_was_acknowledged_is_there_after_kill_9_under_writes(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    furnish(config)
    acknowledged: list[str] = []
    for round_ in range(3):
        site = start(config, workers=2)
        writers = [
            threading.Thread(target=_write_until_killed, args=(site, round_, n, acknowledged)) for n in range(WRITERS)
        ]
        before = len(acknowledged)
        for writer in writers:
            writer.start()
        while len(acknowledged) < before + 40:
            assert any(writer.is_alive() for writer in writers)
            time.sleep(0.01)
        site.stop(signal.SIGKILL)
        for writer in writers:
            writer.join(60)
        assert site.command("verify").stdout.endswith("everything is as it should be\n")

    site = start(config)
    try:
        listing = site.client()("PROPFIND", "/dav/rooms/prado/", headers={"Depth": "1"}).text
    finally:
        assert site.stop() == 0
    assert [name for name in acknowledged if f"/{name}<" not in listing] == []
    assert len(acknowledged) >= 120
