"""A collection that is read again: answers of then, nothing written, conclusions in memory only."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.errors import NotACollectionError, NotArchivedError
from archive.layout import Layout
from archive.model import Attempt, Capture, CrawlFacts, KeptFailure, Role, Uri
from archive.replay import Asked, Replay
from archive.warc.draft import new_record_id
from archive.warc.reader import read_at
from tests.archive import index_samples
from tests.archive.living import CLOCK, answer, dump, fill, page, resource, running, small_disk
from tests.archive.samples import PLAIN, failure

PAGE = Uri("http://a.example/1")
WAY = CrawlFacts()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Capture], KeptFailure]:
    """Two captures of one page in two runs, then a failure there; and one of everything else."""
    root = tmp_path_factory.mktemp("replay") / "c"
    captures = []
    for body in (b"first", b"second"):
        with running(root) as collection:
            captures.append(collection.append(page(1, answer(body))).result())
            fill(collection)
            captures[-1] = collection.append(page(1, answer(body + b"!"))).result()
    with running(root) as collection:
        missing = collection.append_failure(failure(uri=PAGE, at=CLOCK())).result()
    return root, captures, missing


def read_only(kept: tuple[Path, list[Capture], KeptFailure], to: Path) -> Path:
    """A copy in another folder that nobody may write to."""
    shutil.copytree(kept[0], to)
    for path in [to, *to.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return to


def snapshot(root: Path) -> dict[str, tuple[int, int]]:
    """Every path with its size and time."""
    return {path.relative_to(root).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns) for path in root.rglob("*")}


def test_the_latest_answer_is_the_last_thing_met(kept: tuple[Path, list[Capture], KeptFailure], tmp_path: Path) -> None:
    """A failure that came after every capture is what is met again."""
    replay = Replay.open(read_only(kept, tmp_path / "copy"))
    assert replay.answer(PAGE, way=WAY) == kept[2]
    replay.close()


def test_an_instant_gives_what_stood_then(kept: tuple[Path, list[Capture], KeptFailure]) -> None:
    """At an instant it is what was met last until then; before the first capture there is nothing."""
    root, captures, _ = kept
    for capture in captures:
        replay = Replay.open(root, at=capture.date)
        found = replay.answer(PAGE, way=WAY)
        assert found == capture
        assert isinstance(found, Capture)
        assert read_at(replay.root, found.location).block.read().endswith(b"!")
        replay.close()
    before = Replay.open(root, at=captures[0].date - timedelta(days=1))
    with pytest.raises(NotArchivedError, match=r"^http://a\.example/1 is not in the collection at 2026-"):
        before.answer(PAGE, way=WAY)
    before.close()


def test_two_ways_to_one_page(tmp_path: Path) -> None:
    """Where a run came to one page on two ways, each way meets its own answer again."""
    ways = [CrawlFacts(role=Role.SOURCE, via=Uri(f"http://{name}.example/"), hops="LR") for name in ("b", "c")]
    with running(tmp_path / "c") as collection:
        captures = [collection.append(page(1, answer(b"%d" % n), facts=way)).result() for n, way in enumerate(ways)]
    replay = Replay.open(tmp_path / "c")
    assert [replay.answer(PAGE, way=way) for way in ways] == captures
    assert replay.answer(PAGE, way=WAY) == captures[-1]
    replay.close()


def test_what_was_asked_decides(tmp_path: Path) -> None:
    """The method and the body of a request choose among the answers of one URI; what asked for something else is no answer."""
    post = b"POST /1 HTTP/1.1\r\nHost: a.example\r\n%b\r\n%b"
    requests = (post % (b"Content-Length: 3\r\n", b"a=1"), post % (b"Transfer-Encoding: chunked\r\n", b"3\r\na=2\r\n0\r\n\r\n"))
    with running(tmp_path / "c") as collection:
        one, two = (
            collection.append(page(1, answer(b"to a POST"), method="POST", request=request)).result() for request in requests
        )
        refused = collection.append_failure(failure(uri=PAGE, at=CLOCK(), request=post % (b"", b""))).result()
    replay = Replay.open(tmp_path / "c")
    for body, met in ((b"a=1", one), (b"a=2", two), (b"", refused)):
        assert replay.answer(PAGE, way=WAY, asked=Asked(method="POST", body=body)) == met
    for asked in (Asked(method="POST", body=b"a=3"), Asked(method="PUT", body=b"a=1"), Asked(body=b"a=1"), Asked()):
        with pytest.raises(NotArchivedError):
            replay.answer(PAGE, way=WAY, asked=asked)
    replay.close()


def test_a_head_is_not_answered_by_a_get(tmp_path: Path) -> None:
    """The two ask for different messages, in either direction."""
    head = b"HEAD /1 HTTP/1.1\r\nHost: a.example\r\n\r\n"
    with running(tmp_path / "c") as collection:
        got = collection.append(page(1)).result()
        collection.append(page(2, answer(b""), method="HEAD", request=head)).result()
    replay = Replay.open(tmp_path / "c")
    assert replay.answer(PAGE, way=WAY) == got
    for uri, method in ((PAGE, "HEAD"), (Uri("http://a.example/2"), "GET")):
        with pytest.raises(NotArchivedError):
            replay.answer(uri, way=WAY, asked=Asked(method=method))
    replay.close()


def test_a_failure_before_anything_was_sent_meets_every_request(tmp_path: Path) -> None:
    """A host that nobody could reach would have answered no other request either."""
    with running(tmp_path / "c") as collection:
        missing = collection.append_failure(failure(uri=PAGE, at=CLOCK(), request=b"")).result()
    replay = Replay.open(tmp_path / "c")
    assert replay.answer(PAGE, way=WAY, asked=Asked(method="POST", body=b"a=1")) == missing
    replay.close()


def test_what_was_never_met_is_said_to_be_missing(kept: tuple[Path, list[Capture], KeptFailure]) -> None:
    """Another spelling of a URI is another URI."""
    replay = Replay.open(kept[0])
    for uri in ("http://a.example/1/", "http://A.example/1", "https://a.example/1"):
        with pytest.raises(NotArchivedError):
            replay.answer(Uri(uri), way=WAY)
    replay.close()


def test_a_local_file_is_the_kept_one(kept: tuple[Path, list[Capture], KeptFailure]) -> None:
    """The same bytes are the kept resource; other bytes are not in the collection, and nothing is written for them."""
    replay = Replay.open(kept[0])
    found = replay.append_resource(resource()).result()
    assert (found.type, found.uri) == ("resource", resource().uri)
    assert isinstance(replay.append_resource(resource(b"changed since")).exception(), NotArchivedError)
    early = Replay.open(kept[0], at=found.date - timedelta(days=1))
    assert isinstance(early.append_resource(resource()).exception(), NotArchivedError)
    early.close()
    replay.close()


def test_conclusions_stay_in_memory(kept: tuple[Path, list[Capture], KeptFailure], tmp_path: Path) -> None:
    """What is concluded can be asked for, and is in no file; no path of the collection is touched."""
    root = read_only(kept, tmp_path / "copy")
    before, content = snapshot(root), dump(root)
    replay = Replay.open(root)
    article = index_samples.article(record_id=new_record_id(), run_id=replay.run_id, date=CLOCK())
    citation = index_samples.citation(1, of=article, record_id=new_record_id(), citation_id=new_record_id())
    attempt = index_samples.attempt(citation, record_id=new_record_id(), run_id=replay.run_id)
    extraction = replace(index_samples.extraction(), record_id=new_record_id())
    replay.keep_extraction(extraction, "a text").result()
    for value in (article, citation, attempt):
        replay.keep(value).result()
    assert replay.ask(lambda database: database.attempt(citation.citation_id)).result() == attempt
    assert replay.ask(lambda database: database.articles()).result()[-1] == article
    replay.close()
    assert (snapshot(root), dump(root)) == (before, content)
    assert not [line for line in content if attempt.record_id in line]
    again = Replay.open(root)
    assert again.ask(lambda database: database.values(Attempt, "record_id = ?", (attempt.record_id,))).result() == []
    again.close()


@pytest.mark.parametrize("index", ["index.sqlite", "none"])
def test_a_read_only_medium(kept: tuple[Path, list[Capture], KeptFailure], tmp_path: Path, index: str) -> None:
    """A medium that takes no write at all, for nobody, answers as the collection did, with an index or without."""
    with small_disk(tmp_path / "disk", size="20m") as remount:
        shutil.copytree(kept[0], tmp_path / "disk" / "c")
        if index == "none":
            (tmp_path / "disk" / "c" / "index.sqlite").unlink()
        remount("20m,ro")
        with pytest.raises(OSError, match="Read-only"):
            (tmp_path / "disk" / "c" / "x").touch()
        replay = Replay.open(tmp_path / "disk" / "c", at=kept[1][1].date)
        assert replay.answer(PAGE, way=WAY) == kept[1][1]
        replay.close()


@pytest.mark.parametrize("lost", ["missing", "garbage"])
def test_without_an_index_the_files_answer(kept: tuple[Path, list[Capture], KeptFailure], tmp_path: Path, lost: str) -> None:
    """A missing or damaged index.sqlite changes no answer, and none is made."""
    shutil.copytree(kept[0], tmp_path / "copy")
    (tmp_path / "copy" / "index.sqlite").unlink()
    if lost == "garbage":
        (tmp_path / "copy" / "index.sqlite").write_bytes(b"no database")
    before = snapshot(tmp_path / "copy")
    replay, other = Replay.open(tmp_path / "copy"), Replay.open(kept[0])
    for number in range(1, 7):
        uri, asked = Uri(f"http://a.example/{number}"), Asked(method="HEAD" if number == 6 else "GET")
        assert replay.answer(uri, way=WAY, asked=asked) == other.answer(uri, way=WAY, asked=asked)
    replay.close()
    other.close()
    assert snapshot(tmp_path / "copy") == before


def test_a_collection_that_is_being_written_can_be_read(tmp_path: Path) -> None:
    """A replay needs no lock: it answers from what is acknowledged, also out of a file that is still open."""
    with running(tmp_path / "c", sync_within=0.0) as collection:
        capture = collection.append(page(1)).result()
        collection.ask(lambda _: None).result()
        collection.append(page(2)).result()
        replay = Replay.open(tmp_path / "c")
        assert replay.answer(PAGE, way=WAY) == capture
        assert read_at(replay.root, capture.location).block.read() == PLAIN
        replay.close()


def test_only_a_collection(tmp_path: Path) -> None:
    """A directory that holds no collection is said to be none, and none is made."""
    with pytest.raises(NotACollectionError, match="there is no such directory"):
        Replay.open(tmp_path / "none")
    with pytest.raises(NotACollectionError, match=r"it has no collection\.yml"):
        Replay.open(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not Layout(tmp_path / "none").root.exists()
