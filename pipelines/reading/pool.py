"""Readers: worker processes that read documents, each under a hard limit of time and memory.

What a hostile document takes down is one worker and its own reading: a hang, a crash and a lack of memory each end as a
`Reading` that says so, and no other reading notices. Workers come from a fork server that has the extractors loaded: a
plain fork would inherit the collection's lock and keep it after the parent was killed.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from archive.model import Location, Uri
from pipelines.reading.document import Message, Reading, ReadingLimits, read, unreadable
from pipelines.reading.stored import read_stored

PRELOADED = [f"pipelines.reading.{name}" for name in ("page", "pdf", "markdown", "stored")]
EXTRACTORS = ("trafilatura", "pypdfium2", "markdown-it-py")
TRIES = 3
"""So often a document is tried when its pool is broken by somebody else's end."""

P = ParamSpec("P")


class Readers:
    """As many workers as there are cores, started by the first document. `close` ends them."""

    def __init__(self, *, limits: ReadingLimits | None = None, workers: int | None = None) -> None:
        self._limits = limits or ReadingLimits()
        self._workers = workers or len(os.sched_getaffinity(0))
        self._pool: ProcessPool | None = None
        self._closed = False
        self._starting = threading.Lock()
        self._tasks: set[ProcessFuture[Reading]] = set()

    @property
    def tools(self) -> frozenset[tuple[str, str]]:
        """The extractors that read here, each with its version, as readings name them."""
        return frozenset((name, version(name)) for name in EXTRACTORS)

    async def read(self, root: Path, location: Location, *, uri: Uri, media_type: str | None = None) -> Reading:
        """Read a kept record of the collection at `root`. `media_type` counts where the record declares none."""
        return await self.run(read_stored, root, location, uri=uri, hint=media_type, limits=self._limits)

    async def read_message(self, message: Message) -> Reading:
        """Read a document that is in no collection."""
        return await self.run(read, message, limits=self._limits)

    async def run(self, work: Callable[P, Reading], *args: P.args, **kwargs: P.kwargs) -> Reading:
        """Do some reading in a worker, under the limits. Never raises for what the work meets."""
        for _ in range(TRIES):
            pool = await asyncio.to_thread(self._active)
            try:
                return await self._attempt(pool, work, args, kwargs)
            except BrokenProcessPool:
                self._cancel_when_closed()
        return unreadable("its workers were ended from outside, again and again")

    async def _attempt(
        self, pool: ProcessPool, work: Callable[..., Reading], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Reading:
        seconds = self._limits.seconds
        task = pool.schedule(_timed, args=(work, 1.5 * seconds + 1, args, kwargs), timeout=seconds)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.wrap_future(task)
        except TimeoutError:
            return unreadable(f"reading took longer than {seconds:g} seconds")
        except MemoryError:
            return unreadable(f"reading took more than {self._limits.memory >> 20} MB of memory")
        except ProcessExpired as error:
            self._cancel_when_closed()
            return unreadable(f"reading it ended the worker ({_exit(error.exitcode)})")
        except BrokenProcessPool:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an extractor raises on a page costs that page's text, nothing else
            return unreadable(f"reading it failed: {type(error).__name__}: {str(error)[:200]}")

    def _cancel_when_closed(self) -> None:
        if self._closed:
            raise asyncio.CancelledError

    def close(self) -> None:
        """End the workers at once; readings under way end as cancelled. May be called twice."""
        self._closed = True
        with self._starting:
            for task in tuple(self._tasks):  # a stopped pool forgets them, and whoever waits would wait for ever
                task.cancel()  # type: ignore[no-untyped-call]  # pebble declares no return type here
            _end(self._pool)
            self._pool = None

    def _active(self) -> ProcessPool:
        """The pool; another one after an idle worker was killed from outside, which ends a pool for good.

        Called in a thread: the fork server loads the extractors first, and that takes a second.
        """
        with self._starting:
            if self._closed:
                raise RuntimeError("the readers are closed")
            if self._pool is None or not self._pool.active:
                _end(self._pool)
                self._pool = _pool(self._workers, memory=self._limits.memory)
            return self._pool


def _end(pool: ProcessPool | None) -> None:
    if pool is not None:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble declares no return type here
        pool.join()


def _pool(workers: int, *, memory: int) -> ProcessPool:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    pool = ProcessPool(max_workers=workers, initializer=_begin, initargs=(memory,), context=context)
    if not pool.active:  # asking starts it
        raise RuntimeError("no worker could be started")
    return pool


def _begin(memory: int) -> None:
    """A worker leaves Ctrl-C, which reaches the whole group, to the crawl, and can't take more than its memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))


def _timed(work: Callable[..., Reading], seconds: float, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reading:
    """Runs in the worker. The pool ends what takes too long; where the pool itself was killed, the alarm does."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
