"""A run or a mending that is killed at any step that it takes on the disk leaves a collection that can be mended."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.layout import Layout
from archive.repair import repair
from tests.archive.living import CLOCK, acknowledged, block, committed, digests, dump, findings, indexed, opened, page, running
from tests.crash.web import ROOT


def killed(work: str, folder: Path, *, origin: Path | None = None) -> list[Path]:
    """What each kill left behind, step by step; the last one is the work that came to its end."""
    folder.mkdir()
    command = [sys.executable, "-W", "error", "-m", "tests.crash.points", work, str(origin or "-"), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return sorted((path for path in folder.glob("*.told")), key=lambda path: int(path.stem))


def test_a_run_killed_at_any_step(tmp_path: Path) -> None:
    """Whatever a future had said to be written is there after the mending, whatever was acknowledged with its digest, and
    verification finds nothing."""
    every = killed("run", tmp_path / "killed")
    assert len(every) > 60
    alive = every.pop()
    for told in every:
        root = told.with_suffix("")
        before = acknowledged(root, tmp_path / "copy")
        if not (root / "collection.yml").exists():
            with running(root):
                pass
        repair(Layout(root), clock=CLOCK)
        assert findings(root) == [], told.stem
        assert not list(root.rglob("*.open")), told.stem
        after = digests(root)
        assert {name: after.get(name) for name in before} == before, told.stem
        assert set(told.read_text().split()) <= committed(root, "record"), told.stem
    assert findings(alive.with_suffix("")) == []


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection with a sealed file and two open ones, one of them torn."""
    folder = tmp_path_factory.mktemp("cut")
    with running(folder / "living") as collection:
        collection.append(page(1)).result()
    collection = opened(folder / "living", sync_within=100)
    for number in range(3):
        collection.append(page(number)).result()
    shutil.copytree(folder / "living", folder / "cut")
    collection.seal(reason="finished", counts={})
    (torn,) = (folder / "cut" / "archive").glob("*.open")
    torn.write_bytes(torn.read_bytes()[:-50])
    return folder / "cut"


def test_a_mending_killed_at_any_step(cut: Path, tmp_path: Path) -> None:
    """The next mending gives the same records with the same bytes as one that was never disturbed, and leaves nothing else."""
    every = killed("repair", tmp_path / "killed", origin=cut)
    assert len(every) > 12
    whole = every[-1].with_suffix("")
    expected = {one.record_id: (one.block_digest, block(whole, one.location)) for one in indexed(whole)}
    assert len(expected) == 5
    for told in every:
        root = told.with_suffix("")
        repair(Layout(root), clock=CLOCK)
        assert findings(root) == [], told.stem
        assert {one.record_id: (one.block_digest, block(root, one.location)) for one in indexed(root)} == expected, told.stem
        assert len(dump(root)) == len(dump(whole)), told.stem
        assert sorted(path.name for path in root.rglob("*") if path.is_file()) == sorted(
            path.name for path in whole.rglob("*") if path.is_file()
        ), told.stem
