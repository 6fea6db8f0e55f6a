"""How many bytes may be in flight: received, and not yet written into the collection.

Beyond the limit one answer at a time goes on, the others wait at the far end of their connections; nothing is lost by that.
The one that goes on is always one that moves: when it falls silent another has its turn, so that a server that stops in the
middle of its answer holds up nobody but itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

PATIENCE = 0.25
"""Seconds of silence after which another answer goes on."""


class Source(Protocol):
    """Something that bytes come from, and that can be told to wait."""

    def pause(self) -> None:
        """Stop delivering bytes until `resume`."""

    def resume(self) -> None:
        """Deliver bytes again; of no effect after the end."""


class Intake:
    """Counts the bytes of each source from `add` to `release`; `limit` in bytes, 0 for none.

    `later` calls a function after so many seconds.
    """

    def __init__(self, *, limit: int, later: Callable[[float, Callable[[], None]], object]) -> None:
        self._limit = limit
        self._later = later
        self._held: dict[Source, int] = {}
        self._waiting: dict[Source, None] = {}  # a set that keeps its order
        self._going_on: Source | None = None
        self._moved = False

    @property
    def held(self) -> int:
        """Bytes in flight now."""
        return sum(self._held.values())

    def add(self, source: Source, size: int) -> None:
        """Bytes came from a source; it may be told to wait before this returns."""
        self._held[source] = self._held.get(source, 0) + size
        if not self._over():
            return
        if self._going_on is None:
            self._go_on_with(source)
        elif source is self._going_on:
            self._moved = True
        elif source not in self._waiting:
            self._waiting[source] = None
            source.pause()

    def end(self, source: Source) -> None:
        """A source has delivered its last byte; what it delivered is still held."""
        self._waiting.pop(source, None)
        if source is self._going_on:
            self._going_on = None
        if not self._over():
            self._all_go_on()
        elif self._going_on is None:
            self._next()

    def release(self, source: Source) -> None:
        """What a source delivered is written or thrown away."""
        self._held.pop(source, None)
        self.end(source)

    def _over(self) -> bool:
        return 0 < self._limit < self.held

    def _all_go_on(self) -> None:
        self._going_on = None
        while self._waiting:
            source, _ = self._waiting.popitem()
            source.resume()

    def _next(self) -> None:
        """Let the source that waits longest go on."""
        source = next(iter(self._waiting), None)
        if source is not None:
            del self._waiting[source]
            self._go_on_with(source)
            source.resume()

    def _go_on_with(self, source: Source) -> None:
        self._going_on = source
        self._moved = True
        self._later(PATIENCE, lambda: self._look_after(source))

    def _look_after(self, source: Source) -> None:
        if source is not self._going_on:
            return
        if self._moved or not self._waiting:
            self._moved = False
            self._later(PATIENCE, lambda: self._look_after(source))
        else:
            self._next()
