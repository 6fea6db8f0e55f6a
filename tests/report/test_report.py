"""The pages of the worked example: what they say is what the collection holds, and the same collection gives the same pages."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.index.database import Database
from archive.layout import Layout
from archive.model import Uri
from archive.outputs.report import Written, page_name, write
from archive.outputs.report.frame import POLICY
from archive.outputs.report.gather import Title, facts_of
from archive.outputs.report.sources import source_section
from archive.outputs.table import rows, summary
from spiders.cli import main
from tests.archive import index_samples as a
from tests.doors import Crawled
from tests.kept import files_of, record_at, select
from tests.report import hostile
from tests.report.test_markup import Read
from tests.weeks import TARGETS, Weeks


def written(collection: Path, into: Path, *, only: Collection[Uri] | None = None) -> Written:
    layout = Layout(collection)
    with Database.open_read_only(layout.database) as database:
        return write(layout, database, into=into, only=only)


@pytest.fixture(scope="module")
def report(example: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(example.collection, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def page(report: Written) -> str:
    (path,) = report.pages
    return path.read_text(encoding="utf-8")


def section(page: str, number: int) -> str:
    """The part of a page about one source."""
    return page.partition(f'<section id="source-{number}"')[2].partition("</section>")[0]


def test_the_crawl_has_written_the_same(example: Crawled, report: Written) -> None:
    """The crawl leaves in its collection, byte for byte, what the command makes of it later."""
    assert files_of(example.collection / "report") == files_of(report.front.parent)


def test_every_citation_is_in_its_place(example: Crawled, page: str) -> None:
    """Each citation has one mark in the text or below it, which leads to its source, and the source leads back."""
    with Database.open_read_only(Layout(example.collection).database) as database:
        found = rows(database)
        assert summary(found) in Read(page).text
    for row in found:
        assert page.count(f'id="cite-{row.ordinal}"') == 1
        assert page.count(f'id="source-{row.ordinal}"') == 1
        assert f'<a id="cite-{row.ordinal}" href="#source-{row.ordinal}"' in page
        own = section(page, row.ordinal)
        assert f'href="#cite-{row.ordinal}"' in own
        assert row.state in Read(own).text
        assert (row.next or "") in Read(own).text
        assert f'aria-label="citation {row.ordinal}: {row.state}"' in page


def test_the_text_is_that_of_the_article(example: Crawled, page: str) -> None:
    """The paragraphs, without the numbers of the citations, are the text that was extracted, letter by letter."""
    (row,) = select(
        example.collection,
        "SELECT r.file, r.offset, r.length FROM article a JOIN extraction e ON e.record_id = a.extraction_id"
        " JOIN record r ON r.record_id = e.text_id",
    )
    text = record_at(example.collection, *row).block.decode()
    prose = re.search(r'<div class="prose"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert prose
    bare = re.sub(r"<a id=.*?</a>", "", prose[1])
    paragraphs = [Read(one).text for one in re.findall(r"<p dir=\"auto\">(.*?)</p>", bare, re.DOTALL)]
    assert paragraphs == [line for line in text.split("\n") if line]


def test_a_source_leads_to_its_bytes(example: Crawled, page: str) -> None:
    """Title, text, times, digest and place of a source are those of its records, and so is the digest to check."""
    (row,) = select(example.collection, "SELECT * FROM provenance WHERE anchor = 'saying'")
    said = Read(section(page, row["ordinal"])).text
    (extraction,) = select(example.collection, "SELECT * FROM extraction WHERE record_id = ?", row["extraction_id"])
    assert extraction["title"] in said
    assert "four attacks" in said
    for fact in (row["file"], f"{row['offset']:,}", row["capture_id"], row["payload_digest"], row["ip_address"]):
        assert fact in said
    assert f"footnotary show {row['capture_id']} --raw | sha256sum" in said
    assert row["block_digest"].removeprefix("sha256:") in said


def test_the_check_that_is_shown_holds(
    example: Crawled, page: str, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    """Each command of a page gives bytes whose SHA-256 is the digest below it: those of the record, and of the payload."""
    command = r"footnotary show (urn:uuid:[0-9a-f-]+) --raw (?:\| tail -c ([0-9]+) )?\| sha256sum\n  ([0-9a-f]{64})"
    checks = set(re.findall(command, page))
    assert len([size for _, size, _ in checks if size]) > 10
    assert len([size for _, size, _ in checks if not size]) > 15
    for record_id, size, digest in checks:
        assert main(["show", record_id, "--raw", "--collection", str(example.collection)]) == 0
        out = capfdbinary.readouterr().out
        tail = out[len(out) - int(size) :] if size else out
        assert hashlib.sha256(tail).hexdigest() == digest
        assert digest in page.replace("sha256:", "")


def test_one_source_of_two_citations_is_shown_once(example: Crawled, page: str) -> None:
    """The second citation of a report leads to the first, which has the evidence."""
    (target,) = select(
        example.collection, "SELECT target FROM citation WHERE target IS NOT NULL GROUP BY target HAVING COUNT(*) > 1"
    )[0]
    first, second = (row[0] for row in select(example.collection, "SELECT ordinal FROM citation WHERE target = ?", target))
    assert f'href="#source-{first}"' in section(page, second)
    assert "Kept in" not in section(page, second)
    assert "Kept in" in section(page, first)


def test_nothing_can_run_or_be_fetched(report: Written, page: str) -> None:
    """No script, no picture, no style but the one whose digest the policy names, and no address of anything to load."""
    for document in (page, report.front.read_text(encoding="utf-8")):
        read = Read(document)
        assert not {"script", "img", "iframe", "object", "embed", "form", "base", "link"} & set(read.tags)
        assert not [name for name, _ in read.attributes if name.startswith("on") or name in {"style", "src", "srcset"}]
        assert ("content", POLICY) in read.attributes
        assert "default-src 'none'" in POLICY


def test_all_looks_at_a_source_are_listed(weeks: Weeks, tmp_path: Path) -> None:
    """After five crawls a source has five looks, the newest first, with what came of each; the bytes that are still the same
    are said to be those of the first."""
    report = written(weeks.collection, tmp_path)
    (page,) = (path.read_text(encoding="utf-8") for path in report.pages)
    numbers = {name: number for number, name in enumerate(TARGETS, 1)}
    shy = Read(section(page, numbers["shy"])).text
    assert "Looked at 5 times" in shy
    came = re.findall(r"UTC(HTTP 200, captured|HTTP 200, unchanged|robots: [^\d]*)", shy)
    assert [one.partition(":")[0] for one in came] == [
        "HTTP 200, unchanged",
        "robots",
        "robots",
        "HTTP 200, unchanged",
        "HTTP 200, captured",
    ]
    (first,) = select(
        weeks.collection, "SELECT file FROM capture WHERE uri = ? ORDER BY date LIMIT 1", "https://steady.example/long"
    )[0]
    steady = section(page, numbers["steady"])
    assert first in steady
    assert "unchanged: the bytes are those of" in steady


def test_looks_that_are_left_out_are_in_the_history(weeks: Weeks, capfd: pytest.CaptureFixture[str]) -> None:
    """Where a source has more looks than a page lists, the page counts the others and names the command that lists them all."""
    layout = Layout(weeks.collection)
    with Database.open_read_only(layout.database) as database:
        (article,) = database.articles()
        one = facts_of(layout.root, database, article).cited[0]
    few = replace(one, source=replace(one.source, sightings=one.source.sightings[:2], earlier=3))
    shown = source_section(few, title=Title(words="A source"))
    assert "Looked at 5 times" in shown
    assert "and 3 earlier" in shown
    what = re.search(r"footnotary history (\S+?)<", shown)
    assert what
    assert main(["history", what[1], "--collection", str(weeks.collection), "--format", "json"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 5
    assert "history" not in source_section(one, title=Title(words="A source"))


def test_a_damaged_text_is_said_and_the_rest_is_there(example: Crawled, tmp_path: Path) -> None:
    """Where derived/ can't be read, the page says so in its place, and the evidence of the sources is still there."""
    copy = Path(shutil.copytree(example.collection, tmp_path / "copy"))
    (file,) = (copy / "derived").glob("*.warc.gz")
    file.write_bytes(b"no gzip")
    report = written(copy, tmp_path / "report")
    (page,) = (path.read_text(encoding="utf-8") for path in report.pages)
    assert "its record can't be read: run footnotary verify" in Read(page).text
    assert page.count('id="cite-') == page.count('<section id="source-') == 30
    assert "Kept in" in page


