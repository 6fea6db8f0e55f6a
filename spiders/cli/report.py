"""`footnotary report`: a page an article, and a front page, for a browser."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from pathlib import Path

from archive.errors import CollectionError
from archive.index.database import Database
from archive.layout import Layout
from archive.model import Article
from archive.outputs.plain import json_line, plain
from archive.outputs.report import Written, write
from archive.outputs.table import rows_of
from spiders.cli.place import index_of, layout_of, shown


def run(options: Namespace) -> int:
    """Write all pages, and say where they are. Raises CollectionError."""
    layout = layout_of(options)
    into = Path(options.output) if options.output else layout.report
    with index_of(layout) as database:
        written = _written(layout, database, into)
        for article, page in zip(database.articles(), written.pages, strict=True):
            print(_object(article, database, page) if options.format == "json" else _line(article, page))
    if options.format == "table":
        print(f"Open {shown(written.front)} in a browser")
    return 0


def _written(layout: Layout, database: Database, into: Path) -> Written:
    try:
        return write(layout, database, into=into)
    except CollectionError as error:
        if not isinstance(error.__cause__, OSError):  # the collection can't be read, and another folder is no help
            raise
        raise CollectionError(f"the report could not be written ({error}): name another folder with --output DIR") from error


def _line(article: Article, page: Path) -> str:
    return f"{shown(page)}  {plain(article.title or article.uri)}"


def _object(article: Article, database: Database, page: Path) -> str:
    counts = Counter(row.state for row in rows_of(database, article))
    return json_line({"article": article.uri, "title": article.title, "path": str(page), "counts": counts})
