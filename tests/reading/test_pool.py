"""Readers: what takes a worker down costs its own reading and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.model import Location, Resource, Uri, utc_now
from archive.warc.records import resource_draft
from archive.warc.writer import WarcFile
from pipelines.reading.document import Message, Reading, ReadingLimits
from pipelines.reading.page import NO_TEXT
from pipelines.reading.pool import EXTRACTORS, Readers
from tests.quality.score import CORPUS, pages
from tests.reading import hostile

TEXT = Message(data=b"The report came on Monday. It [names](https://a.example/) three men.", content_type="text/plain")
LIMITS = ReadingLimits(seconds=1.0, memory=2 << 30)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """Two workers under a limit of one second and 2 GB."""
    readers = Readers(limits=LIMITS, workers=2)
    yield readers
    readers.close()


def together(*work: Coroutine[Any, Any, Reading]) -> list[Reading]:
    """The results of some readings that run at the same time."""

    async def gathered() -> list[Reading]:
        return list(await asyncio.gather(*work))

    return asyncio.run(gathered())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_documents_are_read_in_workers(readers: Readers) -> None:
    """A document is read in another process and comes back whole."""
    reading, worker = together(readers.read_message(TEXT), readers.run(hostile.whoami))
    assert reading.text == "The report came on Monday. It names three men."
    assert [link.target for link in reading.links] == ["https://a.example/"]
    assert int(worker.text or 0) != os.getpid()


def test_a_hang_costs_its_own_reading_only(readers: Readers) -> None:
    """A document that takes longer than the limit is unreadable; its neighbours are read."""
    slow, *rest = together(readers.run(hostile.hang, seconds=30.0), *(readers.read_message(TEXT) for _ in range(4)))
    assert slow.unreadable == "reading took longer than 1 seconds"
    assert [reading.unreadable for reading in rest] == [None] * 4


def test_a_crash_costs_its_own_reading_only(readers: Readers) -> None:
    """A worker that is killed by a fault, or leaves, costs the one document that it was reading."""
    crashed, left, *rest = together(
        readers.run(hostile.crash), readers.run(hostile.leave), *(readers.read_message(TEXT) for _ in range(4))
    )
    assert crashed.unreadable == "reading it ended the worker (signal SIGSEGV)"
    assert left.unreadable == "reading it ended the worker (exit code 7)"
    assert [reading.unreadable for reading in rest] == [None] * 4


def test_memory_is_limited(readers: Readers) -> None:
    """A document that wants more memory than its worker may take is unreadable; its neighbours are read."""
    large, *rest = together(readers.run(hostile.devour, size=3 << 30), *(readers.read_message(TEXT) for _ in range(2)))
    assert large.unreadable == "reading took more than 2048 MB of memory"
    assert [reading.unreadable for reading in rest] == [None] * 2


def test_an_unexpected_error_is_named(readers: Readers) -> None:
    """Whatever an extractor raises ends as one sentence."""
    (failed,) = together(readers.run(hostile.stumble))
    assert failed.unreadable == "reading it failed: LookupError: no such thing"


def test_ctrl_c_does_not_reach_the_reading(readers: Readers) -> None:
    """SIGINT to the group is the crawl's to answer, so a worker goes on."""
    (reading,) = together(readers.run(hostile.interrupted))
    assert reading.text == "went on"


def test_an_idle_worker_that_is_killed_does_no_harm(readers: Readers) -> None:
    """When the system kills a worker that reads nothing, the next document is read by another one."""
    (worker,) = together(readers.run(hostile.whoami))
    os.kill(int(worker.text or 0), signal.SIGKILL)
    time.sleep(0.3)
    (reading,) = together(readers.read_message(TEXT))
    assert reading.unreadable is None


