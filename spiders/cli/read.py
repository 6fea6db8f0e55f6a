"""`footnotary read`: what pages say, without keeping them. They are read in workers, as in a crawl."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from mimetypes import guess_type
from pathlib import Path

from archive.model import Link, Uri
from archive.warc.http import decode
from pipelines.reading.document import Message, Reading, ReadingLimits
from pipelines.reading.pool import Readers
from pipelines.reading.stored import GZIP
from spiders.article import ArticleError
from spiders.configuration.units import url


def run(options: Namespace) -> int:
    """One JSON object a file, a line each. 1 when one of them can't be read; raises ArticleError when one can't be opened."""
    uri = Uri(url(options.url)) if options.url else None
    messages = [_message(Path(name), uri=uri) for name in options.files]
    readers = Readers()
    try:
        readings = asyncio.run(_read(readers, messages))
    finally:
        readers.close()
    for name, reading in zip(options.files, readings, strict=True):
        print(json.dumps(_object(name, reading), ensure_ascii=False))
    return 1 if any(reading.unreadable for reading in readings) else 0


def _message(path: Path, *, uri: Uri | None) -> Message:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArticleError(f"{path} can't be read: {error.strerror}") from error
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    problem = None
    if data.startswith(GZIP):
        decoded = decode([b"gzip"], [data], limit=ReadingLimits().decoded)
        data, problem = decoded.data, decoded.problem
    return Message(data=data, uri=uri, content_type=guess_type(bare.name)[0], problem=problem)


async def _read(readers: Readers, messages: list[Message]) -> list[Reading]:
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
