"""One crawl of the example web and one collection of odd answers, both served by one pywb."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.replay import kept, odd, tools
from tests.replay.tools import ROOT, Tools, Wayback


@pytest.fixture(scope="session")
def environment() -> Tools:
    """The environment of pywb and cdxj-indexer."""
    return tools.find()


@pytest.fixture(scope="session")
def folder(environment: Tools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three collections: `example` is crawled, `odd` is written, `each` shows every record of both alone."""
    place = tmp_path_factory.mktemp("replay")
    collections = place / "collections"
    crawl = [sys.executable, "-m", "spiders.cli", "crawl", "--collection", str(collections / "example")]
    subprocess.run(crawl, cwd=ROOT, check=True, capture_output=True, timeout=60)
    odd.write(collections / "odd")
    kept.list_each(collections / "each", [collections / "example", collections / "odd"])
    return place


@pytest.fixture(scope="session", params=["example", "odd"])
def collection(request: pytest.FixtureRequest, folder: Path) -> Path:
    """Each of the two collections."""
    return folder / "collections" / str(request.param)


@pytest.fixture(scope="session")
def pywb(environment: Tools, folder: Path) -> Iterator[Wayback]:
    """pywb over all collections of the folder."""
    with tools.wayback(environment, folder) as server:
        yield server
