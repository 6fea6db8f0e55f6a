"""The machine under a crawl: the software that is installed, the disk, what may be written, and the clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.layout import Layout
from archive.model import Clock
from pipelines.capture import footing
from pipelines.capture.errors import UnsuitableScrapyError
from pipelines.capture.session import software
from spiders.doctor.check import Check, error, ok, warning

LEAST, LITTLE = 100_000_000, 1_000_000_000
"""Bytes of free disk below which a crawl is likely to fail, and may."""

LEAST_FILES, FEW_FILES = 100, 1_000
"""The same for files that can still be made: WARC files, a log, a page of the report for each source."""

MADE = datetime(2026, 11, 1, tzinfo=UTC)
"""No right clock is before the day on which this was written."""

NAMED = 3
"""How many of the files that are in the way are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is free on a disk: bytes, and files that can be made; None where there may be as many as have room."""

    size: int
    files: int | None


Look = Callable[[Path], Room]
"""What is free on the disk under a path."""


def room(path: Path) -> Room:
    """What the file system says, to a user without privileges."""
    found = os.statvfs(path)
    return Room(size=found.f_bavail * found.f_frsize, files=found.f_favail if found.f_files else None)


def installed() -> Check:
    """Whether exact capture can stand on the Scrapy and Twisted that are installed."""
    versions = software()
    said = ", ".join(f"{name} {versions[name]}" for name in ("footnotary", "Scrapy", "Twisted", "Python") if name in versions)
    try:
        footing.check()
    except UnsuitableScrapyError as problem:
        return error("software", f"{said}: {problem}", do="install the versions that constraints.txt pins")
    return ok("software", said)


def disk(path: Path, *, largest: int, look: Look = room) -> Check:
    """Whether there is room for some of the `largest` answers (bytes), and for the files that they go into."""
    left = look(_there(path))
    files = LITTLE if left.files is None else left.files
    if files < FEW_FILES:
        complain = error if files < LEAST_FILES else warning
        return complain("disk", f"only {files:,} more files can be made for {path}", do="delete files that nobody needs")
    said = f"{left.size / 1e9:,.1f} GB are free for {path}"
    if left.size < LEAST:
        return error("disk", said, do="make room: a crawl ends at once when the disk is full")
    if left.size < max(LITTLE, 2 * largest):
        return warning("disk", said, do="make room, or set a smaller limits.size")
    return ok("disk", said)


def permissions(layout: Layout) -> Check:
    """Whether a crawl can write what it must, and read what it goes on with."""
    root = _there(layout.root)
    if not root.is_dir():
        return error("permissions", f"{root} is no folder", do="name another collection")
    if closed := list(_closed(layout, root)):
        said = f"{_listed(closed)} can't be read or written"
        return error("permissions", said, do="give this user the right to, or the files to this user")
    made = "" if root == layout.root.absolute() else f", {layout.root} will be made in it"
    return ok("permissions", f"{root} can be written{made}")


def clock(now: Clock, *, newest: datetime | None) -> Check:
    """Whether the clock can be right: the `newest` record is past."""
    at = now()
    said = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    if at < MADE:
        return error("clock", f"{said} is before this software was made", do="set the clock: each record has its time")
    if newest and newest > at:
        last = f"the newest record, {newest:%Y-%m-%d %H:%M:%S} UTC"
        return error("clock", f"the clock runs backwards: {said} is before {last}", do="set the clock")
    return ok("clock", said)


def _closed(layout: Layout, root: Path) -> Iterator[Path]:
    """What this user can't use as a crawl does."""
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):  # then nothing in it can be looked at
        yield root
        return
    written = (layout.archive, layout.derived, layout.cdxj.parent, layout.logs, layout.report)
    yield from (path for path in written if path.is_dir() and not os.access(path, os.R_OK | os.W_OK | os.X_OK))
    files = (layout.identity, layout.database, layout.cdxj, layout.lock)
    yield from (path for path in files if os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK))  # noqa: PTH110 - see _there
    yield from (path for _, path in layout.warc_files() if not os.access(path, os.R_OK))


def _listed(paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(map(str, paths[:NAMED])) + more


def _there(path: Path) -> Path:
    """The path, or the nearest folder above it that can be seen."""
    path = path.absolute()
    seen = (one for one in (path, *path.parents) if os.path.exists(one))  # noqa: PTH110 - Path's raises in a closed folder
    return next(seen, Path("/"))
