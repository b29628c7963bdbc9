"""The servers that are compared, each on a folder and a port of its own."""

from __future__ import annotations

import imaplib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOMS = 20
VENVS = Path(tempfile.gettempdir()) / "sesstim-benchmarks"


class NotHere(Exception):
    """A server that cannot be run on this machine; the text says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    pid: int
    port: int
    user: str
    password: str
    home: str  # path of the collection of rooms, with a slash at the end
    makes_rooms: bool  # by MKCALENDAR

    def room(self, number: int = 0) -> str:
        return f"{self.home}room-{number}/"


@contextmanager
def running(name: str, folder: Path) -> Iterator[Server]:
    """Starts a server and ends it, with all its processes, afterwards. Raises NotHere."""
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (folder / "log").open("wb")
    processes: list[subprocess.Popen[bytes]] = []

    def start(*command: str | Path) -> int:
        processes.append(
            subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        )
        return processes[-1].pid

    try:
        server = SERVERS[name](folder, port, start)
        _wait_for(port, folder)
        if name == "cyrus":
            _make_mailbox(port + 1)
        yield server
    finally:
        for process in processes:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()


def _wait_for(port: int, folder: Path) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise NotHere(f"it does not answer: {(folder / 'log').read_text()[-500:]}")


Start = Callable[..., int]


def _sesstim(folder: Path, port: int, start: Start) -> Server:
    from sesstim_caldav import settings
    from sesstim_caldav.office import Office

    config = folder / "sesstim.toml"
    rooms = "".join(f'[[rooms]]\nslug = "room-{n}"\nname = "Salle {n}"\n' for n in range(ROOMS))
    config.write_text(f'[store]\ndata_dir = "{folder / "data"}"\n{rooms}')
    user, password = "bench@univ-amu.fr", "a password for benchmarks"
    with Office.open(settings.load(config, environment={})) as office:
        office.accounts.add(user, "Ben", "Chmark", password)
        password = office.accounts.app_password(user, "benchmarks")
    program = Path(sys.executable).parent / "sesstim-caldav"
    pid = start(program, "serve", "--config", config, "--listen", f"127.0.0.1:{port}")
    return Server("sesstim", pid, port, user, password, "/dav/rooms/", makes_rooms=False)


def _radicale(folder: Path, port: int, start: Start) -> Server:
    venv = VENVS / "radicale-3.9"
    if not (venv / "ready").exists():
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/python", "-m", "pip", "install", "--quiet", "radicale==3.9.*"], check=True)
        (venv / "ready").touch()
    (folder / "users").write_text("bench:secret\n")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\nmax_connections = 50\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder}/users\nhtpasswd_encryption = plain\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {folder}/collections\n[logging]\nlevel = warning\n"
    )
    pid = start(venv / "bin/python", "-m", "radicale", "--config", folder / "config")
    return Server("radicale", pid, port, "bench", "secret", "/bench/", makes_rooms=True)


def _cyrus(folder: Path, port: int, start: Start) -> Server:
    master, httpd = Path("/usr/sbin/cyrmaster"), Path("/usr/lib/cyrus/bin/httpd")
    saslpasswd = shutil.which("saslpasswd2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not master.exists() or not httpd.exists() or saslpasswd is None:
        raise NotHere(
            "needs the Debian packages cyrus-imapd, cyrus-caldav, cyrus-admin, sasl2-bin, libsasl2-modules-db"
        )
    if os.geteuid() != 0:
        raise NotHere("its master process wants to be started by root")
    host = socket.gethostname()
    for each in ("conf/db", "conf/socket", "conf/log", "conf/proc", "conf/sync", "conf/user", "spool", "run"):
        (folder / each).mkdir(parents=True)
    for user in ("bench", "cyrus"):
        subprocess.run(
            [saslpasswd, "-p", "-c", "-f", folder / "sasldb2", "-u", host, user], input=b"secret\n", check=True
        )
    (folder / "imapd.conf").write_text(
        f"configdirectory: {folder}/conf\ndefaultpartition: default\npartition-default: {folder}/spool\n"
        f"proc_path: {folder}/run/proc\nmboxname_lockpath: {folder}/run/lock\nservername: {host}\nadmins: cyrus\n"
        "altnamespace: no\nunixhierarchysep: no\nhashimapspool: true\nallowplaintext: yes\nsasl_mech_list: PLAIN\n"
        f"sasl_pwcheck_method: auxprop\nsasl_auxprop_plugin: sasldb\nsasl_sasldb_path: {folder}/sasldb2\n"
        "httpmodules: caldav\nsyslog_prefix: bench\n"
    )
    (folder / "cyrus.conf").write_text(
        f'START {{\n  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -C {folder}/imapd.conf -r"\n}}\nSERVICES {{\n'
        f'  http cmd="{httpd} -C {folder}/imapd.conf -U 30" listen="127.0.0.1:{port}" prefork=0 maxchild=100\n'
        f'  imap cmd="/usr/lib/cyrus/bin/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{port + 1}" prefork=0\n}}\n'
        f'EVENTS {{\n  checkpoint cmd="/usr/sbin/cyrus ctl_cyrusdb -C {folder}/imapd.conf -c" period=30\n}}\n'
    )
    for parent in (folder, *folder.parents):
        if parent == Path(tempfile.gettempdir()):
            break
        parent.chmod(0o755)
    subprocess.run(["chown", "-R", "cyrus:mail", folder], check=True)
    pid = start(master, "-C", folder / "imapd.conf", "-M", folder / "cyrus.conf", "-p", folder / "pid")
    return Server("cyrus", pid, port, "bench", "secret", "/dav/calendars/user/bench/", makes_rooms=True)


def _make_mailbox(port: int) -> None:
    """Calendars of a Cyrus user hang on the user's mailbox."""
    for _ in range(100):
        try:
            mail = imaplib.IMAP4("127.0.0.1", port)
            mail.login("cyrus", "secret")
            mail.create("user.bench")
            mail.logout()
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.2)
        else:
            return
    raise NotHere("its mailbox cannot be made")


SERVERS: dict[str, Callable[[Path, int, Start], Server]] = {"sesstim": _sesstim, "radicale": _radicale, "cyrus": _cyrus}
