"""The collection of a crawl: who writes to it now, what was cut off, whether its index opens, and when a run was last good."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.errors import CollectionError
from archive.index.database import Database
from archive.layout import Layout
from archive.lock import holder
from archive.outputs.runs import last_good_run
from spiders.doctor.check import Check, error, ok, warning


def lock(layout: Layout) -> Check:
    """Whether another run has the collection."""
    held = holder(layout.lock)
    if held:
        return warning("lock", f"{held} has {layout.root} now", do="wait until it ends: a second run would say so and end")
    return ok("lock", "no run has it now")


def unfinished(layout: Layout) -> Check:
    """Whether a run or a mending was cut off."""
    left = [*layout.open_files(), *layout.drafts()]
    if not left or holder(layout.lock):
        return ok("files", f"{len(list(layout.warc_files()))} WARC files are sealed")
    said = f"a run was cut off, and left {', '.join(path.name for path in left)}"
    return warning("files", said, do="footnotary repair, or let the next run mend it")


def opened(layout: Layout) -> tuple[Check, Database | None]:
    """Whether the index can be asked; and the index."""
    try:
        database = Database.open_read_only(layout.database)
    except CollectionError as problem:
        return error("index", str(problem), do="footnotary reindex"), None
    return ok("index", f"{layout.database} opens"), database


def last_run(database: Database, *, now: datetime, limit: timedelta, asked: bool) -> Check:
    """How long ago a run was good. Older than `limit` is an error where somebody has `asked` for that limit."""
    good = last_good_run(database)
    ended = good.end.date if good and good.end else None
    complain = error if asked else warning
    if ended is None:
        return complain("last good run", "no run was good so far", do="run footnotary crawl, and see what it says")
    age = now - ended
    said = f"{ended:%Y-%m-%d %H:%M} UTC, {_spelled(age)} ago"
    if age > limit:
        return complain("last good run", said, do="see whether cron still runs it, and what it says")
    return ok("last good run", said)


def _spelled(age: timedelta) -> str:
    """In days, hours or minutes."""
    for length, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if (count := age // length) >= 1:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than a minute"
