"""The configuration file: what it means, and what is said when it is wrong."""

from __future__ import annotations

import re
import tomllib
from datetime import time
from pathlib import Path

import pytest

from sesstim_caldav.settings import ConfigurationError, Settings, default_file, load

ROOM = '[[rooms]]\nslug = "prado"\nname = "Salle Prado"\n'
SHIPPED = Path(__file__).parent.parent / "config" / "sesstim.toml"


def read(folder: Path, text: str, **environment: str) -> Settings:
    file = folder / "sesstim.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, environment)


def problem(folder: Path, text: str, **environment: str) -> str:
    """The one line that a wrong configuration is answered with, the folder left out."""
    with pytest.raises(ConfigurationError) as caught:
        read(folder, text, **environment)
    (found,) = caught.value.problems
    return str(found).replace(f"{folder}/", "")


def test_the_shipped_configuration_says_what_is_the_default_anyway() -> None:
    shipped, default = load(SHIPPED, {}), Settings()

    assert shipped.model_copy(update={"rooms": []}) == default
    assert [room.slug for room in shipped.rooms] == ["prado", "calanques", "frioul"]


def test_a_room_has_the_general_hours_but_where_it_says_otherwise(tmp_path: Path) -> None:
    settings = read(tmp_path, f'[booking]\nopens = "09:00"\n{ROOM}closes = "18:00"\nweekdays = ["sat"]\n')

    room = settings.room("prado")
    assert room is not None
    assert (room.name, room.zone.key) == ("Salle Prado", "Europe/Paris")
    assert (room.hours.opens, room.hours.closes) == (time(9), time(18))
    assert (room.hours.weekdays, room.hours.grid_minutes) == (frozenset({5}), 15)
    assert settings.room("nowhere") is None


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[server]\nlisten = "127.0.0.1:1"\n',
        SESSTIM_SERVER__LISTEN="0.0.0.0:80",
        SESSTIM_STORE__DATA_DIR="/srv/data",
        SESSTIM_ACCOUNTS__DOMAINS='["ird.fr"]',
        SESSTIM_BOOKING__GRID_MINUTES="30",
        SESSTIM_MAIL__FROM="a@ird.fr",
        SESSTIM_ROOMS='[{"slug": "frioul", "name": "Frioul"}]',
        SESSTIM_CONFIG="elsewhere.toml",
        SESSTIM_UNRELATED="ignored",
    )

    assert settings.server.listen == "0.0.0.0:80"
    assert settings.store.data_dir == Path("/srv/data")
    assert settings.accounts.domains == ["ird.fr"]
    assert settings.booking.grid_minutes == 30
    assert settings.mail.sender == "a@ird.fr"
    assert [room.slug for room in settings.rooms] == ["frioul"]


