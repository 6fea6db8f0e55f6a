"""footnotary's commands, each as a user types it, over one crawl of the worked example."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.layout import Layout
from archive.model import Capture
from archive.outputs.table import COLUMNS
from spiders.cli import SUBCOMMANDS, main
from tests.archive import living
from tests.doors import ROOT, Crawled, footnotary, rows_of
from tests.kept import record_at

HEAVY = ("scrapy", "twisted", "trafilatura", "lxml", "pypdfium2", "cryptography", "warcio", "rich", "yaml")


@pytest.fixture
def here(example: Crawled) -> list[str]:
    """The option that names the crawl."""
    return ["--collection", str(example.collection)]


def said(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; exit code, output, errors."""
    code = main(arguments)
    out, err = capfd.readouterr()
    return code, out, err


def test_help_imports_nothing_heavy() -> None:
    """`footnotary --help` names every command and loads no crawler, extractor or table."""
    script = (
        "import sys; from spiders.cli import parser; text = parser().format_help(); "
        f"print(text); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(subcommand.name in done.stdout for subcommand in SUBCOMMANDS)


@pytest.mark.parametrize("arguments", [("citations",), ("show", "1"), ("verify", "--format", "json")])
def test_a_reader_that_has_seen_enough_is_no_error(here: list[str], arguments: tuple[str, ...]) -> None:
    """`footnotary … | head -1`: nothing on standard error, and exit code 0, however little is printed."""
    command = [sys.executable, "-m", "spiders.cli", *arguments, *here]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")


def test_citations_as_json_csv_and_table_say_the_same(here: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """The three forms have the same citations in the same order, the first two with all columns of the design."""
    _, lines, _ = said(capfd, "citations", *here, "--format", "json")
    rows = [json.loads(line) for line in lines.splitlines()]
    _, text, _ = said(capfd, "citations", *here, "--format", "csv")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [tuple(row) for row in rows] == [COLUMNS] * len(rows)
    assert [(row["ordinal"], row["anchor"], row["state"]) for row in rows] == [
        (int(row["ordinal"]), row["anchor"], row["state"]) for row in table
    ]
    code, shown, _ = said(capfd, "citations", *here)
    assert code == 0
    assert "military statement" in shown
    assert "intelligence estimate" in shown
    assert shown.splitlines()[-1].startswith(f"{len(rows)} citations: ")


def test_yaml_is_a_block_to_fill_in(here: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """A lost target gives an entry that is a comment until somebody knows the target, below its sentence."""
    _, text, _ = said(capfd, "citations", *here, "--format", "yaml")
    lines = text.splitlines()
    assert lines[:2] == ["# https://magazine.example/opinion/2023/09/02/ceasefire-on-the-sel", "citations:"]
    entries = [line for line in lines if "ordinal:" in line]
    assert len(entries) == 1
    assert entries[0].startswith("  # - {ordinal: ")


def test_show_a_number_a_uri_and_a_record(example: Crawled, here: list[str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Each of the three ways leads to the same capture, and to the bytes that lie at its place."""
    number = next(row["ordinal"] for row in rows_of(example.collection) if row["kind"] == "military statement")
    assert main(["show", str(number), *here, "--format", "json"]) == 0
    facts = json.loads(capfdbinary.readouterr().out)
    record = record_at(example.collection, facts["file"], facts["offset"], facts["length"])
    for what in (str(number), facts["capture_uri"], facts["capture_id"]):
        assert main(["show", what, *here]) == 0
        assert facts["capture_id"].encode() in capfdbinary.readouterr().out
        assert main(["show", what, *here, "--raw"]) == 0
        assert capfdbinary.readouterr().out == record.block


def test_show_raw_of_a_revisit_is_its_own_message(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A revisit is shown with the head that came with it and the body of its original: the whole message, as it passed."""
    first = living.answer(b"the same words", more=b"Date: Monday\r\n")
    again = living.answer(b"the same words", more=b"Date: Tuesday\r\n")
    with living.running(tmp_path / "c") as collection:
        collection.append(living.page(1, first)).result()
        assert collection.append(living.page(1, again)).result().type == "revisit"
    assert main(["show", "http://a.example/1", "--collection", str(tmp_path / "c"), "--raw"]) == 0
    assert capfdbinary.readouterr().out == again


def test_show_a_failure_says_why(example: Crawled, here: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """A target that robots.txt refuses has a record that says so, found by its URI."""
    refused = next(row["target"] for row in rows_of(example.collection) if row["outcome"] == "robots")
    code, out, _ = said(capfd, "show", refused, *here)
    assert code == 0
    assert "robots" in out


@pytest.mark.parametrize("what", ["999", "https://nowhere.example/", "urn:uuid:00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("raw", [[], ["--raw"]])
def test_show_nothing_is_one_sentence(here: list[str], capfd: pytest.CaptureFixture[str], what: str, raw: list[str]) -> None:
    """What the collection does not know is exit code 2 and one sentence that names it."""
    code, out, err = said(capfd, "show", what, *here, *raw)
    assert (code, out) == (2, "")
    hint = ": https://magazine.example/opinion/2023/09/02/ceasefire-on-the-sel has 30 citations" if what == "999" else ""
    assert err == f"{what} is not in the collection{hint}\n"


def test_verify_is_content_with_a_crawl_and_not_with_a_cut_one(
    example: Crawled, here: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """0 and one line for the crawl; 1 and findings with file and offset, also as JSON Lines, once a file is cut."""
    code, out, _ = said(capfd, "verify", *here)
    assert code == 0
    assert out.rstrip().endswith("0 errors, 0 warnings")
    copy = Path(shutil.copytree(example.collection, tmp_path / "copy"))
    (file,) = (copy / "archive").glob("*.warc.gz")
    file.write_bytes(file.read_bytes()[:-7])
    code, out, _ = said(capfd, "verify", "--collection", str(copy), "--format", "json")
    findings = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert any(f["file"] == f"archive/{file.name}" and f["offset"] > 0 and f["check"] == "readable" for f in findings)
    code, out, _ = said(capfd, "verify", str(file))
    assert (code, "1 errors" in out) == (1, True)


def test_verify_a_truncated_member_of_somebody_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A WARC file of anybody that ends inside a gzip member is an error and never fine."""
    record = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(gzip.compress(record)[:-4])
    code, out, _ = said(capfd, "verify", str(path))
    assert code == 1
    assert "cut.warc.gz at byte 0" in out


def test_reindex_builds_the_same_indexes(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """After both indexes are gone, `reindex` gives a CDXJ of the same bytes and a database of the same content."""
    copy = Path(shutil.copytree(example.collection, tmp_path / "copy"))
    layout = Layout(copy)
    layout.database.unlink()
    layout.cdxj.unlink()
    code, out, _ = said(capfd, "reindex", "--collection", str(copy))
    assert code == 0
    assert "index.sqlite" in out
    assert living.cdxj(copy) == living.cdxj(example.collection)
    assert living.dump(copy) == living.dump(example.collection)


def test_repair_mends_what_was_cut_off(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file that is open and torn is whole afterwards, says what was left out, and verify finds nothing."""
    copy = Path(shutil.copytree(example.collection, tmp_path / "copy"))
    (file,) = (copy / "archive").glob("*.warc.gz")
    torn = file.with_name(file.name + ".open")
    file.rename(torn)
    torn.write_bytes(torn.read_bytes() + b"\x1f\x8b\x08torn")
    code, out, _ = said(capfd, "repair", "--collection", str(copy))
    assert code == 0
    assert "7 torn bytes at its end were left out" in out
    assert main(["verify", "--collection", str(copy)]) == 0
    assert len(living.indexed(copy, Capture)) == len(living.indexed(example.collection, Capture))


def test_read_gives_one_object_a_file(tmp_path: Path) -> None:
    """HTML, gzipped HTML and a picture: text and links with places for two, the reason for the third, and exit code 1."""
    page = b"<html><head><title>A title</title></head><body><article><h1>A title</h1>" + b"".join(
        b"<p>Paragraph %d of an article says that <a href='https://a.example/%d'>a source</a> says something else.</p>" % (n, n)
        for n in range(8)
    )
    (tmp_path / "page.html").write_bytes(page)
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(page))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    names = ["page.html", "page.html.gz", "picture.png"]
    ended = footnotary("read", *names, "--url", "https://m.example/", cwd=tmp_path, fence="sealed")
    plain, gzipped, picture = ended.rows
    assert ended.code == 1
    assert [one["file"] for one in ended.rows] == names
    assert {**plain, "file": ""} == {**gzipped, "file": ""}
    assert plain["title"] == "A title"
    assert [link["href"] for link in plain["links"]] == [f"https://a.example/{n}" for n in range(8)]
    for link in plain["links"]:
        assert plain["text"][link["start"] : link["end"]] == link["anchor"] == "a source"
        assert link["context"] == "body"
    assert (picture["text"], picture["unreadable"]) == (None, "image/png is not a type that is read")


def test_read_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    """A file that is not there is exit code 2, its name and no traceback."""
    ended = footnotary("read", "none.html", cwd=tmp_path, fence="sealed")
    assert (ended.code, ended.out, ended.err) == (2, "", "none.html can't be read: No such file or directory\n")


@pytest.mark.parametrize("command", ["citations", "verify", "reindex", "repair", "show"])
def test_a_folder_that_is_no_collection_is_one_sentence(
    command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each command says of a folder without a collection that it is none, and writes nothing into it."""
    more = ["1"] if command == "show" else []
    code, out, err = said(capfd, command, *more, "--collection", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == f"{tmp_path} is not a collection: it has no collection.yml\n"
    assert list(tmp_path.iterdir()) == []
