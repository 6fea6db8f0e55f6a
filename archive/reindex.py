"""`footnotary reindex`: both indexes from the WARC files. What a run left that was cut off is mended first, so that all of
it is indexed."""

from __future__ import annotations

from archive import repair
from archive.errors import RecordError
from archive.index.build import Progress, quiet, rebuild
from archive.layout import Layout
from archive.lock import Lock
from archive.model import Clock


def reindex(layout: Layout, *, clock: Clock, progress: Progress = quiet) -> list[RecordError]:
    """Build both indexes anew, each whole or not at all. Gives what could not be read.

    Raises CollectionError, and CollectionLockedError while a run goes on.
    """
    layout.read_identity()
    lock = Lock.take(layout.lock, clock=clock)
    try:
        if layout.open_files():
            repair.mend(layout, clock=clock)
        return rebuild(layout, progress=progress)
    finally:
        lock.release()
