"""The machine under a crawl: the software that is installed, the disk, what may be written, and the clock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from archive.index.database import Database
from archive.layout import Layout
from archive.model import Clock
from pipelines.capture import footing
from pipelines.capture.errors import UnsuitableScrapyError
from pipelines.capture.session import software
from spiders.doctor.check import Check, error, ok, warning

LEAST, LITTLE = 100_000_000, 1_000_000_000
"""Bytes of free disk below which a crawl is likely to fail, and may."""

MADE = datetime(2026, 11, 1, tzinfo=UTC)
"""No right clock is before the day on which this was written."""

Free = Callable[[Path], int]
"""Bytes that are free on the disk under a path."""


def free(path: Path) -> int:
    """What the file system says."""
    return shutil.disk_usage(path).free


def installed() -> Check:
    """Whether exact capture can stand on the Scrapy and Twisted that are installed."""
    versions = software()
    said = ", ".join(f"{name} {versions[name]}" for name in ("footnotary", "Scrapy", "Twisted", "Python") if name in versions)
    try:
        footing.check()
    except UnsuitableScrapyError as problem:
        return error("software", f"{said}: {problem}", do="install the versions that constraints.txt pins")
    return ok("software", said)


def disk(path: Path, *, largest: int, free: Free = free) -> Check:
    """Whether there is room for some of the `largest` answers (bytes)."""
    left = free(_there(path))
    said = f"{left / 1e9:,.1f} GB are free for {path}"
    if left < LEAST:
        return error("disk", said, do="make room: a crawl ends at once when the disk is full")
    if left < max(LITTLE, 2 * largest):
        return warning("disk", said, do="make room, or set a smaller limits.size")
    return ok("disk", said)


def permissions(layout: Layout) -> Check:
    """Whether a crawl can write what it must."""
    root = _there(layout.root)
    folders = [root, *(path for path in (layout.archive, layout.derived, layout.cdxj.parent, layout.logs) if path.is_dir())]
    files = [path for path in (layout.identity, layout.database, layout.cdxj, layout.lock) if path.exists()]
    closed = [path for path in folders if not os.access(path, os.W_OK | os.X_OK)] + [
        path for path in files if not os.access(path, os.R_OK | os.W_OK)
    ]
    if not root.is_dir():
        return error("permissions", f"{root} is no folder", do="name another collection")
    if closed:
        return error(
            "permissions", f"{', '.join(map(str, closed))} can't be written", do="give this user the right to, or its files"
        )
    made = "" if root == layout.root else f", {layout.root} will be made in it"
    return ok("permissions", f"{root} can be written{made}")


def clock(now: Clock, *, database: Database | None) -> Check:
    """Whether the clock can be right: what was recorded is past."""
    at = now()
    said = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    if at < MADE:
        return error("clock", f"{said} is before this software was made", do="set the clock: each record has its time")
    last = max(_instants(database), default=None) if database else None
    if last and last > at:
        return error("clock", f"{said} is before the last run, {last:%Y-%m-%d %H:%M:%S} UTC", do="set the clock")
    return ok("clock", said)


def _instants(database: Database) -> Iterator[datetime]:
    for run in database.runs():
        yield from (end.date for end in (run.start, run.end) if end is not None)


def _there(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    path = path.absolute()
    return next((one for one in (path, *path.parents) if one.exists()), Path("/"))
