"""Article in, its sources asked for: articles of every form, each target once, curator's knowledge, nothing of the machine."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from spiders.example.answers import ByTarget, Static
from tests.doors import Ended, Rows, feed, footnotary, rows_of, scrapy
from tests.kept import Record, record_at, records_of, select
from tests.world import World, citing, source

TWIN = Path(__file__).parents[1] / "reading" / "data" / "twin.txt"
SEED = Path(__file__).parents[2].parent / "shared" / "seed" / "article.txt"
ONLINE = "https://paper.example/online,with?commas=1,2"
SAVED = "https://paper.example/saved"
PACKED = "https://facts.example/packed"
STATEMENT = "https://command.example/transcripts/1"

A, B = "https://facts.example/page?a=1&b=2", "https://facts.example/page?b=2&a=1"
TEXT_FRAGMENT = "https://facts.example/quoted#:~:text=stands%20here"
MARKDOWN = f"""# Markdown

They say that [facts in order]({A}) have it so, and nobody doubts what they say about it.

They say that [a lost one](#) has it so, and nobody doubts what it says about it, nor [this one]({TEXT_FRAGMENT}).
"""

CITED_ONLINE = [
    ("first", A),
    ("second", B),
    ("first again", A),
    ("short one", "https://short.example/1"),
    ("short two", "https://short.example/2"),
    ("fragment", "https://facts.example/sections#two"),
    ("another fragment", "https://facts.example/sections#three"),
    ("banner", "https://cheap.ads.example/1"),
    ("no port", "https://facts.example:0/page"),
]

HOSTS = {
    "paper.example": ByTarget(
        answers={
            "/online,with?commas=1,2": Static(body=citing("Online", CITED_ONLINE)),
        }
    ),
    "facts.example": ByTarget(
        answers={path: source(path) for path in ("/page", "/quoted", "/sections", "/final", "/saved")},
    ),
    "short.example": ByTarget(
        answers={f"/{number}": Static(status=302, headers=(("Location", "https://facts.example/final"),)) for number in (1, 2)}
    ),
    "command.example": ByTarget(answers={"/transcripts/1": source("The words of the general")}),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.serving(tmp_path_factory.mktemp("sources"), HOSTS) as web:
        yield web


@pytest.fixture(scope="module")
def files(world: World) -> dict[str, Path]:
    """Local articles of several forms, in a folder whose name must not be in any record."""
    folder = world.folder / "drafts-of-a-secret-folder"
    folder.mkdir()
    contents = {
        "saved, with a comma.html": citing("Saved", [("kept fact", "https://facts.example/saved"), ("first", A)]),
        "packed.html.gz": gzip.compress(citing("Packed", [("relative", "/sections"), ("lost", "")]), mtime=0),
        "notes.md": MARKDOWN.encode(),
        "plain.txt": MARKDOWN.replace("# Markdown", "Plain words").encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


@pytest.fixture(scope="module")
def mixed(world: World, files: dict[str, Path]) -> Ended:
    """One crawl of a URL, two saved pages, Markdown and plain text."""
    articles = [
        {"url": ONLINE},
        {"file": str(files["saved, with a comma.html"]), "url": SAVED},
        {"file": str(files["packed.html.gz"]), "url": PACKED},
        {"file": str(files["notes.md"])},
        {"file": str(files["plain.txt"])},
    ]
    file = world.config("mixed", articles=articles, sources={"skip": ["*.ads.example"]})
    return scrapy("-a", f"config={file}", "-o", str(world.folder / "mixed.jsonl"))


@pytest.fixture(scope="module")
def rows(mixed: Ended, world: World) -> Rows:
    assert (mixed.code, mixed.err) == (0, "")
    return feed(world.folder / "mixed.jsonl")


def urn(path: Path) -> str:
    return "urn:sha256:" + sha256(path.read_bytes()).hexdigest()


def test_articles_of_every_form_are_read(rows: Rows, files: dict[str, Path]) -> None:
    """A URL with commas, a saved page, a gzipped one, Markdown and text; in the order of the configuration."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["article"], []).append(row["anchor"])
    assert list(found.items()) == [
        (ONLINE, [anchor for anchor, _ in CITED_ONLINE]),
        (SAVED, ["kept fact", "first"]),
        (PACKED, ["relative", "lost"]),
        (urn(files["notes.md"]), ["facts in order", "a lost one", "this one"]),
        (urn(files["plain.txt"]), ["facts in order", "a lost one", "this one"]),
    ]
    assert all(row["sentence"] for row in rows)


def test_every_citation_is_captured_or_lost(rows: Rows) -> None:
    """What has a target came; what has none is `no target`."""
    asked = [row for row in rows if row["target"] and row["anchor"] not in {"banner", "no port"}]
    assert {(row["outcome"], row["http"]) for row in asked} == {("captured", 200)}
    assert {(row["anchor"], row["outcome"]) for row in rows if not row["target"]} == {
        ("lost", "no target"),
        ("a lost one", "no target"),
    }


def test_what_is_left_out_has_an_attempt_too(rows: Rows, world: World) -> None:
    """A rule of the configuration and a URL that can't be asked for are `skipped`, each with its own next step."""
    found = {row["anchor"]: (row["outcome"], row["next"]) for row in rows if row["outcome"] == "skipped"}
    assert found == {
        "banner": ("skipped", "a rule leaves it out: change sources.skip to fetch it"),
        "no port": ("skipped", "the link is not a URL that can be asked for: give the right one under citations:"),
    }
    assert world.asked("cheap.ads.example") == []


def test_each_target_is_asked_for_once(rows: Rows, world: World) -> None:
    """Cited in several articles or several times, a target is one request; parameters in another order are another target."""
    asked = world.asked("facts.example")
    assert sorted(asked) == sorted(["/page?a=1&b=2", "/page?b=2&a=1", "/quoted", "/sections", "/saved", "/final", "/final"])
    assert {row["target"] for row in rows if row["http"] and "/page?" in row["target"]} == {A, B}
    captures = select(world.collection("mixed"), "SELECT DISTINCT capture_id FROM provenance WHERE target = ?", A)
    assert len(captures) == 1
    assert len([row for row in rows if row["target"] == A]) == 5


def test_two_sources_that_redirect_to_one_page_are_two_attempts(rows: Rows, world: World) -> None:
    """Neither is lost to the other: each has its own two hops and its own capture of the page."""
    found = select(
        world.collection("mixed"), "SELECT hops, outcome, capture_id FROM provenance WHERE target LIKE '%short.example%'"
    )
    assert [row["outcome"] for row in found] == ["captured", "captured"]
    assert len({row["capture_id"] for row in found}) == 2
    for row in found:
        assert [hop["status"] for hop in json.loads(row["hops"])] == [302, 200]


def test_fragments_stay_in_the_citation(rows: Rows, world: World) -> None:
    """The href keeps its fragment, the target has none, and the server never sees it; two fragments are one target."""
    hrefs = {row["href"] for row in rows if "#" in row["href"] and row["target"]}
    assert hrefs == {TEXT_FRAGMENT, "https://facts.example/sections#two", "https://facts.example/sections#three"}
    assert not any("#" in row["target"] for row in rows if row["target"])
    assert not any("#" in asked.target or b"#" in asked.raw for asked in world.web.asked)


def resources(world: World, name: str, uri: str) -> list[Record]:
    found = select(world.collection(name), "SELECT * FROM capture WHERE type = 'resource' AND uri = ?", uri)
    return [record_at(world.collection(name), row["file"], row["offset"], row["length"]) for row in found]


@pytest.mark.parametrize(
    ("file", "uri", "media_type"),
    [
        ("saved, with a comma.html", SAVED, "text/html"),
        ("packed.html.gz", PACKED, "application/gzip"),
        ("notes.md", None, "text/markdown"),
        ("plain.txt", None, "text/plain"),
    ],
)
def test_a_file_is_kept_with_its_very_bytes(
    rows: Rows, world: World, files: dict[str, Path], file: str, uri: str | None, media_type: str
) -> None:
    """A local article is a resource record: its bytes as they lie on the disk, its URI where it was published or its digest."""
    (record,) = resources(world, "mixed", uri or urn(files[file]))
    assert record.block == files[file].read_bytes()
    assert (record.get("WARC-Type"), record.get("Content-Type")) == ("resource", media_type)


def test_no_path_of_the_machine_is_in_any_record(rows: Rows, world: World, files: dict[str, Path]) -> None:
    """Not even in the configuration that is kept: the folder of the drafts is named nowhere."""
    for record in records_of(world.collection("mixed")):
        for path in (str(world.folder), "drafts-of-a-secret-folder"):
            assert path.encode() not in record.head + record.block


def test_relative_links_of_a_saved_page_lead_to_its_site(rows: Rows) -> None:
    """The published URL is what a link of a file is relative to."""
    (row,) = [row for row in rows if row["anchor"] == "relative"]
    assert row["target"] == "https://facts.example/sections"
    assert row["kind"] == "own site"


# Without a configuration


def test_an_argument_names_one_article_commas_and_all(world: World, tmp_path: Path) -> None:
    """`-a article=FILE` is one file, however many commas are in its name."""
    file = tmp_path / "one, two, three.md"
    file.write_text("The [only one](#) that this article cites was lost when it was copied.\n")
    ended = scrapy("-a", f"article={file}", "-a", f"collection={tmp_path / 'kept'}", fence="sealed")
    assert (ended.code, ended.err) == (0, "")
    assert [(row["article"], row["outcome"]) for row in rows_of(tmp_path / "kept")] == [(urn(file), "no target")]


def test_a_person_names_several_articles_in_any_directory(tmp_path: Path) -> None:
    """`footnotary crawl A B C` needs no configuration: it makes a collection below the directory it is started in."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(f"What [link {name}](#) said is lost, and so is what came after it.\n")
    ended = footnotary("crawl", "a.txt", "b.txt", "c.txt", cwd=tmp_path, fence="sealed")
    assert (ended.code, ended.err) == (0, "")
    (collection,) = (tmp_path / "collections").iterdir()
    assert str(collection.relative_to(tmp_path)) in ended.out
    assert "3 citations: 3 no link" in ended.out
    assert [row["anchor"] for row in rows_of(collection)] == ["link a", "link b", "link c"]


# An article whose targets are all lost


def lost(ended: Ended, collection: Path) -> Rows:
    assert (ended.code, ended.err) == (0, "")
    rows = rows_of(collection)
    assert [row["ordinal"] for row in rows] == list(range(1, 20))
    assert {(row["context"], row["href"], row["target"], row["outcome"], row["state"]) for row in rows} == {
        ("body", "#", None, "no target", "no link")
    }
    assert all(row["anchor"] in row["sentence"] for row in rows)
    return rows


def kinds(rows: Rows) -> dict[int, str]:
    return {row["ordinal"]: row["kind"] for row in rows if row["kind"] != "web"}


KINDS = {11: "intelligence estimate", 15: "military statement", 16: "military statement"}


def test_an_article_that_lost_all_its_targets(world: World, tmp_path: Path) -> None:
    """The twin of the seed: 19 citations of its body, none of its 16 footer links, kinds from words, no network touched."""
    ended = scrapy("-a", f"article={TWIN}", "-a", f"collection={tmp_path / 'twin'}", fence="sealed")
    assert kinds(lost(ended, tmp_path / "twin")) == KINDS


@pytest.mark.skipif(not SEED.is_file(), reason="the seed lies beside the project")
def test_the_seed_article(tmp_path: Path) -> None:
    """The same of the article that all of this began with."""
    ended = scrapy("-a", f"article={SEED}", "-a", f"collection={tmp_path / 'seed'}", fence="sealed")
    rows = lost(ended, tmp_path / "seed")
    assert kinds(rows) == KINDS
    assert rows[10]["anchor"] == "intelligence estimates earlier this year suggested"
    assert rows[14]["anchor"] == "According to the head of U.S. Central Command"
    assert rows[15]["anchor"] == "saying"


def test_what_a_curator_knows_is_fetched(world: World) -> None:
    """An entry for `saying` gives that citation its target, which is fetched; the others stay without one."""
    articles = [{"file": str(TWIN), "citations": [{"anchor": "saying", "url": STATEMENT + "#words"}]}]
    ended = scrapy("-a", f"config={world.config('curated', articles=articles)}")
    assert (ended.code, ended.err) == (0, "")
    rows = rows_of(world.collection("curated"))
    assert [row["ordinal"] for row in rows if row["outcome"] != "no target"] == [16]
    row = rows[15]
    assert (row["anchor"], row["href"], row["target"], row["target_from"]) == ("saying", "#", STATEMENT, "curator")
    assert (row["outcome"], row["state"], row["kind"]) == ("captured", "kept", "military statement")
    assert world.asked("command.example") == ["/transcripts/1"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"anchor": "nobody said this", "url": STATEMENT}, ["matches no citation", "  1  [", " 19  [", "[saying]"]),
        ({"ordinal": 20, "url": STATEMENT}, ["with ordinal 20 matches no citation", " 19  ["]),
    ],
)
def test_what_a_curator_has_wrong_is_an_error(world: World, entry: dict[str, object], said: list[str]) -> None:
    """An entry that fits no citation ends the run with 2 and the list of those that there are, and nothing is fetched."""
    before = len(world.web.asked)
    file = world.config("wrong", articles=[{"file": str(TWIN), "citations": [entry]}])
    ended = scrapy("-a", f"config={file}")
    assert ended.code == 2
    assert all(words in ended.err for words in said)
    assert ended.err.startswith(f"{file}, line ")
    assert len(world.web.asked) == before
