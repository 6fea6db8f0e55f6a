"""Prints a text as a small PDF (ISO 32000-1): Helvetica on A4, several pages, title, author and date in its information.

The source is plain text: `Name: value` lines up to the first empty one (Title, Author, Date as YYYY-MM-DD), then paragraphs.
A paragraph that begins with `# ` is a heading, a line of `----` begins a new page. Only characters of Windows-1252 can be
printed, because the standard fonts have no others. The same text gives the same bytes.
"""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 595, 842, 72
COLUMNS = 88
"""Characters of a line of body text: what fits between the margins at 10 points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One printed line: its words, size in points, and the space above it in points."""

    words: str
    size: int
    above: int


def printed(text: str) -> bytes:
    """The PDF of a text. Raises UnicodeEncodeError for a character that the fonts lack."""
    head, _, body = text.partition("\n\n")
    about = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}
    pages = [list(laid_out(page)) for page in body.split("\n----\n")]
    return assembled(objects(pages, about))


def laid_out(page: str) -> Iterator[Line]:
    """The lines of one page."""
    for paragraph in page.strip().split("\n\n"):
        heading = paragraph.startswith("# ")
        words = " ".join(paragraph.removeprefix("# ").split())
        size, columns, above = (15, 56, 30) if heading else (10, COLUMNS, 20)
        for row in textwrap.wrap(words, columns):
            yield Line(words=row, size=size, above=above)
            above = size + 4


def content(lines: Sequence[Line]) -> bytes:
    """The drawing operators of a page (9.4: text objects), from the upper margin down."""
    parts = [b"BT", b"1 0 0 1 %d %d Tm" % (MARGIN, HEIGHT - MARGIN)]
    for line in lines:
        font = b"F2" if line.size > 10 else b"F1"
        parts.append(b"/%b %d Tf 0 -%d Td %b Tj" % (font, line.size, line.above, string(line.words)))
    return b"\n".join((*parts, b"ET"))


def string(words: str) -> bytes:
    """A literal string (7.3.4.2) in Windows-1252, which the fonts' WinAnsiEncoding is."""
    data = words.encode("cp1252")
    for sign in (b"\\", b"(", b")"):
        data = data.replace(sign, b"\\" + sign)
    return b"(" + data + b")"


def objects(pages: Sequence[Sequence[Line]], about: Mapping[str, str]) -> list[bytes]:
    """The indirect objects, the first one with number 1: catalogue, page tree, two fonts, information, then the pages."""
    first = 6
    kids = b" ".join(b"%d 0 R" % (first + 2 * index) for index in range(len(pages)))
    date = about["Date"].replace("-", "")
    found = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(pages)),
        *(
            b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>" % name
            for name in (b"Helvetica", b"Helvetica-Bold")
        ),
        b"<< /Title %b /Author %b /CreationDate (D:%b090000Z) >>"
        % (string(about["Title"]), string(about["Author"]), date.encode("ascii")),
    ]
    for index, lines in enumerate(pages):
        found.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (WIDTH, HEIGHT, first + 2 * index + 1)
        )
        drawn = zlib.compress(content(lines), 9)
        found.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(drawn), drawn))
    return found


def assembled(bodies: Sequence[bytes]) -> bytes:
    """The file: header, objects, cross-reference table, trailer (7.5)."""
    out, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            size,
            table,
            size,
            len(out),
        )
    )
