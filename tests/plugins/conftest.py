from __future__ import annotations

import pytest
from building import Lab
from plugins.asking import Asking
from sesstim_radicale.application import Application, create


@pytest.fixture
def application(lab: Lab) -> Application:
    return create(lab.office.settings, lab.office)


@pytest.fixture
def marie(application: Application, lab: Lab) -> Asking:
    return Asking(application, lab.marie)


@pytest.fixture
def paul(application: Application, lab: Lab) -> Asking:
    return Asking(application, lab.paul)


@pytest.fixture
def anne(application: Application, lab: Lab) -> Asking:
    return Asking(application, lab.anne)


@pytest.fixture
def nobody(application: Application) -> Asking:
    return Asking(application, None)
