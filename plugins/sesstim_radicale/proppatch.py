"""PROPPATCH (RFC 4918 section 9.2): what an account keeps for itself on a collection, all of it or nothing."""

from __future__ import annotations

from http import HTTPStatus
from xml.etree.ElementTree import Element

from sesstim_radicale.answers import XML, Answer, bad_request
from sesstim_radicale.markup import MULTISTATUS, MULTISTATUS_END, dav, href, tags, written
from sesstim_radicale.places import Kind
from sesstim_radicale.properties import PROTECTED
from sesstim_radicale.propfind import existing
from sesstim_radicale.request import Request

LARGEST = 64 * 1024
"""Characters of the largest property that is kept."""
LONGEST_NAME = 500
"""Characters of the longest name of a property, namespace included."""
MOST = 100
"""Properties that one account keeps on one resource."""

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def answer(request: Request) -> Answer:
    """207 whatever becomes of the properties (macOS gives a calendar up at any other status)."""
    root = request.xml()
    if root is None or root.tag != dav("propertyupdate"):
        raise bad_request("The body of a PROPPATCH must be a DAV:propertyupdate.")
    names, put, gone = _instructions(root)
    path = request.place.path
    with request.office.publication.snapshot(request.account) as snapshot:
        existing(request, snapshot)
        kept = snapshot.properties(path)
    bad: dict[str, int] = {}
    for name in names:
        if request.place.kind is Kind.BOOKING or name in PROTECTED:
            bad[name] = HTTPStatus.FORBIDDEN
        elif len(put.get(name, "")) > LARGEST or len(name) > LONGEST_NAME:
            bad[name] = HTTPStatus.INSUFFICIENT_STORAGE
    if not bad and len((kept.keys() | put.keys()) - gone) > MOST:
        bad = dict.fromkeys(put, HTTPStatus.INSUFFICIENT_STORAGE)
    if names and not bad:
        request.office.publication.set_properties(request.account, path, put, gone)
    return Answer.of(HTTPStatus.MULTI_STATUS, XML, _outcome(request, names, bad).encode())


def _instructions(root: Element) -> tuple[list[str], dict[str, str], set[str]]:
    """All names in order, what is set as elements, what is removed; the instructions count in document order."""
    names: dict[str, None] = {}
    put: dict[str, str] = {}
    gone: set[str] = set()
    for instruction in root:
        if instruction.tag not in (dav("set"), dav("remove")):
            continue
        for prop in instruction.findall(dav("prop")):
            language = prop.get(_LANG) or instruction.get(_LANG) or root.get(_LANG) or ""
            for node in prop:
                names[node.tag] = None
                if instruction.tag == dav("set"):
                    put[node.tag] = written(node, language)
                    gone.discard(node.tag)
                else:
                    put.pop(node.tag, None)
                    gone.add(node.tag)
    return list(names), put, gone


def _outcome(request: Request, names: list[str], bad: dict[str, int]) -> str:
    statuses: dict[int, list[str]] = {} if names else {int(HTTPStatus.OK): []}
    for name in names:
        status = bad.get(name, HTTPStatus.FAILED_DEPENDENCY if bad else HTTPStatus.OK)
        statuses.setdefault(int(status), []).append(name)
    parts = [MULTISTATUS, "<D:response>", href(request.address(request.place))]
    for status in sorted(statuses):
        parts.append("<D:propstat><D:prop>")
        parts += (tags(name)[2] for name in statuses[status])
        parts.append(f"</D:prop><D:status>HTTP/1.1 {status} {HTTPStatus(status).phrase}</D:status>")
        if status == HTTPStatus.FORBIDDEN:
            parts.append("<D:error><D:cannot-modify-protected-property/></D:error>")
        parts.append("</D:propstat>")
    return "".join([*parts, "</D:response>", MULTISTATUS_END])
