"""Kills a writer at every step that it takes on the disk: `python -m tests.crash.points WORK ORIGIN FOLDER`.

WORK is `run` (a whole run: open, append, rotate, seal) or `repair`. For each step there is a child of this process, which
works on a copy of ORIGIN (or on nothing) in FOLDER/NUMBER and kills itself with SIGKILL in the middle of that step. A step is
a file that is opened to be written, a rename, a removal, a directory, a sync, and a write: of that one half is done. What the
child had been told to be written before stands in FOLDER/NUMBER.told, one record id a line. The last child lives.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive.layout import Layout
from archive.repair import repair
from tests.archive.living import CLOCK, conclude, opened, page
from tests.archive.samples import failure

EVENTS = frozenset({"os.rename", "os.remove", "os.mkdir", "os.truncate"})


class Steps:
    """Counts steps, and ends the process in the middle of one of them."""

    def __init__(self, root: Path, *, last: int) -> None:
        self._root = str(root)
        self._left = last

    def step(self, half: Callable[[], object] = bool) -> None:
        """One step; `half` does a part of it."""
        self._left -= 1
        if self._left < 0:
            half()
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter says of every call that touches a file."""
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if (writes or event in EVENTS) and str(arguments[0]).startswith(self._root):
            self.step()

    def open(self, path: Path) -> io.RawIOBase:
        """A file whose writes and syncs are steps."""
        return _Stepping(path, self)


class _Stepping(io.FileIO):
    def __init__(self, path: Path, steps: Steps) -> None:
        super().__init__(path, "x")
        self._steps = steps

    def write(self, data: Any, /) -> int:
        self._steps.step(lambda: super(_Stepping, self).write(data[: len(data) // 2]))
        return super().write(data)

    def fileno(self) -> int:
        self._steps.step()
        return super().fileno()


def run(root: Path, steps: Steps, told: Callable[[str], object]) -> None:
    """A run with pages, failures and conclusions, which fills several files."""
    collection = opened(root, opener=steps.open, sync_within=0.0, size_limit=4000)
    for number in range(4):
        capture = collection.append(page(number)).result()
        told(capture.record_id)
        missing = collection.append_failure(failure(at=CLOCK())).result()
        told(missing.record_id)
    conclude(collection, capture, missing)
    told(collection.append(page(9)).result().record_id)  # so that the last file holds what index.cdxj must list
    collection.seal(reason="finished", counts={})


def mend(root: Path, steps: Steps, told: Callable[[str], object]) -> None:
    """A mending."""
    repair(Layout(root), clock=CLOCK)


WORK = {"run": run, "repair": mend}


def child(work: str, origin: str, folder: Path, number: int) -> int:
    """Do the work in a child, up to a step; how it ended."""
    root = folder / str(number)
    if origin != "-":
        shutil.copytree(origin, root)
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    told = os.open(folder / f"{number}.told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    steps = Steps(root, last=number)
    sys.addaudithook(steps.heard)
    WORK[work](root, steps, lambda record_id: os.write(told, f"{record_id}\n".encode()))
    os._exit(0)


def main(work: str, origin: str, folder: Path) -> None:
    """A child for each step, until one comes to its end."""
    number = 0
    while (code := child(work, origin, folder, number)) == -signal.SIGKILL:
        number += 1
    if code:
        raise SystemExit(f"child {number} ended with {code}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
