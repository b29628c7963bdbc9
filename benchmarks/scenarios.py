"""What is asked of each server. Every scenario says how its answers are known to be full ones."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import cycle

from benchmarks import agenda
from benchmarks.servers import ROOMS, Server
from benchmarks.wire import Answer, Client, Request, cpu

CALDAV = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
DEPTH_0, DEPTH_1 = (("Depth", "0"),), (("Depth", "1"),)
RACERS = 16
TAKEN = (201, 204)


@dataclass(frozen=True, slots=True)
class Figure:
    """What a scenario cost: server CPU and wall time, ms for one request; `found` is what was in the answer."""

    cpu: float
    wall: float
    requests: int
    found: int
    statuses: Counter[int]

    def plain(self) -> dict[str, object]:
        """The figure as JSON can hold it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(slots=True)
class Bench:
    """One server with a booked room, and how long to look at each scenario."""

    server: Server
    number: int
    seconds: float
    writes: int
    client: Client

    @property
    def room(self) -> str:
        return self.server.room()

    def repeated(self, requests: Iterable[Request]) -> Figure:
        """The same requests over and over: CPU is counted in ticks of ten milliseconds."""
        return self._measured(cycle(list(requests)), endless=True)

    def once(self, requests: Iterable[Request]) -> Figure:
        return self._measured(iter(list(requests)), endless=False)

    def _measured(self, requests: Iterator[Request], endless: bool) -> Figure:
        statuses, count, first = Counter[int](), 0, None
        before, begun = cpu(self.server.pid), time.perf_counter()
        for request in requests:
            answer = self.client.ask(request)
            first = first or answer
            statuses[answer.status] += 1
            count += 1
            if endless and count >= 3 and time.perf_counter() - begun >= self.seconds:
                break
        wall, used = time.perf_counter() - begun, cpu(self.server.pid) - before
        assert first is not None
        return Figure(used * 1000 / count, wall * 1000 / count, count, _found(first), statuses)

    def put(self, meeting: agenda.Meeting, tag: str = "") -> Request:
        name = f"{meeting.name}{tag}"
        headers = (("If-None-Match", "*"),)
        return Request("PUT", f"{self.room}{name}.ics", meeting.text(f"{name}@{self.server.name}"), headers)

    def weeks(self) -> list[date]:
        """Ten full weeks spread over the calendar."""
        full = max(1, self.number // 465 * agenda.TERM)
        return [agenda.FIRST_MONDAY + timedelta(weeks=n * full // 10) for n in range(10)]


def _found(answer: Answer) -> int:
    """Events, or else busy periods, or else responses."""
    body = answer.body.replace(b"\r\n ", b"")
    busy = sum(line.count(b",") + 1 for line in body.splitlines() if line.startswith(b"FREEBUSY"))
    return body.count(b"BEGIN:VEVENT") or busy or len(re.findall(rb"<(?:\w+:)?response[ >]", body))


# ---- request bodies ----------------------------------------------------------------------------------------


def propfind(names: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><D:propfind {CALDAV}><D:prop>{names}</D:prop></D:propfind>'.encode()


def _span(start: date, days: int) -> str:
    return f'start="{start:%Y%m%d}T000000Z" end="{start + timedelta(days=days):%Y%m%d}T000000Z"'


def calendar_query(start: date, days: int, expand: bool = False) -> bytes:
    span = _span(start, days)
    data = f"<C:calendar-data><C:expand {span}/></C:calendar-data>" if expand else "<C:calendar-data/>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><C:calendar-query {CALDAV}><D:prop><D:getetag/>{data}</D:prop>'
        f'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range {span}/></C:comp-filter>'
        "</C:comp-filter></C:filter></C:calendar-query>"
    ).encode()


def sync_collection(token: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><D:sync-collection {CALDAV}><D:sync-token>{token}</D:sync-token>'
        "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
    ).encode()


# ---- the scenarios -----------------------------------------------------------------------------------------


def new_bookings(bench: Bench) -> Figure:
    return bench.once(bench.put(agenda.free(n)) for n in range(bench.writes))


def new_series(bench: Bench) -> Figure:
    return bench.once(bench.put(agenda.free(n, weeks=20)) for n in range(bench.writes // 2))


def race(bench: Bench) -> Figure:
    """Sixteen clients, one slot: `found` says how many got it."""
    slot = agenda.Meeting("race", agenda.FIRST_MONDAY + timedelta(days=-3), agenda.FREE_SLOT)
    gate, statuses = threading.Barrier(RACERS), Counter[int]()

    def run(number: int) -> None:
        client = Client(bench.server.port, bench.server.user, bench.server.password)
        try:
            _persistently(client, Request("PROPFIND", bench.room, propfind("<CS:getctag/>"), DEPTH_0))
            gate.wait(60)
            status, tries = _persistently(client, bench.put(slot, tag=f"-{number}"))
            # nobody else uses this name: a lost answer to a booking that was taken
            statuses[201 if status == 412 and tries > 1 else status] += 1
        except (OSError, http.client.HTTPException, threading.BrokenBarrierError):
            gate.abort()
            statuses[0] += 1
        client.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(RACERS)]
    before, begun = cpu(bench.server.pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, used = time.perf_counter() - begun, cpu(bench.server.pid) - before
    taken = sum(statuses[status] for status in TAKEN)
    return Figure(used * 1000 / RACERS, wall * 1000 / RACERS, RACERS, taken, statuses)


def _persistently(client: Client, request: Request) -> tuple[int, int]:
    """Status, and how often was asked: servers with a short queue of connections turn some of sixteen away."""
    for tries in range(1, 20):
        try:
            return client.ask(request).status, tries
        except (OSError, http.client.HTTPException):
            client.close()
            time.sleep(0.05 * tries)
    return client.ask(request).status, 20


def week(bench: Bench) -> Figure:
    return bench.repeated(Request("REPORT", bench.room, calendar_query(day, 7), DEPTH_1) for day in bench.weeks())


def week_expanded(bench: Bench) -> Figure:
    bodies = [calendar_query(day, 7, expand=True) for day in bench.weeks()[:3]]
    return bench.repeated(Request("REPORT", bench.room, body, DEPTH_1) for body in bodies)


def month(bench: Bench) -> Figure:
    return bench.repeated([Request("REPORT", bench.room, calendar_query(agenda.FIRST_MONDAY, 30), DEPTH_1)])


def free_busy(bench: Bench) -> Figure:
    bodies = [
        f'<?xml version="1.0"?><C:free-busy-query {CALDAV}><C:time-range {_span(day, 7)}/></C:free-busy-query>'.encode()
        for day in bench.weeks()[:3]
    ]
    return bench.repeated(Request("REPORT", bench.room, body, DEPTH_1) for body in bodies)


def multiget(bench: Bench) -> Figure:
    names = [meeting.name for meeting in agenda.meetings(min(bench.number, 50))]
    hrefs = "".join(f"<D:href>{bench.room}{name}.ics</D:href>" for name in names)
    body = (
        f'<?xml version="1.0"?><C:calendar-multiget {CALDAV}><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}'
        "</C:calendar-multiget>"
    )
    return bench.repeated([Request("REPORT", bench.room, body.encode(), DEPTH_1)])


def all_etags(bench: Bench) -> Figure:
    return bench.repeated([Request("PROPFIND", bench.room, propfind("<D:getetag/>"), DEPTH_1)])


def poll(bench: Bench) -> Figure:
    return bench.repeated([Request("PROPFIND", bench.room, propfind("<CS:getctag/>"), DEPTH_0)])


def poll_home(bench: Bench) -> Figure:
    return bench.repeated([Request("PROPFIND", bench.server.home, propfind("<CS:getctag/>"), DEPTH_1)])


def first_sync(bench: Bench) -> Figure:
    return bench.repeated([Request("REPORT", bench.room, sync_collection(), DEPTH_0)])


def sync_after_a_change(bench: Bench) -> Figure:
    """The same token again and again, one booking younger than the room."""
    answer = bench.client.ask(Request("REPORT", bench.room, sync_collection(), DEPTH_0))
    token = re.search(rb"sync-token>([^<]+)<", answer.body)
    if token is None:
        raise LookupError("no sync-token in the answer")
    bench.client.ask(bench.put(agenda.free(bench.writes + 100)))
    return bench.repeated([Request("REPORT", bench.room, sync_collection(token[1].decode()), DEPTH_0)])


def whole_calendar(bench: Bench) -> Figure:
    return bench.repeated([Request("GET", bench.room)])


def whole_calendar_unchanged(bench: Bench) -> Figure:
    etag = bench.client.ask(Request("GET", bench.room)).headers.get("etag", '"none"')
    return bench.repeated([Request("GET", bench.room, headers=(("If-None-Match", etag),))])


def deletions(bench: Bench) -> Figure:
    singles = [agenda.free(n).name for n in range(bench.writes)]
    series = [agenda.free(n, weeks=20).name for n in range(bench.writes // 2)]
    return bench.once(Request("DELETE", f"{bench.room}{name}.ics") for name in singles + series)


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    measure: Callable[[Bench], Figure]
    share: float  # of Cyrus's CPU that this server may use at most
    statuses: frozenset[int]


def _scenario(title: str, measure: Callable[[Bench], Figure], share: float, *statuses: int) -> Scenario:
    return Scenario(title, measure, share, frozenset(statuses))


SCENARIOS = (
    _scenario("PUT, new booking", new_bookings, 1, 201),
    _scenario("PUT, weekly series of 20", new_series, 1, 201),
    _scenario("calendar-query, one week", week, 1 / 20, 207),
    _scenario("the same, expanded", week_expanded, 1 / 15, 207),
    _scenario("calendar-query, one month", month, 1 / 3, 207),
    _scenario("free-busy, one week", free_busy, 1 / 6, 200),
    _scenario("multiget of 50", multiget, 2 / 5, 207),
    _scenario("all ETags", all_etags, 1, 207),
    _scenario("ctag poll", poll, 2 / 3, 207),
    _scenario(f"the home, {ROOMS} rooms", poll_home, 1, 207),
    _scenario("first synchronisation", first_sync, 1, 207),
    _scenario("synchronisation after one change", sync_after_a_change, 1 / 2, 207),
    _scenario("whole calendar", whole_calendar, 1 / 20, 200),
    _scenario("whole calendar, unchanged", whole_calendar_unchanged, 2 / 3, 304),
    _scenario("DELETE", deletions, 1, 200, 204),
    _scenario(f"{RACERS} racers, one slot", race, 1, 201, 403),
)
