"""A collection of hostile words: titles, texts, anchors and addresses that want to be more than words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archive.collection import Collection
from archive.model import Article, Citation, Outcome, Quote, RecordId, Uri, digest_of
from archive.warc.draft import new_record_id
from tests.archive import index_samples as a
from tests.archive import living

BREAKS = '</title></p></a></mark></style><script>document.title="taken"</script><img src=x onerror=alert(1)>'
TURNED = "user\u202egnp.exe\u2066 and \u200f so on"
UNPRINTABLE = "a\x00b\x1b]0;title\x07c\ud800d\x9b"
ADDRESSES = (
    "javascript:alert(document.domain)",
    "data:text/html,<script>alert(1)</script>",
    'https://a.example/"><script>alert(1)</script>',
    "https://a.example/" + "very-long-and-without-a-blank-" * 40,
    "https://a.example/'onmouseover='alert(1)",
    "//a.example/x",
)
WORDS = (BREAKS, TURNED, UNPRINTABLE)
TEXT = "\n".join([*WORDS, "x" * 5000, "A last line."])
LONG = "\n".join(f"{number}. {'A line that goes on and on, and never ends. ' * 220}" for number in range(100))
"""A megabyte of text, nearly."""


def make(root: Path) -> Path:
    """Four articles: one of all these words, one without a text, one without citations, and a long one."""
    with living.running(root) as collection:
        _article(collection, "https://magazine.example/hostile", title=BREAKS + TURNED, text=TEXT, addresses=ADDRESSES)
        _article(collection, "https://magazine.example/silent", title=UNPRINTABLE, text=None, addresses=ADDRESSES[:2])
        _article(collection, "https://magazine.example/bare", title=None, text="Nothing is cited.", addresses=())
        _article(collection, "https://magazine.example/long", title=BREAKS * 10_000, text=LONG, addresses=ADDRESSES[2:3] * 60)
    return root


def _article(collection: Collection, uri: str, *, title: str | None, text: str | None, addresses: tuple[str, ...]) -> None:
    capture = collection.append(living.page(1, living.answer(uri.encode()), uri=Uri(uri))).result()
    run: dict[str, Any] = {"run_id": collection.run_id, "date": living.CLOCK()}
    extraction = a.extraction(
        **run,
        record_id=new_record_id(),
        capture_id=capture.record_id,
        uri=Uri(uri),
        text_id=None if text is None else new_record_id(),
        digest=None if text is None else digest_of(text.encode("utf-8", "replace")),
        unreadable=BREAKS if text is None else None,
        title=title,
        authors=(BREAKS, TURNED),
        language=BREAKS,
    )
    collection.keep_extraction(extraction, None if text is None else text.encode("utf-8", "replace").decode()).result()
    article = a.article(
        **run,
        record_id=new_record_id(),
        uri=Uri(uri),
        capture_id=capture.record_id,
        extraction_id=extraction.record_id,
        title=title,
        links=(),
    )
    collection.keep(article).result()
    for ordinal, address in enumerate(addresses, 1):
        words = WORDS[ordinal % len(WORDS)]
        anchor = _quote(text or "", words) if ordinal == 1 else Quote(exact=words)
        _cite(collection, article, ordinal, address, anchor, capture_id=capture.record_id, extraction_id=extraction.record_id)


def _quote(text: str, words: str) -> Quote:
    """These words where they stand."""
    start = text.find(words)
    return Quote(exact=words) if start < 0 else Quote(exact=words, start=start, end=start + len(words))


def _cite(collection: Collection, article: Article, ordinal: int, address: str, anchor: Quote, **kept: RecordId) -> None:
    words = anchor.exact
    citation: Citation = a.citation(
        ordinal,
        of=article,
        citation_id=new_record_id(),
        record_id=new_record_id(),
        run_id=collection.run_id,
        anchor=anchor,
        sentence=Quote(exact=f"It is {words} that says so." + (LONG if "long" in article.uri else "")),
        kind=words,
        href=address,
        target=Uri(address),
    )
    collection.keep(citation).result()
    came = ordinal % 2
    attempt = a.attempt(
        citation,
        record_id=new_record_id(),
        run_id=collection.run_id,
        date=living.CLOCK(),
        sequence=ordinal,
        outcome=Outcome.CAPTURED if came else Outcome.UNREACHABLE,
        reason=words,
        target=Uri(address),
        failure_id=None,
        **(kept if came else {"capture_id": None, "extraction_id": None}),
    )
    collection.keep(attempt).result()
