"""The command line: `sesstim-caldav`.

Exit status 0: done; 1: refused or failed, with one clear line on stderr; 2: wrong usage.
"""

from __future__ import annotations

import functools
import json
import os
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sesstim_caldav import settings as configuration
from sesstim_caldav.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from sesstim_caldav.accounts import Entry
    from sesstim_caldav.office import Office

COMMAND_LINE = "command line"
"""Whom the audit log names for what is done here."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Commands(click.Group):
    """A command group whose failures end in one line and status 1, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        from sesstim_caldav.booking.calendar_object import Unsupported
        from sesstim_caldav.booking.refusal import Refusal
        from sesstim_caldav.server import CannotListen
        from sesstim_caldav.store import NoSuchRoom, StoreUnavailable

        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            raise Failure(str(error)) from error
        except NoSuchRoom as error:
            raise Failure(f"there is no room {error.args[0]!r} in the configuration") from error
        except Refusal as refusal:
            raise Failure(_one_line(refusal.sentences("en"))) from refusal
        except Unsupported as unsupported:
            raise Failure(f"not a calendar that can be read: {unsupported}") from unsupported
        except (CannotListen, StoreUnavailable) as error:
            raise Failure(_one_line(str(error))) from error
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise Failure(f"{place}{error.strerror or error}") from error
        except Exception as error:
            raise Failure(_one_line(f"unexpected {type(error).__name__}: {error}")) from error


