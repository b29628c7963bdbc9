"""Requests over keep-alive connections, and what they cost the server's processes."""

from __future__ import annotations

import base64
import http.client
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """One signed-in connection, opened anew when the server closes it."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.port = port
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.common = {"Authorization": f"Basic {token}", "User-Agent": "sesstim-benchmarks"}
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, request: Request) -> Answer:
        fresh = self.connection is None
        try:
            return self._ask(request)
        except (OSError, http.client.HTTPException):
            self.close()
            if fresh:
                raise
            return self._ask(request)

    def _ask(self, request: Request) -> Answer:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
            self.connection.connect()
        kind = "text/calendar; charset=utf-8" if request.method == "PUT" else "application/xml; charset=utf-8"
        headers = {**self.common, **({"Content-Type": kind} if request.body else {}), **dict(request.headers)}
        self.connection.request(request.method, request.path, request.body or None, headers)
        if (sock := self.connection.sock) is not None:
            # a server that writes head and body apart would else wait 40 ms for a delayed acknowledgement
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        response = self.connection.getresponse()
        body = response.read()
        if response.will_close:
            self.close()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, body)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def tree(pid: int) -> list[int]:
    """A process and all its living descendants."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


def cpu(pid: int) -> float:
    """CPU seconds, user and system, that a process and its descendants have used, with those that ended meanwhile."""
    total = 0
    for each in tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def memory(pid: int) -> float:
    """Megabytes of the largest process of the tree, its share of what is shared counted in full."""
    sizes = [0]
    for each in tree(pid):
        try:
            lines = Path(f"/proc/{each}/status").read_text().splitlines()
        except OSError:
            continue
        sizes += [int(line.split()[1]) for line in lines if line.startswith("VmRSS:")]
    return max(sizes) / 1024
