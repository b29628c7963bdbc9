"""XML as strings: names in Clark notation ("{DAV:}getetag"), tags with the prefixes of our answers, escaped text."""

from __future__ import annotations

from functools import lru_cache
from xml.etree.ElementTree import Element

DAV = "DAV:"
CALDAV = "urn:ietf:params:xml:ns:caldav"
CALENDARSERVER = "http://calendarserver.org/ns/"
APPLE = "http://apple.com/ns/ical/"

PREFIXES = {DAV: "D", CALDAV: "C", CALENDARSERVER: "CS", APPLE: "A"}

MULTISTATUS = (
    '<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus '
    + " ".join(f'xmlns:{prefix}="{namespace}"' for namespace, prefix in PREFIXES.items())
    + ">"
)
MULTISTATUS_END = "</D:multistatus>\n"
OK = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
MISSING = "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def dav(name: str) -> str:
    return f"{{DAV:}}{name}"


def caldav(name: str) -> str:
    return f"{{{CALDAV}}}{name}"


def escape(text: str) -> str:
    """Text content; carriage returns stay, a parser reads CRLF as a line feed."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")


def split(name: str) -> tuple[str, str]:
    """Namespace ("" for none) and local name."""
    if name.startswith("{"):
        namespace, _, local = name[1:].rpartition("}")
        return namespace, local
    return "", name


def tags(name: str) -> tuple[str, str, str]:
    """The start tag, the end tag and the empty-element tag of a name, inside our multistatus."""
    return _remembered(name) if len(name) <= 200 else _tags(name)


@lru_cache(maxsize=512)
def _remembered(name: str) -> tuple[str, str, str]:
    return _tags(name)


def _tags(name: str) -> tuple[str, str, str]:
    namespace, local = split(name)
    prefix = PREFIXES.get(namespace)
    if prefix:
        tag, declared = f"{prefix}:{local}", ""
    elif namespace:
        tag, declared = f"X:{local}", f' xmlns:X="{_quoted(namespace)}"'
    else:
        tag, declared = local, ""
    return f"<{tag}{declared}>", f"</{tag}>", f"<{tag}{declared}/>"


def element(name: str, content: str) -> str:
    start, end, empty = tags(name)
    return f"{start}{content}{end}" if content else empty


def href(path: str) -> str:
    """A DAV:href with an address that is percent-encoded already."""
    return f"<D:href>{path}</D:href>"


def written(node: Element, language: str = "") -> str:
    """An element as text that stands for itself inside our multistatus: every name declares what it needs.

    `language` is the xml:lang in force where the element stood.
    """
    namespace, local = split(node.tag)
    prefix = PREFIXES.get(namespace)
    tag = f"{prefix}:{local}" if prefix else f"X:{local}" if namespace else local
    attributes = "" if prefix or not namespace else f' xmlns:X="{_quoted(namespace)}"'
    own_language = node.get(_XML_LANG, language)
    if own_language:
        attributes += f' xml:lang="{_quoted(own_language)}"'
    for number, (key, value) in enumerate(node.items()):
        if key == _XML_LANG:
            continue
        space, name = split(key)
        if not space:
            attributes += f' {name}="{_quoted(value)}"'
        elif space in PREFIXES:
            attributes += f' {PREFIXES[space]}:{name}="{_quoted(value)}"'
        else:
            attributes += f' xmlns:Y{number}="{_quoted(space)}" Y{number}:{name}="{_quoted(value)}"'
    inside = [escape(node.text or "")]
    for child in node:
        inside += written(child), escape(child.tail or "")
    content = "".join(inside)
    return f"<{tag}{attributes}>{content}</{tag}>" if content else f"<{tag}{attributes}/>"
