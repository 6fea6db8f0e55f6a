"""The name of a collection that nobody has named: after the title of its article, and the day on which it was begun.

A title is known only when the article has been read, so such a collection begins under a name that its address suggests and
gets its own when the run has ended. A crawl of the same article goes on in the collection that has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from archive.disk import translated
from archive.errors import ArchiveError
from archive.index.database import Database
from archive.layout import Layout, write_identity
from archive.lock import Lock
from archive.model import Clock, Uri

WORDS = 60
"""Letters of a title that its folder's name has at most."""

_KNOWN = "SELECT 1 FROM article WHERE uri = ?1 UNION ALL SELECT 1 FROM capture WHERE uri = ?1 AND role = 'article' LIMIT 1"


def folder_name(title: str, *, day: date) -> str:
    """The words of a title and the day (ISO 8601)."""
    return f"{slug(title)}-{day.isoformat()}"


def slug(title: str) -> str:
    """A name that any file system takes: letters and digits of any script in small letters, and hyphens; `article` for none."""
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", title)).strip("-").lower()
    while len(words) > WORDS or len(words.encode()) > 2 * WORDS:
        words = words.rpartition("-")[0] or words[: min(WORDS, len(words) - 1)]
    return words or "article"


def holding(parent: Path, uris: Iterable[Uri]) -> Path | None:
    """The collection below a folder that was asked for one of these articles; of several the one that was written last."""
    wanted = list(uris)
    found = [path for path in _collections(parent) if _knows(path, wanted)]
    return max(found, key=lambda path: Layout(path).database.stat().st_mtime, default=None)


def _collections(parent: Path) -> Iterator[Path]:
    for path in sorted(parent.iterdir()) if parent.is_dir() else ():
        if Layout(path).identity.is_file() and Layout(path).database.is_file():
            yield path


def _knows(path: Path, wanted: Iterable[Uri]) -> bool:
    with suppress(ArchiveError), Database.open_read_only(Layout(path).database) as database:
        return any(database.rows(_KNOWN, (uri,)) for uri in wanted)
    return False


def rename(path: Path, *, title: str, name: str, clock: Clock) -> Path:
    """Give a collection its title, and its folder a name beside the old one, or that name with a number where it is taken.

    Gives the new path. Raises CollectionError, and then it is as it was or has the title alone.
    """
    layout = Layout(path)
    lock = Lock.take(layout.lock, clock=clock)
    try:
        with translated(path):
            write_identity(layout.identity, replace(layout.read_identity(), title=title))
            target = next(free for free in _names(path.parent, name) if free == path or not free.exists())
            return path if target == path else path.rename(target)
    finally:
        lock.release()


def _names(parent: Path, name: str) -> Iterator[Path]:
    yield parent / name
    yield from (parent / f"{name}-{number}" for number in range(2, 10_000))
