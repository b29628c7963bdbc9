"""An identity provider that runs while the stories of a file are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from identity_provider import Provider


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider.start()
    yield provider
    provider.stop()
