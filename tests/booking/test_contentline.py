"""Content lines: what is tidy passes to the byte, what is untidy but meant is mended."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sesstim_caldav.booking.contentline import (
    Malformed,
    escape_text,
    fold,
    mend,
    parse,
    parse_line,
    unescape_text,
    write,
)


def mended(*lines: str | bytes) -> list[str]:
    """The unfolded lines that are left of these."""
    octets = b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\r\n"
    text, untouched = mend(octets)
    assert untouched is (text.encode() == octets)
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_a_tidy_text_passes_to_the_byte():
    data = 'BEGIN:VEVENT\r\nX-Foo;A=b;C="d:e",f:caf\u00e9\r\n \u2028 folded\r\nEND:VEVENT\r\n'.encode()

    assert mend(data) == (data.decode(), True)


def test_a_byte_order_mark_and_bare_line_feeds_go():
    assert mend(b"\xef\xbb\xbfBEGIN:VEVENT\nSUMMARY:a\r\nEND:VEVENT") == (
        "BEGIN:VEVENT\r\nSUMMARY:a\r\nEND:VEVENT\r\n",
        False,
    )


def test_a_line_folded_inside_a_character_is_joined():
    assert mended(b"SUMMARY:caf\xc3", b" \xa9") == ["SUMMARY:caf\u00e9"]


def test_a_torn_tzname_is_joined():
    assert mended("TZNAME:", "(STD)") == ["TZNAME:(STD)"]


def test_an_address_over_several_lines_is_joined():
    assert mended("X-APPLE-STRUCTURED-LOCATION;X-TITLE=null:", "12 rue de Rome", "13005 Marseille:geo:43.2,5.3") == [
        "X-APPLE-STRUCTURED-LOCATION;X-TITLE=null:12 rue de Rome 13005 Marseille:geo:43.2,5.3"
    ]


def test_a_torn_description_keeps_its_line_break():
    assert mended("DESCRIPTION:first", "second line") == ["DESCRIPTION:first\\nsecond line"]


def test_stray_quotes_in_a_title_become_apostrophes():
    assert mended('X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Hall \\"A\\":geo:1,2') == [
        "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Hall 'A':geo:1,2"
    ]


def test_apple_s_double_colon_passes():
    line = 'X-APPLE-STRUCTURED-LOCATION;X-APPLE-ABUID="abc"::;X-APPLE-RADIUS=70:geo:1,2'

    assert mended(line) == [line]


@pytest.mark.parametrize(
    "line",
    ['DTSTART;TZID="Europe/Paris:20270503T100000', 'DTSTART;TZID=Eu"rope:20270503T100000', "DTSTART;VALUE:20270503"],
)
def test_a_stray_quote_beside_a_time_is_not_mended(line):
    with pytest.raises(Malformed):
        mend(f"{line}\r\n".encode())


def test_characters_that_xml_cannot_carry_go_and_no_others():
    assert mended("SUMMARY:a\x00b\x0bc\x1fd\ufffee\u2028f\u0085g\th") == ["SUMMARY:abcde\u2028f\u0085g\th"]


def test_octets_that_are_not_utf8_are_read_as_windows_wrote_them():
    assert mended(b"SUMMARY:r\xe9union") == ["SUMMARY:r\u00e9union"]


def test_what_begins_with_no_property_is_malformed():
    with pytest.raises(Malformed):
        mend(b"hello, world\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SUMMARY:a\r\n",
        "BEGIN:A\r\n",
        "END:A\r\n",
        "BEGIN:A\r\nEND:B\r\n",
        "BEGIN:A\r\nEND:A\r\nBEGIN:A\r\nEND:A\r\n",
        "BEGIN:A\r\n" * 100_000,
    ],
)
def test_components_that_do_not_fit_are_malformed(text):
    with pytest.raises(Malformed):
        parse(text)


def test_parameters_are_read_without_quotes():
    line = parse_line('attendee;CN="Dupont, Marie";x-a=,b:mailto:m@example.org')

    assert (line.name, line.param("CN"), line.value) == ("ATTENDEE", "Dupont, Marie", "mailto:m@example.org")
    assert line.params[1] == ("X-A", ("", "b"))
    assert line.param("ROLE") is None


@given(st.text(alphabet='aé€😀 ,;\\\n"', max_size=200))
@settings(max_examples=100)
def test_a_text_comes_back_through_escaping_folding_and_parsing(text):
    component = parse(f"BEGIN:A\r\n{fold('SUMMARY:' + escape_text(text))}END:A\r\n")
    written = write(component)

    assert unescape_text(component.line("SUMMARY").value) == text
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    assert mend(written.encode()) == (written, True)


@given(st.binary(max_size=120))
@settings(max_examples=200)
def test_whatever_arrives_is_mended_into_something_tidy_or_malformed(noise):
    try:
        text, _ = mend(b"BEGIN:VEVENT\r\nX-A;B=c:" + noise + b"\r\nEND:VEVENT\r\n")
    except Malformed:
        return
    assert mend(text.encode()) == (text, True)
