"""index.cdxj: what a line says, that any order gives the same bytes, looking up, and what a broken file says."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import CollectionError
from archive.index import cdxj
from archive.index.surt import surt
from archive.model import Capture, Location, Uri
from tests.archive import index_samples as a


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.cdxj"


def many(count: int) -> list[Capture]:
    """Captures of half as many URIs, in no order."""
    found = [
        a.capture(
            f"capture {n}",
            uri=Uri(f"https://www.site{n % 7}.example/page/{n // 2}"),
            date=a.after(n),
            location=Location(file=a.FILE, offset=n * 100, length=99),
        )
        for n in range(count)
    ]
    random.Random(count).shuffle(found)
    return found


def test_a_line_says_what_replay_tools_ask() -> None:
    """Key, 14-digit time and JSON with the keys of cdxj-indexer and two of ours, in a fixed order."""
    assert cdxj.line(a.capture()) == (
        'org,example)/a?a=1&b=2 20210827010203 {"url": "https://www.example.org/a?b=2&a=1", "mime": "text/html", '
        f'"status": 200, "digest": "{a.digest("payload")}", "length": 1200, "offset": 400, '
        '"filename": "footnotary-20210827010203004-00000-abcdef.warc.gz", "date": "2021-08-27T01:02:03.000004Z", '
        f'"record_id": "{a.named("capture")}"}}'
    )


def test_a_revisit_is_named_so() -> None:
    """A revisit has the type that replay tools know, and the status of its own message."""
    said = fields(a.revisit("again", of=a.capture(), status=304))
    assert (said["mime"], said["status"]) == ("warc/revisit", 304)


def test_what_was_not_said_is_left_out() -> None:
    """No media type and no status: no key for them."""
    assert not {"mime", "status"} & fields(a.capture(mime="unk", status=None, type="resource")).keys()


def fields(capture: Capture) -> dict[str, object]:
    said: dict[str, object] = json.loads(cdxj.line(capture).split(" ", 2)[2])
    return said


@settings(max_examples=100)
@given(uri=st.text(max_size=30), mime=st.text(max_size=10))
def test_any_capture_is_one_line_of_ascii(uri: str, mime: str) -> None:
    """Whatever a URI or a media type holds, the line has three parts, no line end, and gives the URI back."""
    line = cdxj.line(a.capture(uri=Uri(uri), mime=mime))
    assert line.isascii()
    assert line.isprintable()
    key, timestamp, said = line.split(" ", 2)
    assert (key, timestamp) == (surt(uri), "20210827010203")
    assert json.loads(said)["url"] == uri


def test_only_what_lies_under_archive_is_listed(path: Path) -> None:
    """What was concluded has no line: replay tools would take it for a page."""
    derived = a.capture("other", location=Location(file="derived/x.warc.gz", offset=0, length=1))
    assert (cdxj.is_listed(a.capture()), cdxj.is_listed(derived)) == (True, False)
    cdxj.write(path, [a.capture(), derived])
    assert [line.record_id for line in cdxj.read(path)] == [a.named("capture")]


def test_any_order_gives_the_same_bytes(path: Path) -> None:
    """The same captures give the same file, sorted by bytes, whatever their order; every capture has its line."""
    captures = many(50)
    cdxj.write(path, captures)
    first = path.read_bytes()
    cdxj.write(path, reversed(captures))
    assert path.read_bytes() == first
    lines = first.splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 50


def test_more_than_fits_is_merged_from_the_disk(path: Path) -> None:
    """A file of more lines than are sorted at once is sorted all the same, and leaves nothing beside it."""
    count = 2 * cdxj.SORTED_AT_ONCE + 10
    captures = (a.capture(uri=Uri(f"http://e.example/{n * 7919 % count}")) for n in range(count))
    cdxj.write(path, captures)
    with path.open("rb") as stream:
        before = b""
        for number, line in enumerate(stream, 1):  # noqa: B007 - the count is what is asked for
            assert line > before
            before = line
    assert number == count
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_what_is_read_is_what_was_kept(path: Path) -> None:
    """A line read back says the capture's URI, time, place and ids."""
    kept = a.capture(uri=Uri("https://bücher.example/ä?x=\u2028"), mime="unk", status=None)
    cdxj.write(path, [kept])
    (line,) = cdxj.read(path)
    assert (line.uri, line.date, line.location, line.record_id, line.digest, line.mime, line.status) == (
        kept.uri,
        kept.date,
        kept.location,
        kept.record_id,
        kept.payload_digest,
        None,
        None,
    )


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40, 700])
def test_every_uri_is_found(path: Path, count: int) -> None:
    """Each URI is found with all its captures, oldest first, in files of any size; another one is not."""
    captures = many(count)
    cdxj.write(path, captures)
    for capture in captures:
        expected = sorted(c.date for c in captures if c.uri == capture.uri)
        assert [line.date for line in cdxj.lookup(path, capture.uri)] == expected
    for absent in ("http://a.example/", "https://site3.example/page", "https://zzz.example/", "https://site3.example/page/1/x"):
        assert cdxj.lookup(path, absent) == []


