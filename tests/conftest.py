from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from building import Lab, a_lab
from postgresql import a_cluster

cluster = pytest.fixture(scope="session")(a_cluster)


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """On SQLite, and on PostgreSQL where a test is marked `on_each_database`."""
    url = request.getfixturevalue("cluster").new_database() if getattr(request, "param", "") == "postgresql" else ""
    lab = a_lab(tmp_path, url)
    yield lab
    lab.office.close()
