"""What a document is: by its bytes first, by its label second; what can't be read says why."""

from __future__ import annotations

import subprocess
import sys
import zlib

import pytest

from pipelines.reading.document import Message, ReadingLimits, charset_parameter, read, type_of

PAGE = b"<!doctype html><title>T</title><p>A sentence that is long enough, with <a href='https://a.example/'>a link</a>."


@pytest.mark.parametrize(
    ("data", "declared", "found"),
    [
        (b"%PDF-1.7 ...", "text/html", "application/pdf"),
        (b"\n\n%PDF-1.7 ...", None, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "image/png"),
        (b"\xff\xd8\xff\xe0", None, "image/jpeg"),
        (b"GIF89a", "text/plain", "image/gif"),
        (b"PK\x03\x04", "application/octet-stream", "application/zip"),
        (PAGE, None, "text/html"),
        (PAGE, "unk", "text/html"),
        (b"\xef\xbb\xbf <HTML lang=x>", "application/octet-stream", "text/html"),
        (PAGE, "text/plain; charset=utf-8", "text/plain"),
        (b"words", None, "text/plain"),
        (b"\x00\x01", None, "application/octet-stream"),
        (b"words", "TEXT/HTML;charset=x", "text/html"),
        (b"{}", "application/json", "application/json"),
        (b"", None, "text/plain"),
    ],
)
def test_type(data: bytes, declared: str | None, found: str) -> None:
    """Signatures win over the label, the label over a guess, and a label that says nothing is no label."""
    assert type_of(Message(data=data, content_type=declared)) == found


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Message(data=b"\x89PNG\r\n\x1a\n"), "image/png is not a type that is read"),
        (Message(data=b"{}", content_type="application/json"), "application/json is not a type that is read"),
        (Message(data=b"RIFF", content_type="audio/wav"), "audio/wav is not a type that is read"),
        (Message(data=b" \r\n"), "the document is empty"),
        (
            Message(data=PAGE, problem="the decoded content is larger than 5 bytes"),
            "the decoded content is larger than 5 bytes",
        ),
    ],
)
def test_what_is_not_read_is_named(message: Message, reason: str) -> None:
    """There is no text, no link and no guess; the reason is a sentence."""
    reading = read(message)
    assert (reading.text, reading.unreadable, reading.links, reading.tool) == (None, reason, (), "footnotary")


def test_sizes_are_limited() -> None:
    """A page and a text beyond the limit are not parsed, and the reason names both numbers."""
    limits = ReadingLimits(html=100)
    assert (
        read(Message(data=PAGE), limits=limits).unreadable
        == f"the page has {len(PAGE)} bytes, and pages over 100 are not parsed"
    )
    assert read(Message(data=b"w" * 101), limits=limits).unreadable == "the text has 101 bytes, and texts over 100 are not read"


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ('text/html; Charset="UTF-8"', "UTF-8"),
        ("text/html;charset=x;a=b", "x"),
        ("text/html", None),
        (None, None),
        ("a\r\nb: c", None),
    ],
)
def test_charset_parameter(value: str | None, charset: str | None) -> None:
    """The parameter as declared, whatever stands around it."""
    assert charset_parameter(value) == charset


def test_any_bytes_end_in_a_reading() -> None:
    """Noise under any label ends as a text or as a reason, never as both."""
    noise = zlib.compress(bytes(range(256)) * 20) * 5
    for label in (None, "text/html", "text/plain", "text/markdown", "application/pdf", "application/xhtml+xml", ";;"):
        reading = read(Message(data=noise, content_type=label))
        assert (reading.text is None) == (reading.unreadable is not None)


def test_the_values_load_no_extractor() -> None:
    """The process that passes readings on never loads trafilatura or PDFium."""
    loaded = "{'trafilatura', 'pypdfium2', 'lxml', 'markdown_it'} & set(sys.modules)"
    code = f"import sys, pipelines.reading.pool; sys.exit(bool({loaded}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
