"""The outbox: nothing is lost, nothing is told that did not happen, nothing is sent twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from building import Lab, settings_in
from letters import text_of
from postgresql import on_each_database

from sesstim_caldav.mail.messages import Messages
from sesstim_caldav.mail.outbox import GIVE_UP_AFTER, LEASE, LONGEST_PAUSE, Outbox
from sesstim_caldav.mail.transport import Folder, Undelivered
from sesstim_caldav.mail.worker import MailWorker
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store

NOW = 1_800_000_000
TO = "marie.dupont@univ-amu.fr"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def outbox(settings: Settings) -> Iterator[Outbox]:
    with Store.open(settings) as store:
        yield Outbox(store)


class Post:
    """A way for mails to leave that fails as long as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.delivered: list[tuple[str, bytes]] = []
        self.attempts = 0

    def deliver(self, recipient: str, message: bytes) -> None:
        self.attempts += 1
        if self.failures:
            self.failures -= 1
            raise Undelivered("the server is away")
        self.delivered.append((recipient, message))


def a_mail(to: str = TO) -> EmailMessage:
    return Messages(Settings()).password_changed(to, "fr", NOW)


def put(outbox: Outbox, *to: str, now: int = NOW) -> None:
    for each in to or (TO,):
        with outbox.store.changing() as change:
            outbox.put(change, a_mail(each), now)


def rows(outbox: Outbox) -> list[tuple[object, ...]]:
    with outbox.store.reading() as reading:
        query = "SELECT due, attempts, error FROM outbox ORDER BY id"
        return list(reading.session.driver.execute(query).fetchall())


# -- written with what it reports


def test_a_mail_arrives_as_it_was_written(outbox: Outbox) -> None:
    post = Post()
    put(outbox)

    assert outbox.send_due(post, NOW) == 1

    ((recipient, message),) = post.delivered
    assert recipient == TO
    assert message.isascii()
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert max(map(len, message.split(b"\r\n"))) <= 998
    read = message_from_bytes(message, policy=default)
    assert isinstance(read, EmailMessage)
    assert text_of(read).splitlines() == text_of(a_mail()).splitlines()
    assert outbox.waiting() == 0


