"""A PDF: the text of its pages in reading order, as PDFium gives it. PDFium is C++, so this runs in a worker only.

Pages are joined by form feeds, so that the page of a position can be counted. A word that was hyphenated at the end of a
line is whole again. Title, authors and date come from the document information (ISO 32000-1, 14.3.3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import version

import pypdfium2

from pipelines.reading.document import Reading

TOOL = "pypdfium2"
VERSION = version(TOOL)
OPTIONS = json.dumps({"pages": "form feed"}, sort_keys=True)
PAGE_END = "\f"

HYPHENATED = re.compile(r"[\ufffe\x02]\r?\n?")
LINE_END = re.compile(r"[ \t]*\r\n?|[ \t]+\n")
UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")
REASONS = {
    "Incorrect password error": "the PDF needs a password",
    "Unsupported security scheme error": "the PDF is protected in a way that can't be read",
    "Data format error": "the PDF is damaged or is none",
}


def read_pdf(data: bytes) -> Reading:
    """The reading of a PDF; one that can't be opened, or holds no text, says why."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return _unreadable(_reason(str(error)))
    try:
        return _read(document)
    except pypdfium2.PdfiumError as error:
        return _unreadable(_reason(str(error)))
    finally:
        document.close()


def _read(document: pypdfium2.PdfDocument) -> Reading:
    count = len(document)
    if not count:
        return _unreadable("the PDF has no pages")
    text = PAGE_END.join(_pages(document))
    information = document.get_metadata_dict(skip_empty=True)
    return Reading(
        text=text if text.strip() else None,
        unreadable=None if text.strip() else "the PDF holds no text: its pages may be pictures",
        title=information.get("Title", "").strip() or None,
        authors=_authors(information.get("Author", "")),
        published=_date(information.get("CreationDate", "")),
        pages=count,
        tool=TOOL,
        version=VERSION,
        options=OPTIONS,
    )


def _pages(document: pypdfium2.PdfDocument) -> Iterator[str]:
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        yield clean(words.get_text_range())
        words.close()
        page.close()


def clean(text: str) -> str:
    """The text of one page: hyphenated words whole, line ends as `\\n`, nothing that is not printed, no form feed."""
    text = LINE_END.sub("\n", HYPHENATED.sub("", text))
    return UNPRINTED.sub("", text.replace(PAGE_END, "\n")).strip()


def _authors(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(";") if name.strip())


def _date(written: str) -> str | None:
    """`D:20210827183000-04'00'` (ISO 32000-1, 7.9.4) as ISO 8601, as exact as it was written; None when it is no date."""
    match = DATE.match(written.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, utc, sign, offset, offset_minutes = match.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if hour is None or day is None:
        return date
    zone = "Z" if utc else f"{sign}{offset}:{offset_minutes or '00'}" if sign else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"


def _reason(message: str) -> str:
    return next((reason for sign, reason in REASONS.items() if sign in message), f"the PDF can't be read: {message}")


def _unreadable(reason: str) -> Reading:
    return Reading(unreadable=reason, tool=TOOL, version=VERSION, options=OPTIONS)
