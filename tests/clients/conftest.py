from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Running, a_running_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    with a_running_site(tmp_path) as running:
        yield running
