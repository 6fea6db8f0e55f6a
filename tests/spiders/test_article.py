"""The article as the crawl starts from it."""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
from pathlib import Path

import pytest

from archive.model import Uri
from spiders.article import MAX_BYTES, ArticleError, ArticleSource, open_article
from spiders.config import ArticleConfig, CuratorEntry

PAGE = b"<!DOCTYPE html><html><body><p>Words.</p></body></html>"
TEXT = b"Words, [linked](#).\n"


def opened(path: Path, content: bytes, *, url: Uri | None = None) -> ArticleSource:
    """The source that a file of this content becomes."""
    path.write_bytes(content)
    return open_article(ArticleConfig(file=path, url=url))


def test_a_url() -> None:
    """A URL is to be fetched: no bytes, no type; the last part of its path is what it may be called."""
    told = (CuratorEntry(ordinal=1, kind="x"),)
    wanted = ArticleConfig(url=Uri("https://a.example/what-it-means/?b=2&a=%7e"), published="2021-08-27", citations=told)
    source = open_article(wanted)
    assert source == ArticleSource(
        uri=Uri("https://a.example/what-it-means/?b=2&a=%7e"),
        name="https://a.example/what-it-means/?b=2&a=%7e",
        title="what-it-means",
        published="2021-08-27",
        citations=told,
    )
    assert source.content is None


def test_a_file_is_called_by_its_digest(tmp_path: Path) -> None:
    """A file that was published nowhere is named by its bytes, and no path of the machine is in its URI or title."""
    source = opened(tmp_path / "my draft, ~2.txt", TEXT)
    assert source.uri == "urn:sha256:" + hashlib.sha256(TEXT).hexdigest()
    assert (source.content, source.media_type, source.title) == (TEXT, "text/plain", "my draft, ~2")
    assert str(tmp_path) not in source.uri + source.title


def test_a_file_that_was_published(tmp_path: Path) -> None:
    """A file with a URL is named by it, and its bytes are read all the same."""
    source = opened(tmp_path / "page.html", PAGE, url=Uri("https://a.example/1"))
    assert (source.uri, source.content) == ("https://a.example/1", PAGE)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.html", PAGE, "text/html"),
        ("a.HTM", b"<p>no doctype", "text/html"),
        ("a.html", b"words\0with a null", "text/html"),
        ("a.xhtml", PAGE, "application/xhtml+xml"),
        ("a.md", TEXT, "text/markdown"),
        ("a.markdown", TEXT, "text/markdown"),
        ("a.txt", TEXT, "text/plain"),
        ("a.txt", PAGE, "text/html"),
        ("a.md", b"\xef\xbb\xbf\n<?xml version='1.0'?><!-- saved --><HTML lang=en>", "text/html"),
        ("a", TEXT, "text/plain"),
        ("a.php", PAGE, "text/html"),
        ("a.txt", "Wörter".encode("latin-1"), "text/plain"),
        ("a.txt", "Wörter".encode("utf-16"), "text/plain"),
        ("a.html.gz", gzip.compress(PAGE, mtime=0), "application/gzip"),
        ("a.html", gzip.compress(PAGE, mtime=0), "application/gzip"),
        ("a.txt.gz", gzip.compress(TEXT, mtime=0), "application/gzip"),
        ("a.txt.gz", gzip.compress(TEXT * 20_000, mtime=0)[:-9], "application/gzip"),
        ("a.html.gz", PAGE, "text/html"),
    ],
)
def test_types(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    """What the bytes show counts before the file's name; bytes stay as they lie there, and a gzip is called one."""
    source = opened(tmp_path / name, content)
    assert (source.media_type, source.content) == (media_type, content)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"%PDF-1.7\n", "is a PDF, and articles are read from HTML, Markdown or plain text so far"),
        ("a.html", b"%PDF-1.7\n", "is a PDF"),
        ("a.pdf.gz", gzip.compress(b"%PDF-1.7\n", mtime=0), "is a PDF"),
        ("a.docx", b"PK\x03\x04", "is a ZIP file (such as .docx, .odt or .epub)"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "is an old Office file"),
        ("a.rtf", b"{\\rtf1", "is an RTF file"),
        ("a.png", b"\x89PNG\r\n", "is a picture"),
        ("a.bin", b"\x01\x00\x02", "is neither a page nor a text"),
        ("a.txt", b"words\0words", "is neither a page nor a text"),
        ("a.txt", b"", "is empty: there is no article in it"),
        ("a.txt", b" \n\t\n", "is empty: there is no article in it"),
        ("a.txt.gz", gzip.compress(b"\n", mtime=0), "is empty: there is no article in its gzip"),
        ("a.html.gz", b"\x1f\x8bnot gzip at all", "is a broken gzip file"),
    ],
)
def test_what_is_not_read(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    """A type that is not read, an empty file and a broken one are one sentence that names the file."""
    with pytest.raises(ArticleError) as caught:
        opened(tmp_path / name, content)
    assert str(caught.value).startswith(f"{tmp_path / name} {sentence}")
    assert "\n" not in str(caught.value)


def test_a_huge_file(tmp_path: Path) -> None:
    """A file too large to be an article is refused before it is read."""
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ArticleError, match="has 100,000,001 bytes, and articles over 100,000,000 are not read"):
        open_article(ArticleConfig(file=path))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Only the first part of a gzip is looked into."""
    source = opened(tmp_path / "a.txt.gz", gzip.compress(b"words " * 5_000_000))
    assert source.media_type == "application/gzip"


def test_what_is_no_file(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe and a name that is too long are one sentence each."""
    os.mkfifo(tmp_path / "pipe")
    for path, sentence in {
        tmp_path / "none.txt": "there is no such file",
        tmp_path: "is a folder: name the file of the article",
        tmp_path / "pipe": "is not a regular file",
        tmp_path / ("x" * 300): "can't be read: File name too long",
    }.items():
        with pytest.raises(ArticleError) as caught:
            open_article(ArticleConfig(file=path))
        assert sentence in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the super-user may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    """A file without permission is one sentence."""
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT)
    path.chmod(0)
    with pytest.raises(ArticleError, match="can't be read: Permission denied"):
        open_article(ArticleConfig(file=path))


def test_neither_url_nor_file() -> None:
    """A value that names nothing is refused."""
    with pytest.raises(ArticleError, match="an article needs a url or a file"):
        open_article(ArticleConfig())
