"""Crawls that are asked to stop, and crawls whose disk is full: they end soon, with exit code 3, and what is left is whole."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from archive.model import Attempt, Capture, Citation, Outcome, Truncated
from tests.archive.living import block, findings, indexed, small_disk
from tests.capture.servers import ByteServer, answer, ok
from tests.crash.web import HALF, PARAGRAPH, configure, end, footnotary, members, page, serve, wait_for

INTERRUPTED = 3
WHOLE = ok(b"<html><body><p>The whole of an answer that takes its time.</p></body></html>", b"Content-Type: text/html").steps[0]
HOLDING = {"half.example/x": answer(HALF, then="hold"), "silent.example/x": answer(then="hold")}
BIG = page("A long report", "".join(f'<p>{PARAGRAPH * 3}<a href="http://x.example/{n}">{n}</a></p>' for n in range(4000)))


def asked_for(server: ByteServer, host: str) -> int:
    """The requests for pages of a host, or of hosts whose names begin so."""
    return sum(f"Host: {host}".encode() in one and not one.startswith(b"GET /robots.txt") for one in server.requests)


def end_of_run(root: Path) -> tuple[str | None, str | None]:
    """Why the last run ended, and when."""
    connection = sqlite3.connect(root / "index.sqlite")
    try:
        (row,) = connection.execute("SELECT reason, ended_at FROM run ORDER BY date DESC LIMIT 1").fetchall()
        return row[0], row[1]
    finally:
        connection.close()


def is_whole(root: Path) -> None:
    """Nothing is open, and verification finds nothing."""
    assert not list(root.rglob("*.open"))
    assert findings(root) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_stopped_once(tmp_path: Path, number: signal.Signals) -> None:
    """It ends within 10 seconds: what has come of an answer is kept as truncated, every citation has its attempt, everything
    is sealed."""
    with serve(60, HOLDING, pause=0.1) as server:
        configure(tmp_path, server)
        process = footnotary("crawl", folder=tmp_path)
        wait_for(lambda: asked_for(server, "half") and asked_for(server, "silent") and asked_for(server, "host") > 20)
        process.send_signal(number)
        began = time.monotonic()
        code, said, errors = end(process)
    assert time.monotonic() - began < 10
    assert code == INTERRUPTED
    assert errors.count("\n") == 1
    assert re.search(r"stopped \(shutdown\), \d+ citations were not done \(.+\): run it again to go on$", errors)
    assert "62 citations: " in said
    root = tmp_path / "collection"
    is_whole(root)
    reason, ended = end_of_run(root)
    assert reason == "shutdown"
    assert ended is not None
    (half,) = (one for one in indexed(root, Capture) if one.uri == "http://half.example/x")
    assert half.truncated == Truncated.UNSPECIFIED
    assert block(root, half.location) == HALF
    attempts = {one.citation_id: one for one in indexed(root, Attempt)}
    assert set(attempts) == {one.citation_id for one in indexed(root, Citation)}
    outcomes = {one.target: one.outcome for one in attempts.values()}
    assert outcomes["http://half.example/x"] == Outcome.CAPTURED
    assert outcomes["http://silent.example/x"] == Outcome.INTERRUPTED
    assert len([one for one in outcomes.values() if one == Outcome.INTERRUPTED]) > 1
    assert not members(process)


def test_what_is_in_flight_ends_when_it_is_stopped(tmp_path: Path) -> None:
    """An answer that is coming when the run is stopped comes to its end and is kept whole; what has not begun is named as
    missing. The end waits for nothing else."""
    assert isinstance(WHOLE, bytes)
    slow = answer(WHOLE[:60], 1.0, WHOLE[60:])
    with serve(1, {"slow.example/x": slow, "slow.example/late": slow}, pause=0.1) as server:
        config = configure(tmp_path, server)
        config.write_text(config.read_text().replace("concurrent_per_host: 4", "concurrent_per_host: 1"))
        process = footnotary("crawl", folder=tmp_path)
        wait_for(lambda: asked_for(server, "slow"))
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code, _, errors = end(process)
    assert time.monotonic() - began < 4
    assert code == INTERRUPTED
    root = tmp_path / "collection"
    is_whole(root)
    (slowly,) = (
        one for one in indexed(root, Capture) if one.uri.startswith("http://slow.example/") and "robots" not in one.uri
    )
    assert slowly.truncated is None
    assert block(root, slowly.location) == WHOLE
    missing = {"x": "late", "late": "x"}[slowly.uri.rpartition("/")[2]]
    assert re.search(rf"1 citation was not done \(\d http://slow\.example/{missing}\): run it again to go on$", errors)


def test_stopped_twice(tmp_path: Path) -> None:
    """It ends at once, and a repair makes the collection whole, with what had come."""
    with serve(60, HOLDING, pause=0.1) as server:
        configure(tmp_path, server)
        process = footnotary("crawl", folder=tmp_path)
        wait_for(lambda: asked_for(server, "half") and asked_for(server, "silent") and asked_for(server, "host") > 20)
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code, _, errors = end(process)
    assert time.monotonic() - began < 5
    assert (code, errors.count("\n")) == (INTERRUPTED, 1)
    root = tmp_path / "collection"
    assert end(footnotary("repair", "--collection", root, folder=tmp_path))[0] == 0
    is_whole(root)
    assert "http://article.example/" in {one.uri for one in indexed(root, Capture)}
    wait_for(lambda: not members(process), seconds=10)


def test_stopped_while_it_reads(tmp_path: Path) -> None:
    """Pages that wait for their readers do not hold up the end: their bytes are kept, and their citations are interrupted."""
    with serve(1, {f"big{n}.example/x": BIG for n in range(20)}) as server:
        configure(tmp_path, server)
        process = footnotary("crawl", folder=tmp_path)
        wait_for(lambda: asked_for(server, "big") == 20)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code, _, errors = end(process)
    assert time.monotonic() - began < 10
    assert code == INTERRUPTED
    assert re.search(r"stopped \(shutdown\), \d+ citations were not done \(.*\): run it again to go on$", errors)
    root = tmp_path / "collection"
    is_whole(root)
    unread = [one for one in indexed(root, Attempt) if one.outcome == Outcome.INTERRUPTED and one.capture_id]
    assert unread
    assert {one.reason for one in unread} == {"it came, and the run was stopped before it was read"}
    assert not members(process)


def test_stopped_before_the_article_came(tmp_path: Path) -> None:
    """A run that was stopped is incomplete, though there is no article: nobody has to change anything."""
    with serve(1) as server:
        server.answers = {**server.answers, "article.example/": answer(then="hold")}
        configure(tmp_path, server)
        process = footnotary("crawl", folder=tmp_path)
        wait_for(lambda: asked_for(server, "article"))
        process.send_signal(signal.SIGINT)
        code, _, errors = end(process)
    assert code == INTERRUPTED
    assert "article.example/ did not come: the run was stopped before an answer came" in errors
    is_whole(tmp_path / "collection")


def test_stopped_as_it_begins(tmp_path: Path) -> None:
    """Ctrl-C before the crawl could be asked to stop seals what was opened too, and the next run goes on from there."""
    with serve(1) as server:
        configure(tmp_path, server)
        root = tmp_path / "collection"
        process = footnotary("crawl", folder=tmp_path)
        wait_for(lambda: list(root.glob("derived/*.open")))
        process.send_signal(signal.SIGINT)
        code, _, errors = end(process)
        assert (code, errors.count("\n")) == (INTERRUPTED, 1)
        is_whole(root)
        assert end(footnotary("crawl", folder=tmp_path))[0] == 0
    is_whole(root)


def test_a_full_disk(tmp_path: Path) -> None:
    """The crawl ends at once with a sentence, exit code 3 and no traceback; with room again the next one has everything."""
    noise = {f"big{n}.example/x": page("Noise", f"<p>{os.urandom(30_000).hex()}</p>") for n in range(12)}
    with small_disk(tmp_path / "disk", size="400k") as enlarge, serve(10, noise) as server:
        configure(tmp_path / "disk", server)
        code, _, errors = end(footnotary("crawl", folder=tmp_path / "disk"))
        assert code == INTERRUPTED
        assert re.search(r"make room and run (it|the crawl) again$", errors)
        assert len(errors) < 1500
        acknowledged = {one.record_id for one in indexed(tmp_path / "disk" / "collection", Capture)}
        enlarge("20m")
        code, said, errors = end(footnotary("crawl", folder=tmp_path / "disk"))
        assert (code, errors) == (0, "")
        assert "22 citations: 22 kept" in said
        is_whole(tmp_path / "disk" / "collection")
        assert acknowledged <= {one.record_id for one in indexed(tmp_path / "disk" / "collection", Capture)}
