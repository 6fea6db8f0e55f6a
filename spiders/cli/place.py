"""Which collection a command is about, and how a path is shown."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from archive.errors import CollectionError
from archive.index.database import Database
from archive.layout import Layout

CONFIG = Path("sources.yml")
COLLECTIONS = Path("collections")
"""Where a crawl without a configuration keeps what it gets."""


def layout_of(options: Namespace) -> Layout:
    """`--collection`; else that of ./sources.yml; else the one that is here: this folder, or the only one in ./collections.

    Raises CollectionError or ConfigError.
    """
    layout = Layout(Path(options.collection) if options.collection else _here())
    layout.read_identity()
    return layout


def _here() -> Path:
    if CONFIG.exists():
        from spiders.config import load  # YAML is not needed where there is none

        return load(CONFIG).collection
    if Layout(Path()).identity.exists():
        return Path()
    found = [path for path in sorted(COLLECTIONS.glob("*")) if Layout(path).identity.exists()]
    if len(found) == 1:
        return found[0]
    if found:
        raise CollectionError(f"there are several collections here, name one with --collection: {', '.join(map(str, found))}")
    raise CollectionError("there is no sources.yml and no collection here: name a collection with --collection DIR")


def index_of(layout: Layout) -> Database:
    """The index of a collection, for questions. Raises CollectionError."""
    return Database.open_read_only(layout.database)


def shown(path: Path) -> str:
    """A path as a person here would write it."""
    inside = os.path.relpath(path)
    return str(path) if inside.startswith("..") else inside