def test_long_lines_are_no_obstacle(path: Path) -> None:
    """Lines longer than what is read at once are found, and found between."""
    uris = [Uri(f"http://e.example/{n:03}" + "x" * (20_000 if n % 3 else 5)) for n in range(60)]
    cdxj.write(path, [a.capture(str(n), uri=uri) for n, uri in enumerate(uris)])
    assert [cdxj.lookup(path, uri)[0].uri for uri in uris] == uris


def test_uris_of_one_key_are_all_found(path: Path) -> None:
    """A key that makes pages one gives all of them, each with its exact URI."""
    uris = [Uri("http://e.example/?a=1&b=2"), Uri("http://www.e.example/?b=2&a=1"), Uri("https://e.example/?A=1&B=2")]
    cdxj.write(path, [a.capture(str(n), uri=uri) for n, uri in enumerate(uris)])
    assert sorted(line.uri for line in cdxj.lookup(path, uris[0])) == sorted(uris)


def test_a_failed_write_leaves_the_file_as_it_was(path: Path) -> None:
    """An index that can't be written whole is not written."""
    cdxj.write(path, many(5))
    before = path.read_bytes()

    def breaking() -> Iterator[Capture]:
        yield from many(3)
        raise RuntimeError("the source of the captures broke")

    with pytest.raises(RuntimeError):
        cdxj.write(path, breaking())
    assert path.read_bytes() == before


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    """Writing where nothing can be written is one sentence that names the file."""
    with pytest.raises(CollectionError, match=r"nowhere/index\.cdxj"):
        cdxj.write(tmp_path / "nowhere" / "index.cdxj", many(1))


def test_a_missing_file_is_said(path: Path) -> None:
    """Reading and looking up name the file and the remedy."""
    with pytest.raises(CollectionError, match=r"index\.cdxj is missing: run `footnotary reindex`"):
        list(cdxj.read(path))
    with pytest.raises(CollectionError, match=r"index\.cdxj is missing: run `footnotary reindex`"):
        cdxj.lookup(path, "http://e.example/")


def test_a_torn_file_is_said(path: Path) -> None:
    """A file that ends within a line is not taken for whole, wherever it was torn."""
    cdxj.write(path, many(3))
    data = path.read_bytes()
    ends = {n for n in range(len(data)) if data[n : n + 1] == b"\n"}
    for size in range(1, len(data), 7):
        if size - 1 in ends:
            continue
        path.write_bytes(data[:size])
        with pytest.raises(CollectionError, match=r"torn.*run `footnotary reindex`"):
            list(cdxj.read(path))


def test_a_torn_line_is_not_looked_up(path: Path) -> None:
    """Looking up the URI whose line is torn is an error, not an answer."""
    cdxj.write(path, [a.capture()])
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(CollectionError, match="torn"):
        cdxj.lookup(path, a.PAGE)


def test_an_unsorted_file_is_said(path: Path) -> None:
    """A file whose lines are out of order is refused by a reader, and by a look-up that meets it."""
    cdxj.write(path, many(700))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(reversed(lines)))
    with pytest.raises(CollectionError, match="line 2 is out of order: run `footnotary reindex`"):
        list(cdxj.read(path))
    with pytest.raises(CollectionError, match="out of order: run `footnotary reindex`"):
        cdxj.lookup(path, "https://site3.example/page/100")


@pytest.mark.parametrize("line", ["word\n", "a b c\n", "a 20210101000000 {}\n", "a 20210101000000 []\n", "é b {}\n", "\n"])
def test_a_line_of_something_else_is_said(path: Path, line: str) -> None:
    """A line that is none of ours is shown in the error."""
    path.write_text(line, encoding="utf-8")
    with pytest.raises(CollectionError, match="torn or not ours"):
        list(cdxj.read(path))
