"""One slot, many who want it, all at the same moment."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from building import a_booking
from running import MARIE, PAUL, Client, Running, a_config, a_running_site, furnish

from sesstim_caldav import settings as configuration
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.office import Office

RACERS = 32
ROUNDS = 20


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    with a_running_site(tmp_path, workers=2) as running:
        yield running


def test_of_thirty_two_clients_one_gets_the_slot_and_the_others_are_refused(site: Running) -> None:
    clients = [site.client(MARIE if number % 2 else PAUL) for number in range(RACERS)]
    gate = threading.Barrier(RACERS)
    answers: list[Counter[int]] = [Counter() for _ in range(ROUNDS)]
    days = [date(2027, 1, 4) + timedelta(weeks=n // 5, days=n % 5) for n in range(ROUNDS)]

    def race(number: int, client: Client) -> None:
        client("PROPFIND", "/dav/", headers={"Depth": "0"})  # the connection stands before the gate opens
        for n, day in enumerate(days):
            overlapping = ("10:00", "11:00") if number % 3 else ("10:30", "11:30")
            data = a_booking(on=str(day), at=overlapping[0], until=overlapping[1], uid=f"race-{n}-{number}")
            gate.wait(60)
            path = f"/dav/rooms/prado/race-{n}-{number}.ics"
            answers[n][client("PUT", path, data, {"If-None-Match": "*"}).status] += 1
        client.close()

    threads = [threading.Thread(target=race, args=pair) for pair in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [Counter({201: 1, 403: RACERS - 1})] * ROUNDS
    assert site.command("verify").returncode == 0


def _race(config: Path, number: int, gate: threading.Barrier, taken: multiprocessing.Queue[str]) -> None:
    with Office.open(configuration.load(config)) as office:
        account = office.accounts.by_email(MARIE)
        assert account is not None
        gate.wait(60)
        for n in range(10):
            data = a_booking(on="2027-01-04", at=f"{8 + n:02}:00", until=f"{9 + n:02}:00", uid=f"{n}-{number}")
            try:
                office.reception.book(account, "prado", f"{n}-{number}.ics", data)
            except Refusal:
                continue
            taken.put(f"{n}")


def test_processes_that_open_the_store_themselves_exclude_one_another_too(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    furnish(config)
    spawn = multiprocessing.get_context("spawn")
    gate, taken = spawn.Barrier(4), spawn.Queue()
    racers = [spawn.Process(target=_race, args=(config, number, gate, taken)) for number in range(4)]
    for racer in racers:
        racer.start()
    winners = sorted(taken.get(timeout=60) for _ in range(10))
    for racer in racers:
        racer.join(60)

    assert winners == [f"{n}" for n in range(10)]
    assert [racer.exitcode for racer in racers] == [0] * 4
    assert taken.empty()
