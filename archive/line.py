"""One thread that does jobs in the order in which they were handed in, and settles what they did soon after.

`submit` gives a future that ends when the job has run; nobody waits for a settling. At most `within` seconds after a job,
and once more at `close`, `settle` is called: it makes lasting what the jobs wrote. A settling that fails breaks the line:
every later job fails with that error, because nothing after it could be promised. A job can break it too (`fail`).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from archive.errors import CollectionError

P = ParamSpec("P")
T = TypeVar("T")


class Line:
    """Made with its thread running; `close` ends it."""

    def __init__(self, *, name: str, settle: Callable[[], None], within: float) -> None:
        self._settle = settle
        self._within = within
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._due: float | None = None
        self._broken: BaseException | None = None
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand in a job; it runs after all that were handed in before. After `close` its future fails at once."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            if self._broken is not None:
                future.set_exception(self._broken)
                return
            try:
                future.set_result(job(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the one who waits for this job
                future.set_exception(error)

        with self._gate:
            if not self._closed:
                self._jobs.put(run)
                return future
        future.set_exception(CollectionError(f"the {self._thread.name} has ended: nothing more is taken"))
        return future

    def close(self) -> None:
        """Do what was handed in, settle, end the thread. An error of any settling is raised here."""
        with self._gate:
            if not self._closed:
                self._jobs.put(None)
            self._closed = True
        self._thread.join()
        if self._broken is not None:
            raise self._broken

    def fail(self, error: BaseException) -> None:
        """For a job: break the line; every later job fails with this error."""
        self._broken = self._broken or error

    @contextmanager
    def or_fail(self) -> Iterator[None]:
        """For a job: an error in here breaks the line."""
        try:
            yield
        except BaseException as error:  # whatever it was, it is raised again; the line must not go on after it
            self.fail(error)
            raise

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=self._patience())
            except queue.Empty:
                self._settle_now()
                continue
            if job is None:
                break
            job()
            if self._due is None:
                self._due = time.monotonic() + self._within
            elif time.monotonic() >= self._due:
                self._settle_now()
        self._settle_now()

    def _patience(self) -> float | None:
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def _settle_now(self) -> None:
        self._due = None
        if self._broken is None:
            try:
                self._settle()
            except BaseException as error:  # noqa: BLE001 - kept, and raised to every later job and by `close`
                self._broken = error
