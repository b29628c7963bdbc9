"""vdirsyncer on a folder of its own, for the stories told through it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from building import PASSWORD
from running import MARIE

CONFIG = """\
[general]
status_path = "{folder}/status"

[pair rooms]
a = "here"
b = "there"
collections = ["prado"]

[storage here]
type = "filesystem"
path = "{folder}/calendars"
fileext = ".ics"

[storage there]
type = "caldav"
url = "{url}/dav/rooms/"
username = "{email}"
password = "{password}"
"""


class Synchroniser:
    """vdirsyncer on a folder of its own."""

    def __init__(self, folder: Path, url: str, email: str = MARIE) -> None:
        self.folder = folder
        self.config = folder / "vdirsyncer.conf"
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(CONFIG.format(folder=folder, url=url, email=email, password=PASSWORD))
        (folder / "calendars/prado").mkdir(parents=True, exist_ok=True)
        assert self.run("discover").returncode == 0, self.output

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / "vdirsyncer"
        done = subprocess.run(
            [program, "-c", self.config, command], capture_output=True, text=True, timeout=60, input="y\n" * 5
        )
        self.output = done.stdout + done.stderr
        return done

    def sync(self) -> int:
        return self.run("sync").returncode

    def write(self, uid: str, data: bytes) -> Path:
        path = self.folder / "calendars/prado" / f"{uid}.ics"
        path.write_bytes(data)
        return path

    def read(self) -> str:
        return "".join(path.read_text() for path in sorted((self.folder / "calendars/prado").glob("*.ics")))
