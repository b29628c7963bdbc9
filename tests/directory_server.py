"""A directory for tests: OpenLDAP's slapd on free ports of this machine, in a folder of its own."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ldap3
import pytest
from certificate import certify

SLAPD = Path("/usr/sbin/slapd")
BASE = "dc=univ-amu,dc=fr"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{BASE}", "of the administrators"
READER, READER_PASSWORD = f"cn=rooms,{BASE}", "of the rooms"
_CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/tls.pem
TLSCertificateFile {folder}/tls.pem
TLSCertificateKeyFile {folder}/tls.key
database mdb
maxsize 16777216
suffix "{base}"
rootdn "{admin}"
rootpw "{admin_password}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""


@dataclass
class Directory:
    """A running slapd. Whoever is entered can be found by the reader alone, and bind with the password."""

    folder: Path
    port: int
    tls_port: int
    process: subprocess.Popen[bytes] = field(init=False, repr=False)

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://localhost:{self.tls_port}"

    @property
    def settings(self) -> dict[str, object]:
        """A `[directory]` section; the reader's password stands in a file, as it does for real."""
        secret = self.folder / "reader-password"
        secret.write_text(READER_PASSWORD + "\n")
        return {"url": self.url, "bind_dn": READER, "bind_password_file": str(secret), "base_dn": BASE}

    def start(self) -> None:
        listen = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"
        command = [str(SLAPD), "-f", str(self.folder / "slapd.conf"), "-h", listen, "-d", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, "slapd did not start"
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def enter(self, uid: str, password: str, **attributes: str | list[str]) -> str:
        """Enters a person; answers the distinguished name."""
        name = f"uid={uid},{BASE}"
        values = {"cn": uid, "sn": "Dupont", "givenName": "Marie", "uid": uid, "userPassword": password} | attributes
        with self._administrating() as connection:
            assert connection.add(name, "inetOrgPerson", {k: v for k, v in values.items() if v}), connection.result
        return name

    def changes(self, name: str, **attributes: str) -> None:
        values: Mapping[str, object] = {k: [(ldap3.MODIFY_REPLACE, [v])] for k, v in attributes.items()}
        with self._administrating() as connection:
            assert connection.modify(name, values), connection.result

    def removes(self, name: str) -> None:
        with self._administrating() as connection:
            assert connection.delete(name), connection.result

    def _administrating(self) -> ldap3.Connection:
        return ldap3.Connection(ldap3.Server(self.url, get_info=ldap3.NONE), ADMIN, ADMIN_PASSWORD, auto_bind=True)


def a_directory(folder: Path) -> Directory:
    """Prepares a directory that is not started yet. Skips where slapd is not installed; in CI it must be."""
    if not SLAPD.exists():
        assert not os.environ.get("CI"), "slapd is not installed (apt-get install slapd)"
        pytest.skip("OpenLDAP's server is not installed (apt-get install slapd)")
    folder.mkdir()
    (folder / "data").mkdir()
    certify(folder)
    facts = {"folder": folder, "base": BASE, "admin": ADMIN, "admin_password": ADMIN_PASSWORD, "reader": READER}
    (folder / "slapd.conf").write_text(_CONFIG.format(**facts))
    entries = f"dn: {BASE}\nobjectClass: domain\ndc: univ-amu\n\n"
    entries += f"dn: {READER}\nobjectClass: person\ncn: rooms\nsn: rooms\nuserPassword:: {_encoded(READER_PASSWORD)}\n"
    added = subprocess.run(
        [shutil.which("slapadd") or "/usr/sbin/slapadd", "-f", str(folder / "slapd.conf")],
        input=entries.encode(),
        capture_output=True,
    )
    assert added.returncode == 0, added.stderr.decode()
    return Directory(folder, *_free_ports())


def a_running_directory(folder: Path) -> Iterator[Directory]:
    directory = a_directory(folder)
    try:
        directory.start()
        yield directory
    finally:
        directory.stop()


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
