"""The office that the plugins of one process share when Radicale loads them itself."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock

from radicale import config

from sesstim_caldav.office import Office
from sesstim_caldav.settings import load

_open: dict[Path, Office] = {}
_lock = Lock()


def office_for(configuration: config.Configuration) -> Office:
    """The one office of this process for a configuration: `[storage] sesstim_config`, else `$SESSTIM_CONFIG`, else
    `config/sesstim.toml`.

    Raises `sesstim_caldav.settings.ConfigurationError` or `StoreUnavailable`.
    """
    try:
        named = str(configuration.get("storage", "sesstim_config"))
    except KeyError:
        named = ""
    path = Path(named or os.environ.get("SESSTIM_CONFIG") or "config/sesstim.toml").resolve()
    with _lock:
        if path not in _open:
            _open[path] = Office.open(load(path))
        return _open[path]
