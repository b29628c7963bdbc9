"""Turns every comparison of the rules once and runs their tests: `python tests/mutate_rules.py > notes/mutations.md`.

Run by hand; names of modules (`pattern.py`) restrict it to those. A row without a failing test is a comparison that no
test holds; the exit status is then 1. Everything is loaded once: for each change a process is forked that takes the
changed code in and runs the tests that enter the changed function, the quickest first.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import gc
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOOKING = ROOT / "sesstim_caldav/booking"
MODULES = [
    *sorted((BOOKING / "rules").glob("[a-z]*.py")),
    BOOKING / "proposal.py",
    BOOKING / "pattern.py",
    BOOKING / "schedule.py",
]
TESTS = [
    "tests/booking/rules",
    "tests/booking/test_refusal.py",
    "tests/booking/test_schedule.py",
    "tests/booking/test_pattern.py",
    "tests/booking/test_cutting.py",
    "tests/test_horizon.py",
]
UNTIMED = "not answered_soon and not cost_little and not in_a_moment"
"""Tests that only measure time are left out."""

MOST_SECONDS = 60
"""Of the processor, for the tests of one change: what then has not ended does not end."""

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

SOONER = "a shorter way to the same answer, or the longer one"
EMPTY = "what is empty overlaps nothing; the answer only comes sooner"
ALIKE = {
    ("Room.clock", "`instant < 0` → `instant <= 0`"): "1970 is never beyond the calendar",
    ("offset_days", "`shift >= 0` → `shift > 0`"): "a shift by nothing to the one side or to the other",
    ("Pattern.kinds", "`self.start_wall >= MODERN` → `self.start_wall > MODERN`"): SOONER,
    (
        "Pattern.kinds",
        "`not settled and total <= 7 * DAY` → `not settled or total <= 7 * DAY`",
    ): "looks for more than is there",
    (
        "Pattern.kinds",
        "`self.start_wall - _SLACK <= onset <= last` → `self.start_wall - _SLACK < onset <= last`",
    ): SOONER,
    (
        "Pattern.kinds",
        "`self.start_wall - _SLACK <= onset <= last` → `self.start_wall - _SLACK <= onset < last`",
    ): SOONER,
    (
        "Pattern.kinds",
        "`len(self.slots()) <= 4` → `len(self.slots()) < 4`",
    ): "how many centuries of changes are looked at",
    ("Pattern.slots", "`0 <= day <= LAST_DAY` → `0 < day <= LAST_DAY`"): "nothing is held on that day",
    ("Pattern.slots", "`0 <= day <= LAST_DAY` → `0 <= day < LAST_DAY`"): "nothing is held on that day",
    (
        "Pattern._since",
        "`waiting[0].start < found.start - _SLACK` → `waiting[0].start <= found.start - _SLACK`",
    ): "the same order, given sooner",
    ("steady", "`end < low or begin > high` → `end < low and begin > high`"): SOONER,
    ("steady", "`end < low` → `end <= low`"): "what begins as a change ends knows nothing of it",
    ("steady", "`end - DAY < low` → `end - DAY <= low`"): "what begins as a change ends knows nothing of it",
    (
        "_first_meeting",
        "`max(pair[0].start, pair[1].start) < max(best[0].start, best[1].start)` → "
        "`max(pair[0].start, pair[1].start) <= max(best[0].start, best[1].start)`",
    ): "of two pairs that meet at one time either is the first",
    ("_pairs", "`a.time + lasts <= b.time` → `a.time + lasts < b.time`"): SOONER,
    ("_pairs", "`b.time + other_lasts <= a.time` → `b.time + other_lasts < a.time`"): SOONER,
    ("_pairs", "`shift >= 0` → `shift > 0`"): "a shift by nothing to the one side or to the other",
    ("Pattern.kinds", "`total <= 7 * DAY` → `total < 7 * DAY`"): "what lasts a week is out of hours by any kind",
    ("Pattern.clash", "`total <= 0` → `total < 0`"): EMPTY,
    ("Pattern.clash", "`total <= 12 * 3600` → `total < 12 * 3600`"): SOONER,
    ("Pattern.clash", "`total + largest_jump(self.zone) <= DAY` → `total + largest_jump(self.zone) < DAY`"): SOONER,
    ("Pattern.clash", "`self.start_wall >= MODERN` → `self.start_wall > MODERN`"): SOONER,
    ("Pattern.clash", "`min(gaps) >= total` → `min(gaps) > total`"): SOONER,
    (
        "Pattern.clash",
        "`gaps[-1] - total >= largest_jump(self.zone)` → `gaps[-1] - total > largest_jump(self.zone)`",
    ): SOONER,
    ("Pattern.clash", "`index >= 500` → `index > 500`"): SOONER,
    (
        "_first_meeting",
        "`one.length.total <= 0 or other.length.total <= 0` → `one.length.total <= 0 and other.length.total <= 0`",
    ): EMPTY,
    ("_first_meeting", "`one.length.total <= 0` → `one.length.total < 0`"): EMPTY,
    ("_first_meeting", "`other.length.total <= 0` → `other.length.total < 0`"): EMPTY,
    ("_walk", "`0 <= day + shift <= LAST_DAY` → `0 < day + shift <= LAST_DAY`"): "no mask has a bit there",
    ("_walk", "`0 <= day + shift <= LAST_DAY` → `0 <= day + shift < LAST_DAY`"): "nothing is held on that day",
    (
        "_plain",
        "`min(one.start_wall, other.start_wall) < MODERN` → `min(one.start_wall, other.start_wall) <= MODERN`",
    ): SOONER,
    ("_plain", "`DAY + b.time - end < jump` → `DAY + b.time - end <= jump`"): SOONER,
    ("_plain", "`DAY + a.time - other_end < jump` → `DAY + a.time - other_end <= jump`"): SOONER,
    (
        "_far_apart",
        "`min(one.start_wall, other.start_wall) < MODERN` → `min(one.start_wall, other.start_wall) <= MODERN`",
    ): SOONER,
    ("_far_apart", "`end <= DAY + b.time` → `end < DAY + b.time`"): SOONER,
    ("_far_apart", "`other_end <= DAY + a.time` → `other_end < DAY + a.time`"): SOONER,
    ("_far_apart", "`end <= b.time or other_end <= a.time` → `end <= b.time and other_end <= a.time`"): SOONER,
    ("_far_apart", "`end <= b.time` → `end < b.time`"): SOONER,
    ("_far_apart", "`other_end <= a.time` → `other_end < a.time`"): SOONER,
    ("Schedule.occurrences", "`until >= FOREVER` → `until > FOREVER`"): "nothing starts at FOREVER",
}
"""Changes that change nothing, by function, and why."""

HEAD = """# Comparisons of the rules, each turned once

