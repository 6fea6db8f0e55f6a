"""Exit codes and the last word: both front doors end as the README says, with one sentence and never with a traceback.

0 fine, 1 worse than before, 2 not usable, 3 incomplete, 75 locked. That no traceback is printed is held by `tests.doors` for
every process of the suite; code 1 is held where there are two crawls to compare (tests/spiders/test_again.py).
"""

from __future__ import annotations

import fcntl
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from spiders.example.answers import ByTarget, Raw, Slow, Static, Torn
from tests.doors import ROOT, Ended, Running, feed, footnotary, rows_of, scrapy, start, start_footnotary, start_scrapy, together
from tests.world import World, citing, html, source

PAPER = "https://paper.example"
ONE_AT_A_TIME = ("-s", "CONCURRENT_REQUESTS=1", "-s", "AUTOTHROTTLE_ENABLED=0")
AFTER_ONE_SOURCE = 4
"""Answers: two of robots.txt, the article, its first source."""
LINKS = [(f"fact {number}", f"https://facts.example/{number}") for number in range(1, 7)]

HOSTS = {
    "paper.example": ByTarget(
        answers={
            "/fine": Static(body=citing("Fine", LINKS[:2])),
            "/six": Static(body=citing("Six", LINKS)),
            "/picture": Static(headers=(("Content-Type", "image/png"),), body=b"\x89PNG\r\n\x1a\n" + bytes(50)),
            "/empty": Static(),
            "/silent": Raw(),
            "/torn": Torn(answer=Static(body=citing("Torn", LINKS)), size=900),
            "/loop": Static(status=302, headers=(("Location", "/loop"),)),
            "/nothing": Static(body=html("Nothing", "An article that cites nothing at all, and says so at some length here.")),
        }
    ),
    "facts.example": ByTarget(
        answers={
            f"/{number}": source(f"Fact {number}") if number < 4 else Slow(answer=source("Slow"), before=0.2)
            for number in range(1, 7)
        }
    ),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.serving(tmp_path_factory.mktemp("codes"), HOSTS) as web:
        yield web


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A misuse: what `scrapy crawl sources` and `footnotary crawl` are given (None: it can't be said there), the exit code and
    words of the sentence. `{here}` is a folder of the case, in which `files` lie. `leaves` says why there is a collection."""

    scrapy: tuple[str, ...] | None
    footnotary: tuple[str, ...] | None
    said: str
    code: int = 2
    files: tuple[tuple[str, bytes], ...] = ()
    leaves: str = ""


GOOD = b'collection: c\narticles: [{url: "https://paper.example/fine"}]\n'
CONFIG = ("-a", "config={here}/a.yml"), ("--config", "{here}/a.yml")
TEXT = ("-a", "article={here}/a.txt", "-a", "collection={here}/c"), ("{here}/a.txt", "--collection", "{here}/c")

CASES = {
    "a configuration that is no YAML": Case(
        scrapy=CONFIG[0],
        footnotary=CONFIG[1],
        said="{here}/a.yml, line 2: is not YAML",
        files=(("a.yml", b"collection: [c\n"),),
    ),
    "an unknown key": Case(
        scrapy=CONFIG[0],
        footnotary=CONFIG[1],
        said="{here}/a.yml, line 3: limts is not a key; did you mean limits?",
        files=(("a.yml", GOOD + b"limts: {}\n"),),
    ),
    "a configuration that is not there": Case(
        scrapy=CONFIG[0], footnotary=CONFIG[1], said="{here}/a.yml: there is no such file"
    ),
    "an argument that nobody knows": Case(
        scrapy=("-a", "artikel=a.txt"), footnotary=None, said="-a artikel=… is not known: there are config, article"
    ),
    "an article without a collection": Case(
        scrapy=("-a", "article={here}/a.txt"),
        footnotary=None,
        said="-a article=… needs -a collection=DIR",
        files=(("a.txt", b"A."),),
    ),
    "an article beside a configuration": Case(
        scrapy=(*CONFIG[0], *TEXT[0]), footnotary=None, said="exclude each other", files=(("a.yml", GOOD), ("a.txt", b"A."))
    ),
    "an article that is not there": Case(scrapy=TEXT[0], footnotary=TEXT[1], said="{here}/a.txt"),
    "an article that is no text": Case(
        scrapy=TEXT[0], footnotary=TEXT[1], said="{here}/a.txt is a PDF", files=(("a.txt", b"%PDF-1.7\n"),)
    ),
    "an article at an address that is refused": Case(
        scrapy=("-a", "article=http://127.0.0.1:9/one,two", "-a", "collection={here}/c"),
        footnotary=("http://127.0.0.1:9/one,two", "--collection", "{here}/d"),
        said="http://127.0.0.1:9/one,two did not come: 127.0.0.1 is refused: loopback",
        leaves="the refusal is on record",
    ),
    "a collection that can't be made": Case(
        scrapy=("-a", "article={here}/a.txt", "-a", "collection={here}/a.txt/c"),
        footnotary=("{here}/a.txt", "--collection", "{here}/a.txt/c"),
        said="{here}/a.txt/c",
        files=(("a.txt", b"It [says](#) so."),),
    ),
    "a moment that is none": Case(
        scrapy=("-a", "replay=yesterday"),
        footnotary=("--replay", "yesterday"),
        said="replay is 'yesterday': expected latest or",
    ),
    "a replay of nothing": Case(
        scrapy=("-a", "replay=latest", "-a", "collection={here}/c"),
        footnotary=("--replay", "latest", "--collection", "{here}/c"),
        said="{here}/c is not a collection: there is no such directory",
    ),
    "a setting that Scrapy can't read": Case(
        scrapy=(*CONFIG[0], "-s", "DOWNLOAD_DELAY=long"),
        footnotary=None,
        said="could not convert string to float: 'long'",
        files=(("a.yml", GOOD),),
        leaves="Scrapy reads that setting when the collection is open; it is sealed again",
    ),
    "rows to a place that can't be written": Case(
        scrapy=(*CONFIG[0], "-o", "{here}/a.yml/rows.csv"),
        footnotary=None,
        said="{here}/a.yml/rows.csv can't be written: ",
        files=(("a.yml", GOOD),),
    ),
}


def one_sentence(ended: Ended, *, code: int, said: str) -> None:
    """The code, and on standard error one line that holds the words."""
    assert ended.code == code, ended.err
    assert said in ended.err
    assert ended.err.count("\n") == 1, ended.err


@pytest.mark.parametrize("name", CASES)
def test_misuse_ends_with_one_sentence(name: str, tmp_path: Path) -> None:
    """At both doors: the exit code, one line on standard error, nothing on standard output, and nothing left behind."""
    case = CASES[name]
    for file, content in case.files:
        (tmp_path / file).write_bytes(content)
    before = sorted(path.name for path in tmp_path.iterdir())

    def filled(arguments: tuple[str, ...] | None) -> list[str] | None:
        return None if arguments is None else [argument.replace("{here}", str(tmp_path)) for argument in arguments]

    running: list[Running] = []
    if (arguments := filled(case.scrapy)) is not None:
        running.append(start_scrapy(*arguments))
    if (arguments := filled(case.footnotary)) is not None:
        running.append(start_footnotary("crawl", *arguments))
    for ended in together(*running):
        one_sentence(ended, code=case.code, said=case.said.replace("{here}", str(tmp_path)))
        assert ended.out == ""
    if case.leaves:
        assert not list(tmp_path.rglob("*.open"))
    else:
        assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("options", [("-L", "INFO"), ("-L", "DEBUG"), ("--nolog",), ("--logfile", "{here}/log")])
def test_the_log_never_hides_the_sentence(options: tuple[str, ...], tmp_path: Path) -> None:
    """However much or little is logged, and wherever to, the sentence is the last line on standard error."""
    (tmp_path / "a.yml").write_bytes(GOOD + b"limts: {}\n")
    told = [option.replace("{here}", str(tmp_path)) for option in options]
    ended = start("scrapy", "crawl", "sources", *told, "-a", f"config={tmp_path / 'a.yml'}", cwd=ROOT, fence="sealed").ended()
    assert ended.code == 2
    assert ended.err.splitlines()[-1] == f"{tmp_path / 'a.yml'}, line 3: limts is not a key; did you mean limits?"


def test_a_spider_that_is_not_there() -> None:
    """Scrapy's own KeyError is a sentence here."""
    ended = start("scrapy", "crawl", "surces", "-L", "WARNING", cwd=ROOT, fence="sealed").ended()
    one_sentence(ended, code=2, said="there is no spider 'surces', there is: sources")


def test_articles_that_can_not_be_read_are_named_one_by_one(world: World) -> None:
    """Each article that gives nothing is a sentence and the code is 2; the others are done all the same."""
    paths = ("gone", "picture", "empty", "silent", "loop", "fine")
    ended = scrapy("-a", f"config={world.config('unreadable', articles=[{'url': f'{PAPER}/{path}'} for path in paths])}")
    assert ended.code == 2
    assert sorted(ended.err.splitlines()) == [
        f"{PAPER}/empty can't be read: the document is empty",
        f"{PAPER}/gone answered 404: there is no article to read",
        f"{PAPER}/loop did not come: too many redirects",
        f"{PAPER}/picture can't be read: image/png is not a type that is read",
        f"{PAPER}/silent did not come: the connection was closed before an answer came",
    ]
    assert [row["outcome"] for row in rows_of(world.collection("unreadable"))] == ["captured", "captured"]


def test_an_article_that_did_not_come_at_the_other_door(world: World) -> None:
    """`footnotary crawl` says it in the same words, and prints no table of nothing."""
    ended = footnotary("crawl", "--config", str(world.config("missing", articles=[{"url": f"{PAPER}/gone"}])))
    one_sentence(ended, code=2, said=f"{PAPER}/gone answered 404: there is no article to read")
    assert ended.out == ""


def test_an_article_behind_a_certificate_that_nobody_vouches_for(world: World) -> None:
    """Without the authority of the test the article is not fetched, and OpenSSL's reason is said."""
    file = world.config("stranger", articles=[{"url": f"{PAPER}/fine"}], network={"ca_bundle": None})
    one_sentence(scrapy("-a", f"config={file}"), code=2, said="unable to get local issuer certificate")


def test_an_article_that_cites_nothing_is_fine(world: World) -> None:
    """No citation is no error; a person is told that there are none."""
    ended = footnotary("crawl", "--config", str(world.config("nothing", articles=[{"url": f"{PAPER}/nothing"}])))
    assert (ended.code, ended.err) == (0, "")
    assert "0 citations" in ended.out


def test_a_collection_in_use_is_75_at_both_doors(world: World) -> None:
    """While another run holds the lock nothing is written, and the sentence says who holds it."""
    file = world.config("locked", articles=[{"url": f"{PAPER}/fine"}])
    assert scrapy("-a", f"config={file}").code == 0
    collection = world.collection("locked")
    before = sorted(path.name for path in collection.rglob("*"))
    with (collection / ".lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for ended in together(start_scrapy("-a", f"config={file}"), start_footnotary("crawl", "--config", str(file))):
            one_sentence(ended, code=75, said=f"{collection} is in use by ")
    assert sorted(path.name for path in collection.rglob("*")) == before


def test_a_crawl_that_is_stopped_is_incomplete_and_can_go_on(world: World) -> None:
    """What was not done is recorded and in the rows, the code is 3, and the next run does it."""
    file = world.config("stopped", articles=[{"url": f"{PAPER}/six"}], limits={"concurrent_per_host": 1})
    rows = world.folder / "stopped.jsonl"
    ended = scrapy("-a", f"config={file}", "-o", str(rows), *ONE_AT_A_TIME, "-s", f"CLOSESPIDER_PAGECOUNT={AFTER_ONE_SOURCE}")
    one_sentence(ended, code=3, said="the run was stopped (closespider_pagecount), ")
    found = feed(rows)
    assert found == rows_of(world.collection("stopped"))
    assert [row["ordinal"] for row in found] == [1, 2, 3, 4, 5, 6]
    assert {row["outcome"] for row in found} == {"captured", "interrupted"}
    lost = sum(row["outcome"] == "interrupted" for row in found)
    assert f"{lost} citation" in ended.err
    assert scrapy("-a", f"config={file}").code == 0
    assert all(row["state"] == "kept" for row in rows_of(world.collection("stopped")))


def test_a_time_limit_that_comes_before_the_article_is_incomplete(world: World) -> None:
    """A run that ends before it knows any citation is not fine either."""
    file = world.config("early", articles=[{"url": f"{PAPER}/six"}])
    ended = scrapy("-a", f"config={file}", "-s", "CLOSESPIDER_PAGECOUNT=1")
    one_sentence(ended, code=3, said="the run was stopped (closespider_pagecount), ")


def test_a_torn_article_is_incomplete(world: World) -> None:
    """What came of it is read and its sources are kept; what it cites behind the tear is missing, which is said."""
    file = world.config("torn", articles=[{"url": f"{PAPER}/torn"}])
    one_sentence(scrapy("-a", f"config={file}"), code=3, said=f"{PAPER}/torn was cut short (disconnect), and what it cites")
    assert rows_of(world.collection("torn"))


def test_ctrl_c_ends_as_incomplete(world: World) -> None:
    """One SIGINT at the other door: 3, a sentence, and a table of what was done."""
    file = world.config("cut", articles=[{"url": f"{PAPER}/six"}], limits={"concurrent_per_host": 1})
    before = len(world.asked("facts.example"))
    running = start_footnotary("crawl", "--config", str(file))
    deadline = time.monotonic() + 20
    while len(world.asked("facts.example")) < before + 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    running.process.send_signal(signal.SIGINT)
    ended = running.ended()
    one_sentence(ended, code=3, said="the run was stopped (shutdown), ")
    assert "the run ended first: run it again" in ended.out


def test_a_full_disk_is_incomplete_and_can_go_on(tmp_path: Path) -> None:
    """Where the disk takes no more, the crawl ends at once with 3 and one sentence; with room again the next run is fine."""
    disk = tmp_path / "disk"
    disk.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if subprocess.run(small, capture_output=True, check=False).returncode:
        pytest.skip("this user can't mount")
    try:
        kept = ("-a", f"collection={disk / 'kept'}")
        one_sentence(scrapy(*kept), code=3, said="make room and run")
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], capture_output=True, check=True)
        ended = scrapy(*kept)
        assert (ended.code, ended.err) == (0, "")
        assert not list(disk.rglob("*.open"))
        assert len(rows_of(disk / "kept")) > 20
    finally:
        subprocess.run(["umount", str(disk)], check=True)
