"""A real server for tests: `sesstim-caldav serve` in processes of its own, on a free port and a fresh data folder."""

from __future__ import annotations

import base64
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from building import PASSWORD

from sesstim_caldav import settings as configuration
from sesstim_caldav.office import Office

PROGRAM = Path(sys.executable).parent / "sesstim-caldav"
MARIE, PAUL, ANNE = "marie.dupont@univ-amu.fr", "paul.martin@inserm.fr", "anne.leroy@ird.fr"
CONFIG = """
[site]
base_url = "http://rooms.example.org"
[server]
trusted_proxies = ["127.0.0.1"]
[store]
data_dir = {data_dir!r}
[[rooms]]
slug = "prado"
name = "Salle Prado"
location = "Aile bleue"
[[rooms]]
slug = "calanques"
name = "Salle Calanques"
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """One signed-in keep-alive connection."""

    url: str
    email: str = MARIE
    password: str = PASSWORD
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def __call__(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        if self._connection is None:
            parts = urlsplit(self.url)
            self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        token = base64.b64encode(f"{self.email}:{self.password}".encode()).decode()
        self._connection.request(method, path, body, {"Authorization": f"Basic {token}", **(headers or {})})
        response = self._connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


@dataclass
class Running:
    """A served site; Marie and Paul are members, Anne manages, all with the same password."""

    config: Path
    process: subprocess.Popen[str]
    url: str

    def client(self, email: str = MARIE) -> Client:
        return Client(self.url, email)

    def command(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        return command(*arguments, "--config", str(self.config), text=text)

    def stop(self, signal_: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal_)
        status = self.process.wait(60)
        if self.process.stdout:
            self.process.stdout.close()
        return status


def command(*arguments: str, text: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `sesstim-caldav` to its end, without a terminal."""
    return subprocess.run(
        [PROGRAM, *arguments],
        input=text or "",
        capture_output=True,
        text=True,
        timeout=110,
        env={**os.environ, **environment},
    )


def a_config(folder: Path, text: str = "") -> Path:
    """Writes a configuration with two rooms, its data folder beside it."""
    config = folder / "sesstim.toml"
    config.write_text(text or CONFIG.format(data_dir=str(folder / "data")), encoding="utf-8")
    return config


def furnish(config: Path) -> None:
    """Makes the three accounts."""
    with Office.open(configuration.load(config)) as office:
        office.accounts.add(MARIE, "Marie", "Dupont", PASSWORD)
        office.accounts.add(PAUL, "Paul", "Martin", PASSWORD)
        office.accounts.add(ANNE, "Anne", "Leroy", PASSWORD, manager=True)


def start(config: Path, workers: int = 1, listen: str = "127.0.0.1:0") -> Running:
    """Starts a server and waits until it says where it listens; `listen` "": where the configuration says."""
    where = ["--listen", listen] if listen else []
    return launch(config, [PROGRAM, "serve", "--config", config, "--workers", str(workers), *where])


def launch(config: Path, command: Sequence[str | Path], cwd: Path | None = None) -> Running:
    """The same by any command that serves this configuration and says so."""
    log = (config.parent / "server.log").open("a")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=cwd)
    log.close()
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("listening on http://"):
        process.kill()
        process.wait()
        raise AssertionError(f"the server did not start: {line}{(config.parent / 'server.log').read_text()}")
    return Running(config, process, line.split()[-1])


@contextmanager
def a_running_site(folder: Path, workers: int = 1) -> Iterator[Running]:
    config = a_config(folder)
    furnish(config)
    running = start(config, workers)
    try:
        yield running
    finally:
        running.stop()
