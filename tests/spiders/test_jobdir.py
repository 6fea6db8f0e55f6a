"""JOBDIR: a crawl that was stopped goes on where it was stopped, and asks nobody twice."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.model import Context, RecordId, Uri
from spiders.article import ArticleSource
from spiders.config import CuratorEntry, SourcePolicy
from spiders.configuration.values import KindRule
from spiders.example.answers import ByTarget, Slow, Static, Torn
from spiders.job import FILE, Job, basis_of
from tests.archive.living import findings
from tests.doors import feed, rows_of, scrapy, start_scrapy
from tests.kept import select
from tests.world import World, citing, source

PAPER = "https://paper.example"
ONE_AT_A_TIME = ("-s", "CONCURRENT_REQUESTS=1", "-s", "AUTOTHROTTLE_ENABLED=0")
AFTER_ONE_SOURCE = ("-s", "CLOSESPIDER_PAGECOUNT=4")
"""Answers: two of robots.txt, the article, its first source."""
LINKS = [*((f"fact {number}", f"https://facts.example/{number}") for number in range(1, 7)), ("lost", "#")]


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    facts = {f"/{number}": Slow(answer=source(f"Fact {number}"), before=0.1) for number in range(1, 7)}
    other = Static(body=citing("Other", LINKS[-3:]))
    six = Static(body=citing("Six", LINKS))
    paper = {"/six": six, "/other": other, "/torn": Torn(answer=six, size=1100)}
    hosts = {"paper.example": ByTarget(answers=paper), "facts.example": ByTarget(answers=facts)}
    with World.serving(tmp_path_factory.mktemp("jobs"), hosts) as web:
        yield web


def job_of(world: World, name: str, **keys: object) -> tuple[str, ...]:
    """The arguments of one job."""
    told = {"articles": [{"url": f"{PAPER}/six"}], "limits": {"concurrent_per_host": 1}, **keys}
    file = world.config(name, **told)
    return ("-a", f"config={file}", "-s", f"JOBDIR={world.folder / 'job'}", *ONE_AT_A_TIME)


def attempts(root: Path) -> list[str]:
    """The targets that have their attempt from the run that read the article."""
    asked_for = "SELECT target FROM attempt WHERE target IS NOT NULL AND run_id IN (SELECT run_id FROM article)"
    return [row["target"] for row in select(root, asked_for)]


def test_a_stopped_crawl_does_the_rest(world: World) -> None:
    """Over both runs the article and each source are asked for once; the second reads nothing again, ends with 0, and every
    citation has its capture. A feed to which both runs add ends with the rows of the table. When the job is done, the next
    run with that JOBDIR is a new one."""
    job, rows = job_of(world, "paused"), world.folder / "rows.jsonl"
    assert scrapy(*job, *AFTER_ONE_SOURCE, "-o", str(rows)).code == 3
    first = len(feed(rows))
    done = len(world.asked("facts.example"))
    assert 0 < done < 6
    ended = scrapy(*job, "-o", str(rows))
    assert (ended.code, ended.err) == (0, "")
    assert world.asked("paper.example") == ["/six"]
    assert sorted(world.asked("facts.example")) == sorted(f"/{number}" for number in range(1, 7))
    root = world.collection("paused")
    assert [row["state"] for row in rows_of(root)] == ["kept"] * 6 + ["no link"]
    assert [row["state"] for row in feed(rows)[first:]] == ["kept"] * (6 - done)
    assert list({row["ordinal"]: row for row in feed(rows)}.values()) == rows_of(root)
    assert len(select(root, "SELECT 1 FROM article")) == 1
    assert findings(root) == []
    again = scrapy(*job)
    assert (again.code, again.err) == (0, "")
    assert world.asked("paper.example") == ["/six", "/six"]
    assert len(world.asked("facts.example")) == 12


def test_a_killed_crawl_does_the_rest(world: World) -> None:
    """After SIGKILL the job goes on from what was written: no source that had its attempt is asked for again, the article is
    not, and all is whole in the end."""
    job, root = job_of(world, "killed", limits={"concurrent_per_host": 1, "delay": "250 ms"}), world.collection("killed")
    running = start_scrapy(*job)
    deadline = time.monotonic() + 20
    while not (world.asked("facts.example") and attempts(root)) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.process.send_signal(signal.SIGKILL)
    running.process.communicate(timeout=20)
    running.climbed()
    ended = scrapy(*job)
    assert (ended.code, ended.err) == (0, "")
    assert [row["state"] for row in rows_of(root)] == ["kept"] * 6 + ["no link"]
    assert findings(root) == []
    asked = Counter(f"https://facts.example{path}" for path in world.asked("facts.example"))
    assert {asked[target] for target in attempts(root)} == {1}
    assert set(asked.values()) <= {1, 2}
    assert world.asked("paper.example") == ["/six"]


def test_a_job_goes_on_with_another_configuration(world: World) -> None:
    """Other limits and one more article: what was read is not read again, and what both cite was asked for once."""
    assert scrapy(*job_of(world, "grown"), *AFTER_ONE_SOURCE).code == 3
    both = [{"url": f"{PAPER}/six"}, {"url": f"{PAPER}/other"}]
    ended = scrapy(*job_of(world, "grown", articles=both, limits={"time": "9 s", "concurrent_per_host": 1}))
    assert (ended.code, ended.err) == (0, "")
    assert world.asked("paper.example") == ["/six", "/other"]
    assert sorted(world.asked("facts.example")) == sorted(f"/{number}" for number in range(1, 7))
    root = world.collection("grown")
    assert [row["state"] for row in rows_of(root)] == ["kept"] * 6 + ["no link", "kept", "kept", "no link"]
    assert select(root, "SELECT capture_id FROM extraction GROUP BY 1 HAVING count(*) > 1") == []
    assert findings(root) == []


def test_another_collection_is_another_job(world: World) -> None:
    """With the JOBDIR of another collection nothing is mixed up: the article is read and all that it cites is asked for."""
    other = [{"url": f"{PAPER}/other"}]
    assert scrapy(*job_of(world, "first", articles=other), *AFTER_ONE_SOURCE).code == 3
    ended = scrapy(*job_of(world, "second", articles=other))
    assert (ended.code, ended.err) == (0, "")
    assert [row["state"] for row in rows_of(world.collection("second"))] == ["kept", "kept", "no link"]
    assert world.asked("paper.example") == ["/other", "/other"]


def test_a_torn_article_stays_incomplete(world: World) -> None:
    """A job that goes on with an article that was cut short says so again: what it cites behind the tear is missing."""
    job = job_of(world, "torn", articles=[{"url": f"{PAPER}/torn"}])
    assert scrapy(*job, *AFTER_ONE_SOURCE).code == 3
    ended = scrapy(*job)
    assert ended.code == 3
    assert ended.err.startswith(f"{PAPER}/torn was cut short (disconnect), and what it cites")
    assert world.asked("paper.example") == ["/torn"]
    assert {row["state"] for row in rows_of(world.collection("torn"))} == {"kept"}


def test_what_a_job_remembers(tmp_path: Path) -> None:
    """Readings in order with their basis; a file that is none of ours or broken is a new job."""
    job = Job(path=tmp_path / FILE)
    assert job.readings() == {}
    job.add(RecordId("urn:uuid:2"), basis="a")
    job.add(RecordId("urn:uuid:1"), basis="b")
    assert list(job.readings().items()) == [("urn:uuid:2", "a"), ("urn:uuid:1", "b")]
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]
    for broken in ("", "[]", "{}", json.dumps({"readings": 7}), json.dumps({"readings": ["a"]}), "\x00"):
        (tmp_path / FILE).write_text(broken)
        assert job.readings() == {}
    nothing = Job(path=None)
    nothing.add(RecordId("urn:uuid:1"), basis="a")
    assert nothing.readings() == {}


def test_what_citations_rest_on() -> None:
    """Bytes, a curator's knowledge and the rules of what is cited; not where a file lies, nor which hosts are left out."""
    source, policy = ArticleSource(uri=Uri("https://a.example/"), name="a", title="A", content=b"A."), SourcePolicy()
    basis = basis_of(source, policy=policy)
    assert basis_of(replace(source, name="b"), policy=replace(policy, skip=("*.ads.example",))) == basis
    entry = CuratorEntry(ordinal=1, url="https://b.example/")
    for other in ({"content": b"B."}, {"content": None}, {"citations": (entry,)}, {"uri": Uri("https://b.example/")}):
        assert basis_of(replace(source, **other), policy=policy) != basis
    moved = replace(source, citations=(replace(entry, line=7),))
    assert basis_of(moved, policy=policy) == basis_of(replace(source, citations=(entry,)), policy=policy)
    for rules in ({"contexts": frozenset({Context.NOTE})}, {"kinds": {"report": KindRule(hosts=("b.example",))}}):
        assert basis_of(source, policy=replace(policy, **rules)) != basis


def test_a_jobdir_that_can_not_be_used_is_one_sentence(world: World) -> None:
    """A file in its place: exit code 2, and nothing is fetched."""
    (world.folder / "job").write_text("x")
    ended = scrapy(*job_of(world, "bad"))
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert world.asked("paper.example") == []
