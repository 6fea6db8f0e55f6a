"""`footnotary schedule`: what it prints runs where cron runs it, and what it installs it takes out again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.layout import Layout
from archive.lock import Lock
from archive.model import utc_now
from spiders.cli import main
from spiders.example.answers import ByTarget, Static
from tests.doors import ROOT, TIMEOUT, Ended
from tests.scheduled import as_crons_run, fake_crontab, fake_systemctl
from tests.world import World, citing, source

FOREIGN = "MAILTO=ana@example.org\n0 5 * * * tar -cf a.tar ~/texts   # every morning\n"
HOSTS = {
    "paper.example": ByTarget(
        answers={"/a": Static(body=citing("A paper", [("one", "https://facts.example/1"), ("two", "#")]))}
    ),
    "facts.example": ByTarget(answers={"/1": source("Fact one")}),
}


def said(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; exit code, output, errors."""
    code = main(["schedule", *arguments])
    out, err = capfd.readouterr()
    return code, out, err


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose path needs every sort of quoting."""
    folder = tmp_path / "Ana's $HOME, 100% é"
    folder.mkdir()
    file = folder / "sources.yml"
    file.write_text('collection: kept\narticles: [{url: "https://paper.example/a"}]\n', encoding="utf-8")
    return file


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Stand-ins for the programs of a machine: the file that is the crontab, what systemctl was asked, where units lie."""

    crontab: Path
    asked: Path
    units: Path

    def names(self) -> list[str]:
        """The files among the units."""
        return sorted(path.name for path in self.units.iterdir()) if self.units.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with a crontab command and a systemctl in front of its own programs."""
    crontab, asked = fake_crontab(tmp_path / "bin"), fake_systemctl(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return Machine(crontab=crontab, asked=asked, units=tmp_path / "settings" / "systemd" / "user")


# The line, run


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("every week, 100% of Ana's")
    with World.serving(folder, HOSTS) as web:
        yield web


def as_cron(printed: str, *, home: Path) -> Ended:
    """The last line of what was printed, run as cron runs it: a bare environment, from `/`, without a terminal."""
    *remarks, line = printed.splitlines()
    assert all(remark.startswith("#") for remark in remarks)
    minute, hour, day, month, weekday, command = line.split(" ", 5)
    assert (day, month) == ("*", "*")
    assert minute.isdigit()
    assert hour.isdigit()
    assert weekday.isdigit()
    (handed,) = {one for one in as_crons_run(command) if r"\%" not in one}
    bare = ["/usr/bin/env", "-i", f"HOME={home}", "PATH=/usr/bin:/bin", "SHELL=/bin/sh", "LOGNAME=ana"]
    done = subprocess.run(
        [*bare, "/bin/sh", "-c", handed],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        timeout=TIMEOUT,
        check=False,
    )
    return Ended(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def test_the_printed_line_runs_under_cron(world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The first run keeps what is cited and says so, the next has nothing to say, and one that finds another run at work ends
    with 75 and one sentence, into the log where one is named."""
    config = world.config("é weekly", articles=[{"url": "https://paper.example/a"}])
    code, printed, _ = said(capfd, "cron", "--config", str(config))
    assert code == 0
    first = as_cron(printed, home=tmp_path)
    assert (first.code, first.err) == (0, "")
    assert "2 citations: 1 kept, 1 no link" in first.out
    assert Layout(world.collection("é weekly")).database.is_file()
    second = as_cron(printed, home=tmp_path)
    assert (second.code, second.out, second.err) == (0, "", "")
    assert len(list(Layout(world.collection("é weekly")).logs.glob("*.log"))) == 2
    assert list(tmp_path.iterdir()) == []  # nothing was left in the home of the one who runs it
    log = tmp_path / "what cron's 100% said.log"
    _, printed, _ = said(capfd, "cron", "--config", str(config), "--log", str(log))
    lock = Lock.take(Layout(world.collection("é weekly")).lock, clock=utc_now)
    try:
        third = as_cron(printed, home=tmp_path)
    finally:
        lock.release()
    assert (third.code, third.out, third.err) == (75, "", "")
    (sentence,) = log.read_text(encoding="utf-8").splitlines()
    assert sentence.endswith("wait until it ends, nothing was written")


# What is printed


