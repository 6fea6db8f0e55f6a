"""One writer at a time: an advisory lock on `.lock` in the collection, given back by the kernel when the process ends.

The file stays where it is and says in words who holds the lock, for the person whose second run is refused. Worker
processes must not inherit it (they are started from a fork server that never had it).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from archive.errors import CollectionError, CollectionLockedError
from archive.model import Clock


class Lock:
    """Take it with `Lock.take`, give it back with `release`."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, path: Path, *, clock: Clock) -> Lock:
        """The lock, or CollectionLockedError at once."""
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise CollectionError(f"{path.parent} can't be written: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
            os.close(handle)
            raise CollectionLockedError(path.parent, holder or "another run") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"the run with process id {os.getpid()}, started {clock():%Y-%m-%d %H:%M:%S} UTC\n".encode(), 0)
        return cls(handle)

    def release(self) -> None:
        """Give the lock back."""
        os.ftruncate(self._handle, 0)
        os.close(self._handle)
