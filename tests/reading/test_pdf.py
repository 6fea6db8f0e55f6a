"""PDF: text of the pages in order, or the reason why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.reading.document import Message, Reading, read
from pipelines.reading.pdf import clean

PDFS = Path(__file__).parents[2].parent / "shared" / "corpus" / "pdf"
UNREADABLE = {"empty.pdf": "the document is empty", "password-example.pdf": "the PDF needs a password"}


def pdf(*pages: str, information: str = "") -> bytes:
    """A small PDF with one line of text a page and the given document information."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, words in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET" if words else ""
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {fonts} /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< {information} >>")
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode("latin-1")


def reading(data: bytes) -> Reading:
    return read(Message(data=data, content_type="application/pdf"))


def test_pages_in_order_with_information() -> None:
    """Pages are joined by form feeds; title, authors and date come from the document information."""
    found = reading(
        pdf(
            "First page",
            "Second page",
            information="/Title (An Estimate) /Author (A. One; B. Two) /CreationDate (D:20210827183000-04'00')",
        )
    )
    assert found.text == "First page\fSecond page"
    assert (found.title, found.authors, found.published, found.pages) == (
        "An Estimate",
        ("A. One", "B. Two"),
        "2021-08-27T18:30:00-04:00",
        2,
    )
    assert (found.tool, found.unreadable) == ("pypdfium2", None)


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("D:2021", "2021"),
        ("20210827", "2021-08-27"),
        ("D:20210827183000Z", "2021-08-27T18:30:00Z"),
        ("D:20210827183000", "2021-08-27T18:30:00"),
        ("yesterday", None),
        ("D:202108271830+02'00", "2021-08-27T18:30:00+02:00"),
    ],
)
def test_dates_are_as_exact_as_they_were_written(written: str, date: str | None) -> None:
    """A date without a day, a time or a zone gets none."""
    assert reading(pdf("x", information=f"/CreationDate ({written})")).published == date


def test_what_can_not_be_read_says_why() -> None:
    """A damaged file, one cut short and one without text are unreadable, each with its reason."""
    assert reading(b"%PDF-1.7 and then nothing").unreadable == "the PDF is damaged or is none"
    assert reading(b"no pdf at all").unreadable == "the PDF is damaged or is none"
    assert reading(pdf("")).unreadable == "the PDF holds no text: its pages may be pictures"
    assert reading(pdf("", information="/Title (Scan)")).title == "Scan"


def test_bytes_tell_a_pdf_from_its_label() -> None:
    """A PDF that is declared as something else is read as a PDF."""
    assert read(Message(data=pdf("Words"), content_type="text/html")).text == "Words"


def test_clean() -> None:
    """Hyphenated words are whole, lines end in `\\n`, and nothing unprinted is left."""
    assert clean("inter\ufffe\r\nnational \r\nlaw\x00\f x \r\n") == "international\nlaw\n x"


@pytest.mark.skipif(not PDFS.is_dir(), reason="the corpus lies beside the project")
def test_real_pdfs_end_in_text_or_a_reason() -> None:
    """Each of the corpus has text, but for the two that can't be opened."""
    found = {path.name: reading(path.read_bytes()) for path in sorted(PDFS.glob("*.pdf"))}
    assert {name: result.unreadable for name, result in found.items() if result.text is None} == UNREADABLE
    assert all((result.text is None) == (result.unreadable is not None) for result in found.values())
