"""ETags and tokens, as they leave and as they come back."""

from __future__ import annotations

import pytest

from sesstim_caldav.store.tags import Token, etag, names_content, token_of

STORE = "0123abcd"


@pytest.mark.parametrize(
    "tag",
    [
        etag(STORE, 7, 7, 1),
        etag(STORE, 7, 9, 4),
        etag(STORE, 7, 7, 1, nudge=3),
        f"W/{etag(STORE, 7, 7, 1)}",
        '"0123abcd-7-7-1-gzip"',
        '"0123abcd-7-7-1-3-gzip"',
        f"  {etag(STORE, 7, 7, 1)} ",
    ],
)
def test_every_tag_that_a_content_has_had_names_it(tag: str) -> None:
    assert names_content(tag, STORE, 7)


@pytest.mark.parametrize(
    "tag",
    [
        etag("ffffffff", 7, 7, 1),
        etag(STORE, 8, 8, 1),
        etag(STORE, 77, 77, 1),
        "*",
        "",
        '"7"',
        "0123abcd-7-7-1",
        f"x{etag(STORE, 7, 7, 1)}",
    ],
)
def test_other_tags_do_not(tag: str) -> None:
    assert not names_content(tag, STORE, 7)


def test_a_token_comes_back_as_it_left() -> None:
    token = Token(STORE, 2, 15, 4)

    assert token_of(str(token)) == token


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "urn:sesstim:sync:",
        "urn:sesstim:sync:0123abcd-1-2",
        "urn:sesstim:sync:0123abcd-1--2-0",
        "urn:sesstim:sync:0123ABCD-1-2-0",
        "urn:sesstim:sync:0123abcd-1-2-0 ",
        f"urn:sesstim:sync:0123abcd-1-{'9' * 30}-0",
        "urn:sesstim:sync:0123abcd-1-٢-0",
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert token_of(text) is None
