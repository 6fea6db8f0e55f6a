"""When a crawl is due, and which command is run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.schedule import Period, Schedule, When, when_for
from tests.scheduled import PATHS

NOON = When(period=Period.DAY, hour=12, minute=0, weekday=1, day=1)


@given(config=PATHS.map(Path), period=st.sampled_from(Period))
def test_a_configuration_has_its_minute_of_the_night(config: Path, period: Period) -> None:
    """Between 03:00 and 06:00, on a day that each week and each month has, and the same when it is asked again."""
    when = when_for(config, period=period)
    assert when == when_for(config, period=period)
    assert 3 <= when.hour < 6
    assert 0 <= when.minute < 60
    assert 1 <= when.weekday <= 7
    assert 1 <= when.day <= 28


def test_users_are_spread_over_the_night() -> None:
    """Of a thousand configurations each minute, weekday and day of the month gets some, and none gets many."""
    found = [when_for(Path(f"/home/{number}/sources.yml"), period=Period.WEEK) for number in range(1000)]
    minutes = [(one.hour, one.minute) for one in found]
    assert len(set(minutes)) > 170
    assert max(map(minutes.count, minutes)) < 25
    assert {one.weekday for one in found} == set(range(1, 8))
    assert {one.day for one in found} == set(range(1, 29))


def test_a_time_that_is_asked_for_is_taken() -> None:
    """`--at` decides hour and minute, and leaves the day as it is."""
    asked, own = (when_for(Path("/a"), period=Period.WEEK, at=at) for at in ("7:05", None))
    assert (asked.hour, asked.minute, asked.weekday) == (7, 5, own.weekday)


@pytest.mark.parametrize("at", ["24:00", "3", "3:60", "3:5", "", "03:30:00", "٣:30"])
def test_what_is_no_time_is_refused(at: str) -> None:
    """The sentence names it and shows one."""
    with pytest.raises(ValueError, match=r"^--at .* is no time of day: write HH:MM, as in --at 03:30$"):
        when_for(Path("/a"), period=Period.DAY, at=at)


@pytest.mark.parametrize(
    ("days", "period"),
    [(0.5, "day"), (1, "day"), (6.9, "day"), (7, "week"), (14, "week"), (29, "week"), (30, "month"), (365, "month")],
)
def test_the_step_is_the_longest_that_is_not_longer(days: float, period: str) -> None:
    """What a calendar can't say runs more often than asked, never less; nothing runs more than once a day."""
    assert Period.for_every(timedelta(days=days)) == period


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\x1bb", "a\udcffb"])
@pytest.mark.parametrize("place", ["config", "log", "command"])
def test_a_name_that_no_schedule_can_hold_is_refused(name: str, place: str) -> None:
    """Control characters, and bytes that are no text, in whichever path; the sentence spells them out."""
    paths = {"config": "/a", "log": "/b", "command": "/c", place: f"/{name}"}
    with pytest.raises(ValueError, match=r"^/a\\(n|t|x1b|udcff)b has a character in its name"):
        Schedule(command=(paths["command"],), config=Path(paths["config"]), when=NOON, logs=Path("/l"), log=Path(paths["log"]))
