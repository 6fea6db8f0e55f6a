"""An article as the crawl starts from it: a URL to ask for, or the bytes of a local file with a name that is no path.

A file's URI is where it was published, or `urn:sha256:` and the digest of its bytes: a path of this machine stands in no
record. The bytes are kept as they lie on the disk, gzip included; only its first part is looked into, to name the type. What
can't be read is one sentence, raised before anything is fetched or written.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path

from archive.model import Uri
from spiders.configuration.values import ArticleConfig, CuratorEntry

MAX_BYTES = 100_000_000
"""What is larger is not read whole into memory; the reader would not parse it either."""

SNIFFED = 64 * 1024

GZIP = "application/gzip"

_EXTENSIONS = {
    ".html": "text/html",
    ".htm": "text/html",
    ".shtml": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".text": "text/plain",
}

_OTHERS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP file (such as .docx, .odt or .epub)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (such as .doc)"),
    (b"{\\rtf", "an RTF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"WARC/", "a WARC file"),
    (b"bplist", "a web archive of Safari"),
)

_PAGE = re.compile(rb"(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_GZIPPED = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class ArticleError(ValueError):
    """An article that the crawl can't start from; the words are one sentence that names the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSource:
    """What the crawl starts from. `content` is None for an article that is to be fetched, and so is `media_type` unknown.

    `media_type` is that of the bytes as they lie there (`application/gzip` for a gzipped page). `name` is for messages and
    never for records, `title` what the file's name or the URL suggests until the article is read. `published` is ISO 8601.
    """

    uri: Uri
    name: str
    title: str
    content: bytes | None = None
    media_type: str = ""
    published: str | None = None
    citations: tuple[CuratorEntry, ...] = ()


def open_article(wanted: ArticleConfig) -> ArticleSource:
    """The article that a configuration names; reads its file where it has one. Raises ArticleError."""
    if wanted.file is not None:
        return _from_file(wanted, wanted.file)
    if wanted.url is None:
        raise ArticleError("an article needs a url or a file")
    last = wanted.url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return ArticleSource(uri=wanted.url, name=wanted.url, title=last, published=wanted.published, citations=wanted.citations)


def _from_file(wanted: ArticleConfig, path: Path) -> ArticleSource:
    content = _content(path)
    return ArticleSource(
        uri=wanted.url or Uri("urn:sha256:" + hashlib.sha256(content).hexdigest()),
        name=str(path),
        title=_bare(path).stem,
        content=content,
        media_type=_media_type(content, path=path),
        published=wanted.published,
        citations=wanted.citations,
    )


def _content(path: Path) -> bytes:
    """The bytes of a regular file; a pipe or a device would be waited for without end."""
    try:
        problem = _problem(path.stat())
        content = b"" if problem else path.read_bytes()
    except FileNotFoundError as error:
        raise ArticleError(f"{path}: there is no such file") from error
    except OSError as error:
        raise ArticleError(f"{path} can't be read: {error.strerror}") from error
    if problem:
        raise ArticleError(f"{path} {problem}")
    if not content.strip():
        raise ArticleError(f"{path} is empty: there is no article in it")
    return content


def _problem(found: os.stat_result) -> str | None:
    if stat.S_ISDIR(found.st_mode):
        return "is a folder: name the file of the article"
    if not stat.S_ISREG(found.st_mode):
        return "is not a regular file: save the article in one"
    if found.st_size > MAX_BYTES:
        return f"has {found.st_size:,} bytes, and articles over {MAX_BYTES:,} are not read"
    return None


def _media_type(content: bytes, *, path: Path) -> str:
    """The type of the bytes: what they show, then what the file's name says. Raises ArticleError for what is not read."""
    start = _start(content, path=path)
    other = next((words for magic, words in _OTHERS if start.startswith(magic)), None)
    if other:
        raise ArticleError(f"{path} is {other}, and articles are read from HTML, Markdown or plain text so far")
    named = _EXTENSIONS.get(_bare(path).suffix.lower(), "text/plain")
    page = "html" in named or _is_page(start)
    if b"\0" in start and not page and not start.startswith(_UTF_16):
        raise ArticleError(f"{path} is neither a page nor a text: it holds bytes that no text has")
    if content.startswith(_GZIPPED):
        return GZIP
    return "text/html" if page and "html" not in named else named


def _start(content: bytes, *, path: Path) -> bytes:
    """The first part of the document, out of its gzip where it is in one (RFC 1952)."""
    if not content.startswith(_GZIPPED):
        return content[:SNIFFED]
    try:
        start = zlib.decompressobj(wbits=31).decompress(content, SNIFFED)
    except zlib.error as error:
        raise ArticleError(f"{path} is a broken gzip file ({error})") from error
    if not start.strip():
        raise ArticleError(f"{path} is empty: there is no article in its gzip")
    return start


def _is_page(start: bytes) -> bool:
    return _PAGE.match(start.removeprefix(b"\xef\xbb\xbf")) is not None


def _bare(path: Path) -> Path:
    """The path without the ending that gzip adds."""
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path
