"""Bytes in flight are bounded, nobody waits for ever, and who does not move holds up nobody."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from pipelines.capture.intake import Intake


class Timer:
    """Calls later when told so."""

    def __init__(self) -> None:
        self._pending: list[Callable[[], None]] = []

    def __call__(self, seconds: float, function: Callable[[], None]) -> None:
        self._pending.append(function)

    def tick(self) -> None:
        """Let the time pass that is waited for."""
        pending, self._pending = self._pending, []
        for function in pending:
            function()


class Tap:
    """A source that knows whether it was told to wait."""

    def __init__(self) -> None:
        self.waits = False

    def pause(self) -> None:
        assert not self.waits
        self.waits = True

    def resume(self) -> None:
        assert self.waits
        self.waits = False


def waiting(taps: list[Tap]) -> list[bool]:
    return [tap.waits for tap in taps]


def test_below_the_limit_nobody_waits() -> None:
    """Up to the limit all sources deliver."""
    intake, taps = Intake(limit=100, later=Timer()), [Tap(), Tap()]
    for tap in taps:
        intake.add(tap, 50)
    assert (intake.held, waiting(taps)) == (100, [False, False])


def test_no_limit_at_all() -> None:
    """A limit of zero is none."""
    intake, tap = Intake(limit=0, later=Timer()), Tap()
    intake.add(tap, 10**12)
    assert not tap.waits


def test_beyond_the_limit_one_goes_on() -> None:
    """The one that went beyond the limit goes on; the others wait as soon as they deliver, until there is room."""
    intake, taps = Intake(limit=100, later=Timer()), [Tap(), Tap(), Tap()]
    for tap in taps:
        intake.add(tap, 40)
    assert waiting(taps) == [False, False, False]
    intake.add(taps[0], 1)
    intake.add(taps[1], 1)
    intake.add(taps[2], 1)
    assert waiting(taps) == [True, True, False]
    intake.end(taps[2])
    assert waiting(taps) == [False, True, False]
    intake.release(taps[2])
    assert waiting(taps) == [False, False, False]


def test_who_does_not_move_holds_up_nobody() -> None:
    """When the one that goes on falls silent, the one that waits longest has its turn."""
    timer = Timer()
    intake, taps = Intake(limit=10, later=timer), [Tap(), Tap(), Tap()]
    for tap in taps:
        intake.add(tap, 20)
    assert waiting(taps) == [False, True, True]
    timer.tick()
    assert waiting(taps) == [False, True, True]
    timer.tick()
    assert waiting(taps) == [False, False, True]
    intake.add(taps[0], 1)
    assert waiting(taps) == [True, False, True]
    intake.add(taps[1], 1)
    timer.tick()
    assert waiting(taps) == [True, False, True]


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["add", "end", "release", "tick"])), max_size=80))
def test_somebody_can_always_go_on(steps: list[tuple[int, str]]) -> None:
    """Whatever happens in whatever order, there is never a moment at which all that still deliver wait for ever."""
    timer = Timer()
    intake, taps = Intake(limit=50, later=timer), [Tap() for _ in range(5)]
    open_taps = set(range(5))
    for number, what in steps:
        tap = taps[number]
        if what == "tick":
            timer.tick()
        elif what == "add" and number in open_taps and not tap.waits:
            intake.add(tap, 20)
        elif what != "add":
            open_taps.discard(number)
            getattr(intake, what)(tap)
            tap.waits = False
    while open_taps:
        going_on = [number for number in open_taps if not taps[number].waits]
        assert going_on
        intake.release(taps[going_on[0]])
        open_taps.discard(going_on[0])
    for tap in taps:
        intake.release(tap)
    assert intake.held == 0
