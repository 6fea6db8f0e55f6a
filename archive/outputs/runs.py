"""Runs as a person judges them: which of them were good, and when the last one was.

A run is good when it came to its own end, read an article, and left no citation undone. What it found matters not: an article
full of dead links is read as well as any other.
"""

from __future__ import annotations

from archive.index.database import Database
from archive.index.queries import Run
from archive.outputs.changes import UNDONE

FINISHED = "finished"

_READ = "SELECT 1 FROM article WHERE run_id = ? LIMIT 1"
_ATTEMPTED = "SELECT 1 FROM attempt WHERE run_id = ?1 LIMIT 1"
_UNDONE = f"SELECT 1 FROM attempt WHERE run_id = ? AND outcome IN ({', '.join('?' * len(UNDONE))}) LIMIT 1"  # noqa: S608 - marks


def is_good(database: Database, run: Run) -> bool:
    """Whether a run did what it was started for. One that goes on with the reading of an earlier run (JOBDIR) reads nothing."""
    if run.end is None or run.end.reason != FINISHED:
        return False
    did_something = database.rows(_READ, (run.run_id,)) or database.rows(_ATTEMPTED, (run.run_id,))
    return bool(did_something) and not database.rows(_UNDONE, (run.run_id, *UNDONE))


def last_good_run(database: Database) -> Run | None:
    """The good run that began last; None where there is none."""
    return next((run for run in reversed(database.runs()) if is_good(database, run)), None)
