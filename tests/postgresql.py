"""A PostgreSQL server for tests, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

on_each_database = pytest.mark.parametrize("lab", ["sqlite", "postgresql"], indirect=True)
"""Marks a test whose fixture `lab` is to stand on each of the two in turn."""


class Cluster:
    """Databases are made as they are needed; nothing of it outlives the tests."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.programs = programs
        self.folder = folder
        self.user = user
        self.databases = 0

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        subprocess.run(command, check=True, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)

    def start(self) -> None:
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self.run("pg_ctl", "-D", data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def new_database(self) -> str:
        self.databases += 1
        name = f"sesstim{self.databases}"
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", name)
        return f"postgresql://postgres@/{name}?host={self.folder}"


def a_cluster() -> Iterator[Cluster]:
    """A fixture: a running server, or the reason why there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (the extra sesstim-caldav[postgresql])")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL server is installed under /usr/lib/postgresql, though CI installs it (.ci/run)")
        pytest.skip("no PostgreSQL server is installed under /usr/lib/postgresql")
    user = "nobody" if os.geteuid() == 0 else None  # the server refuses to be root's
    folder = Path(tempfile.mkdtemp(prefix="sesstim-pg-"))
    if user:
        shutil.chown(folder, user)
    cluster = Cluster(found[-1].parent, folder, user)
    try:
        cluster.start()
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    yield cluster
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)
