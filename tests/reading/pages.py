"""A page of our own with everything around its text that pages have, and builders of smaller ones."""

from __future__ import annotations

from pathlib import Path

from archive.model import Link, Uri
from pipelines.reading.document import Message, Reading, read

ARTICLE = (Path(__file__).parent / "data" / "article.html").read_text(encoding="utf-8")
URI = Uri("https://review.example/2034/harbor.html")
SENTENCES = (
    "The harbor report was given to the Assembly on Monday morning, after a delay of two weeks. ",
    "It runs to ninety pages and names the guards who were on the quay when the cars were parked there. ",
    "Nobody in the Council would say whether the men are still in the city, or who let them through the gate. ",
)


def paragraphs(count: int) -> str:
    """So many sentences of running text."""
    return "".join(SENTENCES[number % len(SENTENCES)] for number in range(count))


def around(*paragraph: str, before: str = "", after: str = "") -> str:
    """An article with these paragraphs between others of its kind."""
    inner = "".join(f"<p>{words}</p>" for words in (paragraphs(2), *paragraph, paragraphs(3)))
    return f"<html lang=en><body>{before}<main><article><h1>The Report</h1>{inner}</article></main>{after}</body></html>"


def reading_of(html: str) -> Reading:
    """The reading of a page at URI."""
    return read(Message(data=html.encode(), uri=URI, content_type="text/html; charset=utf-8"))


def links_of(html: str) -> dict[str, Link]:
    """The links of a page by their href."""
    return {link.href: link for link in reading_of(html).links}
