"""JOBDIR: a crawl that was stopped goes on where it was stopped, and asks nobody twice."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.model import RecordId
from spiders.example.answers import ByTarget, Slow, Static
from spiders.job import FILE, Job
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
    facts = {f"/{number}": Slow(answer=source(f"Fact {number}"), before=0.2) for number in range(1, 7)}
    other = Static(body=citing("Other", LINKS[:2]))
    paper = {"/six": Static(body=citing("Six", LINKS)), "/other": other}
    hosts = {"paper.example": ByTarget(answers=paper), "facts.example": ByTarget(answers=facts)}
    with World.serving(tmp_path_factory.mktemp("jobs"), hosts) as web:
        yield web


def job_of(world: World, name: str, **keys: object) -> tuple[str, ...]:
    """The arguments of one job."""
    file = world.config(name, limits={"concurrent_per_host": 1}, **{"articles": [{"url": f"{PAPER}/six"}], **keys})
    return ("-a", f"config={file}", "-s", f"JOBDIR={world.folder / 'job'}", *ONE_AT_A_TIME)


def test_a_stopped_crawl_does_the_rest(world: World) -> None:
    """Over both runs the article and each source are asked for once; the second reads nothing again, ends with 0, and every
    citation has its capture. Its feed has what it did. When the job is done, the next run with that JOBDIR is a new one."""
    job = job_of(world, "paused")
    assert scrapy(*job, *AFTER_ONE_SOURCE).code == 3
    done = len(world.asked("facts.example"))
    assert 0 < done < 6
    rows = world.folder / "rest.jsonl"
    ended = scrapy(*job, "-o", str(rows))
    assert (ended.code, ended.err) == (0, "")
    assert world.asked("paper.example") == ["/six"]
    assert sorted(world.asked("facts.example")) == sorted(f"/{number}" for number in range(1, 7))
    root = world.collection("paused")
    assert [row["state"] for row in rows_of(root)] == ["kept"] * 6 + ["no link"]
    assert [row["state"] for row in feed(rows)] == ["kept"] * (6 - done)
    assert len(select(root, "SELECT 1 FROM article")) == 1
    assert findings(root) == []
    again = scrapy(*job)
    assert (again.code, again.err) == (0, "")
    assert world.asked("paper.example") == ["/six", "/six"]
    assert len(world.asked("facts.example")) == 12


def test_a_killed_crawl_does_the_rest(world: World) -> None:
    """After SIGKILL the job goes on from what was acknowledged: at most what was in flight is asked for again."""
    job = job_of(world, "killed")
    running = start_scrapy(*job)
    deadline = time.monotonic() + 20
    while len(world.asked("facts.example")) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    running.process.send_signal(signal.SIGKILL)
    running.process.communicate(timeout=20)
    running.climbed()
    ended = scrapy(*job)
    assert (ended.code, ended.err) == (0, "")
    root = world.collection("killed")
    assert [row["state"] for row in rows_of(root)] == ["kept"] * 6 + ["no link"]
    assert findings(root) == []
    assert len(world.asked("facts.example")) <= 6 + 5
    assert world.asked("paper.example") == ["/six"]


def test_another_configuration_is_another_job(world: World) -> None:
    """With the JOBDIR of another article nothing is mixed up: this one is read and all that it cites is asked for."""
    assert scrapy(*job_of(world, "first"), *AFTER_ONE_SOURCE).code == 3
    ended = scrapy(*job_of(world, "second", articles=[{"url": f"{PAPER}/other"}]))
    assert (ended.code, ended.err) == (0, "")
    assert [row["state"] for row in rows_of(world.collection("second"))] == ["kept"] * 2
    assert world.asked("paper.example") == ["/six", "/other"]


def test_what_a_job_remembers(tmp_path: Path) -> None:
    """Readings in order, only for who asks for the same; a file that is none of ours or broken is a new job."""
    job = Job(path=tmp_path / FILE, asked="a")
    assert job.readings() == ()
    job.add(RecordId("urn:uuid:1"))
    job.add(RecordId("urn:uuid:2"))
    assert job.readings() == ("urn:uuid:1", "urn:uuid:2")
    assert Job(path=tmp_path / FILE, asked="b").readings() == ()
    for broken in ("", "[]", "{}", json.dumps({"asked": "a", "readings": 7}), "\x00"):
        (tmp_path / FILE).write_text(broken)
        assert job.readings() == ()
    job.finish()
    job.finish()
    assert list(tmp_path.iterdir()) == []
    nothing = Job(path=None, asked="a")
    nothing.add(RecordId("urn:uuid:1"))
    nothing.finish()
    assert nothing.readings() == ()


def test_a_jobdir_that_can_not_be_used_is_one_sentence(world: World) -> None:
    """A file in its place: exit code 2, and nothing is fetched."""
    (world.folder / "job").write_text("x")
    ended = scrapy(*job_of(world, "bad"))
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert world.asked("paper.example") == []
