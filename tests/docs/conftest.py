"""One run of everything that the README shows, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, Shown, sessions, text_of
from tests.once import once

SQLITE = """#!{python}
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
    print(*row, sep="|")
"""
"""Stands in for SQLite's shell where it is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A command of the README as it ran."""

    shown: Shown
    exit_code: int
    lines: tuple[str, ...]
    errors: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the commands printed, and the collection that they left."""

    printed: tuple[Printed, ...]
    collection: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The commands of the README's `console` blocks, run in order in an empty folder."""
    return once(tmp_path_factory, "docs", _demo)


def _demo(place: Path) -> Demo:
    return Demo(printed=run_all(place), collection=place / "collections" / "example")


def run_all(place: Path) -> tuple[Printed, ...]:
    """Run what the README shows, in an empty folder."""
    environment = {**os.environ, "PATH": _path(place / "bin"), "PYTHONPATH": str(ROOT)}
    return tuple(_run(shown, place, environment) for shown in sessions(text_of("README.md")))


def _path(own: Path) -> str:
    """The environment's commands first, as `. .venv/bin/activate` puts them."""
    own.mkdir()
    if shutil.which("sqlite3") is None:
        (own / "sqlite3").write_text(SQLITE.format(python=sys.executable), encoding="utf-8")
        (own / "sqlite3").chmod(0o755)
    return os.pathsep.join([str(Path(sys.executable).parent), str(own), os.environ["PATH"]])


def _run(shown: Shown, place: Path, environment: dict[str, str]) -> Printed:
    done = subprocess.run(
        ["bash", "-c", shown.command], cwd=place, env=environment, capture_output=True, text=True, timeout=50, check=False
    )
    return Printed(shown=shown, exit_code=done.returncode, lines=tuple(done.stdout.splitlines()), errors=done.stderr)
