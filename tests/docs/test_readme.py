"""README.md says what is so: its commands run and print what it shows, and its tables are those of the code."""

from __future__ import annotations

import inspect
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from archive.outputs.table import State
from spiders import run
from spiders.cli import SUBCOMMANDS, Subcommand, parser
from spiders.config import load
from spiders.plan import Plan
from tests.docs.conftest import Demo
from tests.docs.markdown import ROOT, differences, even, fences, names, rows, section, sessions, text_of
from tests.docs.refresh import chosen, lost

README = text_of("README.md")
COMMANDS = {names(row[0])[0]: row for row in rows(section(README, "## Commands"))}


def options(subcommand: Subcommand) -> dict[str, str]:
    """The flags of a subcommand, each as it is written with its value."""
    flags = [(flag, more) for (flag, *_), more in subcommand.options if flag.startswith("-")]
    return {flag: f"{flag} {_value(more)}".strip() for flag, more in flags}


def _value(more: dict[str, object]) -> str:
    choices = more.get("choices")
    return "|".join(choices) if isinstance(choices, tuple) else str(more.get("metavar", ""))


def operands(subcommand: Subcommand) -> list[str]:
    """The words after the name of a subcommand, as its help writes them."""
    found = [more for (flag, *_), more in subcommand.options if not flag.startswith("-")]
    return [str(more["metavar"]) for more in found]


def lines(language: str) -> list[str]:
    """The lines of all blocks of a language, comments taken away."""
    return [line for block in fences(README, language) for line in re.sub(r"\s+#.*", "", block).splitlines() if line]


def test_every_command_runs(demo: Demo) -> None:
    """Each command of a console block ends with exit code 0 and says nothing on standard error."""
    assert [(one.shown.command, one.exit_code, one.errors) for one in demo.printed if one.exit_code or one.errors] == []
    assert len(demo.printed) == len(sessions(README)) > 8


def test_what_is_shown_is_what_is_printed(demo: Demo) -> None:
    """The output after each command is the real one, but for what must vary and for lines that are left out with `…`."""
    wrong = {one.shown.command: list(differences(one.shown.lines, one.lines)) for one in demo.printed}
    assert {command: found for command, found in wrong.items() if found} == {}


def test_what_is_shown_can_be_refreshed(demo: Demo) -> None:
    """The lines that `python -m tests.docs.refresh` would show are those that are shown."""
    for one in demo.printed:
        assert [even(line) for line in chosen(one.shown.lines, one.lines)] == [even(line) for line in one.shown.lines]
        assert lost(one.shown.lines, one.lines) == []


def test_lines_that_have_moved_are_found_again() -> None:
    """Numbers that have shifted and lines that were added do not hide a line; one that is gone is named."""
    shown = ["kept  1 a", "…", "kept  3 c", "2 citations"]
    printed = ["kept  1 new", "kept  2 a", "kept  3 b", "kept  4 c", "3 citations"]
    assert chosen(shown, printed) == ["…", "kept  2 a", "…", "kept  4 c", "3 citations"]
    assert lost([*shown, "kept  9 z"], printed) == ["kept  9 z"]


def test_the_table_shows_each_state(demo: Demo) -> None:
    """The part of the table that is shown has a row of each state, and the README explains each."""
    (table,) = (one for one in demo.printed if one.shown.command == "footnotary crawl" and one.shown.lines)
    for state in State:
        assert any(line.startswith(f"{state} ") for line in table.shown.lines), state
        assert f"**{state}**" in README


@pytest.mark.parametrize("subcommand", SUBCOMMANDS, ids=lambda subcommand: subcommand.name)
def test_every_option_is_named(subcommand: Subcommand) -> None:
    """The row of each subcommand names its options with their values, no more and no less, and what it takes."""
    (command,) = (name for name in COMMANDS if name.split()[:2] == ["footnotary", subcommand.name])
    assert sorted(names(COMMANDS[command][1])) == sorted(options(subcommand).values())
    assert [word.strip("[]…") for word in command.split()[2:] if word.strip("[]…")] == operands(subcommand)


def test_every_command_is_a_command() -> None:
    """The table names no command that is not there."""
    known = {f"footnotary {subcommand.name}" for subcommand in SUBCOMMANDS} | {"scrapy crawl sources"}
    assert {" ".join(name.split()[:2]) if name.startswith("footnotary") else name for name in COMMANDS} == known


def test_every_argument_of_the_spider_is_named() -> None:
    """The row of `scrapy crawl sources` names each `-a` of the spider."""
    said = [re.match(r"-a (\w+)=", name) for name in names(COMMANDS["scrapy crawl sources"][1])]
    taken = {name for name, one in inspect.signature(Plan.of).parameters.items() if one.kind is one.KEYWORD_ONLY}
    assert {match[1] for match in said if match} == taken


def test_shell_lines_are_possible() -> None:
    """What stands in a block for the shell is a command line that the programs take."""
    for line in lines("sh"):
        words = shlex.split(line.partition(" > ")[0])
        match Path(words[0]).name:
            case "footnotary":
                parser().parse_args(words[1:])
            case "scrapy":
                assert words[1:3] == ["crawl", "sources"]
                given = [word.partition("=")[0] for flag, word in zip(words[3::2], words[4::2], strict=True) if flag == "-a"]
                assert set(given) <= set(inspect.signature(Plan.of).parameters)
            case "pipx":
                assert words[1:] == ["install", "./footnotary"]
            case "make":
                assert re.search(rf"^{words[1]}:", text_of("Makefile"), re.MULTILINE)
            case "pip":
                wanted = text_of("tests/replay/requirements-pywb.txt")
                assert all(re.search(rf"^{re.escape(word)}\b", wanted, re.MULTILINE) for word in words[2:])
            case "wayback" | "python3" | "cd":
                pass
            case other:
                pytest.fail(f"nobody knows {other}")


def test_the_configuration_is_one(tmp_path: Path) -> None:
    """The example of an own sources.yml is read as it stands."""
    (example,) = fences(README, "yaml")
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "article.html").write_text("<p>An article.</p>", encoding="utf-8")
    (tmp_path / "sources.yml").write_text(example, encoding="utf-8")
    config = load(tmp_path / "sources.yml")
    assert len(config.articles) == 2
    assert not config.example


def test_exit_codes_are_those_of_the_code() -> None:
    """The table has each exit code."""
    said = [int(row[0]) for row in rows(section(README, "## Every week"))]
    assert said == [run.FINE, run.WORSE, run.UNUSABLE, run.INCOMPLETE, run.LOCKED]


def test_the_tree_is_the_collection(demo: Demo) -> None:
    """The folder that is shown has the names of a real one, but for the lock, which nobody needs to know."""
    said = [line.split()[0].split("/")[0] for line in fences(section(README, "## A collection"), "")[0].splitlines()[1:]]
    found = {path.name for path in demo.collection.iterdir()} - {".lock"}
    assert set(said) == found


def test_numbers_are_right() -> None:
    """The Python version and the number of hosts of the example are what they are said to be."""
    required = tomllib.loads(text_of("pyproject.toml"))["project"]["requires-python"].removeprefix(">=")
    assert f"Python {required} or later" in README
    assert f"{len(list((ROOT / 'spiders/example/hosts').iterdir()))} hosts" in README
