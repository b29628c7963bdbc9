"""khal writes files, vdirsyncer carries them: how people on a command line book."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from clients.synchroniser import Synchroniser
from running import PAUL, Running

CONFIG = """\
[calendars]
[[prado]]
path = {folder}/calendars/prado

[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Paris
default_timezone = Europe/Paris

[default]
default_calendar = prado

[sqlite]
path = {folder}/khal.db
"""


def khal(synchroniser: Synchroniser, *arguments: str) -> str:
    folder = synchroniser.folder
    config = folder / "khal.conf"
    config.write_text(CONFIG.format(folder=folder))
    program = Path(sys.executable).parent / "khal"
    environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [program, "-c", config, *arguments], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_weekly_meeting_made_with_khal_is_seen_by_another_and_keeps_its_room(site: Running, tmp_path: Path) -> None:
    marie = Synchroniser(tmp_path / "marie", site.url)
    paul = Synchroniser(tmp_path / "paul", site.url, PAUL)
    khal(
        marie, "new", "2027-01-11", "10:00", "11:00", "Réunion d'équipe", "--repeat", "weekly", "--until", "2027-02-08"
    )
    assert marie.sync() == 0, marie.output
    assert paul.sync() == 0, paul.output

    assert "Réunion d'équipe" in khal(paul, "list", "2027-01-18", "2027-01-18")

    khal(paul, "new", "2027-01-25", "10:30", "11:30", "Entretien")
    assert paul.sync() == 1
    assert "403" in paul.output
    assert marie.sync() == 0, marie.output
    assert "Entretien" not in khal(marie, "list", "2027-01-25", "2027-01-25")
