"""Where on the page a link stands, decided by what stands there and said in a short sentence.

First tier: a run whose words stand in the extracted text is the article's text, unless it is mostly link. Notes and
captions cite too, wherever the extractor left them. Second tier: a paragraph among the article's paragraphs that the
extractor dropped. Everything else takes its context from the nearest thing that the page's markup says, or from its shape.
There are rules about pages, none about publishers.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.model import Context
from pipelines.reading.grams import Grams
from pipelines.reading.places import Mark
from pipelines.reading.runs import Anchor, Run
from pipelines.reading.uris import is_lost, scheme_of, trimmed

IN_TEXT = 0.7
MOSTLY_LINK = 0.75
SENT = frozenset({"mailto", "sms", "whatsapp", "tg", "viber", "fb-messenger"})


@dataclass(frozen=True, slots=True)
class Decision:
    """A context and why."""

    context: Context
    reason: str


class Judge:
    """Decides about the links of one page."""

    def __init__(self, *, text: str) -> None:
        self._grams = Grams(text)
        self._shares: dict[int, float] = {}

    def decide(self, anchor: Anchor, *, target: str | None, page: str | None) -> Decision:
        """The context of one link."""
        return (
            place_apart(anchor.href, target=target, page=page)
            or _note_or_caption(anchor)
            or self._body(anchor)
            or _by_rel(anchor)
            or _marked(anchor)
            or Decision(Context.NAVIGATION, "stands outside of the article's text")
        )

    def share(self, run: Run) -> float:
        """How much of a run stands in the text; computed once for each run."""
        if id(run) not in self._shares:
            self._shares[id(run)] = self._grams.share(run.text)
        return self._shares[id(run)]

    def _body(self, anchor: Anchor) -> Decision | None:
        run = anchor.run
        if anchor.blocks > 1 or run.density > MOSTLY_LINK or not anchor.text.strip():
            return None
        if self.share(run) < IN_TEXT:
            return None
        return Decision(Context.BODY, "stands in a paragraph of the article's text")


def place_apart(href: str, *, target: str | None, page: str | None) -> Decision | None:
    """What the href alone decides: a place on the same page, or something that is no page at all."""
    return _same_page(href, target=target, page=page) or _unfetchable(href)


def _same_page(href: str, *, target: str | None, page: str | None) -> Decision | None:
    href = trimmed(href)
    if href.startswith("#") and not is_lost(href):
        return Decision(Context.SAME_PAGE, f"points at {href[:40]} on this page")
    if target and target == page and "#" in href:
        return Decision(Context.SAME_PAGE, "points at a place on this page")
    return None


def _unfetchable(href: str) -> Decision | None:
    scheme = scheme_of(href)
    if scheme in ("", "http", "https", "javascript", "about"):
        return None
    context = Context.SHARE if scheme in SENT else Context.NAVIGATION
    return Decision(context, f"{scheme}: names no page that can be fetched")


def _by_rel(anchor: Anchor) -> Decision | None:
    rel = (anchor.element.get("rel") or "").lower().split()
    for word, context in (("tag", Context.TAG), ("author", Context.AUTHOR), ("sponsored", Context.ADVERTISEMENT)):
        if word in rel:
            return Decision(context, f'the link says rel="{word}"')
    return None


def _note_or_caption(anchor: Anchor) -> Decision | None:
    for distance, mark in anchor.place.marks():
        if mark.context in (Context.NOTE, Context.CAPTION) and distance <= 6:
            return Decision(mark.context, mark.says)
    return None


def _marked(anchor: Anchor) -> Decision | None:
    mark: Mark | None = next((mark for _, mark in anchor.place.marks()), None)
    return Decision(mark.context, mark.says) if mark else None
