"""kill -9 at several moments of real crawls: nothing acknowledged is lost, the next run or `repair` mends, at once."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archive.model import Article, Attempt, Citation, Outcome
from tests.archive.living import acknowledged, digests, findings, indexed
from tests.capture.servers import ByteServer
from tests.crash.web import configure, end, footnotary, members, serve, wait_for

PAGES = 60
SEED = random.randrange(1 << 32)


@dataclass
class Crawls:
    """One collection, crawled and killed again and again. `acknowledged` are the captures whose rows were committed at a
    kill, with their digests, `killed` counts the crawls that had not ended by themselves."""

    folder: Path
    server: ByteServer
    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)
    killed: int = 0

    @property
    def root(self) -> Path:
        """The collection."""
        return self.folder / "collection"

    def kill(self, moment: Callable[[Crawls, Moment], None]) -> None:
        """Start a crawl, wait for a moment, kill it, and note what was acknowledged. All of its processes end."""
        process = footnotary("crawl", folder=self.folder)
        moment(self, Moment(asked=len(self.server.requests), process=process))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.killed += process.returncode == -signal.SIGKILL
        self.acknowledged |= acknowledged(self.root, self.folder / "copy")
        wait_for(lambda: not members(process), seconds=10)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A crawl that has just been started, and how many requests had come before it."""

    asked: int
    process: subprocess.Popen[str]


def at_the_lock(crawls: Crawls, moment: Moment) -> None:
    """As soon as the run has the collection."""
    pid = str(moment.process.pid)
    wait_for(lambda: (crawls.root / ".lock").exists() and pid in (crawls.root / ".lock").read_text())


def at_the_first_record(crawls: Crawls, moment: Moment) -> None:
    """When a file has just been begun."""
    sealed = {path.name for path in crawls.root.rglob("*.open")}
    wait_for(lambda: {path.name for path in crawls.root.rglob("*.open")} - sealed)


def in_the_middle(asked: int, *, more: float) -> Callable[[Crawls, Moment], None]:
    """Some time after so many requests have come."""

    def wait(crawls: Crawls, moment: Moment) -> None:
        wait_for(lambda: len(crawls.server.requests) - moment.asked > asked)
        time.sleep(random.Random(SEED + asked).uniform(0, more))

    return wait


def at_the_seal(crawls: Crawls, moment: Moment) -> None:
    """When index.cdxj is written, just before the files get their final names."""
    path = crawls.root / "indexes" / "index.cdxj"

    def written() -> int:
        return path.stat().st_mtime_ns if path.exists() else 0

    in_the_middle(PAGES // 2, more=0)(crawls, moment)
    before = written()
    wait_for(lambda: written() > before)


@pytest.fixture
def crawls(tmp_path: Path) -> Iterator[Crawls]:
    """A web of small pages, each a little slow, and a configuration for it."""
    with serve(PAGES, pause=0.06) as server:
        configure(tmp_path, server)
        yield Crawls(folder=tmp_path, server=server)


def repaired(crawls: Crawls) -> None:
    """`repair` mends what was left, and nothing acknowledged is missing."""
    code, said, errors = end(footnotary("repair", "--collection", crawls.root, folder=crawls.folder))
    assert (code, errors) == (0, "")
    assert said.endswith(f"{crawls.root} is whole\n")
    whole(crawls)


def whole(crawls: Crawls) -> None:
    """Nothing is open, verification finds nothing, and every capture that was acknowledged has the digests of then."""
    assert not list(crawls.root.rglob("*.open"))
    assert findings(crawls.root) == []
    assert {name: digests(crawls.root).get(name) for name in crawls.acknowledged} == crawls.acknowledged, SEED


@pytest.mark.timeout(120)
def test_killed_again_and_again(crawls: Crawls) -> None:
    """Crawls killed at their start, in the middle and while they seal: what mends is `repair` or the next crawl, which begins
    at once. The last one ends well and holds everything that was acknowledged before any of the kills."""
    crawls.kill(at_the_lock)
    crawls.kill(at_the_first_record)
    repaired(crawls)
    crawls.kill(in_the_middle(25, more=0.2))
    crawls.kill(in_the_middle(45, more=0.4))
    repaired(crawls)
    crawls.kill(in_the_middle(65, more=0.4))
    crawls.kill(at_the_seal)
    assert crawls.killed > 3
    assert len(crawls.acknowledged) > 10
    code, said, errors = end(footnotary("crawl", "--format", "json", folder=crawls.folder))
    assert (code, errors) == (0, "")
    assert [json.loads(line)["state"] for line in said.splitlines()] == ["kept"] * PAGES
    whole(crawls)
    article = max(indexed(crawls.root, Article), key=lambda one: one.date)
    citations = {one.citation_id for one in indexed(crawls.root, Citation) if one.article_id == article.record_id}
    attempts = [one for one in indexed(crawls.root, Attempt) if one.citation_id in citations]
    assert len(citations) == len(attempts) == PAGES
    assert {one.outcome for one in attempts} <= {Outcome.CAPTURED, Outcome.UNCHANGED}
