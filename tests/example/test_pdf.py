"""What is printed is a PDF that others can read."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from spiders.example.folder import read_files
from spiders.example.pdf import printed
from spiders.example.web import HOSTS

ESTIMATE = "estimates/2023-07-sel-basin.pdf"


def read(data: bytes) -> tuple[list[str], dict[str, str]]:
    """The text of each page, its lines joined, and the document information."""
    document = pypdfium2.PdfDocument(data)
    try:
        pages = []
        for page in document:
            text = page.get_textpage()
            pages.append(" ".join(text.get_text_bounded().split()))
            text.close()
            page.close()
        return pages, document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()


def test_the_estimate_is_read_by_pdfium() -> None:
    """Three pages with the number that the article cites, title, author and date in the information."""
    pages, about = read(read_files(HOSTS / "intelligence.example")[ESTIMATE])
    assert len(pages) == 3
    assert "rebuild the ability to strike targets outside the Sel basin within 12 to 30 months" in pages[0]
    assert about["Title"] == "The Sel Basin After the Withdrawal"
    assert about["Author"] == "Office of National Estimates"
    assert about["CreationDate"] == "D:20230711090000Z"


def test_the_words_come_back() -> None:
    """Signs that PDF escapes, letters beyond ASCII and long paragraphs are printed and read again."""
    words = "Costs (of all kinds) fell \\ rose by £5 at the café: " + "word " * 60
    pages, about = read(printed(f"Title: A (b)\nAuthor: É\nDate: 2001-02-03\n\n# Head\n\n{words}\n----\nSecond"))
    assert pages == ["Head " + words.strip(), "Second"]
    assert about["Title"] == "A (b)"
    assert about["Author"] == "É"


def test_all_lines_of_the_estimate_fit_on_their_pages() -> None:
    """No text runs over an edge: every character lies within the margins of its page."""
    document = pypdfium2.PdfDocument(read_files(HOSTS / "intelligence.example")[ESTIMATE])
    for page in document:
        text = page.get_textpage()
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            assert left >= 70
            assert bottom >= 60
            assert right <= 595 - 36
            assert top <= 842 - 60
        text.close()
        page.close()
    document.close()


def test_the_same_text_is_the_same_file(tmp_path: Path) -> None:
    """Printing twice gives equal bytes, and a character that the fonts lack is an error."""
    text = "Title: T\nAuthor: A\nDate: 2001-02-03\n\nBody"
    assert printed(text) == printed(text)
    with pytest.raises(UnicodeEncodeError):
        printed(text + " \u0416")
