"""A crawl that a machine starts by itself: which command, and when by the calendar.

Values only; `crontab` and `timer` write them down in the words of cron and of systemd. Every path is absolute. The hour comes
from a digest of the configuration's path: one file has the same hour each time, and two users hardly the same minute, so that
the web is not asked by all of them at once.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from archive.outputs.plain import plain

NIGHT, MINUTES = 3 * 60, 3 * 60
"""From 03:00 for three hours: no clock of Europe or America skips these when summer time begins."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORTEST_MONTH = 28

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_UNWRITABLE = frozenset({"Cc", "Cs"})
"""Control characters, and bytes of a file's name that are no text."""


class Period(StrEnum):
    """The steps of a calendar that cron and systemd both know."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """Of a month: 30 days."""
        return timedelta(days={Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}[self])

    @classmethod
    def for_every(cls, every: timedelta) -> Period:
        """The longest one that is not longer; a day for what is shorter than a day."""
        return max((one for one in cls if one.length <= every), key=lambda one: one.length, default=cls.DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Local time. `weekday` counts from Monday as 1 and is for a week, `day` of the month for a month."""

    period: Period
    hour: int
    minute: int
    weekday: int
    day: int

    def __str__(self) -> str:
        on = {Period.DAY: "", Period.WEEK: f" on {WEEKDAYS[self.weekday - 1]}", Period.MONTH: f" on day {self.day}"}
        return f"every {self.period}{on[self.period]} at {self.hour:02}:{self.minute:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`command` is footnotary's, `logs` the folder in which each run has its log. What a run prints is appended to `log`, or
    goes where the scheduler takes it (None). Raises ValueError for a path that neither a crontab nor a unit can hold."""

    command: tuple[str, ...]
    config: Path
    when: When
    logs: Path
    log: Path | None = None

    def __post_init__(self) -> None:
        for path in (*self.argv, *([str(self.log)] if self.log else [])):
            if any(unicodedata.category(character) in _UNWRITABLE for character in path):
                raise ValueError(f"{plain(path)} has a character in its name that no schedule can hold: give it another name")

    @property
    def argv(self) -> tuple[str, ...]:
        """The words that the scheduler is to run."""
        return (*self.command, *crawl_of(self.config))


def crawl_of(config: Path) -> tuple[str, ...]:
    """The words after the command by which a schedule of this configuration is known."""
    return "crawl", "--config", str(config)


def when_for(config: Path, *, period: Period, at: str | None = None) -> When:
    """The moment for a configuration (an absolute path); `at` is `HH:MM`. Raises ValueError where it is no time."""
    number = int.from_bytes(hashlib.sha256(os.fsencode(config)).digest())
    number, minute = divmod(number, MINUTES)
    number, weekday = divmod(number, len(WEEKDAYS))
    hour, minute = _time(at) if at is not None else divmod(NIGHT + minute, 60)
    return When(period=period, hour=hour, minute=minute, weekday=weekday + 1, day=number % SHORTEST_MONTH + 1)


def _time(written: str) -> tuple[int, int]:
    found = _TIME.fullmatch(written)
    if not found:
        raise ValueError(f"--at {written} is no time of day: write HH:MM, as in --at 03:30")
    return int(found[1]), int(found[2])
