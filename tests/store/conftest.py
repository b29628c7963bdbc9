"""A store of each kind. PostgreSQL runs where its server and psycopg are installed, on a cluster of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_building import ROOMS

from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store


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
