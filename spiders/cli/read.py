"""`footnotary read`: what pages say, without keeping them. They are read in workers, as in a crawl."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from pathlib import Path

from archive.model import Link, Uri
from pipelines.reading.document import Message, Reading
from pipelines.reading.pool import Readers
from spiders.article import ArticleSource, open_page
from spiders.units import url


def run(options: Namespace) -> int:
    """One JSON object a file, a line each. 1 when one of them can't be read; raises ArticleError when one can't be opened."""
    uri = Uri(url(options.url)) if options.url else None
    pages = [(name, open_page(Path(name))) for name in options.files]
    readers = Readers()
    try:
        readings = asyncio.run(_read(readers, [page for _, page in pages], uri))
    finally:
        readers.close()
    for (name, _), reading in zip(pages, readings, strict=True):
        print(json.dumps(_object(name, reading), ensure_ascii=False))
    return 1 if any(reading.unreadable for reading in readings) else 0


async def _read(readers: Readers, pages: list[ArticleSource], uri: Uri | None) -> list[Reading]:
    messages = [Message(data=page.content or b"", uri=uri, content_type=page.media_type) for page in pages]
    return await asyncio.gather(*(readers.read_message(message) for message in messages))


def _object(name: str, reading: Reading) -> dict[str, object]:
    """`agreement` and `verdict` are empty: nothing judges a page yet."""
    return {
        "file": name,
        "text": reading.text or None,
        "unreadable": reading.unreadable,
        "title": reading.title,
        "authors": list(reading.authors),
        "published": reading.published,
        "language": reading.language,
        "charset": reading.charset,
        "agreement": None,
        "verdict": None,
        "links": [_link(link) for link in reading.links],
    }


def _link(link: Link) -> dict[str, object]:
    return {
        "href": link.href,
        "target": link.target,
        "anchor": link.anchor.exact,
        "context": link.context,
        "reason": link.reason,
        "sentence": link.sentence.exact,
        "start": link.anchor.start,
        "end": link.anchor.end,
    }
