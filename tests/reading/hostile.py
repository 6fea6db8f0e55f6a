"""Work that a worker does not survive, or does not end; it stands in a module so that workers can import it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pipelines.reading.document import Message, Reading, ReadingLimits, read


def hang(*, seconds: float, note: Path | None = None) -> Reading:
    """Take so long, and note down first which process does."""
    if note is not None:
        note.write_text(str(os.getpid()))
    time.sleep(seconds)
    return Reading(text="awake")


def crash() -> Reading:
    """End the worker, as a fault in a C library does."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return Reading(text="alive")


def leave() -> Reading:
    """End the worker without a signal."""
    os._exit(7)


def devour(*, size: int) -> Reading:
    """Take so many bytes of memory."""
    return Reading(text=str(len(bytearray(size))))


def stumble() -> Reading:
    """Raise what no one expects."""
    raise LookupError("no such thing")


def whoami(*, seconds: float = 0.0) -> Reading:
    """The worker's process id, as a text, after a while."""
    time.sleep(seconds)
    return Reading(text=str(os.getpid()))


def orphan() -> Reading:
    """Kill the process that asked (the fork server's parent), then hang."""
    server = int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(server, signal.SIGKILL)
    time.sleep(60)
    return Reading(text="awake")


def interrupted() -> Reading:
    """Send this worker what Ctrl-C sends to the whole group."""
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.05)
    return Reading(text="went on")


def echo(message: Message, *, limits: ReadingLimits) -> Reading:
    """Read as usual."""
    return read(message, limits=limits)