def test_a_killed_neighbour_does_not_hurt_a_reading(readers: Readers, tmp_path: Path) -> None:
    """When the system kills an idle worker, what another one is reading still comes back."""
    pids = {int(reading.text or 0) for reading in together(*(readers.run(hostile.whoami, seconds=0.2) for _ in range(2)))}
    mine = tmp_path / "pid"

    async def killed_meanwhile() -> Reading:
        reading = asyncio.ensure_future(readers.run(hostile.hang, seconds=0.6, note=mine))
        while not mine.exists() or not mine.read_text():
            await asyncio.sleep(0.02)
        os.kill((pids - {int(mine.read_text())}).pop(), signal.SIGKILL)
        return await reading

    assert len(pids) == 2
    assert asyncio.run(killed_meanwhile()).text == "awake"


def test_close_ends_the_workers() -> None:
    """After `close` no worker is left, and nothing more is read."""
    readers = Readers(limits=LIMITS, workers=1)
    (worker,) = together(readers.run(hostile.whoami))
    readers.close()
    readers.close()
    assert not alive(int(worker.text or 0))
    with pytest.raises(RuntimeError, match="closed"):
        together(readers.read_message(TEXT))


def test_close_does_not_wait_for_a_hang() -> None:
    """Readings under way are cancelled at once."""
    readers = Readers(limits=replace(LIMITS, seconds=30), workers=1)

    async def closed_meanwhile() -> float:
        hanging = asyncio.ensure_future(readers.run(hostile.hang, seconds=30))
        await asyncio.sleep(0.5)
        started = time.monotonic()
        await asyncio.to_thread(readers.close)
        with pytest.raises(asyncio.CancelledError):
            await hanging
        return time.monotonic() - started

    assert asyncio.run(closed_meanwhile()) < 5


def test_no_worker_outlives_a_killed_crawl() -> None:
    """After kill -9 of the process that asked, a worker that hangs ends by itself soon after its limit."""
    code = (
        "import asyncio; from pipelines.reading.document import ReadingLimits as L; from pipelines.reading.pool import Readers;"
        "from tests.reading import hostile as h; r = Readers(limits=L(seconds=0.4), workers=1);"
        "print(asyncio.run(r.run(h.whoami)).text, flush=True); asyncio.run(r.run(h.orphan))"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as crawl:
        assert crawl.stdout is not None
        worker = int(crawl.stdout.readline())
        crawl.wait(timeout=20)
    deadline = time.monotonic() + 10
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(worker)


def test_readers_that_read_nothing_start_nothing() -> None:
    """Making and closing readers starts no process."""
    readers = Readers()
    readers.close()
    assert {name for name, _ in readers.tools} == set(EXTRACTORS)


def test_a_kept_record_is_read_from_its_place(tmp_path: Path, readers: Readers) -> None:
    """A job is a collection, a location and a URI: the worker reads the record by itself."""
    (tmp_path / "archive").mkdir()
    file = WarcFile(tmp_path / "archive" / "a.warc.gz.open")
    resource = Resource(uri=Uri("https://m.example/a"), content_type="text/plain", content=TEXT.data, at=utc_now())
    ((offset, length),) = file.write([resource_draft(resource)])
    file.seal()
    place = Location(file="archive/a.warc.gz", offset=offset, length=length)
    kept, lost = together(
        readers.read(tmp_path, place, uri=resource.uri),
        readers.read(tmp_path, replace(place, file="archive/gone.warc.gz"), uri=resource.uri),
    )
    assert kept.text == "The report came on Monday. It names three men."
    assert lost.text is None
    assert (lost.unreadable or "").startswith("the record at byte 0 of archive/gone.warc.gz can't be read")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the project")
def test_every_news_page_is_read_within_its_limits() -> None:
    """No page of the corpus crashes its reader or takes too long."""
    readers = Readers(workers=2)
    news = list(pages(CORPUS / "news"))
    try:
        readings = together(*(readers.read_message(page.message) for page in news))
    finally:
        readers.close()
    assert {reading.unreadable for reading in readings} <= {None, NO_TEXT}
    assert sum(1 for reading in readings if reading.links) >= len(readings) - 1