def test_cron_is_told_only_what_a_crontab_may_hold(machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output is the line below comments, the same each time; where it belongs, and that nothing is installed, stands
    on standard error; and so it is."""
    code, out, err = said(capfd, "cron", "--config", str(config))
    assert code == 0
    *remarks, line = out.splitlines()
    assert remarks[0] == f"# footnotary: {config}"
    assert all(remark.startswith("#") for remark in remarks)
    script = shutil.which("footnotary", path=str(Path(sys.executable).parent))
    assert f" {script or f'{sys.executable} -m spiders.cli'} crawl --config " in line
    assert "from your crontab (crontab -e)" in err
    assert err.splitlines()[-1] == "nothing installed yet: add --install"
    assert said(capfd, "cron", "--config", str(config)) == (code, out, err)
    assert not machine.crontab.exists()


def test_systemd_is_told_units(machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Both units below the names of their files, and the same remarks; nothing is written."""
    code, out, err = said(capfd, "systemd", "--config", str(config), "--at", "04:00")
    assert code == 0
    files = [Path(line.removeprefix("# ")) for line in out.splitlines() if line.startswith(f"# {machine.units}")]
    assert [path.suffix for path in files] == [".service", ".timer"]
    assert "Type=oneshot" in out
    assert " *-*-* 04:00:00" in out
    assert str(machine.units) in err
    assert err.splitlines()[-1] == "nothing installed yet: add --install"
    assert machine.names() == []
    assert not machine.asked.exists()


@pytest.mark.parametrize(
    ("every", "options", "fields", "note"),
    [
        ("1 day", [], "* * *", None),
        ("7 days", [], "* * D", None),
        ("30 days", [], "D * *", None),
        ("14 days", [], "* * D", "recheck.every is 14 days, which is no step of a calendar: every week instead"),
        ("12 h", [], "* * *", "recheck.every is 0.5 days, which is no step of a calendar: every day instead"),
        ("14 days", ["--every", "month"], "D * *", None),
    ],
)
def test_how_often_is_what_the_configuration_says(
    every: str, options: list[str], fields: str, note: str | None, config: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`recheck.every` as near as a calendar comes, with a note where it does not come near; `--every` stands above it."""
    config.write_text(f"{config.read_text(encoding='utf-8')}recheck: {{every: {every}}}\n", encoding="utf-8")
    _, out, err = said(capfd, "cron", "--config", str(config), *options)
    found = out.splitlines()[-1].split(" ")[2:5]
    assert " ".join("D" if field.isdigit() else field for field in found) == fields
    assert err.splitlines()[:-2] == ([f"{note} (--every sets another)"] if note else [])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--at", "25:00"], "--at 25:00 is no time of day: write HH:MM, as in --at 03:30"),
        (["--install", "--remove"], "--install and --remove exclude each other: choose one"),
        (["--log", "/nowhere/at/all.log"], "--log /nowhere/at/all.log can't be written: name a file in a folder that is there"),
        (["--log", "/"], "--log / can't be written: name a file in a folder that is there"),
    ],
)
@pytest.mark.parametrize("where", ["cron", "systemd"])
def test_misuse_is_one_sentence(
    where: str, options: list[str], sentence: str, machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, nothing on standard output, and nothing is installed."""
    assert said(capfd, where, "--config", str(config), *options) == (2, "", f"{sentence}\n")
    assert not machine.crontab.exists()
    assert machine.names() == []


def test_what_would_fail_at_night_fails_now(
    machine: Machine, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A configuration that is wrong, an article that is not there and a missing configuration are refused before anything is
    installed, in the words of the crawl."""
    good = config.read_text(encoding="utf-8")
    config.write_text(f"{good}limts: {{}}\n", encoding="utf-8")
    sentence = f"{config}, line 3: limts is not a key; did you mean limits?\n"
    assert said(capfd, "cron", "--config", str(config), "--install") == (2, "", sentence)
    config.write_text("collection: kept\narticles: [{file: gone.html}]\n", encoding="utf-8")
    code, out, err = said(capfd, "systemd", "--config", str(config), "--install")
    assert (code, out, err.count("\n"), "gone.html" in err) == (2, "", 1, True)
    monkeypatch.chdir(tmp_path)
    sentence = "there is no sources.yml here: name the configuration with --config FILE\n"
    assert said(capfd, "cron", "--install") == (2, "", sentence)
    assert not machine.crontab.exists()
    assert machine.names() == []


@pytest.mark.parametrize("target", [None, "/nowhere/python", sys.executable])
def test_a_python_that_does_not_start_footnotary_is_refused(
    target: str | None, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The command is started as cron starts it: a Python that is gone, or that finds no footnotary from `/`, is no command."""
    python = tmp_path / "python"
    if target is not None:
        python.symlink_to(Path(target).resolve())
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    sentence = f"{python} -m spiders.cli does not start outside of this shell: install footnotary with pip\n"
    assert said(capfd, "cron", "--config", str(config)) == (2, "", sentence)


# Installing and taking out


def test_cron_from_install_to_remove(machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Installed, again, at another hour, taken out, again: each says what was done, and the lines of others stay."""
    machine.crontab.write_text(FOREIGN, encoding="utf-8")
    arguments = ("cron", "--config", str(config))
    _, printed, _ = said(capfd, *arguments)
    code, out, err = said(capfd, *arguments, "--install")
    assert (code, err) == (0, "")
    assert out.startswith(f"added to your crontab:\n{printed}it crawls every week on ")
    assert machine.crontab.read_text(encoding="utf-8") == FOREIGN + printed
    _, out, _ = said(capfd, *arguments, "--install")
    assert out.startswith(f"your crontab has it already, nothing was changed:\n{printed}")
    assert machine.crontab.read_text(encoding="utf-8") == FOREIGN + printed
    code, out, _ = said(capfd, *arguments, "--install", "--at", "12:34")
    assert (code, out.partition("\n")[0]) == (0, "replaced in your crontab:")
    lines = machine.crontab.read_text(encoding="utf-8").removeprefix(FOREIGN).splitlines()
    assert [lines[0], lines[-1].split(" ")[:2]] == [f"# footnotary: {config}", ["34", "12"]]
    assert len(lines) == len(printed.splitlines())
    config.unlink()  # a schedule can be taken out when there is nothing left to crawl
    assert said(capfd, *arguments, "--remove") == (0, f"taken out of your crontab: the crawl of {config}\n", "")
    assert machine.crontab.read_text(encoding="utf-8") == FOREIGN
    assert said(capfd, *arguments, "--remove") == (0, f"your crontab has nothing for {config}: nothing was changed\n", "")


def test_a_crontab_that_is_not_there_yet(
    machine: Machine, config: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is made by the first line; the configuration is that of this folder."""
    monkeypatch.chdir(config.parent)
    assert said(capfd, "cron", "--remove")[0] == 0
    assert not machine.crontab.exists()
    _, printed, _ = said(capfd, "cron")
    assert said(capfd, "cron", "--install")[0] == 0
    assert machine.crontab.read_text(encoding="utf-8") == printed


def test_a_crontab_that_is_refused_is_not_written(machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Not to be able to read it is not the same as having none: what is there must not be lost."""
    machine.crontab.write_text(FOREIGN, encoding="utf-8")
    refused = machine.crontab.with_name("state.refused")
    refused.write_text("You (ana) are not allowed to use this program\nSee crontab(1)\n", encoding="utf-8")
    for option in ("--install", "--remove"):
        code, out, err = said(capfd, "cron", "--config", str(config), option)
        assert (code, out) == (2, "")
        assert err == (
            "your crontab can't be read, nothing was changed: You (ana) are not allowed to use this program; See crontab(1)\n"
        )
    assert machine.crontab.read_text(encoding="utf-8") == FOREIGN


def test_a_crontab_that_forgets_is_found_out(machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What was written is read back: a line that is not there is not called installed."""
    machine.crontab.with_name("state.forgets").touch()
    sentence = "crontab took the line, but does not show it: look at crontab -l\n"
    assert said(capfd, "cron", "--config", str(config), "--install") == (2, "", sentence)


def test_systemd_from_install_to_remove(machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The units are what was printed and the timer is started; at another hour they are replaced; then they are gone."""
    arguments = ("systemd", "--config", str(config))
    _, printed, _ = said(capfd, *arguments)
    code, out, err = said(capfd, *arguments, "--install")
    assert (code, err) == (0, "")
    service, timer = machine.names()
    assert printed == "\n".join(
        f"# {machine.units / name}\n{(machine.units / name).read_text(encoding='utf-8')}" for name in (service, timer)
    )
    assert machine.asked.read_text().splitlines() == ["--user daemon-reload", f"--user enable --now {timer}"]
    assert str(machine.units / timer) in out
    assert "loginctl enable-linger" in out
    assert said(capfd, *arguments, "--install", "--at", "12:34")[0] == 0
    assert machine.names() == [service, timer]
    assert " *-*-* 12:34:00\n" in (machine.units / timer).read_text(encoding="utf-8")
    (machine.units / "timers.target.wants").mkdir()
    (machine.units / "timers.target.wants" / timer).symlink_to(machine.units / timer)  # as `enable` makes it
    machine.asked.unlink()
    code, out, err = said(capfd, *arguments, "--remove")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"stopped: {timer}"
    assert machine.asked.read_text().splitlines() == [f"--user disable --now {timer}", "--user daemon-reload"]
    assert machine.names() == ["timers.target.wants"]
    assert list((machine.units / "timers.target.wants").iterdir()) == []
    sentence = f"{machine.units} has no units for {config}: nothing was changed\n"
    assert said(capfd, *arguments, "--remove") == (0, sentence, "")


def test_a_user_manager_that_can_not_be_reached(machine: Machine, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The units are written all the same, and the sentence says so and what to run by hand; removing says the same."""
    machine.asked.with_name("asked.refused").write_text("Failed to connect to bus: No medium found\n", encoding="utf-8")
    code, out, err = said(capfd, "systemd", "--config", str(config), "--install")
    service, timer = machine.names()
    assert (code, out) == (2, "")
    assert err == (
        f"{machine.units / service} and {machine.units / timer} are written, but systemctl said: Failed to connect to bus: No "
        f"medium found; by hand: systemctl --user daemon-reload && systemctl --user enable --now {timer}\n"
    )
    code, out, err = said(capfd, "systemd", "--config", str(config), "--remove")
    assert (code, out) == (2, "")
    assert err.endswith(f"by hand: systemctl --user stop {timer} && systemctl --user daemon-reload\n")
    assert machine.names() == []


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("cron", "there is no crontab on this machine: install cron, or see footnotary schedule systemd"),
        ("systemd", "but there is no systemctl on this machine: it has no systemd, see footnotary schedule cron; by hand: "),
    ],
)
def test_a_machine_without_it(
    where: str,
    sentence: str,
    machine: Machine,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One sentence that names what is missing."""
    monkeypatch.setenv("PATH", "/nowhere")
    code, out, err = said(capfd, where, "--config", str(config), "--install")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
