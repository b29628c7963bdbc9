from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from building import Lab, a_lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = a_lab(tmp_path)
    yield lab
    lab.office.close()
