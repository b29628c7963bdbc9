"""Mails of a served site with two worker processes: each leaves once, and its link opens the account."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path

import requests
from letters import secret_in, text_of
from running import CONFIG, a_config, start

PEOPLE = [f"prenom{n}.nom@univ-amu.fr" for n in range(6)]
PASSWORD = "chocolat noir amer"


def token(session: requests.Session, url: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', session.get(url, timeout=60).text)
    assert found
    return unescape(found[1])


def sign_up(url: str, email: str) -> requests.Session:
    session = requests.Session()
    session.headers["Accept-Language"] = "fr"
    fields = {"first_name": "Prénom", "last_name": "Nom", "phone": "", "sector": "Recherche", "agreed": "y"}
    fields |= {"email": email, "password": PASSWORD, "csrf_token": token(session, f"{url}/register")}
    answer = session.post(f"{url}/register", fields, timeout=60)
    assert answer.status_code == 200
    assert email in answer.text
    return session


def mails(folder: Path, number: int) -> list[EmailMessage]:
    """The mails in a folder, once there are so many."""
    end = time.monotonic() + 60
    while len(files := sorted(folder.glob("*.eml"))) < number and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(2)  # for one that came twice
    read = [message_from_bytes(file.read_bytes(), policy=default) for file in sorted(folder.glob("*.eml"))]
    assert len(read) >= len(files)
    return [each for each in read if isinstance(each, EmailMessage)]


def test_each_mail_leaves_once_and_its_link_opens_the_account(tmp_path: Path) -> None:
    folder = tmp_path / "post"
    text = CONFIG.format(data_dir=str(tmp_path / "data")) + f'\n[mail]\ntransport = "folder"\nfolder = "{folder}"\n'
    running = start(a_config(tmp_path, text), workers=2)
    try:
        with ThreadPoolExecutor(3) as pool:
            browsers = list(pool.map(lambda email: sign_up(running.url, email), PEOPLE))

        found = mails(folder, len(PEOPLE))
        sent = {str(mail["To"]): mail for mail in found}
        assert sorted(str(mail["To"]) for mail in found) == PEOPLE
        assert len({mail["Message-ID"] for mail in found}) == len(PEOPLE)

        mail, browser = sent[PEOPLE[0]], browsers[0]
        assert f"http://rooms.example.org/confirm/{secret_in(mail)}" in text_of(mail)
        page = browser.get(f"{running.url}/confirm/{secret_in(mail)}", timeout=60)
        assert (page.status_code, "Votre adresse est confirmée" in page.text) == (200, True)
        client = running.client(PEOPLE[0])
        client.password = PASSWORD
        assert client("PROPFIND", "/dav/", headers={"Depth": "0"}).status == 207
    finally:
        running.stop()
    assert secret_in(mail) not in (tmp_path / "server.log").read_text()
