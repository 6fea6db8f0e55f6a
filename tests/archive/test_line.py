"""The line: jobs in order, each with its future; settled soon, and nothing promised after a failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from archive.errors import CollectionError
from archive.line import Line

PATIENCE = 10.0


class Settling:
    """Counts the settlings, and fails from a given one on."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        self.times = 0
        self.happened = threading.Event()
        self._fails_at = fails_at

    def __call__(self) -> None:
        self.times += 1
        self.happened.set()
        if self._fails_at is not None and self.times >= self._fails_at:
            raise CollectionError("the disk is gone")


@contextmanager
def line(settling: Settling, *, within: float = PATIENCE) -> Iterator[Line]:
    """A line that is closed at the end."""
    found = Line(name="test", settle=settling, within=within)
    try:
        yield found
    finally:
        found.close()


def test_jobs_run_one_after_the_other_as_they_came() -> None:
    """Jobs from several threads run alone, those of one thread in its order, and each future has its job's result."""
    ran: list[tuple[int, int]] = []
    alone = threading.Lock()

    def job(thread: int, number: int) -> int:
        with_me = alone.acquire(blocking=False)
        assert with_me
        ran.append((thread, number))
        alone.release()
        return number

    def hand_in(thread: int) -> None:
        futures = [found.submit(job, thread, number) for number in range(50)]
        assert [future.result(PATIENCE) for future in futures] == list(range(50))

    with line(Settling()) as found:
        threads = [threading.Thread(target=hand_in, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert len(ran) == 200
    assert all([n for t, n in ran if t == thread] == list(range(50)) for thread in range(4))


def test_an_error_of_a_job_is_its_own() -> None:
    """A job that fails gives its error to its future, and the next one runs."""

    def broken() -> None:
        raise ValueError("this one")

    with line(Settling()) as found:
        first, second = found.submit(broken), found.submit(int, "7")
        assert isinstance(first.exception(PATIENCE), ValueError)
        assert second.result(PATIENCE) == 7


def test_jobs_are_settled_soon_after() -> None:
    """A settling comes by itself within the time that was set, also while jobs keep coming, and not before a job ran."""
    settling = Settling()
    with line(settling, within=0.05) as found:
        assert not settling.happened.wait(0.15)
        found.submit(int)
        assert settling.happened.wait(PATIENCE)
        settling.happened.clear()
        until = time.monotonic() + PATIENCE
        while not settling.happened.is_set() and time.monotonic() < until:
            found.submit(int).result(PATIENCE)
        assert settling.happened.is_set()


def test_what_was_handed_in_is_done_and_settled_before_the_end() -> None:
    """`close` waits for every job, and settles once more."""
    settling = Settling()
    with line(settling) as found:
        slow = found.submit(time.sleep, 0.05)
        last = found.submit(int, "9")
    assert slow.done()
    assert last.result(0) == 9
    assert settling.times == 1


def test_a_settling_that_fails_breaks_the_line() -> None:
    """After it every job fails with its error and none runs, nothing is settled again, and `close` raises it."""
    settling = Settling(fails_at=1)
    found = Line(name="test", settle=settling, within=0.0)
    found.submit(int).result(PATIENCE)
    assert settling.happened.wait(PATIENCE)
    ran: list[int] = []
    late = found.submit(ran.append, 1)
    with pytest.raises(CollectionError, match="the disk is gone"):
        late.result(PATIENCE)
    with pytest.raises(CollectionError, match="the disk is gone"):
        found.close()
    assert ran == []
    assert settling.times == 1


def test_a_job_can_break_the_line() -> None:
    """What a job says to be the end is the error of every later job; the first such error stays."""
    settling = Settling()
    found = Line(name="test", settle=settling, within=PATIENCE)

    def broken() -> None:
        found.fail(CollectionError("first"))
        with found.or_fail():
            raise CollectionError("second")

    breaking, later = found.submit(broken), found.submit(int)
    with pytest.raises(CollectionError, match="second"):
        breaking.result(PATIENCE)
    with pytest.raises(CollectionError, match="first"):
        later.result(PATIENCE)
    with pytest.raises(CollectionError, match="first"):
        found.close()
    assert settling.times == 0


def test_a_job_that_was_cancelled_does_not_run() -> None:
    """A job that is cancelled while it waits is passed over."""
    gate = threading.Event()
    ran: list[int] = []
    with line(Settling()) as found:
        held = found.submit(gate.wait, PATIENCE)
        waiting = found.submit(ran.append, 1)
        assert waiting.cancel()
        gate.set()
        assert held.result(PATIENCE)
    assert ran == []


def test_a_job_after_the_end_fails_at_once() -> None:
    """A line that was closed takes nothing: whoever waits for a late job is told, and does not wait for ever."""
    found = Line(name="test", settle=Settling(), within=PATIENCE)
    found.close()
    late = found.submit(int)
    with pytest.raises(CollectionError, match="the test has ended"):
        late.result(PATIENCE)
    found.close()