class Failure(click.ClickException):
    """Refused or failed: status 1."""

    def show(self, file: Any = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"sesstim-caldav: {line}", file=file, err=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def configured(command: Command) -> Command:
    """Adds `--config FILE`; the command's first argument is then the file's path."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        default=configuration.default_file,
        metavar="FILE",
        help="Configuration file (default: $SESSTIM_CONFIG, then config/sesstim.toml).",
    )(command)


@contextmanager
def _office(config: Path) -> Iterator[Office]:
    from sesstim_caldav.office import Office

    with Office.open(configuration.load(config)) as office:
        yield office


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sesstim-caldav")
def main() -> None:
    """Meeting rooms as CalDAV calendars."""


# ---- running


@main.command()
@configured
@click.option("--listen", metavar="HOST:PORT", help="Where to listen (default: server.listen of the configuration).")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Worker processes.")
def serve(config: Path, listen: str | None, workers: int) -> None:
    """Run everything on one port until SIGTERM."""
    from sesstim_caldav import renewal

    with _office(config) as office:  # creates or migrates the store once, before there are workers
        address = listen or office.settings.server.listen
        for line in renewal.renew(office.store, office.settings.zone):
            click.echo(f"sesstim-caldav: {line}", err=True)
        office.reception.finish()
    _run(config, address, workers)


def _run(config: Path, address: str, workers: int, and_then: Callable[[str], None] | None = None) -> None:
    from sesstim_caldav import server, site

    def announce(url: str) -> None:
        click.echo(f"listening on {url}")
        if and_then:
            and_then(url)
        sys.stdout.flush()

    key = secrets.token_bytes(32)  # in the memory of the server's processes alone, and another at each start
    application = functools.partial(site.application, config.resolve(), key)
    server.serve(server.Listen.parse(address), workers, application, announce)


@main.command()
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:5232", show_default=True, help="Where to listen.")
@click.option("--data-dir", type=click.Path(path_type=Path), metavar="DIR", help="Keep the demonstration here.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Ignored: the demo brings its own.")
def demo(listen: str, data_dir: Path | None, config: Path | None) -> None:  # noqa: ARG001
    """Run a throw-away site with rooms, accounts and a month of bookings."""
    from sesstim_caldav import demo as demonstration
    from sesstim_caldav.server import Listen

    for name in [name for name in os.environ if name.startswith(configuration.ENVIRONMENT_PREFIX)]:
        del os.environ[name]  # nothing of a real site gets into the demonstration, nor the other way round
    address = Listen.parse(listen)
    with tempfile.TemporaryDirectory(prefix="sesstim-demo-") as throw_away:
        site = demonstration.prepare(data_dir or Path(throw_away), address.url)
        _run(site.config, address.url.removeprefix("http://"), 1, lambda url: click.echo(site.describe(url)))


@main.command("check-config")
@configured
def check_config(config: Path) -> None:
    """Say what is wrong with the configuration, file, key and line where known."""
    settings = configuration.load(config)
    for warning in _warnings(settings):
        click.echo(f"sesstim-caldav: {config}: {warning}", err=True)
    click.echo(f"{config}: fine")


def _warnings(settings: Settings) -> Iterator[str]:
    if not settings.rooms:
        yield "warning: there is no room"
    if not settings.store.url and not settings.store.data_dir.exists():
        return
    from sesstim_caldav.office import Office

    with Office.open(settings) as office:
        for slug, count in office.store.booking_counts().items():
            if settings.published(slug) is None and count:
                noun = "booking" if count == 1 else "bookings"
                yield f"warning: room {slug!r} is not in the file: it is unpublished, its {count} {noun} stay stored"


# ---- accounts


@main.group()
def accounts() -> None:
    """Who may book."""


@accounts.command("add")
@configured
@click.argument("email")
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@click.option("--manager", is_flag=True, help="May book for, change and cancel for others.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_account(config: Path, email: str, first_name: str, last_name: str, manager: bool, password_stdin: bool) -> None:
    """Make a confirmed account."""
    if password_stdin:
        password = _password_from_stdin()
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise click.UsageError("--password-stdin is needed where there is no terminal to ask on")
    with _office(config) as office, _account_errors():
        office.accounts.add(email, first_name, last_name, password, manager=manager, by=COMMAND_LINE)
    click.echo(f"{email}: account made")


def _password_from_stdin() -> str:
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise Failure("the password on standard input is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


@contextmanager
def _account_errors() -> Iterator[None]:
    from sesstim_caldav.accounts import AccountError

    try:
        yield
    except AccountError as error:
        raise Failure(_one_line(str(error))) from error


@accounts.command("list")
@configured
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_accounts(config: Path, as_json: bool) -> None:
    """List the accounts."""
    with _office(config) as office:
        entries = office.accounts.entries()
    if as_json:
        click.echo(json.dumps([_described(entry) for entry in entries], ensure_ascii=False, indent=2))
        return
    for entry in entries:
        account = entry.account
        state = "active" if account.active else "disabled"
        click.echo(f"{account.email}\t{account.name}\t{account.role}\t{state}\t{entry.bookings}")


def _described(entry: Entry) -> dict[str, Any]:
    account = entry.account
    return {
        "email": account.email,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "role": str(account.role),
        "active": account.active,
        "language": account.language,
        "created": _utc(entry.created),
        "bookings": entry.bookings,
        "app_passwords": list(entry.app_passwords),
    }


@accounts.command()
@configured
@click.argument("email")
def disable(config: Path, email: str) -> None:
    """Let an account sign in no more."""
    with _office(config) as office, _account_errors():
        office.accounts.disable(email, by=COMMAND_LINE)


@accounts.command()
@configured
@click.argument("email")
def enable(config: Path, email: str) -> None:
    """Let a disabled account sign in again."""
    with _office(config) as office, _account_errors():
        office.accounts.enable(email, by=COMMAND_LINE)


@accounts.command()
@configured
@click.argument("email")
def delete(config: Path, email: str) -> None:
    """Delete an account: its bookings to come are cancelled, those that are over keep their slots and name nobody."""
    from sesstim_caldav.departure import depart

    with _office(config) as office:
        account = office.accounts.by_email(email)
        if account is None:
            raise Failure(f"{email} has no account")
        depart(office.store, office.settings.zone, account, COMMAND_LINE, int(time.time()))


@accounts.command("set-role")
@configured
@click.argument("email")
@click.argument("role", type=click.Choice(["member", "manager"]))
def set_role(config: Path, email: str, role: str) -> None:
    """Make an account a manager's or a member's."""
    from sesstim_caldav.accounts import Role

    with _office(config) as office, _account_errors():
        office.accounts.set_role(email, Role(role), by=COMMAND_LINE)


@accounts.command()
@configured
@click.argument("email")
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
def rename(config: Path, email: str, first_name: str, last_name: str) -> None:
    """Give an account another name; its bookings show it from now on."""
    with _office(config) as office, _account_errors():
        account = office.accounts.by_email(email)
        if account is None:
            raise Failure(f"{email} has no account")
        office.reception.rename(account, first_name, last_name)


@accounts.command("app-password")
@configured
@click.argument("email")
@click.option("--label", required=True, metavar="L", help="What it is for, for example the device's name.")
def app_password(config: Path, email: str, label: str) -> None:
    """Print a new application password, this once."""
    with _office(config) as office, _account_errors():
        click.echo(office.accounts.app_password(email, label, by=COMMAND_LINE))


@accounts.command("audit")
@configured
@click.option("--last", type=click.IntRange(min=1), default=100, show_default=True, help="How many lines.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def audit_log(config: Path, last: int, as_json: bool) -> None:
    """Show what was done, when, by whom and to whom; oldest first."""
    from sesstim_caldav.accounts import audit

    with _office(config) as office:
        lines = [
            {"at": _utc(line.at), "who": line.who, "what": line.what, "detail": line.detail}
            for line in reversed(audit.entries(office.store, last))
        ]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    for line in lines:
        click.echo("\t".join(line.values()))


def _utc(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%SZ}"


# ---- rooms


@main.group()
def rooms() -> None:
    """What can be booked."""


@rooms.command("list")
@configured
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_rooms(config: Path, as_json: bool) -> None:
    """List the rooms as configured, with the number of bookings."""
    with _office(config) as office:
        published, counts = office.settings.rooms, office.store.booking_counts()
    rows = [
        room.model_dump(mode="json", exclude_none=True) | {"bookings": counts.get(room.slug, 0)} for room in published
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['slug']}\t{row['name']}\t{row['bookings']}")


# ---- whole calendars


@main.command("import")
@configured
@click.argument("room")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE.ics")
@click.option("--organiser", required=True, metavar="EMAIL", help="Whose the events are that no member organises.")
def import_(config: Path, room: str, file: Path, organiser: str) -> None:
    """Book every event of a file under the rules."""
    from sesstim_caldav.importing import import_calendar

    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    length = len(set(re.findall(rb"(?mi)^UID[;:].*$", data)))
    with _office(config) as office:
        account = office.accounts.by_email(organiser)
        if account is None:
            raise Failure(f"there is no account {organiser}")
        outcomes = import_calendar(office.reception, office.accounts, room, data, account)
        language = office.settings.site.languages[0]
        refused = done = 0
        with click.progressbar(
            outcomes, length=length, label=f"{room}", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            for outcome in bar:
                done += 1
                if outcome.refusal is not None:
                    refused += 1
                    click.echo(_one_line(f"{outcome.summary} ({outcome.uid}): {outcome.refusal.sentences(language)}"))
    if refused:
        raise Failure(f"{refused} of {done} events refused, {done - refused} booked")
    click.echo(f"{done} events booked")


@main.command()
@configured
@click.argument("room")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
def export(config: Path, room: str, file: Path | None) -> None:
    """Write a room as one `.ics`."""
    from sesstim_caldav.booking.compose import calendar

    with _office(config) as office:
        place = office.reception.place(room)
        described = office.settings.published(room)
        pieces = calendar(place.name, described.description if described else "", _texts(office, room))
        if file is None or str(file) == "-":
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        with file.open("wb") as target:
            for piece in pieces:
                target.write(piece)


def _texts(office: Office, room: str) -> Iterator[bytes]:
    """What the organisers stored, every booking of the room, in UTF-8."""
    with office.store.reading() as reading:
        if place := reading.room(room):
            for booking in place.bookings():
                yield booking.text.encode()


@main.command()
@configured
def verify(config: Path) -> None:
    """Check every stored occurrence against the stored calendars, and that none overlap."""
    from sesstim_caldav.verification import differences

    with _office(config) as office:
        count = 0
        for problem in differences(office.store, office.settings.zone):
            click.echo(problem)
            count += 1
    if count:
        raise Failure("1 problem found" if count == 1 else f"{count} problems found")
    click.echo("everything is as it should be")
