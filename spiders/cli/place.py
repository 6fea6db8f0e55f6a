"""Which collection a command is about."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from archive.index.database import Database
from archive.layout import Layout
from spiders.config import load

CONFIG = Path("sources.yml")


def layout_of(options: Namespace) -> Layout:
    """`--collection`, or that of ./sources.yml. Raises CollectionError or ConfigError."""
    layout = Layout(Path(options.collection) if options.collection else load(CONFIG).collection)
    layout.read_identity()
    return layout


def index_of(layout: Layout) -> Database:
    """The index of a collection, for questions. Raises CollectionError."""
    return Database.open_read_only(layout.database)
