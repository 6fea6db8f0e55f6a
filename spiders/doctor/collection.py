"""The collection of a crawl: who writes to it now, what was cut off, whether its index opens, and when a run was last good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.errors import CollectionError, NotACollectionError
from archive.index.database import Database
from archive.layout import Layout
from archive.lock import holder
from archive.model import RecordEntry
from archive.outputs.runs import last_good_run
from spiders.doctor.check import Check, error, ok, warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the index knows of earlier runs: the instant of the newest record, and when the last good run ended."""

    newest: datetime | None = None
    good: datetime | None = None


def named(layout: Layout) -> Check | None:
    """Whether it is a collection that this version reads; None where there is none yet."""
    try:
        found = layout.read_identity()
    except NotACollectionError:
        return None
    except CollectionError as problem:
        return error("collection", str(problem), do="see to that file, or name another collection")
    return ok("collection", f"{layout.root}: {found.title}")


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


def past(layout: Layout) -> tuple[Check, Past]:
    """Whether the index can be asked, and what it answers."""
    try:
        with Database.open_read_only(layout.database) as database:
            found = Past(newest=_newest(database), good=_good(database))
    except CollectionError as problem:
        return error("index", str(problem), do="footnotary reindex"), Past()
    return ok("index", f"{layout.database} opens"), found


def last_run(ended: datetime | None, *, now: datetime, limit: timedelta, asked: bool) -> Check:
    """How long ago the last good run `ended`. More than `limit` is an error where somebody has `asked` for that limit."""
    complain = error if asked else warning
    if ended is None:
        return complain("last good run", "no run was good so far", do="run footnotary crawl, and see what it says")
    age = now - ended
    said = f"{ended:%Y-%m-%d %H:%M} UTC, {_spelled(age)} ago"
    if age > limit:
        return complain("last good run", said, do="see whether cron still runs it, and what it says")
    return ok("last good run", said)


def _newest(database: Database) -> datetime | None:
    return next((entry.date for entry in database.values(RecordEntry, "1 ORDER BY date DESC LIMIT 1")), None)


def _good(database: Database) -> datetime | None:
    good = last_good_run(database)
    return good.end.date if good and good.end else None


def _spelled(age: timedelta) -> str:
    """In days, hours or minutes."""
    for length, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if (count := age // length) >= 1:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than a minute"
