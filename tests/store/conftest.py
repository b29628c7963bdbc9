"""A store of each kind. PostgreSQL runs where its server and psycopg are installed, on a cluster of the tests' own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql import Cluster

from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store

ROOMS = [{"slug": "prado", "name": "Salle Prado"}, {"slug": "frioul", "name": "Salle Frioul"}]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("psycopg", reason="psycopg is not installed (the extra sesstim-caldav[postgresql])")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
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


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("cluster").new_database() if request.param == "postgresql" else ""
    return Settings.model_validate({"store": {"data_dir": str(tmp_path / "data"), "url": url}, "rooms": ROOMS})


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"store": {"data_dir": str(tmp_path / "data")}, "rooms": ROOMS})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as store:
        yield store