Made by `python tests/mutate_rules.py`: every comparison, `and`, `or` and `not` in the modules of
`sesstim_caldav/booking/rules`, in `proposal.py`, `pattern.py` and `schedule.py` is changed by itself, and the tests
that enter its function are run. The last column is the first test that failed, or why none can.

| module | function | change | test that failed |
| --- | --- | --- | --- |"""


def mutants(source: str) -> Iterator[tuple[str, str, str]]:
    """Each (function, what was changed, the module's source with it), one change at a time."""
    tree = ast.parse(source)
    functions = _functions(tree)
    for place, node in enumerate(ast.walk(tree)):
        changes: list[Callable[[Any], ast.AST]] = []
        if isinstance(node, ast.Compare):
            changes = [partial(_turn, at=at, new=TURNED[type(operator)]) for at, operator in enumerate(node.ops)]
        elif isinstance(node, ast.BoolOp):
            changes = [_other_junction]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            changes = [lambda n: n.operand]
        for change in changes if id(node) in functions else ():
            yield functions[id(node)], *_changed(tree, place, change)


def _functions(tree: ast.Module) -> dict[int, str]:
    """For every node in a function of the module or of a class of it, by id: the function's qualified name."""
    classes = [(f"{node.name}.", node.body) for node in tree.body if isinstance(node, ast.ClassDef)]
    return {
        id(node): f"{around}{function.name}"
        for around, body in [("", tree.body), *classes]
        for function in body
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }


def _changed(tree: ast.Module, place: int, change: Callable[[Any], ast.AST]) -> tuple[str, str]:
    turned = copy.deepcopy(tree)
    node = list(ast.walk(turned))[place]
    before = ast.unparse(node)
    after = change(node)
    if after is not node:
        for parent in ast.walk(turned):
            for name, value in ast.iter_fields(parent):
                if value is node:
                    setattr(parent, name, after)
                elif isinstance(value, list) and node in value:
                    value[value.index(node)] = after
    return f"`{_short(before)}` → `{_short(ast.unparse(after))}`", ast.unparse(turned)


def _turn(node: ast.Compare, at: int, new: type[ast.cmpop]) -> ast.Compare:
    node.ops[at] = new()
    return node


def _other_junction(node: ast.BoolOp) -> ast.BoolOp:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return node


def _short(code: str) -> str:
    code = re.sub(r"\s+", " ", code).replace("|", "\\|")
    return code if len(code) <= 110 else code[:109] + "…"


def take_in(path: Path, source: str) -> None:
    """Gives the functions of a loaded module the code of another source of it."""
    codes: dict[str, CodeType] = {}
    waiting = [compile(source, str(path), "exec", dont_inherit=True)]
    while waiting:
        for code in waiting.pop().co_consts:
            if isinstance(code, CodeType):
                codes[code.co_qualname] = code
                waiting.append(code)
    for found in gc.get_objects():
        if isinstance(found, FunctionType) and found.__code__.co_filename == str(path):
            found.__code__ = codes[found.__code__.co_qualname]


def forget() -> None:
    """Empties every cache of the software: what a test is told is told by the code as it is now."""
    for found in gc.get_objects():
        if isinstance(found, _lru_cache_wrapper) and found.__module__.startswith("sesstim_caldav"):
            found.cache_clear()


class Turning:
    """Takes the place of pytest's own loop over the tests that it found."""

    def __init__(self, modules: list[Path]) -> None:
        self.modules = modules
        self.survived = 0
        self.failed = ""
        self.entered: dict[str, list[pytest.Item]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remembers a failure."""
        if report.failed:
            self.failed = _short(re.sub(r"^[^:]*/", "", report.nodeid))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Writes a row for every change, past pytest, whose own output is thrown away."""
        told = self._forked(partial(self._profile, session.items))
        if "failed" in told or not told:
            print(f"fails without any change: {told}", file=sys.stderr)
            self.survived = 1
            return True
        items = {item.nodeid: item for item in session.items}
        for name, (_, functions) in sorted(told.items(), key=lambda each: each[1][0]):
            for function in functions:
                self.entered.setdefault(function, []).append(items[name])
        for module in self.modules:
            for function, change, source in mutants(module.read_text()):
                alike = ALIKE.get((function, change))
                failed = f"none: {alike}" if alike else self._first_failure(module, function, source)
                self.survived += not failed
                row = f"| {module.name} | `{function}` | {change} | {failed or '**none**'} |"
                print(row, file=sys.__stdout__, flush=True)
        return True

    def _first_failure(self, module: Path, function: str, source: str) -> str:
        def run() -> dict[str, Any]:
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
            take_in(module, source)
            forget()
            for item in self.entered.get(f"{module}:{function}", []):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if self.failed:
                    break
            return {"failed": self.failed}

        return str(self._forked(run).get("failed", "does not end"))

    def _profile(self, items: list[pytest.Item]) -> dict[str, Any]:
        """For every test the seconds that it takes, and the functions of the modules that it enters."""
        found: dict[str, Any] = {}
        names = {str(module) for module in self.modules}
        functions: set[str] = set()

        def enter(frame: FrameType, event: str, _: object) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename in names:
                functions.add(f"{code.co_filename}:{code.co_qualname.partition('.<locals>')[0]}")

        for item in items:
            forget()
            functions.clear()
            begun = time.process_time()
            sys.settrace(enter)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            sys.settrace(None)
            if self.failed:
                return {"failed": self.failed}
            found[item.nodeid] = (time.process_time() - begun, sorted(functions))
        return found

    def _forked(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What the work returns, done in a process of its own; nothing where that was killed."""
        with tempfile.TemporaryFile("w+") as answer:
            child = os.fork()
            if child == 0:
                try:
                    json.dump(work(), answer)
                    answer.flush()
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            answer.seek(0)
            text = answer.read()
        return dict(json.loads(text)) if text else {}


def main() -> int:
    """Writes the table to stdout."""
    turning = Turning([module for module in MODULES if module.name in sys.argv[1:] or not sys.argv[1:]])
    os.chdir(ROOT)
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        options = ["-p", "no:cacheprovider", "-p", "no:xdist", "--override-ini=timeout=0", "--tb=no", "-k", UNTIMED]
        done = pytest.main([*options, *TESTS], plugins=[turning])
    return 1 if turning.survived or done not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else 0


if __name__ == "__main__":
    sys.exit(main())
