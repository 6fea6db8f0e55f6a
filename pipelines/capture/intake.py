"""How many bytes may be in flight: received, and not yet written into the collection.

Beyond the limit reading from the sockets pauses, all but the oldest answer: that one goes on to its end, so that there is
always one that makes room for the others. Pausing loses nothing, the bytes wait at the other end of the connection.
"""

from __future__ import annotations

from typing import Protocol


class Source(Protocol):
    """Something that bytes come from, and that can be told to wait."""

    def pause(self) -> None:
        """Stop delivering bytes until `resume`."""

    def resume(self) -> None:
        """Deliver bytes again; of no effect after the end."""


class Intake:
    """Counts the bytes of each source from `add` to `release`; `limit` in bytes, 0 for none."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._held: dict[Source, int] = {}
        self._receiving: dict[Source, None] = {}
        self._paused: set[Source] = set()

    @property
    def held(self) -> int:
        """Bytes in flight now."""
        return sum(self._held.values())

    def add(self, source: Source, size: int) -> None:
        """Bytes came from a source; it may be paused before this returns."""
        self._held[source] = self._held.get(source, 0) + size
        self._receiving.setdefault(source)
        if self._over() and source is not self._oldest():
            self._paused.add(source)
            source.pause()

    def end(self, source: Source) -> None:
        """A source has delivered its last byte; what it delivered is still held."""
        self._receiving.pop(source, None)
        self._paused.discard(source)
        self._let_go_on()

    def release(self, source: Source) -> None:
        """What a source delivered is written or thrown away."""
        self._held.pop(source, None)
        self.end(source)

    def _over(self) -> bool:
        return 0 < self._limit < self.held

    def _oldest(self) -> Source | None:
        return next(iter(self._receiving), None)

    def _let_go_on(self) -> None:
        for source in [each for each in self._paused if not self._over() or each is self._oldest()]:
            self._paused.discard(source)
            source.resume()
