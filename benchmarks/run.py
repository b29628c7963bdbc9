"""Compares this server with others on this machine and prints a table: server CPU, milliseconds for one request.

python -m benchmarks.run
    this server, Radicale 3.9 and (if installed) Cyrus, 1,000 bookings in the room
python -m benchmarks.run --servers sesstim --sizes 1000,100000
    this server alone, at two sizes
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks import agenda
from benchmarks.scenarios import SCENARIOS, TAKEN, Bench, Figure
from benchmarks.servers import ROOMS, SERVERS, NotHere, Server, running
from benchmarks.wire import Client, Request, memory

Column = tuple[str, int]
GROWTH = 1.5
"""What a request may cost at the largest size, measured by what it costs at the first one."""
GROWS_WITH_THE_ROOM = frozenset({"all ETags", "first synchronisation", "whole calendar"})


def main() -> int:
    options = argparse.ArgumentParser(description="Compares CalDAV servers on this machine.")
    options.add_argument("--servers", default=",".join(SERVERS), help="of " + ", ".join(SERVERS))
    options.add_argument(
        "--sizes", default="1000", help="bookings in the room; others than sesstim run at the first only"
    )
    options.add_argument("--seconds", type=float, default=1.5, help="for each scenario that changes nothing")
    options.add_argument("--writes", type=int, default=100, help="bookings made and deleted (half as many series)")
    options.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options.add_argument(
        "--check", action="store_true", help="exit 1 if a row is beyond its share of Cyrus or its growth"
    )
    chosen = options.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    columns: dict[Column, dict[str, Figure]] = {}
    for name in chosen.servers.split(","):
        for size in sizes if name == "sesstim" else sizes[:1]:
            try:
                columns[name, size] = measure(name, size, chosen.seconds, chosen.writes)
            except NotHere as reason:
                say(f"{name}: left out: {reason}")
    print(table(columns))
    if chosen.json:
        figures = [
            {"server": name, "size": size, "scenario": title, **figure.plain()}
            for (name, size), column in columns.items()
            for title, figure in column.items()
        ]
        chosen.json.write_text(json.dumps(figures, indent=1))
    beyond = list(exceeded(columns, sizes))
    for line in beyond:
        print(line)
    return 1 if chosen.check and beyond else 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure(name: str, size: int, seconds: float, writes: int) -> dict[str, Figure]:
    figures = {}
    with tempfile.TemporaryDirectory(prefix="sesstim-bench-") as folder, running(name, Path(folder) / name) as server:
        client = Client(server.port, server.user, server.password)
        bench = Bench(server, size, seconds, writes, client)
        if server.makes_rooms:
            for number in range(ROOMS):
                client.ask(Request("MKCALENDAR", server.room(number)))
        say(f"{name}: books {size:,}")
        book(server, size)
        for scenario in SCENARIOS:
            try:
                figure = scenario.measure(bench)
            except (LookupError, OSError) as error:
                say(f"{name}: {scenario.title}: {error}")
                continue
            figures[scenario.title] = figure
            odd = {s: n for s, n in figure.statuses.items() if s not in scenario.statuses}
            note = f"  unexpected: {odd}" if odd else ""
            say(f"{name}: {scenario.title}: {figure.cpu:.2f} ms CPU, {figure.wall:.2f} ms, {figure.found} found{note}")
        say(f"{name}: largest process {memory(server.pid):.0f} MB")
        client.close()
    return figures


def book(server: Server, size: int, hands: int = 4) -> None:
    """Fills the room through the front door. Raises NotHere if a booking is not taken."""
    todo = agenda.meetings(size)
    lock = threading.Lock()
    failed: list[int] = []

    def work() -> None:
        client = Client(server.port, server.user, server.password)
        while not failed:
            with lock:
                meeting = next(todo, None)
            if meeting is None:
                break
            text = meeting.text(f"{meeting.name}@{server.name}")
            answer = client.ask(Request("PUT", f"{server.room()}{meeting.name}.ics", text))
            if answer.status not in TAKEN:
                failed.append(answer.status)
        client.close()

    threads = [threading.Thread(target=work) for _ in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise NotHere(f"it answers {failed[0]} to a booking")


def table(columns: dict[Column, dict[str, Figure]]) -> str:
    """The figures as a Markdown table."""
    heads = [f"{name}, {size:,}" for name, size in columns]
    lines = ["| request | " + " | ".join(heads) + " | at most |", "| --- |" + " --- |" * (len(heads) + 1)]
    cyrus = next((column for (name, _), column in columns.items() if name == "cyrus"), {})
    for scenario in SCENARIOS:
        cells = []
        for column in columns.values():
            figure = column.get(scenario.title)
            if figure is None:
                cells.append("–")
            elif scenario.title.endswith("one slot"):
                cells.append(f"{figure.found} taken")
            else:
                full = "" if set(figure.statuses) <= scenario.statuses else " (!)"
                cells.append(f"{figure.cpu:.2f}{full}")
        bound = f"{cyrus[scenario.title].cpu * scenario.share:.2f}" if scenario.title in cyrus else ""
        if scenario.title.endswith("one slot"):
            bound = "1 taken"
        lines.append(f"| {scenario.title} | " + " | ".join(cells) + f" | {bound} |")
    return "\n".join(lines)


def exceeded(columns: dict[Column, dict[str, Figure]], sizes: list[int]) -> list[str]:
    """What this server takes beyond its share of Cyrus, or more of at the largest size than growth allows."""
    ours, large = columns.get(("sesstim", sizes[0]), {}), columns.get(("sesstim", sizes[-1]), {})
    cyrus = columns.get(("cyrus", sizes[0]), {})
    found = []
    for scenario in SCENARIOS:
        title = scenario.title
        if title not in ours:
            continue
        if title.endswith("one slot"):
            if ours[title].found != 1:
                found.append(f"{title}: {ours[title].found} were taken")
            continue
        if title in cyrus and ours[title].cpu > cyrus[title].cpu * scenario.share:
            found.append(f"{title}: {ours[title].cpu:.2f} ms, at most {cyrus[title].cpu * scenario.share:.2f}")
        if title in large and title not in GROWS_WITH_THE_ROOM and large[title].cpu > ours[title].cpu * GROWTH:
            found.append(f"{title}: {large[title].cpu:.2f} ms at {sizes[-1]:,}, {ours[title].cpu:.2f} at {sizes[0]:,}")
    return found


if __name__ == "__main__":
    sys.exit(main())
