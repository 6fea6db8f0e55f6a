"""The lock: one writer at a time, whoever he is, until he lets go or dies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.errors import CollectionError, CollectionLockedError
from archive.lock import Lock

ROOT = Path(__file__).resolve().parents[2]
TAKE_AND_WAIT = """
import sys
from pathlib import Path
from archive.lock import Lock
from archive.model import utc_now
lock = Lock.take(Path(sys.argv[1]), clock=utc_now)
print("taken", flush=True)
sys.stdin.read()
"""


def clock() -> datetime:
    return datetime(2021, 8, 27, 1, 2, 3, tzinfo=UTC)


@contextmanager
def holding(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock; it ends with the block."""
    command = [sys.executable, "-c", TAKE_AND_WAIT, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        yield process
        process.kill()


def test_a_second_run_is_refused_with_the_first_ones_name(tmp_path: Path) -> None:
    """While another process holds the lock, taking it fails at once in a sentence that says who has it and since when."""
    path = tmp_path / ".lock"
    with holding(path) as process, pytest.raises(CollectionLockedError) as caught:
        Lock.take(path, clock=clock)
    assert f"the run with process id {process.pid}, started " in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "nothing was written" in str(caught.value)


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    """After a kill -9 the next run gets the lock, whatever the file still says."""
    path = tmp_path / ".lock"
    with holding(path) as process:
        process.kill()
    assert str(process.pid) in path.read_text()
    lock = Lock.take(path, clock=clock)
    assert path.read_text() == f"the run with process id {os.getpid()}, started 2021-08-27 01:02:03 UTC\n"
    lock.release()


def test_the_same_process_does_not_get_it_twice(tmp_path: Path) -> None:
    """A second writer in one process is refused too, and gets the lock once the first has let go."""
    path = tmp_path / ".lock"
    first = Lock.take(path, clock=clock)
    with pytest.raises(CollectionLockedError):
        Lock.take(path, clock=clock)
    first.release()
    assert path.read_text() == ""
    Lock.take(path, clock=clock).release()


def test_letting_go_again_changes_nothing(tmp_path: Path) -> None:
    """A second release closes no file that has meanwhile got the number of the first."""
    first = Lock.take(tmp_path / ".lock", clock=clock)
    first.release()
    other = Lock.take(tmp_path / ".lock", clock=clock)
    first.release()
    with pytest.raises(CollectionLockedError):
        Lock.take(tmp_path / ".lock", clock=clock)
    other.release()


def test_programs_that_are_started_do_not_inherit_it(tmp_path: Path) -> None:
    """A program that outlives the run does not hold its lock."""
    lock = Lock.take(tmp_path / ".lock", clock=clock)
    command = [sys.executable, "-c", "print('started', flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"started\n"
        lock.release()
        Lock.take(tmp_path / ".lock", clock=clock).release()
        program.communicate(b"\n", timeout=10)


def test_a_failed_taking_leaves_the_lock_free(tmp_path: Path) -> None:
    """Where the taking fails after the lock was got, nobody holds it."""

    def stopped() -> datetime:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Lock.take(tmp_path / ".lock", clock=stopped)
    Lock.take(tmp_path / ".lock", clock=clock).release()


def test_a_place_that_takes_no_lock_is_one_sentence(tmp_path: Path) -> None:
    """A missing directory, a directory and a device in the file's place are CollectionErrors that name the file."""
    (tmp_path / "directory").mkdir()
    (tmp_path / "device").symlink_to(os.devnull)
    for name in ("missing/.lock", "directory", "device"):
        with pytest.raises(CollectionError) as caught:
            Lock.take(tmp_path / name, clock=clock)
        assert str(caught.value).startswith(f"{tmp_path / name}: ")
