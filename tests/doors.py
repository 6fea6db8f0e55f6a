"""The front doors as a user has them: `scrapy crawl sources` and `footnotary`, each in a process of its own, fenced in.

    crawled = scrapy("-a", f"config={file}")
    said = footnotary("citations", "--format", "json")

A process that tries to leave the machine, or to use any network at all where it is `sealed`, fails its test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FENCE = Path(__file__).with_name("fence")
TIMEOUT = 50
"""Seconds; less than the suite gives a test."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> Rows:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process that was started; `ended` waits for it."""

    process: subprocess.Popen[str]
    fence_log: Path

    def climbed(self) -> str:
        """What the fence has refused, once the process has ended; the log is gone then."""
        said = self.fence_log.read_text() if self.fence_log.exists() else ""
        shutil.rmtree(self.fence_log.parent)
        return said

    def ended(self) -> Ended:
        """Wait, and hold that nobody climbed the fence and that no traceback was printed."""
        (ended,) = together(self)
        return ended


def together(*running: Running) -> list[Ended]:
    """Wait for processes that were started side by side, for all of them before any is judged."""
    printed = [each.process.communicate(timeout=TIMEOUT) for each in running]
    climbed = [each.climbed() for each in running]
    assert climbed == [""] * len(running)
    for out, err in printed:
        assert "Traceback" not in out + err, err
    return [Ended(code=each.process.returncode, out=out, err=err) for each, (out, err) in zip(running, printed, strict=True)]


def start(*command: str, cwd: Path, fence: str) -> Running:
    """Run `python -m COMMAND` behind a fence, `loopback` or `sealed`."""
    log = Path(tempfile.mkdtemp(prefix="fence-")) / "climbed"
    paths = (str(FENCE), str(ROOT), os.environ.get("PYTHONPATH"))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "FOOTNOTARY_FENCE": fence,
        "FOOTNOTARY_FENCE_LOG": str(log),
        "COLUMNS": "200",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    return Running(process=process, fence_log=log)


def start_scrapy(*arguments: str, fence: str = "loopback") -> Running:
    """`scrapy crawl sources ARGUMENTS` in the root of the project."""
    return start("scrapy", "crawl", "sources", *arguments, cwd=ROOT, fence=fence)


def scrapy(*arguments: str, fence: str = "loopback") -> Ended:
    """The same to its end."""
    return start_scrapy(*arguments, fence=fence).ended()


def start_footnotary(*arguments: str, cwd: Path = ROOT, fence: str = "loopback") -> Running:
    """`footnotary ARGUMENTS` in any directory."""
    return start("spiders.cli", *arguments, cwd=cwd, fence=fence)


def footnotary(*arguments: str, cwd: Path = ROOT, fence: str = "loopback") -> Ended:
    """The same to its end."""
    return start_footnotary(*arguments, cwd=cwd, fence=fence).ended()


def rows_of(collection: Path) -> Rows:
    """`footnotary citations --format json` of a collection."""
    ended = footnotary("citations", "--collection", str(collection), "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    return ended.rows


def feed(path: Path) -> Rows:
    """What `-o FILE.jsonl` wrote."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """A crawl that has ended: its folder, the collection in it, and what was printed."""

    folder: Path
    collection: Path
    ended: Ended


def crawl_example(folder: Path) -> Crawled:
    """`scrapy crawl sources` in the root as it stands, but into a collection of `folder`, with feeds beside it."""
    collection = folder / "collections" / "example"
    feeds = ("-o", str(folder / "rows.jsonl"), "-o", str(folder / "rows.csv"))
    return Crawled(folder=folder, collection=collection, ended=scrapy("-a", f"collection={collection}", *feeds))
