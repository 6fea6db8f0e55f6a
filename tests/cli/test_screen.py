"""What a terminal is given: tables that fit it, colours where it has them, and nothing of a page that moves its cursor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from archive.index.database import Database
from archive.layout import Layout
from archive.model import Kept, Quote, Uri
from archive.outputs.plain import json_line
from archive.outputs.table import rows
from spiders.cli import main
from spiders.cli.citations import print_table
from spiders.cli.screen import PIPE
from tests.archive import index_samples as a
from tests.archive import living
from tests.doors import Crawled
from tests.terminal import Told, on_terminal
from tests.weeks import Weeks

HOSTILE = "\x1b]0;owned\x07 \x1b[31m\x9b2J \u202etxet \u2066x \r\x08\x00 end"
SAFE = re.compile(r"\x1b\[[0-9;]*m")
"""The only sequences that a command sends by itself: bold and colours."""
COMMANDS = (("citations",), ("show", "1"), ("history", "1"), ("diff", "1"), ("search", "needle"))


def unsafe(text: str) -> list[str]:
    """Whatever of a text a terminal could obey."""
    return [c for c in SAFE.sub("", text) if not c.isprintable() and c not in "\n\r"]


def hostile(path: Path) -> Path:
    """A collection of somebody who writes escape sequences wherever words can stand."""
    with living.running(path) as collection:
        captures = [collection.append(living.page(1, living.answer(b"%d" % n))).result() for n in (1, 2)]
        article = a.article(run_id=collection.run_id, uri=Uri(f"https://m.example/{HOSTILE}"), title=HOSTILE, links=())
        cited = a.citation(of=article, anchor=Quote(exact=HOSTILE), kind=HOSTILE, target=Uri(f"https://s.example/{HOSTILE}"))
        values: list[Kept] = [article, cited]
        for number, capture in enumerate(captures):
            words = f"needle {number} {HOSTILE}"
            read = a.extraction(
                f"read {number}",
                capture_id=capture.record_id,
                title=HOSTILE,
                text_id=a.named(f"text {number}"),
                digest=a.digest(words),
            )
            collection.keep_extraction(read, words).result()
            ended = {"capture_id": capture.record_id, "extraction_id": read.record_id, "date": capture.date}
            values.append(a.attempt(cited, sequence=number + 1, run_id=collection.run_id, reason=HOSTILE, **ended))
        for value in values:
            collection.keep(value).result()  # type: ignore[arg-type]  # each is a conclusion
    return path


@pytest.mark.parametrize("format", ["table", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_page_reaches_the_terminal_raw(
    command: tuple[str, ...], format: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Escape sequences, C1 controls, bidi overrides in titles, anchors, URIs, reasons and texts are spelled out."""
    path = hostile(tmp_path / "c")
    assert main([*command, "--collection", str(path), "--format", format]) == 0
    out = capfd.readouterr().out
    assert "owned" in out
    assert unsafe(out) == []


def test_no_page_reaches_a_colour_terminal_raw(tmp_path: Path) -> None:
    """On a terminal with colours nothing but colours is sent."""
    hostile(tmp_path / "c")
    for command in COMMANDS[-2:]:
        told = on_terminal("spiders.cli", *command, "--collection", "c", cwd=tmp_path, columns=80)
        assert (told.code, unsafe(told.raw)) == (0, [])
        assert "\x1b[" in told.raw


def cited(example: Crawled, *, columns: int, **environment: str) -> Told:
    return on_terminal("spiders.cli", "citations", cwd=example.folder, columns=columns, **environment)


def test_a_wide_terminal_has_a_table_in_colours(example: Crawled) -> None:
    """At 200 columns each citation is a row, and its state has a colour."""
    told = cited(example, columns=200)
    assert told.code == 0
    assert re.search(r"^kept +18  military statement  +According to the head", told.text, re.MULTILINE)
    assert "\x1b[32mkept" in told.raw


@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_has_a_block_a_row(columns: int, example: Crawled) -> None:
    """In fewer than 100 columns each citation is a block of labels and values, and no line is longer than the terminal."""
    told = cited(example, columns=columns)
    lines = told.text.splitlines()
    assert max(map(len, lines)) <= columns
    assert sum(line.startswith("state") for line in lines) == 30
    at = next(n for n, line in enumerate(lines) if re.match(r"# +18", line))
    assert [line.split()[0] for line in lines[at - 1 : at + 3]] == ["state", "#", "kind", "anchor"]
    assert lines[-1].split()[-1] == "person"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_a_terminal_without_colours_gets_no_escape_sequence(
    environment: dict[str, str], example: Crawled, weeks: Weeks
) -> None:
    """NO_COLOR and TERM=dumb: the same words, in the width that is there, changes marked as wdiff does it."""
    told = cited(example, columns=40, **environment)
    assert "\x1b" not in told.raw
    assert max(map(len, told.text.splitlines())) <= 40
    differing = on_terminal(
        "spiders.cli", "diff", "3", "--collection", str(weeks.collection), cwd=weeks.config.parent, columns=80, **environment
    )
    assert "The [-first-]{+second+} edition" in differing.raw


def test_changes_are_coloured_where_there_are_colours(weeks: Weeks) -> None:
    """Removed words are red and struck, added ones green and bold, without other marks."""
    told = on_terminal("spiders.cli", "diff", "3", "--collection", str(weeks.collection), cwd=weeks.config.parent, columns=80)
    assert "The \x1b[9;31mfirst\x1b[0m \x1b[1;32msecond\x1b[0m edition" in told.raw


def test_a_small_table_stays_one_in_a_narrow_terminal(weeks: Weeks) -> None:
    """What fits is not taken apart; what does not fit becomes blocks."""
    history = ("spiders.cli", "history", "3", "--collection", str(weeks.collection))
    assert "\nkept   2" in on_terminal(*history, cwd=weeks.config.parent, columns=80).text
    narrow = on_terminal(*history, cwd=weeks.config.parent, columns=40, NO_COLOR="1").text
    assert "state    kept" in [line.rstrip() for line in narrow.splitlines()]


def test_a_fact_stands_below_its_name_where_there_is_no_room(example: Crawled) -> None:
    """`show` at 40 columns: the name, and the value in the next line."""
    told = on_terminal("spiders.cli", "show", "19", cwd=example.folder, columns=40)
    assert "\nanchor\n  saying\n" in told.text


def test_a_pipe_has_a_table_of_its_own_width(example: Crawled, capfd: pytest.CaptureFixture[str]) -> None:
    """A pipe has PIPE columns and no escape sequence, whatever the terminal is."""
    with Database.open_read_only(Layout(example.collection).database) as database:
        print_table(rows(database))
    out = capfd.readouterr().out
    assert "\x1b" not in out
    assert {len(line) for line in out.splitlines()[:-1]} <= set(range(PIPE + 1))
    assert any(len(line) == PIPE for line in out.splitlines())


def test_json_stays_json() -> None:
    """What is escaped is read back as it was; letters stand as they are."""
    value = {"title": f"Über {HOSTILE} 東京"}
    text = json_line(value)
    assert text.isprintable()
    assert "Über" in text
    assert json.loads(text) == value
