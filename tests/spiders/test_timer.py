"""Units of systemd: what it makes of their words, and that it takes them."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from spiders.schedule import Period, Schedule, When
from spiders.timer import calendar, unit_name, units
from tests.scheduled import PATHS, as_systemd_splits

TUESDAY = When(period=Period.WEEK, hour=4, minute=17, weekday=2, day=9)
OURS = Schedule(
    command=("/opt/footnotary",), config=Path("/home/ana/kabul/sources.yml"), when=TUESDAY, logs=Path("/home/ana/c/logs")
)

analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not here: nobody else can say what it takes")


def settings_of(unit: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit)
    return parser


def verified(schedule: Schedule, *, folder: Path) -> str:
    """What systemd complains about in the units of a schedule."""
    for name, text in units(schedule).files():
        (folder / name).write_text(text, encoding="utf-8")
    files = [str(folder / name) for name, _ in units(schedule).files()]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
    command = [str(analyze), "verify", "--user", "--man=no", *files]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stderr + done.stdout


@settings(deadline=None)
@given(program=PATHS, config=PATHS)
@example(program='/a "b" $c $$ ${d} %h \\n', config="/%%")
@example(program="/a b 100%", config='/a "b" $c $$ ${d} %h \\n')
def test_systemd_gives_the_words_back(program: str, config: str) -> None:
    """Whatever a path has in it, the words are exactly those that were meant, over a shell where systemd wants one."""
    schedule = replace(OURS, command=(program, "-m", "spiders.cli"), config=Path(config))
    words = as_systemd_splits(settings_of(units(schedule).service)["Service"]["ExecStart"])
    if words[0] == "/bin/sh":
        assert words[:4] == ["/bin/sh", "-c", 'exec "$@"', "sh"]
        words = words[4:]
    assert words == list(schedule.argv)


@needs_systemd
@pytest.mark.parametrize("name", ["plain", "a %h 100% é b", 'a "b" $c ${d} \\x'])
def test_systemd_takes_the_units(tmp_path: Path, name: str) -> None:
    """`systemd-analyze verify` finds the program and has no complaint, and the program is told the words that were meant."""
    program = tmp_path / name / "footnotary"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf \'%s\\n\' "$0" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    schedule = replace(OURS, command=(str(program),), config=tmp_path / f"{name}.yml", log=tmp_path / f"{name}.log")
    assert verified(schedule, folder=tmp_path) == ""
    words = as_systemd_splits(settings_of(units(schedule).service)["Service"]["ExecStart"])
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines() == list(schedule.argv)


@needs_systemd
def test_systemd_would_complain(tmp_path: Path) -> None:
    """The silence above says something: a program that is not there is named."""
    assert "/nowhere is not executable" in verified(replace(OURS, command=("/nowhere",)), folder=tmp_path)


@pytest.mark.parametrize(
    ("period", "moment"), [("day", "*-*-* 04:17:00"), ("week", "Tue *-*-* 04:17:00"), ("month", "*-*-09 04:17:00")]
)
def test_the_moment(period: str, moment: str) -> None:
    """Each period as systemd writes it."""
    assert calendar(replace(TUESDAY, period=Period(period))) == moment


@needs_systemd
def test_systemd_takes_every_weekday() -> None:
    """The names of the days are systemd's."""
    moments = [calendar(replace(TUESDAY, weekday=day)) for day in range(1, 8)]
    done = subprocess.run([str(analyze), "calendar", *moments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Next elapse") == 7


def test_the_service_says_what_is_a_failure_and_how_it_is_stopped() -> None:
    """Another run at work is none; a stop is a Ctrl-C with time to seal; a run that hangs ends one day."""
    service = settings_of(units(OURS).service)["Service"]
    wanted = {
        "Type": "oneshot",
        "SuccessExitStatus": "75",
        "KillSignal": "SIGINT",
        "KillMode": "mixed",
        "TimeoutStopSec": "30",
        "TimeoutStartSec": "1day",
    }
    assert {name: service[name] for name in wanted} == wanted
    assert "StandardOutput" not in service


def test_the_timer_catches_up() -> None:
    """A machine that was off at the hour crawls when it is on again, and not all at the same second."""
    timer = settings_of(units(OURS).timer)
    assert (timer["Timer"]["Persistent"], timer["Timer"]["RandomizedDelaySec"]) == ("true", "10min")
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_a_log_gets_both_streams() -> None:
    """With a log the output and the errors are appended to it; a name that a unit can't hold is refused."""
    service = settings_of(units(replace(OURS, log=Path("/var/log/100% a.log"))).service)["Service"]
    assert service["StandardOutput"] == service["StandardError"] == "append:/var/log/100%% a.log"
    for name in ("/a\\", "/a "):
        with pytest.raises(ValueError, match="give it another name"):
            units(replace(OURS, log=Path(name)))


@given(config=PATHS.map(Path))
def test_a_unit_has_a_name_that_systemd_takes(config: Path) -> None:
    """ASCII letters, digits and hyphens, short, and the same each time."""
    name = unit_name(config)
    assert name == unit_name(config)
    assert name.startswith("footnotary-")
    assert name.isascii()
    assert name.replace("-", "").isalnum()
    assert len(name) <= 60


def test_the_name_says_which_configuration() -> None:
    """Folder and file, so far as they say anything; two configurations never share one."""
    names = [
        unit_name(Path(path)) for path in ("/a/Kabul 2021/sources.yml", "/a/Kabul 2021/two.yml", "/b/Kabul 2021/sources.yml")
    ]
    assert [name.rpartition("-")[0] for name in names] == [
        "footnotary-kabul-2021",
        "footnotary-kabul-2021-two",
        "footnotary-kabul-2021",
    ]
    assert len(set(names)) == 3
