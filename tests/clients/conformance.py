"""caldav-server-tester and python-caldav's own tests, run against a server (notes/conformance.md).

Both book at any hour, for whole days and over each other, so the rules about times are lifted here: what they report is
then about the protocol. From the folder of the tests:

    python -m clients.conformance                what caldav-server-tester says, but for what works in full
    python -m clients.conformance own [OPTION…]  python-caldav's own tests, from its sources; options of pytest
    python -m clients.conformance serve CONFIG   a server without the rules about times, until SIGTERM
"""

from __future__ import annotations

import functools
import logging
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from building import PASSWORD
from running import MARIE, Running, a_config, furnish, launch

from sesstim_caldav import server, site
from sesstim_caldav.booking import rules

ABOUT_TIMES = ("empty_booking", "outside_opening_hours", "not_on_quarter_hour", "room_already_booked")
OWN_TESTS = "caldav==3.6.*"
NEEDED = ("pytest", "pytest-asyncio", "manuel", "pyfakefs", "tzlocal", "proxy.py", "httpx", "vobject")
"""What python-caldav's own tests import; the one that runs caldav-server-tester then skips itself."""

DECLARED = """
test-servers:
  radicale: {{type: embedded, enabled: false}}
  xandikos: {{type: embedded, enabled: false}}
  rooms:
    type: external
    enabled: true
    url: {url}/dav/
    username: {user}
    password: {password}
    features:
      test-calendar.compatibility-tests: {{name: Salle Prado, cleanup: true}}
      create-calendar: {{support: unsupported}}
      delete-calendar: {{support: unsupported}}
      principal-search: {{support: ungraceful}}
      save-load.journal: {{support: unsupported}}
      save-load.todo: {{support: unsupported}}
      scheduling: {{support: unsupported}}
"""
"""What python-caldav's tests are told: where the server is, and what it does not offer (notes/conformance.md: why)."""


# ---- a server without the rules about times ------------------------------------------------------------------------


def application(config: Path) -> Any:
    """The site under the other rules; made in each worker process."""
    rules.RULES = tuple(rule for rule in rules.RULES if rule.RULE.name.lower() not in ABOUT_TIMES)
    return site.application(config)


def serve(config: Path) -> None:
    from clients import conformance  # a worker process finds it by this name

    made = functools.partial(conformance.application, config.resolve())
    server.serve(server.Listen.parse("127.0.0.1:0"), 1, made, lambda url: print(f"listening on {url}", flush=True))


@contextmanager
def a_site_at_any_hour(folder: Path) -> Iterator[Running]:
    """Serves two rooms that take bookings at any time, for whole days and over others."""
    config = a_config(folder)
    furnish(config)
    command = [sys.executable, "-m", "clients.conformance", "serve", config]
    running = launch(config, command, cwd=Path(__file__).parents[1])
    try:
        yield running
    finally:
        running.stop()


# ---- caldav-server-tester ------------------------------------------------------------------------------------------


def features(url: str) -> dict[str, Mapping[str, Any]]:
    """What caldav-server-tester finds out about the room "Salle Prado": by feature, its "support" and in what way."""
    from caldav import DAVClient
    from caldav.lib.error import DAVError
    from caldav_server_tester import ServerQuirkChecker
    from caldav_server_tester.checks import PrepareCalendar

    prepare = PrepareCalendar._prepare_task_calendar

    def prepared(self: Any, *arguments: Any) -> Any:
        # it ends where no tasks are taken and no calendar for them can be made
        try:
            return prepare(self, *arguments)
        except DAVError:
            self.set_feature("save-load.todo", False)
            return False

    PrepareCalendar._prepare_task_calendar = prepared
    try:
        with DAVClient(url=f"{url}/dav/", username=MARIE, password=PASSWORD) as client:
            checker = ServerQuirkChecker(client)
            checker.expected_features.set_feature("test-calendar.compatibility-tests", {"name": "Salle Prado"})
            checker.check_all()
            found: dict[str, Mapping[str, Any]] = checker.features_checked.dotted_feature_set_list(compact=False)
            return found
    finally:
        PrepareCalendar._prepare_task_calendar = prepare


def tell(found: Mapping[str, Mapping[str, Any]]) -> None:
    lacking = {name: told for name, told in sorted(found.items()) if told.get("support", "full") != "full"}
    print(f"{len(found)} features looked at, {len(found) - len(lacking)} in full; the others:\n")
    for name, told in lacking.items():
        why = told.get("behaviour") or told.get("description") or told.get("details") or ""
        print(f"{name:55} {told['support']:12} {why}")


# ---- python-caldav's own tests -------------------------------------------------------------------------------------


def run_own_tests(url: str, folder: Path, options: Sequence[str]) -> int:
    """Fetches the tests and what they need, runs those that talk to a server; answers pytest's exit status."""
    python = folder / "venv" / "bin" / "python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    subprocess.run([*pip, "install", OWN_TESTS, *NEEDED], check=True)
    subprocess.run([*pip, "download", "--no-deps", "--no-binary", ":all:", "--dest", folder, OWN_TESTS], check=True)
    with tarfile.open(next(folder.glob("caldav-*.tar.gz"))) as sources:
        sources.extractall(folder, filter="data")
    root = next(folder.glob("caldav-*/pyproject.toml")).parent
    declared = DECLARED.format(url=url, user=MARIE, password=PASSWORD)
    (root / "tests" / "caldav_test_servers.yaml").write_text(declared, encoding="utf-8")
    chosen = ["tests/test_caldav.py", "tests/test_async_integration.py", "-k", "rooms"]
    quiet = ["-q", "-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function", "-W", "default"]
    environment = {**os.environ, "PYTHON_CALDAV_TEST_DOCKER": "0"}
    return subprocess.run([python, "-m", "pytest", *quiet, *chosen, *options], cwd=root, env=environment).returncode


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["serve", config]:
            serve(Path(config))
            return 0
        case ["own", *options]:
            with tempfile.TemporaryDirectory() as folder, a_site_at_any_hour(Path(folder)) as running:
                return run_own_tests(running.url, Path(folder), options)
        case []:
            logging.disable()  # the same once more, in another order
            with tempfile.TemporaryDirectory() as folder, a_site_at_any_hour(Path(folder)) as running:
                tell(features(running.url))
            return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
