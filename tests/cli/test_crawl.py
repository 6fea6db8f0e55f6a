"""`footnotary crawl` for a person: in an empty folder, on a terminal, in a pipe."""

from __future__ import annotations

import json
from pathlib import Path

from archive.layout import Layout
from tests.doors import ROOT, footnotary
from tests.terminal import on_terminal

NOTE = "# What the note says\n\nThe paper [says](#) so, and it says more.\n"


def test_in_an_empty_folder(tmp_path: Path) -> None:
    """Without a configuration the collection is named after title and day, and the crawl says where it is and what comes next;
    the same again goes on in it, and another article of the same title begins its own."""
    (tmp_path / "draft-7.md").write_text(NOTE)
    first = footnotary("crawl", "draft-7.md", cwd=tmp_path, fence="sealed")
    assert (first.code, first.err) == (0, "")
    (root,) = (tmp_path / "collections").iterdir()
    assert root.name.startswith("what-the-note-says-20")
    assert Layout(root).read_identity().title == "What the note says"
    said = first.out.splitlines()
    at = said.index(f"Kept in collections/{root.name}")
    assert said[at + 1].startswith(f"Report  collections/{root.name}/report/index.html ")
    assert [line.split("  ")[1] for line in said[at + 3 :]] == [
        "footnotary show NUMBER",
        "footnotary verify",
        "footnotary crawl draft-7.md",
        "footnotary init --article draft-7.md",
    ]
    assert (root / "report" / "index.html").is_file()
    again = footnotary("crawl", "draft-7.md", cwd=tmp_path, fence="sealed")
    assert (again.code, again.out, again.err) == (0, "", "")
    assert list((tmp_path / "collections").iterdir()) == [root]
    (tmp_path / "draft-8.md").write_text(NOTE + "\nAnd [a third](#).\n")
    other = footnotary("crawl", "draft-8.md", cwd=tmp_path, fence="sealed")
    assert f"Kept in collections/{root.name}-2\n" in other.out
    assert f"footnotary verify --collection collections/{root.name}-2 " in other.out
    unclear = footnotary("citations", cwd=tmp_path, fence="sealed")
    assert unclear.code == 2
    assert unclear.err.startswith("there are several collections here, name one with --collection: ")


def test_rows_as_json(tmp_path: Path) -> None:
    """`--format json` prints the rows of this run, all of them in every run, and nothing else."""
    (tmp_path / "a.md").write_text(NOTE)
    command = ("crawl", "a.md", "--collection", "c", "--format", "json")
    first = footnotary(*command, cwd=tmp_path, fence="sealed")
    assert [(row["anchor"], row["state"]) for row in first.rows] == [("says", "no link")]
    assert [json.loads(line) for line in footnotary(*command, cwd=tmp_path, fence="sealed").out.splitlines()] == first.rows


def test_on_a_terminal(tmp_path: Path) -> None:
    """While it runs one line says how far it is, and no log; then the table, in colour, and where to look. The line is gone
    at the end, also where the same is printed to a terminal without colour."""
    command = ("spiders.cli", "crawl", "--config", str(ROOT / "sources.yml"), "--collection", str(tmp_path / "c"))
    told = on_terminal(*command, cwd=tmp_path, columns=160)
    assert told.code == 0
    assert " of 28 sources · " in told.text
    assert "waiting for " in told.text
    assert "INFO" not in told.text
    assert "\x1b[32mkept" in told.raw
    assert told.raw.index("\x1b[?25h") < told.raw.index("30 citations: ")  # the cursor is back
    assert f"Kept in {tmp_path / 'c'}" in told.text or "Kept in c" in told.text
    (tmp_path / "a.md").write_text(NOTE)
    bare = on_terminal("spiders.cli", "crawl", "a.md", cwd=tmp_path, columns=160, fence="sealed", NO_COLOR="1", TERM="dumb")
    assert "1 citations: 1 no link" in bare.text
    assert "\x1b" not in bare.raw
