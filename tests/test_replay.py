"""Replay: the same crawl from the archive alone, moved to another folder, read-only, with no socket and no name look-up.

Every process here runs behind a fence that lets no socket of the network connect, listen, bind or send and no name be looked
up (tests/fence); what is refused would fail the test even where the crawl takes it for an answer.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.example.answers import ByTarget, Static
from spiders.example.web import ARTICLE
from tests.doors import Crawled, Ended, feed, footnotary, start, start_footnotary, start_scrapy, together
from tests.kept import files_of, select
from tests.weeks import Weeks
from tests.world import World, citing

SEALED = "sealed"


def moved(collection: Path, folder: Path) -> Path:
    """A copy of a collection somewhere else, without the right to write to anything in it."""
    copy = folder / "media" / collection.name
    shutil.copytree(collection, copy)
    for path in (copy, *copy.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    return copy


@pytest.fixture(scope="module")
def copy(example: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moved(example.collection, tmp_path_factory.mktemp("moved"))


@pytest.fixture(scope="module")
def archive(weeks: Weeks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moved(weeks.collection, tmp_path_factory.mktemp("weekly"))


@pytest.fixture(autouse=True)
def _untouched(copy: Path, archive: Path) -> Iterator[None]:
    """Whatever a test here does, no file of the collections is written, made, renamed or taken away."""
    before = files_of(copy), files_of(archive)
    yield
    assert (files_of(copy), files_of(archive)) == before


def fine(*ended: Ended) -> None:
    assert [(each.code, each.err) for each in ended] == [(0, "")] * len(ended)


def test_a_replay_gives_the_rows_of_the_crawl_twice(example: Crawled, copy: Path, tmp_path: Path) -> None:
    """Both feeds of two replays are those of the crawl, byte for byte: the same captures, refusals and failures."""
    replay = ("-a", f"collection={copy}", "-a", "replay=latest")
    fine(
        *together(
            *(
                start_scrapy(*replay, "-o", f"{tmp_path / run}.jsonl", "-o", f"{tmp_path / run}.csv", fence=SEALED)
                for run in ("one", "two")
            )
        )
    )
    for kind in ("jsonl", "csv"):
        rows = (example.folder / f"rows.{kind}").read_bytes()
        assert len(rows) > 10_000
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes() == rows


def test_the_other_door_gives_the_table_of_the_crawl(copy: Path) -> None:
    """`footnotary crawl --replay latest` prints, twice alike, what `footnotary citations` prints of the crawl."""
    replay = ("crawl", "--replay", "latest", "--collection", str(copy))
    one, two = together(start_footnotary(*replay, fence=SEALED), start_footnotary(*replay, fence=SEALED))
    fine(one, two)
    said = footnotary("citations", "--collection", str(copy), fence=SEALED)
    assert one.out == two.out == said.out
    assert "citations: " in one.out


def test_a_replay_needs_no_index(example: Crawled, copy: Path, tmp_path: Path) -> None:
    """Without index.sqlite the answers come from the WARC files, and they are the same."""
    bare = tmp_path / "bare"
    shutil.copytree(copy, bare, ignore=shutil.ignore_patterns("index.sqlite", "indexes"))
    bare.chmod(0o755)
    rows = tmp_path / "rows.jsonl"
    fine(start_scrapy("-a", f"collection={bare}", "-a", "replay=latest", "-o", str(rows), fence=SEALED).ended())
    assert rows.read_bytes() == (example.folder / "rows.jsonl").read_bytes()
    assert not (bare / "index.sqlite").exists()


def test_a_replay_of_each_week_gives_that_week(weeks: Weeks, archive: Path, tmp_path: Path) -> None:
    """With a datetime the answers are those that stood then: what was kept, what was refused and what failed."""
    running = [
        start_scrapy(
            *("-a", f"config={weeks.config}", "-a", f"collection={archive}", "-a", f"replay={week.after.isoformat()}"),
            *("-o", f"{tmp_path / str(number)}.jsonl"),
            fence=SEALED,
        )
        for number, week in enumerate(weeks.each)
    ]
    fine(*together(*running))
    for number, week in enumerate(weeks.each):
        assert feed(tmp_path / f"{number}.jsonl") == week.rows


def test_the_latest_replay_is_of_the_last_run(weeks: Weeks, archive: Path, tmp_path: Path) -> None:
    """`latest` answers with what was met last, a failure as well as a page."""
    rows = tmp_path / "rows.jsonl"
    latest = ("-a", f"config={weeks.config}", "-a", f"collection={archive}", "-a", "replay=latest", "-o", str(rows))
    fine(start_scrapy(*latest, fence=SEALED).ended())
    found = {row["anchor"]: (row["outcome"], row["http"]) for row in feed(rows)}
    assert found == weeks.each[2].outcomes() | {
        "edited": ("unchanged", 200),
        "gone": ("unchanged", 404),
        "shy": ("unchanged", 200),
    }


def test_a_replay_from_before_the_first_run_has_no_article(weeks: Weeks, archive: Path) -> None:
    """An article that was not archived then is a sentence, and the exit code is 2."""
    then = ("-a", f"config={weeks.config}", "-a", f"collection={archive}", "-a", "replay=2001-01-01")
    ended = start_scrapy(*then, fence=SEALED).ended()
    assert (ended.code, ended.err) == (2, "https://paper.example/weekly did not come: the collection holds nothing for it\n")


def test_what_was_never_met_is_not_archived(copy: Path, tmp_path: Path) -> None:
    """A target that the crawl did not know is `not archived`, without a status; and no delay is kept where nobody is asked."""
    config = json.dumps(
        {
            "collection": str(copy),
            "articles": [
                {"url": ARTICLE, "citations": [{"anchor": "a toll on fuel", "url": "https://wire.example/never-asked-for"}]}
            ],
            "limits": {"delay": "60 s"},
        }
    )
    (tmp_path / "sources.yml").write_text(config)
    began = time.monotonic()
    rows = tmp_path / "rows.jsonl"
    fine(
        start_scrapy(
            *("-a", f"config={tmp_path / 'sources.yml'}", "-a", "replay=latest", "-o", str(rows)), fence=SEALED
        ).ended()
    )
    assert time.monotonic() - began < 30
    (row,) = [row for row in feed(rows) if row["anchor"] == "a toll on fuel"]
    assert (row["outcome"], row["http"], row["captured_at"], row["state"]) == ("not archived", None, None, "not kept")
    assert row["next"]


def test_a_file_that_was_never_kept_is_no_article_of_a_replay(copy: Path, tmp_path: Path) -> None:
    """A local file is found in the collection by its bytes, or not at all: a replay keeps nothing."""
    (tmp_path / "new.md").write_text("This [is](#) new.\n")
    named = ("-a", f"article={tmp_path / 'new.md'}", "-a", f"collection={copy}", "-a", "replay=latest")
    ended = start_scrapy(*named, fence=SEALED).ended()
    assert ended.code == 2
    assert ended.err.startswith(f"{tmp_path / 'new.md'}: urn:sha256:")
    assert "is not in the collection" in ended.err


def test_a_file_is_found_by_its_bytes(tmp_path: Path) -> None:
    """An article that was crawled from a file is replayed from it, wherever collection and file lie now."""
    (tmp_path / "draft.md").write_text("This [one](#) is lost, and that is what this article is about.\n")
    crawl = footnotary("crawl", "draft.md", "--collection", "kept", cwd=tmp_path, fence=SEALED)
    assert (crawl.code, crawl.err) == (0, "")
    copy = moved(tmp_path / "kept", tmp_path)
    (tmp_path / "draft.md").rename(tmp_path / "renamed.md")
    before = files_of(copy)
    again = footnotary("crawl", "renamed.md", "--collection", str(copy), "--replay", "latest", cwd=tmp_path, fence=SEALED)
    fine(again)
    assert "1 no link" in again.out
    assert files_of(copy) == before


def test_each_answer_is_the_one_of_its_own_way(tmp_path: Path) -> None:
    """An article that cites itself and its old address, which is an article as well: one page met on four ways in one run,
    and each citation gets the capture of its own."""
    links = [("itself", "https://paper.example/new"), ("its old address", "https://paper.example/old")]
    moved_to = Static(status=301, headers=(("Location", "/new"),))
    hosts = {"paper.example": ByTarget(answers={"/new": Static(body=citing("New", links)), "/old": moved_to})}
    with World.serving(tmp_path, hosts) as world:
        articles = [{"url": "https://paper.example/new#part"}, {"url": "https://paper.example/old"}]
        config = ("-a", f"config={world.config('ways', articles=articles)}")
        fine(start_scrapy(*config, "-o", str(tmp_path / "crawl.jsonl")).ended())
    assert len(select(world.collection("ways"), "SELECT 1 FROM capture WHERE uri = 'https://paper.example/new'")) == 4
    fine(start_scrapy(*config, "-a", "replay=latest", "-o", str(tmp_path / "replay.jsonl"), fence=SEALED).ended())
    rows = feed(tmp_path / "crawl.jsonl")
    assert len({row["captured_at"] for row in rows}) == 2
    assert feed(tmp_path / "replay.jsonl") == rows


def test_a_read_only_medium_is_enough(copy: Path, tmp_path: Path, example: Crawled) -> None:
    """The replay of a collection on a file system that nobody can write to, not even root."""
    medium = tmp_path / "medium"
    medium.mkdir()
    if subprocess.run(["mount", "--bind", str(copy), str(medium)], capture_output=True, check=False).returncode:
        pytest.skip("this user can't mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(medium)], capture_output=True, check=True)
        with pytest.raises(OSError, match="Read-only"):
            (medium / "new").touch()
        rows = tmp_path / "rows.jsonl"
        fine(start_scrapy("-a", f"collection={medium}", "-a", "replay=latest", "-o", str(rows), fence=SEALED).ended())
        assert rows.read_bytes() == (example.folder / "rows.jsonl").read_bytes()
    finally:
        subprocess.run(["umount", str(medium)], check=True)


@pytest.mark.parametrize(
    "action",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('localhost', 80)",
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket().listen()",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
    ],
)
def test_the_fence_holds(action: str, tmp_path: Path) -> None:
    """What the tests of this file rest on: each of these raises behind the fence, and is written down."""
    (tmp_path / "climber.py").write_text(f"import socket\n{action}\n")
    climber = start("climber", cwd=tmp_path, fence=SEALED)
    _, said = climber.process.communicate(timeout=20)
    assert "the fence of this test refuses socket." in said
    assert climber.climbed().startswith("socket.")
