"""The commands, run as an administrator runs them."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import pytest
from building import PASSWORD, a_booking
from running import ANNE, MARIE, PAUL, PROGRAM, a_config, command, furnish, start

NOBODY = "someone.else@univ-amu.fr"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = a_config(tmp_path)
    furnish(config)
    return config


def run(config: Path, *arguments: str, text: str = "", status: int = 0) -> str:
    """What a command prints; a failing one says one line on stderr and nothing else."""
    done = command(*arguments, "--config", str(config), text=text)
    assert done.returncode == status, done.stdout + done.stderr
    if status == 1:
        assert done.stderr.startswith("sesstim-caldav: ")
        assert done.stderr.count("\n") == 1
    else:
        assert done.stderr == ""
    return done.stdout


def fails(config: Path, *arguments: str, text: str = "") -> str:
    done = command(*arguments, "--config", str(config), text=text)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("sesstim-caldav: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def an_ics(folder: Path, *events: bytes) -> Path:
    """A calendar file of several events."""
    path = folder / "calendar.ics"
    inner = [event.decode().split("PRODID:-//tests//EN\r\n")[1].split("END:VCALENDAR")[0] for event in events]
    path.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n" + "".join(inner) + "END:VCALENDAR\r\n")
    return path


# ---- usage and configuration


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["serve", "--workers", "0"],
        ["serve", "--workers", "many"],
        ["accounts", "add", MARIE],
        ["accounts", "set-role", MARIE, "king"],
        ["accounts", "app-password", MARIE],
        ["import", "prado"],
        ["export"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], config: Path) -> None:
    done = command(*arguments, SESSTIM_CONFIG=str(config))

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["serve"], ["check-config"], ["verify"], ["rooms", "list"], ["accounts", "list"], ["export", "prado"]],
)
def test_a_configuration_that_is_not_there_is_told_in_one_line(arguments: list[str], tmp_path: Path) -> None:
    assert "nowhere.toml" in fails(tmp_path / "nowhere.toml", *arguments)


def test_a_good_configuration_is_fine(config: Path) -> None:
    assert "fine" in run(config, "check-config")


def test_a_bad_configuration_is_told_with_file_key_and_line(tmp_path: Path) -> None:
    config = a_config(tmp_path, '[site]\nname = "x"\ntimezone = "Europe/Atlantis"\n')

    message = fails(config, "check-config")

    assert f"{config}:3" in message
    assert "timezone" in message


def test_a_room_taken_out_of_the_file_is_warned_of_and_keeps_its_bookings(config: Path) -> None:
    run(config, "import", "prado", str(an_ics(config.parent, a_booking())), "--organiser", MARIE)
    config.write_text(config.read_text().replace('"prado"', '"other"'))

    done = command("check-config", "--config", str(config))

    assert done.returncode == 0
    assert "prado" in done.stderr
    assert fails(config, "export", "prado")


def test_the_environment_overrides_the_file(config: Path) -> None:
    done = command("check-config", "--config", str(config), SESSTIM_SITE__TIMEZONE="Nowhere")

    assert done.returncode == 1
    assert "SESSTIM_SITE__TIMEZONE" in done.stderr


def test_the_configuration_can_be_named_by_a_variable(config: Path) -> None:
    done = command("rooms", "list", SESSTIM_CONFIG=str(config))

    assert done.stdout.splitlines() == ["prado\tSalle Prado\t0", "calanques\tSalle Calanques\t0"]


# ---- accounts


def test_an_account_is_made_listed_disabled_enabled_and_deleted(config: Path) -> None:
    run(config, "accounts", "add", NOBODY, "--first-name", "Zoé", "--last-name", "É", "--password-stdin", text=PASSWORD)
    run(config, "accounts", "disable", NOBODY)
    run(config, "accounts", "set-role", NOBODY, "manager")

    (listed,) = (e for e in json.loads(run(config, "accounts", "list", "--json")) if e["email"] == NOBODY)
    assert (listed["first_name"], listed["role"], listed["active"]) == ("Zoé", "manager", False)
    assert f"{NOBODY}\tZoé É\tmanager\tdisabled" in run(config, "accounts", "list")

    run(config, "accounts", "enable", NOBODY)
    run(config, "accounts", "delete", NOBODY)
    assert NOBODY not in run(config, "accounts", "list")
    log = json.loads(run(config, "accounts", "audit", "--last", "5", "--json"))
    assert [(line["who"], line["what"], line["detail"]) for line in log] == [
        ("command line", "add", NOBODY),
        ("command line", "disable", NOBODY),
        ("command line", "set-role", f"{NOBODY}: manager"),
        ("command line", "enable", NOBODY),
        ("command line", "delete", NOBODY),
    ]
    assert run(config, "accounts", "audit", "--last", "1").endswith(f"Z\tcommand line\tdelete\t{NOBODY}\n")


def test_an_account_is_renamed_with_its_bookings(config: Path) -> None:
    run(config, "import", "prado", str(an_ics(config.parent, a_booking())), "--organiser", MARIE)

    run(config, "accounts", "rename", MARIE, "--first-name", "Marie", "--last-name", "Durand")

    assert f"{MARIE}\tMarie Durand\tmember" in run(config, "accounts", "list")
    assert 'CN="Marie Durand"' in run(config, "export", "prado").replace("\n ", "")
    assert "name" in fails(config, "accounts", "rename", MARIE, "--first-name", " ", "--last-name", "Durand")


def test_a_new_name_that_a_crash_cut_short_is_finished_as_the_server_starts(config: Path) -> None:
    run(config, "import", "prado", str(an_ics(config.parent, a_booking())), "--organiser", MARIE)
    (database,) = config.parent.rglob("*.db")
    with sqlite3.connect(database) as store:
        (marie,) = store.execute("UPDATE accounts SET last_name = 'Durand' WHERE email = ? RETURNING id", [MARIE])
        store.execute("INSERT INTO meta (key, value) VALUES (?, 'cut short')", [f"renamed {marie[0]}"])

    start(config).stop()

    assert 'CN="Marie Durand"' in run(config, "export", "prado").replace("\n ", "")


def test_the_line_end_is_no_part_of_a_password_on_standard_input(config: Path) -> None:
    password = " blanks count, ŷ too "
    text = password + "\n"
    run(config, "accounts", "add", NOBODY, "--first-name", "A", "--last-name", "B", "--password-stdin", text=text)

    site = start(config)
    try:
        client = site.client(NOBODY)
        client.password = password
        status = client("PROPFIND", "/dav/", headers={"Depth": "0"}).status
    finally:
        site.stop()
    assert status == 207


@pytest.mark.parametrize(
    ("email", "says"), [("paul@gmail.com", "domain"), (MARIE, "already"), ("no address", "address")]
)
def test_an_account_that_cannot_be_made_is_told_why(config: Path, email: str, says: str) -> None:
    names = ["--first-name", "A", "--last-name", "B", "--password-stdin"]

    assert says in fails(config, "accounts", "add", email, *names, text=PASSWORD)


@pytest.mark.parametrize(
    "what",
    [
        ["disable"],
        ["enable"],
        ["delete"],
        ["app-password", "--label", "phone"],
        ["rename", "--first-name", "A", "--last-name", "B"],
    ],
)
def test_an_unknown_account_is_told(config: Path, what: list[str]) -> None:
    assert NOBODY in fails(config, "accounts", what[0], NOBODY, *what[1:])


def test_an_application_password_signs_in_and_is_printed_alone(config: Path) -> None:
    printed = run(config, "accounts", "app-password", MARIE, "--label", "téléphone").splitlines()

    site = start(config)
    try:
        client = site.client()
        client.password = printed[0]
        status = client("PROPFIND", "/dav/", headers={"Depth": "0"}).status
    finally:
        site.stop()
    assert (len(printed), status) == (1, 207)


def test_a_deleted_accounts_past_bookings_keep_their_slots_and_those_to_come_are_cancelled(config: Path) -> None:
    past, to_come = a_booking(on="2021-01-11"), a_booking(on="2044-01-11")
    for data in (past, to_come):
        run(config, "import", "prado", str(an_ics(config.parent, data)), "--organiser", MARIE)

    run(config, "accounts", "delete", MARIE)

    assert "prado\tSalle Prado\t1" in run(config, "rooms", "list")
    run(config, "import", "prado", str(an_ics(config.parent, past)), "--organiser", PAUL, status=1)
    run(config, "import", "prado", str(an_ics(config.parent, to_come)), "--organiser", PAUL)
    run(config, "verify")


# ---- whole calendars


def test_an_import_keeps_what_is_right_and_tells_each_that_is_refused(config: Path) -> None:
    file = an_ics(
        config.parent,
        a_booking(on="2027-01-11", at="10:00", until="11:00", uid="first"),
        a_booking(on="2027-01-11", at="10:30", until="11:30", uid="clash", summary="En trop"),
        a_booking(on="2027-01-16", at="10:00", until="11:00", uid="saturday", summary="Samedi"),
        a_booking(on="2027-01-12", at="10:00", until="11:00", uid="second"),
    )

    printed = run(config, "import", "prado", str(file), "--organiser", MARIE, status=1)

    assert [line.split(" (")[0] for line in printed.splitlines()] == ["En trop", "Samedi"]
    assert json.loads(run(config, "rooms", "list", "--json"))[0]["bookings"] == 2


def test_what_a_calendar_publishes_is_imported_and_an_invitation_is_not(config: Path) -> None:
    file = an_ics(config.parent, a_booking(uid="a"))
    text = file.read_text()

    file.write_text(text.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST"))
    run(config, "import", "prado", str(file), "--organiser", MARIE, status=1)
    assert json.loads(run(config, "rooms", "list", "--json"))[0]["bookings"] == 0
    file.write_text(text.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:PUBLISH"))
    run(config, "import", "prado", str(file), "--organiser", MARIE)
    assert json.loads(run(config, "rooms", "list", "--json"))[0]["bookings"] == 1


def test_importing_twice_is_as_once(config: Path) -> None:
    file = an_ics(config.parent, a_booking(uid="a", repeats="FREQ=WEEKLY;COUNT=5"))
    run(config, "import", "prado", str(file), "--organiser", MARIE)
    first = run(config, "export", "prado")
    run(config, "import", "prado", str(file), "--organiser", MARIE)

    assert run(config, "export", "prado") == first


def test_an_export_goes_into_an_empty_room_unchanged(config: Path) -> None:
    file = an_ics(
        config.parent,
        a_booking(on="2027-01-11", uid="a", organizer=PAUL, extra="X-KEPT:yes"),
        a_booking(on="2027-01-12", uid="b", organizer="stranger@example.org", repeats="FREQ=WEEKLY"),
    )
    run(config, "import", "prado", str(file), "--organiser", ANNE)
    copy = config.parent / "copy.ics"
    run(config, "export", "prado", str(copy))

    run(config, "import", "calanques", str(copy), "--organiser", ANNE)

    exported = copy.read_text()
    assert f"mailto:{PAUL}" in exported
    assert f"mailto:{ANNE}" in exported
    assert "stranger" not in exported
    assert "X-KEPT:yes" in exported
    again = run(config, "export", "calanques")
    assert [x for x in again.splitlines() if "CALNAME" not in x and "CALDESC" not in x] == [
        x for x in exported.splitlines() if "CALNAME" not in x and "CALDESC" not in x
    ]


def test_what_is_no_calendar_no_room_or_no_account_is_told(config: Path) -> None:
    noise = config.parent / "noise.ics"
    noise.write_bytes(bytes(range(256)) * 10)
    file = an_ics(config.parent, a_booking())

    fails(config, "import", "prado", str(noise), "--organiser", MARIE)
    assert "missing.ics" in fails(config, "import", "prado", str(config.parent / "missing.ics"), "--organiser", MARIE)
    assert "nowhere" in fails(config, "import", "nowhere", str(file), "--organiser", MARIE)
    assert NOBODY in fails(config, "import", "prado", str(file), "--organiser", NOBODY)
    assert "nowhere" in fails(config, "export", "nowhere")


def test_a_terminal_gets_a_progress_bar_and_a_pipe_none(config: Path) -> None:
    file = an_ics(config.parent, a_booking(uid="a"), a_booking(on="2027-01-12", uid="b"))
    arguments = [str(PROGRAM), "import", "prado", str(file), "--organiser", MARIE, "--config", str(config)]
    ours, theirs = pty.openpty()
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True, timeout=60)
    os.close(theirs)
    terminal = os.read(ours, 65536).decode()
    os.close(ours)

    assert "100%" in terminal
    assert "100%" not in done.stdout
    assert "%" not in run(config, "import", "prado", str(file), "--organiser", MARIE)


def test_verify_finds_an_index_that_differs(config: Path) -> None:
    run(config, "import", "prado", str(an_ics(config.parent, a_booking())), "--organiser", MARIE)
    run(config, "verify")
    (database,) = (path for path in (config.parent / "data").iterdir() if path.read_bytes()[:15] == b"SQLite format 3")
    with sqlite3.connect(database) as connection:
        connection.execute("update occurrences set start = start + 900")
    connection.close()

    assert run(config, "verify", status=1)


# ---- the server


def test_an_address_in_use_is_told_in_one_line(config: Path) -> None:
    site = start(config)
    try:
        assert "in use" in fails(config, "serve", "--listen", site.url.removeprefix("http://"))
    finally:
        site.stop()


def test_a_demo_shows_its_addresses_accounts_and_a_month_of_bookings(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [PROGRAM, "demo", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path / "demo")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Configuration:"):
            break
    printed = "".join(lines)
    process.terminate()
    status = process.wait(60)
    process.stdout.close()

    assert lines[0].startswith("listening on http://127.0.0.1:")
    assert printed.count("/dav/rooms/") == 3
    assert printed.count("password") == 3
    assert "(manager)" in printed
    assert status == 0
    config = tmp_path / "demo/sesstim.toml"
    assert sum(room["bookings"] for room in json.loads(run(config, "rooms", "list", "--json"))) > 20
    run(config, "verify")


def test_help_costs_no_configuration() -> None:
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True, timeout=60)

    assert "import" in done.stdout
