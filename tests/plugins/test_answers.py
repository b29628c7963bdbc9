from __future__ import annotations

from collections.abc import Iterator

import pytest
from sesstim_radicale.answers import HELD, Failure, Stream, denied, streamed

LONG = ["é" * 10_000] * 60


def test_a_short_answer_is_whole_and_gives_back_what_it_read_from() -> None:
    closed: list[int] = []

    answer = streamed(207, "text/plain", iter(["a", "é"]), lambda: closed.append(1))

    assert dict(answer.headers)["Content-Length"] == "3"
    assert (b"".join(answer.body), closed) == ("aé".encode(), [1])


def test_a_long_answer_is_streamed_to_its_end() -> None:
    closed: list[int] = []

    answer = streamed(207, "text/plain", iter(LONG), lambda: closed.append(1))

    assert "Content-Length" not in dict(answer.headers)
    assert closed == []
    assert b"".join(answer.body) == "".join(LONG).encode()
    assert closed == [1]


@pytest.mark.parametrize("polite", [True, False])
def test_an_answer_given_up_gives_back_what_it_read_from(polite: bool) -> None:
    closed: list[int] = []
    answer = streamed(207, "text/plain", iter(LONG), lambda: closed.append(1))
    assert isinstance(answer.body, Stream)
    next(answer.body)

    if polite:
        answer.body.close()
    del answer

    assert closed == [1]


def test_what_goes_wrong_at_first_is_raised_before_anything_is_sent() -> None:
    closed: list[int] = []

    def texts() -> Iterator[str]:
        yield "x" * (HELD // 2)
        raise Failure(403)

    with pytest.raises(Failure):
        streamed(207, "text/plain", texts(), lambda: closed.append(1))
    assert closed == [1]


def test_a_failure_speaks_the_readers_language_where_it_can() -> None:
    from sesstim_radicale.answers import COLLECTION_FIXED

    body = b"".join(denied(COLLECTION_FIXED).answer("fr").body).decode()
    assert 'xml:lang="fr">Les salles' in body
    assert "<D:need-privileges/>" in body
    assert (
        'xml:lang="en">Only & &lt;'.replace("&", "&amp;", 1)
        in b"".join(Failure(403, "D:x", told="Only & <").answer("fr").body).decode()
    )