def test_a_mail_of_what_did_not_happen_is_not_sent(outbox: Outbox) -> None:
    def fail_after_all() -> None:
        with outbox.store.changing() as change:
            outbox.put(change, a_mail(), NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_all()

    assert outbox.waiting() == 0


def test_mails_leave_oldest_first(outbox: Outbox) -> None:
    post = Post()
    for n in (3, 1, 2):
        put(outbox, f"m{n}@ird.fr", now=NOW + n)

    outbox.send_due(post, NOW + 2)

    assert [to for to, _ in post.delivered] == ["m1@ird.fr", "m2@ird.fr"]
    assert outbox.waiting() == 1


# -- sent once


def test_who_comes_while_a_mail_is_on_its_way_does_not_send_it(outbox: Outbox) -> None:
    put(outbox)
    other = Post()

    class Slow(Post):
        def deliver(self, recipient: str, message: bytes) -> None:
            assert outbox.send_due(other, NOW + 5) == 0
            super().deliver(recipient, message)

    slow = Slow()
    assert outbox.send_due(slow, NOW) == 1

    assert (len(slow.delivered), other.attempts) == (1, 0)


def test_a_mail_of_a_process_that_died_is_sent_by_another(outbox: Outbox) -> None:
    put(outbox)

    class Killed(Post):
        def deliver(self, recipient: str, message: bytes) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.send_due(Killed(), NOW)

    post = Post()
    assert outbox.send_due(post, NOW + LEASE - 1) == 0
    assert outbox.send_due(post, NOW + LEASE) == 1


def empty_at_once(outbox: Outbox) -> None:
    """Four threads empty an outbox of forty mails, of which each leaves once."""
    put(outbox, *(f"m{n}@ird.fr" for n in range(40)))
    posts = [Post() for _ in range(4)]

    def empty(post: Post) -> None:
        while outbox.waiting():
            outbox.send_due(post, NOW)

    threads = [threading.Thread(target=empty, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    delivered = [to for post in posts for to, _ in post.delivered]
    assert sorted(delivered) == sorted(f"m{n}@ird.fr" for n in range(40))


@on_each_database
def test_a_mail_waits_leaves_and_is_given_up_on_each_database(lab: Lab) -> None:
    outbox = lab.office.outbox
    put(outbox, "a@ird.fr", "b@ird.fr")
    post = Post(failures=1)

    assert [outbox.send_due(post, NOW), outbox.send_due(post, NOW), outbox.waiting()] == [0, 1, 1]
    assert outbox.send_due(Post(failures=1), NOW + GIVE_UP_AFTER) == 0
    assert outbox.waiting() == 0
    outbox.forget(NOW + GIVE_UP_AFTER + 31 * 86_400)
    assert rows(outbox) == []


@on_each_database
def test_many_who_send_at_once_send_each_mail_once(lab: Lab) -> None:
    empty_at_once(lab.office.outbox)


# -- what cannot be sent


def test_a_mail_is_tried_again_at_growing_pauses_until_it_leaves(outbox: Outbox) -> None:
    post = Post(failures=5)
    put(outbox)
    now, pauses = NOW, []
    while outbox.waiting():
        outbox.send_due(post, now)
        if found := rows(outbox):
            due, attempts, error = found[0]
            assert isinstance(due, int)
            assert attempts == post.attempts
            assert error == "the server is away"
            assert outbox.send_due(post, due - 1) == 0
            pauses.append(due - now)
            now = due

    assert pauses == [30, 60, 120, 240, 480]
    assert len(post.delivered) == 1


def test_a_server_that_is_away_is_asked_for_one_mail_at_a_time(outbox: Outbox) -> None:
    put(outbox, "a@ird.fr", "b@ird.fr", "c@ird.fr")
    post = Post(failures=1)

    assert outbox.send_due(post, NOW) == 0
    assert post.attempts == 1

    outbox.send_due(post, NOW + 1)
    assert len(post.delivered) == 2
    outbox.send_due(post, NOW + 60)
    assert len(post.delivered) == 3


def test_a_mail_is_given_up_after_two_days_and_kept_with_its_error(outbox: Outbox) -> None:
    post = Post(failures=10_000)
    put(outbox)
    now = NOW
    while outbox.waiting():
        outbox.send_due(post, now)
        now += LONGEST_PAUSE

    assert GIVE_UP_AFTER <= now - NOW <= GIVE_UP_AFTER + 2 * LONGEST_PAUSE
    assert rows(outbox)[0][2] == "the server is away"
    assert outbox.send_due(Post(), now + 10 * GIVE_UP_AFTER) == 0
    with outbox.store.reading() as reading:
        row = reading.session.driver.execute("SELECT what, detail FROM audit").fetchone()
    assert row == ("mail given up", f"to {TO}: the server is away")

    outbox.forget(now + 31 * 86_400)
    assert rows(outbox) == []


# -- the thread of a worker


def test_a_worker_sends_what_was_just_written(outbox: Outbox, tmp_path: Path) -> None:
    arrived = threading.Event()

    class Bell(Folder):
        def deliver(self, recipient: str, message: bytes) -> None:
            super().deliver(recipient, message)
            arrived.set()

    worker = MailWorker(outbox, Bell(tmp_path / "mail")).start()
    try:
        put(outbox, now=NOW - 1_000_000_000)
        assert arrived.wait(30)
    finally:
        worker.stop()

    (file,) = (tmp_path / "mail").glob("*.eml")
    assert message_from_bytes(file.read_bytes(), policy=default)["To"] == TO
    assert [each.name for each in (tmp_path / "mail").iterdir()] == [file.name]


def test_a_worker_survives_what_nobody_expected(outbox: Outbox) -> None:
    arrived = threading.Event()

    class Odd(Post):
        def deliver(self, recipient: str, message: bytes) -> None:
            if recipient == "odd@ird.fr":
                raise RuntimeError("a fault of the program")
            arrived.set()

    worker = MailWorker(outbox, Odd()).start()
    try:
        put(outbox, "odd@ird.fr", TO, now=NOW - 1_000_000_000)
        assert arrived.wait(30)
    finally:
        worker.stop()
    assert outbox.waiting() == 1
