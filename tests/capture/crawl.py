"""A crawl in a process of its own: requests and policies in, what was kept and how each request ended out.

    outcome = run(Crawl(requests=(Ask(url=...),), network=..., capture=...))

The room's real handler, middlewares and extension run in a real CrawlerProcess; only the collection (in memory) and the
resolver (`names`) are handed in. The process refuses to connect to anything but loopback.
"""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError
from archive.model import Capture, Failure, KeptFailure, Outcome
from pipelines.capture.policy import CapturePolicy, NetworkPolicy, RobotsMode
from tests.capture.memory import Kept

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
NEVER = ((),)
"""The answers of a name server that says nothing."""
QUICK = CapturePolicy(delay=0.0, retries=0, time_limit=10.0, concurrent_per_host=8)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request of a crawl."""

    url: str
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Crawl:
    """What a crawl is made of. `names` are the answers of the resolver, look-up after look-up, the last one for ever.

    The collection is one in memory, or a real one at `collection`.
    """

    asks: tuple[Ask, ...]
    network: NetworkPolicy = field(default_factory=lambda: NetworkPolicy(allow=LOOPBACK, robots=RobotsMode.IGNORE))
    capture: CapturePolicy = QUICK
    names: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    collection: Path | None = None
    room: int = 1_000_000
    refusal: ArchiveError | None = None


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a request ended: with a response or with an error, and what stood in its meta then."""

    asked: str
    url: str
    status: int | None = None
    body: bytes = b""
    headers: Mapping[bytes, list[bytes]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    error: str | None = None
    outcome: Outcome | None = None
    reason: str = ""
    trail: tuple[str, ...] = ()
    capture: Capture | None = None
    failure: KeptFailure | None = None
    after: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What a crawl left behind. `looked_up` are the questions to the resolver in order."""

    kept: list[Kept]
    failures: list[Failure]
    sealed: tuple[str, dict[str, int]] | None
    endings: list[Ending]
    stats: dict[str, Any]
    looked_up: list[str]
    seconds: float
    log: str = ""

    def at(self, url: str) -> list[Kept]:
        """The exchanges of a URL, in the order in which they were kept."""
        return [kept for kept in self.kept if kept.uri == url]

    def failed(self, url: str) -> list[Failure]:
        """The failures of a URL."""
        return [failure for failure in self.failures if failure.uri == url]

    def ending(self, url: str) -> Ending:
        """How the request for a URL ended."""
        return next(ending for ending in self.endings if ending.asked == url)


def start(crawl: Crawl, *, environment: Mapping[str, str] | None = None) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a crawl; the path is where its outcome will be."""
    folder = Path(tempfile.mkdtemp(prefix="crawl-"))
    (folder / "in").write_bytes(pickle.dumps(crawl))
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.capture.crawl_process", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **(environment or {})},
    )
    return process, folder


def finish(process: subprocess.Popen[bytes], folder: Path, *, timeout: float = 40) -> Outcomes:
    """Wait for a crawl and read its outcome."""
    _, log = process.communicate(timeout=timeout)
    out = folder / "out"
    assert out.exists(), log.decode()
    outcomes: Outcomes = pickle.loads(out.read_bytes())
    shutil.rmtree(folder)
    assert "Traceback" not in outcomes.log, outcomes.log
    assert "Unhandled" not in outcomes.log, outcomes.log
    assert log == b"", log.decode()
    return outcomes


def run(crawl: Crawl, *, environment: Mapping[str, str] | None = None) -> Outcomes:
    """Run a crawl to its end."""
    return finish(*start(crawl, environment=environment))


def is_loopback(host: object) -> bool:
    """Whether a socket's address stays on the machine."""
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False
