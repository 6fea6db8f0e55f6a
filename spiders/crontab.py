"""A schedule in a crontab: one line for cron, below comments that say what it is.

    # footnotary: /home/ana/sources.yml
    #   Cron mails what it prints ...
    17 4 * * 2 /home/ana/.venv/bin/footnotary crawl --config /home/ana/sources.yml

The first comment marks the line as ours. Nothing else in a crontab is ever changed, not by a byte: a line is taken out only
below its mark, and only if it crawls the configuration that the mark names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from archive.outputs.plain import plain
from spiders.schedule import Period, Schedule, When, crawl_of

LONGEST = 999
"""Bytes of a command; some crons drop the rest without a word."""

_MARK = "# footnotary: "
_REMARK = "#   "
_BARE = re.compile(r"[A-Za-z0-9_@+=:,./-]+", re.ASCII)
_PIECES = re.compile(r"%|'|[^%'\\]*\\|[^%'\\]+")


def written(schedule: Schedule) -> str:
    """The line with its comments, each line with its end. Raises ValueError where the line is too long for cron."""
    line = f"{_fields(schedule.when)} {command(schedule)}"
    if len(command(schedule).encode()) > LONGEST:
        raise ValueError(f"{schedule.config}: its line would be longer than cron reads: use a shorter path, or systemd")
    return "".join(f"{one}\n" for one in (_mark(schedule.config), *_remarks(schedule), line))


def command(schedule: Schedule) -> str:
    """The command after the five fields of the time."""
    words = " ".join(map(quoted, schedule.argv))
    return f"{words} >>{quoted(str(schedule.log))} 2>&1" if schedule.log else words


def quoted(word: str) -> str:
    """One word for cron and then for the shell.

    Cron ends a command at `%` and takes the backslash from `\\%`, or leaves it to the shell; some crons make one backslash of
    two. So `%` stands outside of quotes, and no other backslash stands before `%` or before another one.
    """
    return word if _BARE.fullmatch(word) else "".join(map(_piece, _PIECES.findall(word))) or "''"


def _piece(text: str) -> str:
    return {"%": r"\%", "'": '''"'"'''}.get(text, f"'{text}'")


def _fields(when: When) -> str:
    day = when.day if when.period is Period.MONTH else "*"
    weekday = when.weekday if when.period is Period.WEEK else "*"
    return f"{when.minute} {when.hour} {day} * {weekday}"


def _mark(config: Path) -> str:
    return f"{_MARK}{config}"


def _remarks(schedule: Schedule) -> Iterator[str]:
    said = f"It appends to {schedule.log} what it prints" if schedule.log else "Cron mails what it prints"
    yield f"{_REMARK}{said}, which is nothing when nothing changed. The log of each run: {plain(str(schedule.logs))}/"
    yield f"{_REMARK}It needs no terminal and no flock: while another run has the collection, it says so and ends with 75."


# In a crontab


def put(schedule: Schedule, *, into: str) -> str:
    """The crontab with this schedule: in the place of the one that it has of the same configuration, else at its end."""
    places = _places(into, config=schedule.config)
    if not places:
        gap = "" if into.endswith("\n") or not into else "\n"
        return f"{into}{gap}{written(schedule)}"
    start = places[0][0]
    return f"{into[:start]}{written(schedule)}{remove(schedule.config, of=into[start:])}"


def remove(config: Path, *, of: str) -> str:
    """The crontab without the schedule of a configuration."""
    rest, end = [], 0
    for start, stop in _places(of, config=config):
        rest.append(of[end:start])
        end = stop
    return "".join([*rest, of[end:]])


def _places(text: str, *, config: Path) -> list[tuple[int, int]]:
    """Where schedules of a configuration stand: from the mark to the end of its line."""
    ours = " ".join(map(quoted, crawl_of(config)))
    mark = re.escape(_mark(config))
    job = rf"(?:[ \t]*[^#\s][^\n]*? {re.escape(ours)}(?= |$)[^\n]*(?:\n|\Z))?"
    pattern = re.compile(rf"^{mark}(?:\n|\Z)(?:^{re.escape(_REMARK)}[^\n]*(?:\n|\Z))*{job}", re.MULTILINE)
    return [found.span() for found in pattern.finditer(text)]
