"""An account gets another name, and all that shows the old one follows."""

from __future__ import annotations

import pytest
from building import PARIS, Lab, a_booking

from sesstim_caldav.accounts import Account, AccountError, names
from sesstim_caldav.departure import depart
from sesstim_caldav.store import Store, StoreUnavailable

PRIVATE = "CLASS:PRIVATE"


def told(lab: Lab, who: Account, name: str) -> tuple[str, str, str]:
    """ETag, ctag and token, as an account is told them."""
    return (lab.etag(who, name), *lab.tags(who))


def today(lab: Lab) -> Account:
    marie = lab.office.accounts.by_email(lab.marie.email)
    assert marie is not None
    return marie


def test_a_new_name_is_shown_and_told_to_everybody(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking())
    before = {who.email: told(lab, who, name) for who in (lab.marie, lab.paul, lab.anne)}

    renamed = lab.office.reception.rename(lab.marie, "Marie-Anne", "Durand")

    assert renamed.name == today(lab).name == "Marie-Anne Durand"
    for who in (lab.marie, lab.paul, lab.anne):
        assert 'CN="Marie-Anne Durand"' in lab.seen(who, name)
        assert "Dupont" not in lab.seen(who, name)
        assert not set(told(lab, who, name)) & set(before[who.email])


def test_a_new_name_is_shown_on_private_bookings_and_in_every_room(lab: Lab) -> None:
    private, _ = lab.book(lab.marie, a_booking(extra=PRIVATE))
    elsewhere, _ = lab.book(lab.marie, a_booking(), room="calanques")

    lab.office.reception.rename(lab.marie, "Marie", "Durand")

    assert "Marie Durand" in lab.seen(lab.paul, private)
    assert "Réunion projet" not in lab.seen(lab.paul, private)
    assert "Réunion projet" in lab.seen(lab.marie, private)
    assert "Marie Durand" in lab.seen(lab.paul, elsewhere, room="calanques")


def test_a_new_name_moves_nothing_of_another_and_no_condition(lab: Lab) -> None:
    hers, _ = lab.book(lab.marie, a_booking(uid="hers", extra=f"ORGANIZER:mailto:{lab.marie.email}"))
    his, _ = lab.book(lab.paul, a_booking(at="14:00", until="15:00"))
    before = lab.etag(lab.paul, his), lab.etag(lab.marie, his)
    old = lab.etag(lab.marie, hers)

    lab.office.reception.rename(lab.marie, "Marie", "Durand")

    assert (lab.etag(lab.paul, his), lab.etag(lab.marie, his)) == before
    lab.book(today(lab), a_booking(uid="hers", at="12:00", until="13:00"), hers, if_match=old)


def test_a_name_twice_moves_tags_once(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking())
    lab.office.reception.rename(lab.marie, "Marie", "Durand")
    before = told(lab, lab.paul, name)

    lab.office.reception.rename(lab.marie, "Marie", "Durand")
    lab.office.reception.finish()

    assert told(lab, lab.paul, name) == before


def test_a_name_that_everything_shows_is_not_followed_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.book(lab.marie, a_booking())
    lab.office.reception.rename(lab.marie, "Marie", "Durand")
    followed: list[object] = []
    monkeypatch.setattr(names, "_follow", lambda *what: followed.append(what))

    lab.office.reception.finish()

    assert followed == []


def test_more_bookings_than_go_into_one_transaction_follow(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "AT_A_TIME", 2)
    booked = [lab.book(lab.marie, a_booking(on=f"2027-01-{day}"))[0] for day in (11, 12, 13, 14, 15)]

    lab.office.reception.rename(lab.marie, "Marie", "Durand")

    assert all("Marie Durand" in lab.seen(lab.paul, name) for name in booked)


def test_what_was_interrupted_is_finished_later(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = lab.book(lab.marie, a_booking(), room="calanques")
    second, _ = lab.book(lab.marie, a_booking(), room="prado")
    with monkeypatch.context() as patch:
        writing = Store.writing

        def away(self: Store, *slugs: str) -> object:
            if slugs == ("prado",):
                raise StoreUnavailable("the disk is full")
            return writing(self, *slugs)

        patch.setattr(Store, "writing", away)
        with pytest.raises(StoreUnavailable):
            lab.office.reception.rename(lab.marie, "Marie", "Durand")
    assert "Marie Durand" in lab.seen(lab.paul, first, room="calanques")
    assert "Marie Dupont" in lab.seen(lab.paul, second)

    lab.office.reception.finish()

    assert "Marie Durand" in lab.seen(lab.paul, second)


def test_of_two_names_at_once_the_last_is_shown_whoever_is_interrupted(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = lab.book(lab.marie, a_booking())

    def overtaken(*_: object) -> None:
        """The first one's note is followed while the second has just been stored, and its process dies."""
        monkeypatch.undo()
        with monkeypatch.context() as patch:
            patch.setattr(names, "finish", lambda *_: None)
            lab.office.reception.rename(lab.marie, "Marie", "Martin")

    monkeypatch.setattr(names, "_follow", overtaken)
    lab.office.reception.rename(lab.marie, "Marie", "Durand")
    lab.office.reception.finish()

    assert today(lab).name == "Marie Martin"
    assert "Marie Martin" in lab.seen(lab.paul, name)


def test_a_request_that_was_let_in_under_the_old_name_stores_the_new_one(lab: Lab) -> None:
    lab.office.reception.rename(lab.marie, "Marie", "Durand")

    name, receipt = lab.book(lab.marie, a_booking(extra=f'ORGANIZER;CN="Marie Dupont":mailto:{lab.marie.email}'))

    assert 'CN="Marie Durand"' in lab.seen(lab.paul, name)
    assert receipt.etag is None


@pytest.mark.parametrize("first", ["", " \t ", "A" * 101, "A\x1b[1mB", "A\u202eB"])
def test_a_name_that_is_none_changes_nothing(lab: Lab, first: str) -> None:
    name, _ = lab.book(lab.marie, a_booking())
    before = told(lab, lab.paul, name)

    with pytest.raises(AccountError):
        lab.office.reception.rename(lab.marie, first, "Durand")

    assert today(lab) == lab.marie
    assert told(lab, lab.paul, name) == before


def test_an_account_that_is_gone_gets_no_name(lab: Lab) -> None:
    depart(lab.office.store, PARIS, lab.marie, "tests", 0)

    with pytest.raises(AccountError):
        lab.office.reception.rename(lab.marie, "Marie", "Durand")
