"""What is costly to make and only looked at is made once for all workers of a run.

    return once(tmp_path_factory, "example", crawl_example)

The first worker that asks makes it, the others wait and get the same. Whoever writes into it spoils it for everybody.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """What `make` gives for a folder of its own; it must be possible to pickle it."""
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"once-{name}"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = place / "made.pickle"
        if not made.exists():
            (place / "here").mkdir(exist_ok=True)
            made.write_bytes(pickle.dumps(make(place / "here")))
        found: T = pickle.loads(made.read_bytes())
        return found
