"""A schedule as units of systemd's user manager: a service that crawls once, and the timer that starts it.

A run that finds another one at work (75) is no failure; everything else but 0 is, so that `systemctl --user --failed` names
it. The manager stops a run as Ctrl-C does, and gives it the time to seal what it has.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from archive.outputs.plain import plain
from spiders.schedule import WEEKDAYS, Period, Schedule, When

LONGEST_SLUG = 40

_UNSAFE = frozenset("\"'\\$")
"""Quotes and backslashes in the path of a program are refused by systemd, and `$` means something else there."""

_STARTER = ("/bin/sh", "-c", 'exec "$@"', "sh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The two files, each with its name and its text."""

    service_name: str
    service: str
    timer_name: str
    timer: str

    def files(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Name and text of both, the timer last, for it needs the service."""
        return (self.service_name, self.service), (self.timer_name, self.timer)


def units(schedule: Schedule) -> Units:
    """The units of a schedule. Raises ValueError for a log whose name no unit can hold."""
    name = unit_name(schedule.config)
    return Units(
        service_name=f"{name}.service",
        service=_service(schedule, name=name),
        timer_name=f"{name}.timer",
        timer=_timer(schedule),
    )


def unit_name(config: Path) -> str:
    """The name of both units, without its ending: of folder and file what a unit's name may have, and a digest of the path."""
    words = [config.parent.name, *([] if config.stem == "sources" else [config.stem])]
    slug = re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower())[:LONGEST_SLUG].strip("-")
    digest = hashlib.sha256(os.fsencode(config)).hexdigest()[:8]
    return "-".join(part for part in ("footnotary", slug, digest) if part)


def quoted(word: str) -> str:
    """One word of an `ExecStart=` line (systemd.service(5), COMMAND LINES)."""
    escaped = _literal(word.replace("\\", r"\\").replace('"', r"\"")).replace("$", "$$")
    return f'"{escaped}"'


def _literal(text: str) -> str:
    """Text of a setting in which `%` begins a specifier."""
    return text.replace("%", "%%")


def _exec(schedule: Schedule) -> str:
    """A program that systemd would not take by its name is started by a shell that steps aside."""
    unsafe = _UNSAFE.intersection(schedule.argv[0])
    return " ".join(map(quoted, (*(_STARTER if unsafe else ()), *schedule.argv)))


def _output(log: Path | None) -> str:
    if log is None:
        return ""
    name = str(log)
    if name.endswith(("\\", " ")):
        raise ValueError(f"--log {name}: a unit can't hold a name that ends so: give it another name")
    return f"StandardOutput=append:{_literal(name)}\nStandardError=append:{_literal(name)}\n"


def _service(schedule: Schedule, *, name: str) -> str:
    said = (
        f"It appends to {schedule.log} what it prints" if schedule.log else f"journalctl --user -u {name} shows what it prints"
    )
    return f"""\
# {said}, which is nothing when nothing changed.
# The log of each run: {plain(str(schedule.logs))}/

[Unit]
Description=footnotary crawl of {_literal(str(schedule.config))} {schedule.when}

[Service]
Type=oneshot
ExecStart={_exec(schedule)}
{_output(schedule.log)}\
# another run has the collection: that one does the work
SuccessExitStatus=75
# no crawl takes so long; one that hangs must not keep the next ones away
TimeoutStartSec=1day
# stop as Ctrl-C does: what is in flight is kept as cut, and everything is sealed
KillMode=mixed
KillSignal=SIGINT
TimeoutStopSec=30
Nice=10
"""


def _timer(schedule: Schedule) -> str:
    return f"""\
[Unit]
Description=footnotary crawl of {_literal(str(schedule.config))} {schedule.when}

[Timer]
OnCalendar={calendar(schedule.when)}
# a machine that was off catches up when it is on again, and has a while to find its network
Persistent=true
RandomizedDelaySec=10min

[Install]
WantedBy=timers.target
"""


def calendar(when: When) -> str:
    """The moment as `OnCalendar=` has it (systemd.time(7))."""
    weekday = f"{WEEKDAYS[when.weekday - 1][:3]} " if when.period is Period.WEEK else ""
    day = f"{when.day:02}" if when.period is Period.MONTH else "*"
    return f"{weekday}*-*-{day} {when.hour:02}:{when.minute:02}:00"
