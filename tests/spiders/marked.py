"""Links out of a Markdown text for tests: plain enough to see that the tests are right, whatever the readers do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.model import Context, Link, Quote, Uri

LINK = re.compile(r"\[(?P<anchor>[^\]]+)\]\((?P<href>[^)\s]*)\)")
BORDER = re.compile(r"(?<!\bU\.S)(?<!\bAug)(?<!\bDr)(?<!\bGen)[.!?][”\"]?(?=\s+[“\"A-Z])|\n{2,}")
AROUND = 32


def marked(markdown: str, *, positions: bool = True, context: Context = Context.BODY) -> tuple[Link, ...]:
    """Each `[anchor](href)` of a text as a link, with its sentence; `positions` are those in the text without markup."""
    text, places = _plain(markdown)
    cuts = [0, *(found.end() for found in BORDER.finditer(text)), len(text)]
    return tuple(
        Link(
            ordinal=number,
            href=href,
            target=Uri(href) if ":" in href else None,
            anchor=_quote(text, start, end, positions=positions),
            sentence=_quote(text, *_sentence(text, cuts, start), positions=positions),
            context=context,
            reason="a test says so",
        )
        for number, (start, end, href) in enumerate(places, 1)
    )


def _plain(markdown: str) -> tuple[str, list[tuple[int, int, str]]]:
    text, places, last = "", [], 0
    for found in LINK.finditer(markdown):
        text += markdown[last : found.start()]
        places.append((len(text), len(text) + len(found["anchor"]), found["href"]))
        text, last = text + found["anchor"], found.end()
    return text + markdown[last:], places


def _sentence(text: str, cuts: list[int], position: int) -> Iterator[int]:
    start = max(cut for cut in cuts if cut <= position)
    end = min(cut for cut in cuts if cut > position)
    stretch = text[start:end]
    yield start + len(stretch) - len(stretch.lstrip())
    yield start + len(stretch.rstrip())


def _quote(text: str, start: int, end: int, *, positions: bool) -> Quote:
    return Quote(
        exact=text[start:end],
        prefix=text[max(0, start - AROUND) : start],
        suffix=text[end : end + AROUND],
        start=start if positions else None,
        end=end if positions else None,
    )
