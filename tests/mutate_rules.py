"""Turns every comparison of the rules once and runs their tests: `python tests/mutate_rules.py > notes/mutations.md`.

Run by hand. It works on a copy of the package, so nothing here changes meanwhile. A row without a failing test is a
comparison that no test holds; the exit status is then 1.
"""

from __future__ import annotations

import ast
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BOOKING = Path("sesstim_caldav/booking")
MODULES = [
    *sorted(path.relative_to(ROOT) for path in (ROOT / BOOKING / "rules").glob("[a-z]*.py")),
    BOOKING / "proposal.py",
]
TESTS = ["tests/booking/rules", "tests/booking/test_refusal.py"]

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}

ALIKE = {"`instant < 0` → `instant <= 0`": "none can: 1970 is never beyond the calendar"}
"""Changes that change nothing, and why."""

HEAD = """# Comparisons of the rules, each turned once

Made by `python tests/mutate_rules.py`: every comparison, `and`, `or` and `not` in the modules of
`sesstim_caldav/booking/rules` and in `proposal.py` is changed by itself, and the rules' tests are run. The last column
is the first test that failed.

| module | change | test that failed |
| --- | --- | --- |"""


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Each (what was changed, the module's source with it), one change at a time."""
    tree = ast.parse(source)
    for place, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.Compare):
            for number, operator in enumerate(node.ops):
                yield from _changed(tree, place, partial(_turn, at=number, new=TURNED[type(operator)]))
        elif isinstance(node, ast.BoolOp):
            yield from _changed(tree, place, _other_junction)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield from _changed(tree, place, lambda n: n.operand)


def _changed(tree: ast.Module, place: int, change: Callable[[Any], ast.AST]) -> Iterator[tuple[str, str]]:
    turned = copy.deepcopy(tree)
    node = list(ast.walk(turned))[place]
    if "TYPE_CHECKING" in ast.unparse(node):
        return
    before = ast.unparse(node)
    after = change(node)
    if after is not node:
        for parent in ast.walk(turned):
            for name, value in ast.iter_fields(parent):
                if value is node:
                    setattr(parent, name, after)
                elif isinstance(value, list) and node in value:
                    value[value.index(node)] = after
    yield f"`{_short(before)}` → `{_short(ast.unparse(after))}`", ast.unparse(turned)


def _turn(node: ast.Compare, at: int, new: type[ast.cmpop]) -> ast.Compare:
    node.ops[at] = new()
    return node


def _other_junction(node: ast.BoolOp) -> ast.BoolOp:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return node


def _short(code: str) -> str:
    code = re.sub(r"\s+", " ", code).replace("|", "\\|")
    return code if len(code) <= 110 else code[:109] + "…"


def first_failure(package: Path) -> str | None:
    """The first test that fails with the package of that folder."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *TESTS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) \S*?/?([\w.]+\.py(?:::.*?)?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return _short(found[1]) if found else "does not start"


def main() -> int:
    """Writes the table to stdout."""
    survived = 0
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder)
        shutil.copytree(ROOT / "sesstim_caldav", package / "sesstim_caldav")
        if first_failure(package) is not None:
            print("the tests fail without any change", file=sys.stderr)
            return 2
        for module in MODULES:
            source = (ROOT / module).read_text()
            for change, text in mutants(source):
                (package / module).write_text(text)
                failed = ALIKE.get(change) or first_failure(package)
                survived += failed is None
                print(f"| {module.name} | {change} | {failed or '**none**'} |", flush=True)
            (package / module).write_text(source)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
