"""The two programs of a machine that start things by the calendar: cron, and systemd's user manager.

What is installed is written whole or not at all, read back, and taken out again without touching anything else. Whatever they
refuse is one sentence that says what is there now and what is left to do.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from archive.disk import translated
from archive.layout import sync_directory
from archive.outputs.plain import plain
from spiders import crontab, timer
from spiders.schedule import Schedule

_NO_CRONTAB = ("no crontab", "no such file", "not exist")
"""How `crontab -l` says that there is none yet, in the words of several crons."""

_INSTEAD = {
    "crontab": "install cron, or see footnotary schedule systemd",
    "systemctl": "it has no systemd, see footnotary schedule cron",
}


class SchedulerError(ValueError):
    """Something could not be installed or taken out: one sentence that says what was done all the same."""


class Scheduler(Protocol):
    """`text` and `place` are for a person who installs by hand; `install` and `remove` say what they did, line by line."""

    @property
    def place(self) -> str: ...

    def text(self, schedule: Schedule) -> str: ...

    def install(self, schedule: Schedule) -> list[str]: ...

    def remove(self, config: Path) -> list[str]: ...


class Cron:
    """The user's own crontab."""

    place = "your crontab (crontab -e)"

    def text(self, schedule: Schedule) -> str:
        """The line and its comments. Raises ValueError where cron could not read it."""
        return crontab.written(schedule)

    def install(self, schedule: Schedule) -> list[str]:
        """Put it in, in the place of an earlier one. Raises SchedulerError or ValueError."""
        before = _crontab()
        after = crontab.put(schedule, into=before)
        if after == before:
            return ["your crontab has it already, nothing was changed:", crontab.written(schedule).rstrip("\n")]
        _write_crontab(after)
        if crontab.written(schedule) not in _crontab():
            raise SchedulerError("crontab took the line, but does not show it: look at crontab -l")
        verb = "replaced in" if crontab.remove(schedule.config, of=before) != before else "added to"
        return [f"{verb} your crontab:", crontab.written(schedule).rstrip("\n")]

    def remove(self, config: Path) -> list[str]:
        """Take it out. Raises SchedulerError."""
        before = _crontab()
        after = crontab.remove(config, of=before)
        if after == before:
            return [f"your crontab has nothing for {plain(str(config))}: nothing was changed"]
        _write_crontab(after)
        return [f"taken out of your crontab: the crawl of {plain(str(config))}"]


def _crontab() -> str:
    done = _run("crontab", "-l")
    said = _said(done)
    if done.returncode and not any(words in said.lower() for words in _NO_CRONTAB):
        raise SchedulerError(f"your crontab can't be read, nothing was changed: {said}")
    return "" if done.returncode else os.fsdecode(done.stdout)


def _write_crontab(text: str) -> None:
    done = _run("crontab", "-", said=os.fsencode(text))
    if done.returncode:
        raise SchedulerError(f"crontab did not take it, nothing was changed: {_said(done)}")


class Systemd:
    """Units in the user's own folder. `folder` is not made before something is installed. Raises SchedulerError without one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        given = Path(environment.get("XDG_CONFIG_HOME", ""))
        self.folder = (given if given.is_absolute() else _home() / ".config") / "systemd" / "user"
        self.place = str(self.folder)

    def text(self, schedule: Schedule) -> str:
        """Both units, each below the name of its file. Raises ValueError where a unit can't say it."""
        return "\n".join(f"# {self.folder / name}\n{text}" for name, text in timer.units(schedule).files())

    def install(self, schedule: Schedule) -> list[str]:
        """Write both units, in the place of earlier ones, and start the timer. Raises SchedulerError, CollectionError or
        ValueError."""
        units = timer.units(schedule)
        with translated(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, text in units.files():
                _write_whole(self.folder / name, text)
        files = " and ".join(str(self.folder / name) for name, _ in units.files())
        requests = ("daemon-reload",), ("enable", "--now", units.timer_name)
        _systemctl(*requests, done=f"{files} are written", by_hand=requests)
        return [
            f"written: {files}",
            f"started: {units.timer_name}; systemctl --user list-timers shows when it is next",
            "it runs while you are logged in; for always: loginctl enable-linger",
        ]

    def remove(self, config: Path) -> list[str]:
        """Stop the timer and delete both units. Raises SchedulerError or CollectionError."""
        name = timer.unit_name(config)
        files = [self.folder / f"{name}.timer", self.folder / f"{name}.service"]
        enabled = self.folder / "timers.target.wants" / f"{name}.timer"
        found = [path for path in (enabled, *files) if os.path.lexists(path)]
        if not found:
            return [f"{self.folder} has no units for {plain(str(config))}: nothing was changed"]
        reload = ("daemon-reload",)
        deleted = f"{' and '.join(map(str, files))} are deleted"
        by_hand = ("stop", f"{name}.timer"), reload
        try:
            _systemctl(("disable", "--now", f"{name}.timer"), done=deleted, by_hand=by_hand)
        finally:
            with translated(self.folder):
                for path in found:
                    path.unlink(missing_ok=True)
        _systemctl(reload, done=deleted, by_hand=by_hand)
        return [f"stopped: {name}.timer", deleted]


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise SchedulerError("nobody knows where your home is: set HOME") from error


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(path)
    sync_directory(path.parent)


def _systemctl(*requests: tuple[str, ...], done: str, by_hand: tuple[tuple[str, ...], ...]) -> None:
    """Ask the user manager. Where it can't be asked, SchedulerError says what is done and what is left to do by hand."""
    left = " && ".join(shlex.join(["systemctl", "--user", *words]) for words in by_hand)
    for words in requests:
        try:
            asked = _run("systemctl", "--user", *words)
        except SchedulerError as error:
            raise SchedulerError(f"{done}, but {error}; by hand: {left}") from error
        if asked.returncode:
            raise SchedulerError(f"{done}, but systemctl said: {_said(asked)}; by hand: {left}")


def _run(program: str, *words: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a program of the machine that speaks English. Raises SchedulerError where there is none of that name."""
    path = shutil.which(program)
    if path is None:
        raise SchedulerError(f"there is no {program} on this machine: {_INSTEAD[program]}")
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run([path, *words], input=said, capture_output=True, env=environment, check=False)  # noqa: S603 - words of ours


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """The complaint of a program, in one line."""
    lines = done.stderr.decode("utf-8", "replace").split("\n")
    return plain("; ".join(line.strip() for line in lines if line.strip())) or f"exit code {done.returncode}"
