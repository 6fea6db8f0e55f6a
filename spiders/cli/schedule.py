"""`footnotary schedule`: the line for cron, or the units for systemd, that crawl a configuration from now on.

Everything that a night could find wrong is looked at now: the configuration, its articles, whether footnotary starts in the
bare environment of cron. Standard output has what belongs into a crontab or into units and nothing else, so that it may be
piped; remarks go to standard error.
"""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from datetime import timedelta
from pathlib import Path

from archive.layout import Layout
from archive.outputs.plain import plain
from spiders.cli.place import CONFIG
from spiders.plan import Plan
from spiders.schedule import Period, Schedule, when_for
from spiders.scheduler import Cron, Scheduler, Systemd

BARE_PATH = "/usr/bin:/bin"
"""All that cron has for PATH."""


def run(options: Namespace) -> int:
    """Print, install or take out."""
    if options.install and options.remove:
        raise ValueError("--install and --remove exclude each other: choose one")
    config = _absolute(options.config or CONFIG)
    scheduler: Scheduler = Cron() if options.where == "cron" else Systemd(os.environ)
    if options.remove:
        print("\n".join(scheduler.remove(config)))
        return 0
    schedule = _schedule(options, config)
    if options.install:
        print("\n".join([*scheduler.install(schedule), f"it crawls {schedule.when}, local time"]))
    else:
        sys.stdout.write(scheduler.text(schedule))
        sys.stdout.flush()
        _remark(f"It would crawl {schedule.when}, local time, from {scheduler.place}.")
        _remark("nothing installed yet: add --install")
    return 0


def _schedule(options: Namespace, config: Path) -> Schedule:
    """What is asked for, with the configuration read as the crawl will read it. Raises ValueError."""
    if options.config is None and not config.exists():
        raise ValueError("there is no sources.yml here: name the configuration with --config FILE")
    read = Plan.of(config=str(config)).config
    schedule = Schedule(
        command=_command(),
        config=config,
        when=when_for(config, period=_period(options.every, read.recheck.every), at=options.at),
        logs=Layout(_absolute(read.collection)).logs,
        log=_log(options.log),
    )
    _require_start(schedule.command)
    return schedule


def _absolute(path: str | Path) -> Path:
    """Without asking the disk: a link in a path is there to be led elsewhere one day."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` follows links


def _period(asked: str | None, every: timedelta) -> Period:
    if asked is not None:
        return Period(asked)
    period = Period.for_every(every)
    if every != period.length:
        days = f"{every / timedelta(days=1):g} days"
        _remark(f"recheck.every is {days}, which is no step of a calendar: every {period} instead (--every sets another)")
    return period


def _log(given: str | None) -> Path | None:
    """The file for `--log`, made sure of now. Raises ValueError."""
    if given is None:
        return None
    log = _absolute(given)
    if log.is_dir() or not os.access(log if log.exists() else log.parent, os.W_OK):
        raise ValueError(f"--log {plain(given)} can't be written: name a file in a folder that is there")
    return log


def _command() -> tuple[str, ...]:
    """footnotary's own script in this environment; where there is none, the module."""
    python = Path(sys.executable)
    script = python.with_name("footnotary")
    return (str(script),) if os.access(script, os.X_OK) else (str(python), "-m", "spiders.cli")


def _require_start(command: tuple[str, ...]) -> None:
    """Start it as cron does. Raises ValueError where it does not come up."""
    bare = {"PATH": BARE_PATH, **{name: os.environ[name] for name in ("HOME",) if name in os.environ}}
    start = [*command, "--help"]
    try:
        done = subprocess.run(start, cwd="/", env=bare, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - ours
        fine = done.returncode == 0
    except OSError:
        fine = False
    if not fine:
        raise ValueError(f"{plain(' '.join(command))} does not start outside of this shell: install footnotary with pip")


def _remark(sentence: str) -> None:
    print(sentence, file=sys.stderr)
