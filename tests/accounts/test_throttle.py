"""Guessing passwords is slowed to a floor, and a device that signs in rightly never notices."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from building import PASSWORD, settings_in
from hypothesis import HealthCheck, given
from hypothesis import settings as hsettings
from hypothesis import strategies as st
from postgresql import Cluster

from sesstim_caldav.accounts import Account, Accounts, TooManyGuesses
from sesstim_caldav.accounts.throttle import Throttle, network
from sesstim_caldav.departure import depart
from sesstim_caldav.settings import Settings, SignIn
from sesstim_caldav.store import Store
from sesstim_caldav.store.database import Session, Statement, Values

MARIE, PAUL = "marie.dupont@univ-amu.fr", "paul.martin@inserm.fr"
STRANGER, PHONE, DESK = "203.0.113.7", "198.51.100.4", "2001:db8:0:1::12"
NOW = 1_800_000_000
KEY = b"k" * 32
_numbers = itertools.count()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(
        tmp_path,
        sign_in={"account_burst": 5, "account_per_minute": 2, "client_burst": 8, "client_per_minute": 6},
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as store:
        yield store


@pytest.fixture
def accounts(store: Store, settings: Settings) -> Accounts:
    made = Accounts(store, settings, KEY)
    made.add(MARIE, "Marie", "Dupont", PASSWORD)
    made.add(PAUL, "Paul", "Martin", PASSWORD)
    return made


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that argon2 was asked about."""
    asked: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored: str, password: bytes) -> bool:
        asked.append(stored)
        return bool(verify(hasher, stored, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return asked


def guesses(accounts: Accounts, many: int, email: str = MARIE, client: str = STRANGER, now: int = NOW) -> int:
    """Tries wrong passwords; answers how many of them were looked at."""
    looked = 0
    for number in range(many):
        try:
            assert accounts.authenticate(email, f"wrong {number}", client, now) is None
            looked += 1
        except TooManyGuesses:
            continue
    return looked


def after_a_restart(accounts: Accounts) -> Accounts:
    return Accounts(accounts.store, accounts.settings, b"another key of another server life")


def beside(accounts: Accounts) -> Accounts:
    """Another worker of the same server."""
    return Accounts(accounts.store, accounts.settings, KEY)


def test_so_many_wrong_passwords_are_looked_at_at_once_and_then_so_many_a_minute(
    accounts: Accounts, judged: list[str]
) -> None:
    assert guesses(accounts, 30, client="") == 5
    assert guesses(accounts, 30, client="", now=NOW + 29) == 0
    assert guesses(accounts, 30, client="", now=NOW + 30) == 1
    assert guesses(accounts, 30, client="", now=NOW + 90) == 2
    assert guesses(accounts, 30, client="", now=NOW + 24 * 3600) == 5
    assert len(judged) == 13


@given(
    burst=st.integers(1, 4),
    interval=st.integers(1, 20),
    pauses=st.lists(st.integers(0, 30), min_size=1, max_size=30),
)
@hsettings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_guess_is_allowed_where_a_bucket_that_leaks_has_room(
    store: Store, burst: int, interval: int, pauses: list[int]
) -> None:
    """The oracle keeps a level; the throttle one moment. Times are whole seconds, so that both are exact."""
    throttle = Throttle(store, SignIn(account_burst=burst, account_per_minute=60 / interval))
    guesser = throttle.guesser(f"{next(_numbers)}@ird.fr", "")
    now, level, last = NOW, Fraction(0), NOW
    for pause in pauses:
        now += pause
        level, last = max(Fraction(0), level - Fraction(now - last, interval)), now
        room = level + 1 <= burst
        try:
            throttle.charge(guesser, now)
        except TooManyGuesses as refused:
            told = refused.retry_after
        else:
            told = 0
        assert (told == 0) is room
        if room:
            level += 1
        else:
            assert told == math.ceil((level + 1 - burst) * interval)


def test_the_answer_tells_when_the_next_password_is_looked_at(accounts: Accounts) -> None:
    guesses(accounts, 5)

    with pytest.raises(TooManyGuesses) as refused:
        accounts.authenticate(MARIE, PASSWORD, STRANGER, NOW + 10)

    assert refused.value.retry_after == 20
    assert accounts.authenticate(MARIE, PASSWORD, STRANGER, NOW + 10 + refused.value.retry_after)


def test_other_accounts_are_none_the_worse(accounts: Accounts) -> None:
    guesses(accounts, 30)

    assert accounts.authenticate(PAUL, PASSWORD, DESK, NOW)


def test_a_client_is_slowed_whatever_accounts_it_tries(accounts: Accounts) -> None:
    tried = sum(guesses(accounts, 1, email=f"member{number}@ird.fr") for number in range(40))

    assert tried == 8
    assert guesses(accounts, 1, email="another@ird.fr", client=DESK) == 1
    assert guesses(accounts, 5, email="another@ird.fr", now=NOW + 20) == 2


def test_an_address_without_an_account_is_slowed_like_any(accounts: Accounts) -> None:
    assert guesses(accounts, 30, email="nobody@univ-amu.fr") == guesses(accounts, 30, email=MARIE, client=DESK) == 5


def test_a_network_of_ipv6_is_one_client(accounts: Accounts) -> None:
    for number in range(8):
        guesses(accounts, 1, email=f"member{number}@ird.fr", client=f"2001:db8::{number}:1")

    assert guesses(accounts, 1, client="2001:db8::ffff") == 0
    assert guesses(accounts, 1, client="2001:db8:0:1::1") == 1


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_what_counts_as_one_client(client: str, expected: str) -> None:
    assert network(client) == expected


def test_right_passwords_and_requests_without_one_are_no_guesses(accounts: Accounts) -> None:
    for number in range(30):
        assert accounts.authenticate(MARIE, "", STRANGER, NOW) is None
        assert accounts.authenticate(MARIE, PASSWORD, f"192.0.2.{number}", NOW)

    assert guesses(accounts, 30) == 5


def test_a_device_that_signed_in_before_goes_on_while_a_stranger_guesses(accounts: Accounts, judged: list[str]) -> None:
    for client in (PHONE, STRANGER):
        assert accounts.authenticate(MARIE, PASSWORD, client, NOW)
    guesses(accounts, 30)
    judged.clear()

    for client in (PHONE, STRANGER):  # from the stranger's own address as well
        assert accounts.authenticate(MARIE, PASSWORD, client, NOW)
        assert beside(accounts).authenticate(MARIE, PASSWORD, client, NOW)
    assert judged == []


def test_a_device_that_changes_its_address_signs_in_again_when_nobody_guesses(accounts: Accounts) -> None:
    assert accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    assert accounts.authenticate(MARIE, PASSWORD, DESK, NOW)
    guesses(accounts, 30)

    assert accounts.authenticate(MARIE, PASSWORD, DESK, NOW)


def test_what_is_remembered_of_a_member_tells_a_stranger_nothing(accounts: Accounts) -> None:
    assert accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    guesses(accounts, 30)

    with pytest.raises(TooManyGuesses):  # the right one, and he does not learn it
        accounts.authenticate(MARIE, PASSWORD, STRANGER, NOW)


def test_an_application_password_passes_whoever_guesses_and_wherever_it_comes_from(accounts: Accounts) -> None:
    password = accounts.app_password(MARIE, "phone")
    guesses(accounts, 30)

    assert accounts.authenticate(MARIE, password, STRANGER, NOW)
    assert after_a_restart(accounts).authenticate(MARIE, password, PHONE, NOW)


def test_a_restart_forgets_no_guesses_but_every_verdict(accounts: Accounts, judged: list[str]) -> None:
    accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    guesses(accounts, 30)
    judged.clear()
    restarted = after_a_restart(accounts)

    assert guesses(restarted, 30) == 0
    assert judged == []
    assert restarted.authenticate(MARIE, PASSWORD, PHONE, NOW)  # whence she has signed in before
    assert len(judged) == 1
    with pytest.raises(TooManyGuesses):
        restarted.authenticate(MARIE, PASSWORD, DESK, NOW)


def test_where_one_has_signed_in_before_one_mistypes_on_ones_own_account(accounts: Accounts) -> None:
    accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    guesses(accounts, 30)
    accounts.set_password(MARIE, "an entirely different one")

    assert guesses(accounts, 3, client=PHONE) == 3
    assert accounts.authenticate(MARIE, "an entirely different one", PHONE, NOW)
    assert guesses(accounts, 30, client=PHONE) == 2
    assert guesses(accounts, 30) == 0


def test_a_client_is_familiar_for_a_month_to_the_accounts_that_it_has_signed_in(accounts: Accounts) -> None:
    accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    later = NOW + 31 * 86_400
    guesses(accounts, 30, now=later)
    guesses(accounts, 30, email=PAUL)

    assert guesses(accounts, 30, client=PHONE, now=later) == 0
    assert guesses(accounts, 30, email=PAUL, client=PHONE) == 0


def test_whoever_reads_the_accounts_mail_has_guesses_of_his_own(accounts: Accounts) -> None:
    guesses(accounts, 30)
    marie = accounts.set_password(MARIE, "chosen by a mailed link")
    accounts.recognise(marie, DESK, NOW)

    assert accounts.authenticate(MARIE, "chosen by a mailed link", DESK, NOW) == marie


def test_an_account_made_anew_is_familiar_to_nobody(accounts: Accounts) -> None:
    accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    gone(accounts)
    accounts.add(MARIE, "Marie", "Durand", "an entirely different one")
    guesses(accounts, 30)

    assert guesses(accounts, 30, client=PHONE) == 0


def gone(accounts: Accounts) -> None:
    """Marie's account is deleted."""
    marie = accounts.by_email(MARIE)
    assert marie is not None
    depart(accounts.store, accounts.settings.zone, marie, MARIE, NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda accounts: accounts.set_password(MARIE, "an entirely different one"),
        lambda accounts: accounts.disable(MARIE),
        lambda accounts: gone(accounts),
        lambda accounts: accounts.settings.accounts.domains.remove("univ-amu.fr"),
    ],
    ids=["password changed", "account disabled", "account deleted", "domain removed"],
)
def test_what_is_remembered_ends_at_once_with_what_it_was_about(
    accounts: Accounts, change: Callable[[Accounts], object]
) -> None:
    other = beside(accounts)
    for worker in (accounts, other):
        assert worker.authenticate(MARIE, PASSWORD, PHONE, NOW)

    change(accounts)

    for worker in (accounts, other, beside(accounts)):
        assert worker.authenticate(MARIE, PASSWORD, PHONE, NOW) is None


def test_an_account_made_anew_inherits_no_verdict(accounts: Accounts) -> None:
    accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    gone(accounts)
    accounts.add(MARIE, "Marie", "Durand", "an entirely different one")

    assert accounts.authenticate(MARIE, PASSWORD, PHONE, NOW) is None


def test_many_at_the_same_time_get_no_more_guesses_than_one_after_the_other(accounts: Accounts) -> None:
    workers = [accounts, beside(accounts)]
    looked: list[int] = []
    threads = [
        threading.Thread(target=lambda number=number: looked.append(guesses(workers[number % 2], 5, client="")))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sum(looked) == 5


def test_many_devices_that_sign_in_at_the_same_time_all_get_in(accounts: Accounts, judged: list[str]) -> None:
    let_in: list[Account | None] = []
    threads = [
        threading.Thread(target=lambda: let_in.append(accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(let_in) == 20
    assert all(let_in)
    assert len(judged) == 1


def test_what_a_device_asks_all_day_costs_one_statement_and_no_write(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = accounts.app_password(MARIE, "phone")
    for each in (PASSWORD, password):
        accounts.authenticate(MARIE, each, PHONE, NOW)
    run: list[str] = []
    ran = Session.run

    def counted(session: Session, statement: Statement, values: Values) -> object:
        run.append(str(statement.clause))
        return ran(session, statement, values)

    monkeypatch.setattr(Session, "run", counted)
    for each in (PASSWORD, password):
        assert accounts.authenticate(MARIE, each, PHONE, NOW)

    assert [statement.split()[0] for statement in run] == ["SELECT", "SELECT"]


def test_a_guess_that_is_not_looked_at_writes_nothing(accounts: Accounts) -> None:
    guesses(accounts, 5)
    with accounts.store.changing():  # the one write lock of the embedded store
        assert guesses(accounts, 100) == 0


def test_what_is_paid_off_is_forgotten(accounts: Accounts) -> None:
    def rows() -> tuple[int, int]:
        with accounts.store.reading() as reading:
            count = reading.session.driver.execute
            return tuple(count(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("guesses", "verdicts"))

    guesses(accounts, 3)
    accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    accounts.forget_guesses(NOW + 60)
    assert rows() == (1, 2)  # the account's guesses: the stranger has paid; the password, and whence it came
    accounts.forget_guesses(NOW + 31 * 86_400)
    assert rows() == (0, 0)


def test_a_clock_that_was_put_back_locks_nobody_out(accounts: Accounts) -> None:
    guesses(accounts, 5, now=NOW + 10 * 365 * 86_400)

    assert guesses(accounts, 30) == 5


def test_neither_addresses_nor_passwords_stand_in_what_is_written_down(accounts: Accounts) -> None:
    guesses(accounts, 3)
    accounts.authenticate(MARIE, PASSWORD, PHONE, NOW)
    with accounts.store.reading() as reading:
        written = [
            reading.session.driver.execute(f"SELECT * FROM {table}").fetchall() for table in ("guesses", "verdicts")
        ]

    assert all(len(rows) >= 1 for rows in written)
    for word in (MARIE, STRANGER, PHONE, PASSWORD, "wrong"):
        assert word not in str(written)


def test_several_servers_on_one_postgresql_count_together(cluster: Cluster, tmp_path: Path) -> None:
    changes = {"store": {"data_dir": str(tmp_path), "url": cluster.new_database()}, "sign_in": {"account_burst": 5}}
    settings = settings_in(tmp_path, **changes)
    with Store.open(settings) as one, Store.open(settings) as other:
        workers = [Accounts(one, settings, KEY), Accounts(other, settings, KEY)]
        workers[0].add(MARIE, "Marie", "Dupont", PASSWORD)
        assert workers[0].authenticate(MARIE, PASSWORD, PHONE, NOW)
        looked: list[int] = []
        threads = [
            threading.Thread(target=lambda number=number: looked.append(guesses(workers[number % 2], 4)))
            for number in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

        assert (len(looked), sum(looked)) == (6, 5)
        for worker in workers:
            assert worker.authenticate(MARIE, PASSWORD, PHONE, NOW)
            worker.forget_guesses(NOW + 86_400)
