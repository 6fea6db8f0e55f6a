"""One writer at a time: an advisory lock on `.lock` in the collection, given back by the kernel when the process ends.

The file stays where it is and says in words who holds the lock, for the person whose second run is refused. Worker
processes must not inherit it (they are started from a fork server that never had it).
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from archive.disk import translated
from archive.errors import CollectionLockedError
from archive.model import Clock


class Lock:
    """Take it with `Lock.take`, give it back with `release`."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def take(cls, path: Path, *, clock: Clock) -> Lock:
        """The lock, or CollectionLockedError at once. CollectionError where the file can't be written."""
        with translated(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            with translated(path):
                _lock(handle, path)
                os.ftruncate(handle, 0)
                os.pwrite(
                    handle, f"the run with process id {os.getpid()}, started {clock():%Y-%m-%d %H:%M:%S} UTC\n".encode(), 0
                )
        except BaseException:  # whatever it was, a lock that nobody holds must not stay
            os.close(handle)
            raise
        return cls(handle)

    def release(self) -> None:
        """Give the lock back; doing it again changes nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):  # whatever the file goes on to say, nobody holds it
                os.ftruncate(handle, 0)
            os.close(handle)


def holder(path: Path) -> str | None:
    """Who holds the lock, in its own words; None where nobody does. Nothing is written, and nobody is kept out."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # there is none yet, or it can't be read: then nobody here holds it
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, 200, 0).decode("utf-8", "replace").strip() or "another run"
    finally:
        os.close(handle)
    return None


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
        raise CollectionLockedError(path.parent, holder or "another run") from None
