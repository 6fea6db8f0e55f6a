"""Bytes that may be too many for memory: the first megabyte stays there, the rest goes to an unnamed temporary file.

A spool is written once, from its start to its end, and may then be read as often as wanted. It never shows a byte twice
and never drops one; what was written is what every reader gets.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

MEMORY_LIMIT = 1 << 20
CHUNK = 1 << 16


class Spool:
    """Write with `write`, read with `chunks` or `read`; `size` is the number of bytes so far."""

    def __init__(self, *, directory: Path | None = None, memory_limit: int = MEMORY_LIMIT) -> None:
        where = None if directory is None else str(directory)
        self._file = tempfile.SpooledTemporaryFile(max_size=memory_limit, dir=where)  # noqa: SIM115 - `close` closes it
        self.size = 0

    @classmethod
    def of(cls, data: bytes) -> Spool:
        """A spool that holds `data` and nothing else."""
        spool = cls()
        spool.write(data)
        return spool

    def write(self, data: bytes) -> None:
        """Add `data` at the end, also after something was read."""
        self._file.seek(self.size)
        self._file.write(data)
        self.size += len(data)

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        """The bytes from `start` on, `length` of them or all; fewer where the spool ends."""
        self._file.seek(start)
        return self._file.read(-1 if length is None else length)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from `start` on, in pieces of at most 64 KiB. Two of these may run at once."""
        at = start
        while piece := self.read(at, CHUNK):
            at += len(piece)
            yield piece

    def close(self) -> None:
        """Give memory and file back. Nothing can be read afterwards."""
        self._file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
