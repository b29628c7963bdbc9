"""Content lines and components of iCalendar (RFC 5545 section 3.1), read and written without loss.

What is tidy passes to the byte.  What is untidy but meant is mended: byte order marks, bare line feeds, lines torn in
two, lines folded inside a character, characters that XML 1.0 cannot carry, stray quotes in parameters that decide
nothing.  Values stay raw (escaped), since most of them are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

DEEPEST = 16
"""How far components may nest; iCalendar itself needs three levels."""

_NAME = r"[A-Za-z0-9-]+"
_PARAM_VALUE = r'(?:"[^"\r\n]*+"|[^";:,\r\n]*+)'
_PARAM = rf";{_NAME}={_PARAM_VALUE}(?:,{_PARAM_VALUE})*+"
_LINE = re.compile(rf"({_NAME})((?:{_PARAM})*+):([^\r\n]*+)")
_ALL_LINES = re.compile(rf"(?:{_NAME}(?:{_PARAM})*+:[^\r\n]*+\r\n)++")
_PARAMS = re.compile(rf";({_NAME})=({_PARAM_VALUE}(?:,{_PARAM_VALUE})*+)")
_PARAM_VALUES = re.compile(r'"([^"]*)"|([^",]+)|(?<=,)(?=,|$)|^(?=,|$)')
_BEGINS_LINE = re.compile(rf"(?:{_NAME}|X_[\w-]+)[;:]", re.ASCII | re.IGNORECASE)
_UNCARRIED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile(rb"\r\n|\n|\r")

_DECIDING_PROPERTIES = frozenset(
    [
        "DTSTART",
        "DTEND",
        "DURATION",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "RRULE",
        "EXRULE",
        "UID",
        "BEGIN",
        "END",
        "METHOD",
        "STATUS",
        "CLASS",
    ]
)
_DECIDING_PARAMETERS = frozenset(("TZID", "VALUE", "RANGE"))
_TEXTS = frozenset(["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "RESOURCES", "CATEGORIES"])


class Malformed(ValueError):
    """The text is not iCalendar; the message says what was met, for a log and not for a person."""


@dataclass(slots=True, frozen=True)
class Line:
    """One content line, unfolded: names in upper case, the value raw (still escaped), the text as it stands."""

    name: str
    params: tuple[tuple[str, tuple[str, ...]], ...]
    value: str
    text: str

    def param(self, name: str) -> str | None:
        """The first value of a parameter, without quotes; None when the line has no such parameter."""
        for key, values in self.params:
            if key == name:
                return values[0] if values else ""
        return None


@dataclass(slots=True)
class Component:
    """A component; its lines and components are its children, in the order of the document."""

    name: str
    children: list[Line | Component] = field(default_factory=list)

    def lines(self, name: str) -> list[Line]:
        """All lines of that name (upper case), in order."""
        return [child for child in self.children if isinstance(child, Line) and child.name == name]

    def line(self, name: str) -> Line | None:
        """The first line of that name (upper case)."""
        for child in self.children:
            if isinstance(child, Line) and child.name == name:
                return child
        return None

    def components(self, name: str | None = None) -> list[Component]:
        """The components directly inside, all or those of one name (upper case)."""
        return [c for c in self.children if isinstance(c, Component) and (name is None or c.name == name)]


def mend(data: bytes) -> tuple[str, bool]:
    """The text with CRLF line ends that ``data`` means, and whether that is ``data`` to the byte.

    Raises Malformed when a line is beyond mending (a torn BEGIN, a stray quote beside a TZID).
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _mended(data), False
    if not _UNCARRIED.search(text) and _ALL_LINES.fullmatch(_unfolded(text)):
        return text, True
    return _mended(data), False


def parse(text: str) -> Component:
    """The one component of a tidy text (as ``mend`` returns it).  Raises Malformed."""
    components = parse_all(text)
    if len(components) != 1:
        raise Malformed(f"{len(components)} components where one was expected")
    return components[0]


def parse_all(text: str) -> list[Component]:
    """Every component of a stream (RFC 5545 section 3.4 allows several calendars).  Raises Malformed."""
    stack: list[Component] = []
    found: list[Component] = []
    for raw in _unfolded(text).split("\r\n"):
        if not raw:
            continue
        line = parse_line(raw)
        if line.name == "BEGIN":
            component = Component(line.value.strip().upper())
            if stack:
                stack[-1].children.append(component)
            else:
                found.append(component)
            stack.append(component)
            if len(stack) > DEEPEST:
                raise Malformed("components nested too deeply")
        elif line.name == "END":
            if not stack or stack[-1].name != line.value.strip().upper():
                raise Malformed(f"END:{line.value} without its BEGIN")
            stack.pop()
        elif stack:
            stack[-1].children.append(line)
        else:
            raise Malformed("a property outside of every component")
    if stack:
        raise Malformed(f"{stack[-1].name} has no END")
    return found


def parse_line(text: str) -> Line:
    """One unfolded content line.  Raises Malformed."""
    match = _LINE.fullmatch(text)
    if not match:
        raise Malformed(f"not a content line: {text[:60]!r}")
    name, params, value = match.groups()
    return Line(name.upper(), _parameters(params) if params else (), value, text)


