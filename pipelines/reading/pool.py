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
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec

from pebble import ProcessExpired, ProcessPool

from archive.model import Location, Uri
from pipelines.reading.document import Message, Reading, ReadingLimits, read, unreadable
from pipelines.reading.stored import read_stored

PRELOADED = [f"pipelines.reading.{name}" for name in ("page", "pdf", "markdown", "stored")]
EXTRACTORS = ("trafilatura", "pypdfium2", "markdown-it-py")
P = ParamSpec("P")


class Readers:
    """As many workers as there are cores, started by the first document. `close` ends them."""

    def __init__(self, *, limits: ReadingLimits | None = None, workers: int | None = None) -> None:
        self._limits = limits or ReadingLimits()
        self._workers = workers or len(os.sched_getaffinity(0))
        self._pool: ProcessPool | None = None
        self._closed = False

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
        task = self._active().schedule(work, args=args, kwargs=kwargs, timeout=self._limits.seconds)
        try:
            return await asyncio.wrap_future(task)
        except TimeoutError:
            return unreadable(f"reading took longer than {self._limits.seconds:g} seconds")
        except MemoryError:
            return unreadable(f"reading took more than {self._limits.memory >> 20} MB of memory")
        except ProcessExpired as error:
            return unreadable(f"reading it ended the worker ({_exit(error.exitcode)})")
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an extractor raises on a page costs that page's text, nothing else
            return unreadable(f"reading it failed: {type(error).__name__}: {str(error)[:200]}")

    def close(self) -> None:
        """End the workers at once; readings under way end as cancelled. May be called twice."""
        self._closed = True
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble declares no return type here
            self._pool.join()
            self._pool = None

    def _active(self) -> ProcessPool:
        """The pool; another one after an idle worker was killed from outside, which ends a pool for good."""
        if self._closed:
            raise RuntimeError("the readers are closed")
        if self._pool is None or not self._pool.active:
            self._pool = _pool(self._workers, memory=self._limits.memory)
        return self._pool


def _pool(workers: int, *, memory: int) -> ProcessPool:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return ProcessPool(max_workers=workers, initializer=_begin, initargs=(memory,), context=context)


def _begin(memory: int) -> None:
    """A worker leaves Ctrl-C, which reaches the whole group, to the crawl, and can't take more than its memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
