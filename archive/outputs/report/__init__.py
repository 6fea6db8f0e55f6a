"""The report: one static page an article, and a front page over all articles of a collection.

The pages need no script and no network, and nothing in them can run or fetch anything. They are made of the collection alone:
the same collection gives the same pages, byte for byte. Each file is written whole or not at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from archive.disk import translated
from archive.index.database import Database
from archive.layout import Layout
from archive.model import Article, Uri
from archive.naming import slug
from archive.outputs.report.article import article_page
from archive.outputs.report.front import Entry, front_page
from archive.outputs.report.gather import facts_of
from archive.outputs.table import rows_of

FRONT = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The front page, and the pages of the articles that were written, in the order of `Database.articles`."""

    front: Path
    pages: tuple[Path, ...]


def write(layout: Layout, database: Database, *, into: Path, only: Collection[Uri] | None = None) -> Written:
    """Write the pages of all articles, or of those with these URIs, and the front page.

    Raises CollectionError where a page can't be written or the index not be read.
    """
    title = layout.read_identity().title
    with translated(into):
        into.mkdir(parents=True, exist_ok=True)
    pages = []
    entries = []
    for article in database.articles():
        name = page_name(article)
        entries.append(Entry(article=article, rows=tuple(rows_of(database, article)), page=name))
        if only is None or article.uri in only:
            facts = facts_of(layout.root, database, article)
            pages.append(_put(into / name, article_page(facts, collection=title, front=FRONT)))
    front = front_page(entries, collection=title, last=database.last_run())
    return Written(front=_put(into / FRONT, front), pages=tuple(pages))


def page_name(article: Article) -> str:
    """The name of an article's page: the last words of its address, and a digest of it, so that it is the same each time."""
    last = re.split(r"[?#]", article.uri)[0].rstrip("/").rpartition("/")[2]
    words = slug(last.rpartition(".")[0] or last) if "/" in article.uri else "article"
    return f"{words}-{hashlib.sha256(article.uri.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}.html"


def _put(path: Path, document: str) -> Path:
    """Write a document whole or not at all."""
    draft = path.with_name(path.name + ".new")
    with translated(path):
        draft.write_text(document, encoding="utf-8")
        draft.replace(path)
    return path