def write(component: Component) -> str:
    """The component as text, lines folded at 75 octets and never inside a character (RFC 5545 section 3.1)."""
    return "".join(_written(component))


def fold(text: str) -> str:
    """One unfolded line, folded and closed by CRLF."""
    if len(text) <= 75 and (text.isascii() or len(text.encode()) <= 75):
        return text + "\r\n"
    pieces: list[str] = []
    start, room, used = 0, 75, 0
    for index, character in enumerate(text):
        size = 1 if character < "\x80" else len(character.encode())
        if used + size > room:
            pieces.append(text[start:index])
            start, used, room = index, 0, 74
        used += size
    pieces.append(text[start:])
    return "\r\n ".join(pieces) + "\r\n"


def make_line(name: str, value: str, params: Iterable[tuple[str, str]] = ()) -> Line:
    """A new line from a raw (escaped) value and unquoted parameter values."""
    pairs = tuple((key.upper(), (content,)) for key, content in params)
    text = name + "".join(f";{key}={quote(values[0])}" for key, values in pairs) + ":" + value
    return Line(name.upper(), pairs, value, text)


def quote(value: str) -> str:
    """A parameter value, in quotes where it needs them; a quote inside becomes an apostrophe."""
    value = re.sub(r"[\r\n]+", " ", value).replace('"', "'")
    return f'"{value}"' if re.search("[;:,]", value) else value


def carried(text: str) -> str:
    """A text without the characters that XML 1.0 cannot carry, halves of characters among them."""
    return _UNCARRIED.sub("", text)


def escape_text(text: str) -> str:
    """A TEXT value as it is written (RFC 5545 section 3.3.11)."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def unescape_text(text: str) -> str:
    """The text that a raw TEXT value stands for."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], text)


def _unfolded(text: str) -> str:
    return text.replace("\r\n ", "").replace("\r\n\t", "")


def _parameters(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for name, values in _PARAMS.findall(text):
        if "," not in values:
            listed: tuple[str, ...] = (values.strip('"'),)
        else:
            listed = tuple(match[1] or match[2] or "" for match in _PARAM_VALUES.finditer(values))
        found.append((name.upper(), listed))
    return tuple(found)


def _written(component: Component) -> Iterator[str]:
    yield f"BEGIN:{component.name}\r\n"
    for child in component.children:
        if isinstance(child, Line):
            yield fold(child.text)
        else:
            yield from _written(child)
    yield f"END:{component.name}\r\n"


def _mended(data: bytes) -> str:
    lines: list[bytearray] = []
    for raw in _BREAK.split(_without_mark(data)):
        if raw[:1] in (b" ", b"\t"):
            if lines:
                lines[-1] += raw[1:]
        elif raw:
            lines.append(bytearray(raw))
    mended: list[str] = []
    for octets in lines:
        text = _UNCARRIED.sub("", _decoded(bytes(octets)))
        if not text.strip():
            continue
        if _BEGINS_LINE.match(text):
            mended.append(text)
        elif mended:
            mended[-1] = _rejoined(mended[-1], text)
        else:
            raise Malformed(f"begins with {text[:60]!r}")
    return "".join(fold(_tidied(text)) for text in mended)


def _without_mark(data: bytes) -> bytes:
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode("utf-8", "replace")
    return data


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def _rejoined(head: str, tail: str) -> str:
    """A line torn in two: the break stood for one in a text, for nothing in an empty value or a time."""
    name = re.split("[;:]", head, maxsplit=1)[0].upper()
    if name in ("BEGIN", "END"):
        raise Malformed(f"not a content line: {tail[:60]!r}")
    if head.endswith(":") or name in _DECIDING_PROPERTIES:
        return head + tail
    return head + ("\\n" if name in _TEXTS else " ") + tail


def _tidied(text: str) -> str:
    if _LINE.fullmatch(text):
        return text
    name_match = re.match(r"[\w-]+", text, re.ASCII)
    name = name_match[0] if name_match else ""
    rest = text[len(name) :]
    name = name.replace("_", "-")
    written = name
    while rest.startswith(";"):
        head = re.match(rf";({_NAME})=", rest)
        if not head:
            cut = re.match(r";[^;:]*", rest)
            if name.upper() in _DECIDING_PROPERTIES or not cut:
                raise Malformed(f"not a content line: {text[:60]!r}")
            rest = rest[cut.end() :]
            continue
        rest = rest[head.end() :]
        strict = re.match(rf"{_PARAM_VALUE}(?:,{_PARAM_VALUE})*+(?=[;:])", rest)
        if strict:
            written += f";{head[1]}={strict[0]}"
            rest = rest[strict.end() :]
            continue
        if name.upper() in _DECIDING_PROPERTIES or head[1].upper() in _DECIDING_PARAMETERS:
            raise Malformed(f"a stray quote: {text[:60]!r}")
        loose = re.match(r"[^;:]*", rest)
        value = loose[0] if loose else ""
        rest = rest[len(value) :]
        written += f";{head[1]}={quote(value.replace(chr(92) + chr(34), chr(39)).strip(chr(34)))}"
    if not rest.startswith(":"):
        raise Malformed(f"not a content line: {text[:60]!r}")
    return written + rest
