"""Every word on the pages and in the mails has its French: nobody meets half a sentence in the other language."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import sesstim_caldav
from sesstim_caldav.language import CATALOGUES

HERE = Path(sesstim_caldav.__file__).parent
SENTENCE = re.compile(r"[A-Z][^{}<>]* [^{}<>]*[.!?:]", re.DOTALL)
LABELS = {"text_field", "password_field", "StringField", "PasswordField", "SelectField", "BooleanField"}


def said_in_templates() -> Iterator[tuple[str, str]]:
    for file in sorted(HERE.rglob("templates/**/*.*")):
        if file.suffix in (".html", ".txt", ".xml"):
            source = io.BytesIO(file.read_bytes())
            for _, message, _, _ in extract("jinja2.ext:babel_extract", source, {"_": None, "ngettext": (1, 2)}):
                yield file.name, message[0] if isinstance(message, tuple) else message


def said_in_code() -> Iterator[tuple[str, str]]:
    """Labels of fields, and whatever reads like a sentence, but docstrings and what is written to the log."""
    for file in sorted([*(HERE / "web").rglob("*.py"), *(HERE / "mail").rglob("*.py")]):
        if file.name in ("feeds.py", "openapi.py"):
            continue  # speaks to programs, in English
        tree = ast.parse(file.read_text(encoding="utf-8"))
        silent = {id(leaf) for node in ast.walk(tree) if _is_silent(node) for leaf in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LABELS | {"say"}:
                yield from ((file.name, text) for text in map(_text, node.args[:1]) if text)
            elif id(node) not in silent and SENTENCE.fullmatch(_text(node)):
                yield file.name, _text(node)


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_silent(node: ast.AST) -> bool:
    """Docstrings, what is put together, and what is written to the log."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.JoinedStr) or _is_logging(node)


def _is_logging(node: ast.AST) -> bool:
    """`print(…)`, `log.warning(…)`, `fail(…)` and errors for programmers."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr in ("debug", "info", "warning", "error", "exception")
    return isinstance(function, ast.Name) and (function.id == "print" or function.id.endswith("Error"))


def test_every_word_has_its_french() -> None:
    said = {*said_in_templates(), *said_in_code()}
    assert len(said) > 100

    assert sorted((place, text) for place, text in said if text.strip() and text not in _in_french()) == []


@lru_cache
def _in_french() -> frozenset[str]:
    """What the catalogues hold."""
    held: set[str] = set()
    for file in (CATALOGUES / "fr").glob("*.po"):
        with file.open("rb") as source:
            for message in read_po(source):
                ids, strings = (
                    [each] if isinstance(each, str) else list(each) for each in (message.id, message.string)
                )
                if all(strings):
                    held.update(ids)
    return frozenset(held)


@pytest.mark.parametrize("file", sorted((CATALOGUES / "fr").glob("*.po")), ids=lambda file: file.name)
def test_a_translation_holds_the_same_facts_in_the_same_signs(file: Path) -> None:
    with file.open("rb") as source:
        catalogue = read_po(source, locale="fr", abort_invalid=True)
    for message in catalogue:
        if not message.id:
            continue
        ids, strings = ([each] if isinstance(each, str) else list(each) for each in (message.id, message.string))
        facts = re.compile(r"%\(\w+\)[sd]")
        assert set(facts.findall(strings[-1])) == set(facts.findall(ids[-1])), message.id
        for string in strings:
            assert not re.search(r"[^\s  ][;!?»]|«[^\s  ]", string), f"a blank is missing: {string}"