def test_the_name_of_a_page_says_where_it_is_from() -> None:
    """Two articles never share a page, and one article keeps its page whatever its title becomes."""
    one, other = (a.article("x", uri=f"https://a.example/news/What-Now.html?id={n}") for n in (1, 2))
    assert page_name(one).startswith("what-now-")
    assert page_name(one) != page_name(other)
    assert page_name(one) == page_name(a.article("y", uri=one.uri, title="Another title"))
    assert page_name(a.article("z", uri="urn:sha256:abc")).startswith("article-")


def test_the_command_says_where_the_pages_are(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`footnotary report --output DIR` writes there, names each page with its title, and as JSON its counts too."""
    command = ["report", "--collection", str(example.collection), "--output", str(tmp_path / "out")]
    assert main(command) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[-1] == f"Open {tmp_path / 'out' / 'index.html'} in a browser"
    assert "The Ceasefire on the Sel" in said[0]
    assert main([*command, "--format", "json"]) == 0
    (one,) = (json.loads(line) for line in capfd.readouterr().out.splitlines())
    assert Path(one["path"]).is_file()
    assert sum(one["counts"].values()) == 30


def test_the_front_page_says_how_things_stand(report: Written, example: Crawled) -> None:
    """Title, address, when it was read, the counts, the end of the last run, and what needs a person with its next step."""
    said = Read(report.front.read_text(encoding="utf-8")).text
    (run,) = select(example.collection, "SELECT ended_at, reason FROM run")
    assert f"Last runended {run['ended_at'][:16].replace('T', ' ')} UTC ({run['reason']})" in said
    with Database.open_read_only(Layout(example.collection).database) as database:
        (article,), found = database.articles(), rows(database)
    for fact in (article.title, article.uri, f"read {article.date:%Y-%m-%d %H:%M} UTC; 9 need a person"):
        assert fact is not None
        assert fact in said
    for row in found:
        assert (row.next or "") in said


def test_only_some_pages_are_written_anew(tmp_path: Path) -> None:
    """Those of the articles that are named; the front page is over all of them each time, and leads to every page."""
    collection = hostile.make(tmp_path / "c")
    everything = written(collection, tmp_path / "out")
    before = files_of(tmp_path / "out")
    for path in everything.pages:
        path.write_text("an earlier page")
    some = written(collection, tmp_path / "out", only=[Uri("https://magazine.example/bare")])
    assert [path.name.rpartition("-")[0] for path in some.pages] == ["bare"]
    after = files_of(tmp_path / "out")
    assert {name for name in before if before[name] == after[name]} == {some.pages[0].name, "index.html"}
    assert {path.name for path in everything.pages} == after.keys() - {"index.html"}


def test_a_damaged_index_is_not_taken_for_a_full_folder(
    example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where the collection can't be read, the sentence says so, and sends nobody to another folder."""
    copy = Path(shutil.copytree(example.collection, tmp_path / "copy"))
    with closing(sqlite3.connect(copy / "index.sqlite")) as index, index:
        index.execute("UPDATE capture SET date = 'never'")
    assert main(["report", "--collection", str(copy)]) == 2
    said = capfd.readouterr().err
    assert "run `footnotary reindex`" in said
    assert "--output" not in said


def test_a_text_without_its_record_is_said(example: Crawled, tmp_path: Path) -> None:
    """A text that the index does not know any more is said to be missing."""
    copy = Path(shutil.copytree(example.collection, tmp_path / "copy"))
    with closing(sqlite3.connect(copy / "index.sqlite")) as index, index:
        index.execute("DELETE FROM record WHERE type = 'conversion'")
    (path,) = written(copy, tmp_path / "report").pages
    said = Read(path.read_text(encoding="utf-8")).text
    assert "The article has no text that could be shown: its record can't be read: run footnotary verify." in said


def test_a_place_that_can_not_be_written_is_one_sentence(
    example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and what to do."""
    (tmp_path / "file").write_text("x")
    assert main(["report", "--collection", str(example.collection), "--output", str(tmp_path / "file")]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "name another folder with --output DIR" in said