def test_the_file_is_named_by_the_environment_or_stands_in_config() -> None:
    assert default_file({"SESSTIM_CONFIG": "/etc/sesstim.toml"}) == Path("/etc/sesstim.toml")
    assert default_file({}) == Path("config/sesstim.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[server]\nlisten = "here"\n', "sesstim.toml:2: server.listen: HOST:PORT is wanted"),
        ('[server]\nlisten = ":5232"\n', "sesstim.toml:2: server.listen: HOST:PORT is wanted"),
        ("[server]\n\nlissten = 1\n", "sesstim.toml:3: server.lissten: there is no such key"),
        ("[sever]\nlisten = 1\n", "sesstim.toml:1: sever: there is no such key"),
        (f'{ROOM}\n[[rooms]]\nslug = "b"\n', "sesstim.toml:5: rooms.1.name: is missing"),
        (f'{ROOM}\n[[rooms]]\nname = "B"\nslug = "Ü"\n', "sesstim.toml:7: rooms.1.slug: "),
        (f"{ROOM}{ROOM}", "two rooms have the slug 'prado'"),
        ('[[rooms]]\nslug = "mine"\nname = "M"\n', "sesstim.toml:2: rooms.0.slug: 'mine' is the name of a feed"),
        (f"{ROOM}grid_minutes = 7\n", "sesstim.toml:4: rooms.0.grid_minutes: it must divide the day"),
        (f"{ROOM}weekdays = []\n", "sesstim.toml:4: rooms.0.weekdays: at least one day"),
        (f'{ROOM}opens = "21:00"\n', "rooms (prado): closes (20:00) must be after opens (21:00)"),
        ('[booking]\nopens = "20:00"\n', "booking: closes (20:00) must be after opens (20:00)"),
        ('[booking]\nopens = "08:00:30"\n', "sesstim.toml:2: booking.opens: a time such as 08:00"),
        ('[site]\ntimezone = "Europe/Pariss"\n', "sesstim.toml:2: site.timezone: no time zone is called"),
        ('[site]\ntimezone = "../etc"\n', "sesstim.toml:2: site.timezone: no time zone is called"),
        ('[site]\nbase_url = "rooms.example.org"\n', "sesstim.toml:2: site.base_url: an address such as"),
        ('[accounts]\ndomains = ["a b"]\n', "sesstim.toml:2: accounts.domains: 'a b' is no domain"),
        ('[accounts]\ndomains = ["@ird.fr"]\n', "sesstim.toml:2: accounts.domains: '@ird.fr' is no domain"),
        ('[mail]\nfrom = "the rooms"\n', "sesstim.toml:2: mail.from: an address such as"),
        ('[mail]\nfrom = "Rooms\\nBcc: a@b.fr <a@b.fr>"\n', "sesstim.toml:2: mail.from: an address such as"),
        ('[server]\ntrusted_proxies = ["proxy"]\n', "sesstim.toml:2: server.trusted_proxies: 'proxy' is neither"),
        ('[store]\nurl = "mysql://x"\n', "sesstim.toml:2: store.url: postgresql://"),
        ("[site\n", "sesstim.toml:1: "),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    assert said in problem(tmp_path, text)


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    assert problem(tmp_path, "", SESSTIM_SERVER__LISTEN="x").startswith("$SESSTIM_SERVER__LISTEN: server.listen: ")
    assert problem(tmp_path, "", SESSTIM_ACCOUNTS__DOMAINS="ird.fr").startswith("$SESSTIM_ACCOUNTS__DOMAINS: ")
    assert "there is no section [sever]" in problem(tmp_path, "", SESSTIM_SEVER__LISTEN="x")


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, '[server]\nlisten = "x"\n[booking]\ngrid_minutes = 0\n')

    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_there_is_said_to_be_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml", {})


@pytest.mark.parametrize(
    ("email", "taken"),
    [
        ("a@univ-amu.fr", True),
        ("A@Univ-AMU.fr", True),
        ("a@etu.univ-amu.fr", False),
        ("a@lab.ird.fr", True),
        ("a@deep.lab.ird.fr", True),
        ("a@ird.fr", True),
        ("a@bird.fr", False),
        ("a@univ-amu.fr.example.org", False),
        ("univ-amu.fr", False),
        ("", False),
    ],
)
def test_domains_are_exact_and_one_that_begins_with_a_dot_takes_its_subdomains_too(email: str, taken: bool) -> None:
    settings = Settings.model_validate({"accounts": {"domains": ["univ-amu.fr", ".ird.fr"]}})

    assert settings.institutional(email) is taken


def test_the_shipped_file_names_every_key() -> None:
    sections = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    for name, field in Settings.model_fields.items():
        if name != "rooms":
            keys = {each.alias or key for key, each in field.annotation.model_fields.items()}  # type: ignore[union-attr]
            assert set(sections[name]) == keys


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('[organisation]\nissuer = "http://idp.example.org"\nclient_id = "x"', "https"),
        ('[organisation]\nissuer = "idp.example.org"\nclient_id = "x"', "https"),
        ('[organisation]\nissuer = "https://idp.example.org"', "client_id"),
        ('[organisation]\nscopes = ["email"]', "openid"),
        ('[directory]\nurl = "ldap://ldap.example.org"', "in the clear"),
        ('[directory]\nurl = "https://ldap.example.org"', "ldaps://"),
        ('[directory]\nfilter = "(mail=*)"', "{address}"),
        ("[sign_in]\naccount_burst = 0", "account_burst"),
        ("[sign_in]\nclient_per_minute = 0", "client_per_minute"),
    ],
)
def test_what_would_let_anybody_in_is_refused(tmp_path: Path, section: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        read(tmp_path, section + "\n")


@pytest.mark.parametrize(
    "section",
    [
        '[organisation]\nissuer = "https://idp.example.org/realms/lab"\nclient_id = "x"',
        '[organisation]\nissuer = "http://127.0.0.1:9400"\nclient_id = "x"',
        '[directory]\nurl = "ldaps://ldap.example.org"',
        '[directory]\nurl = "ldap://ldap.example.org"\nstart_tls = true',
        '[directory]\nurl = "ldap://localhost:3389"',
    ],
)
def test_what_travels_encrypted_or_not_at_all_is_taken(tmp_path: Path, section: str) -> None:
    read(tmp_path, section + "\n")
