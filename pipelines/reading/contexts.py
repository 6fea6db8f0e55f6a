"""Where on the page a link stands, decided by what stands there and said in a short sentence.

First tier: a run whose words stand in the extracted text is the article's text, unless it is mostly link, a label with a
headline, or the markup near it says otherwise. Notes and captions cite too, wherever the extractor left them. Second tier:
a paragraph among the article's paragraphs that the extractor dropped. Everything else takes its context from the nearest
thing that the page's markup says. There are rules about pages, none about publishers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import _Element

from archive.model import Context
from pipelines.reading.outline import MOSTLY_LINK, SENTENCE, Outline
from pipelines.reading.runs import Anchor, Run
from pipelines.reading.uris import is_lost, scheme_of, trimmed

SENT = frozenset({"mailto", "sms", "whatsapp", "tg", "viber", "fb-messenger"})
APART = frozenset({Context.NAVIGATION, Context.FOOTER, Context.SHARE, Context.AUTHOR})
NEAR = 5
"""Elements. A mark nearer than this speaks against the article's text, a farther one does not."""

LABEL = 45
HANDLE = re.compile(r"[@#]\w+")
LABELLED = re.compile(r"[:|>»›–—-]\s*$")
BETWEEN = re.compile(r"[\s|,;·•/&»>()-]*")
INVITED = re.compile(r"\bnewsletters?\b", re.I)
INVITES = re.compile(
    r"\b(?:sign(?:ing)?[ -]?up|subscri|inbox|register|abonn|anmeld|inscri|suscr|iscri|inschrij|zapisz)"
    r"|\bget\b.*\b(?:daily|weekly)\b",
    re.I,
)
FOLLOW = re.compile(
    r"\W*(?:follow|folgen|suivez|sigue|seguici|volg)\b.{1,60}\b(?:Twitter|X|Facebook|Instagram|YouTube|LinkedIn|TikTok|WhatsApp|"
    r"Telegram|Threads|Bluesky|Mastodon|Google News)\b",
    re.I,
)
LONGEST_INVITATION = 240


@dataclass(frozen=True, slots=True)
class Decision:
    """A context and why."""

    context: Context
    reason: str


class Judge:
    """Decides about the links of one page."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._runs: dict[Run, Decision | None] = {}

    def decide(self, anchor: Anchor, *, target: str | None, page: str | None) -> Decision:
        """The context of one link: the first rule that knows."""
        return (
            place_apart(anchor.href, target=target, page=page)
            or (self._citing(anchor) if anchor.text.strip() else None)
            or _by_rel(anchor)
            or self._marked(anchor)
            or Decision(Context.NAVIGATION, "stands outside of the article's text")
        )

    def _citing(self, anchor: Anchor) -> Decision | None:
        """What links with words may be; a picture alone cites nothing."""
        return self._note(anchor) or self._caption(anchor) or self._text(anchor)

    def _note(self, anchor: Anchor) -> Decision | None:
        if self._outline.is_note(anchor.run):
            return Decision(Context.NOTE, "stands in a note or a list of sources")
        return self._only(anchor, Context.NOTE)

    def _caption(self, anchor: Anchor) -> Decision | None:
        return self._only(anchor, Context.CAPTION) if anchor.run.density <= MOSTLY_LINK else None

    def _only(self, anchor: Anchor, context: Context) -> Decision | None:
        """The nearest mark, when it says `context` and nothing around it says something else."""
        marks = [mark for _, mark in self._outline.marks(anchor.place)]
        return Decision(context, marks[0].says) if marks and {mark.context for mark in marks} == {context} else None

    def _text(self, anchor: Anchor) -> Decision | None:
        """First and second tier, and what looks like them and is not."""
        if self._is_address(anchor):
            return Decision(Context.BODY, "is an address written out in the article's text")
        if anchor.blocks > 1:
            return None
        if anchor.run not in self._runs:
            self._runs[anchor.run] = self._of_run(anchor.run)
        found = self._runs[anchor.run]
        if found is None or found.context is not Context.BODY:
            return found
        return self._apart(anchor) or _handle(anchor) or found

    def _of_run(self, run: Run) -> Decision | None:
        """What a whole run is; asked once, because a run may hold thousands of links."""
        if self._outline.in_text(run):
            reason = "stands in a paragraph of the article's text"
        elif self._outline.is_among_paragraphs(run) and SENTENCE.search(run.text):
            reason = "stands in a paragraph among those of the article's text"
        else:
            return None
        body = Decision(Context.BODY, reason) if run.density <= MOSTLY_LINK else None
        return self._headlines(run) or _invitation(run) or body

    def _apart(self, anchor: Anchor) -> Decision | None:
        for distance, mark in self._outline.marks(anchor.place):
            if distance <= NEAR and mark.context in APART and mark.says != "inside <header>":
                return Decision(mark.context, mark.says)
        return None

    def _headlines(self, run: Run) -> Decision | None:
        """A label and headlines: "Read more: ...", "Topic | ...", with nothing said around the links."""
        anchors = self._outline.anchors(run)
        opening = run.text[: anchors[0].start]
        rest = [run.text[one.end : two.start] for one, two in itertools.pairwise(anchors)]
        rest.append(run.text[anchors[-1].end :])
        if len(opening) > LABEL or not LABELLED.search(opening) or not all(BETWEEN.fullmatch(piece) for piece in rest):
            return None
        return Decision(Context.RELATED, "is a headline behind a label, not part of a sentence")

    def _is_address(self, anchor: Anchor) -> bool:
        """A paragraph that is nothing but the address that it links to: how posts are embedded."""
        words = anchor.text.strip()
        return bool(words) and words == anchor.run.text and words == trimmed(anchor.href) and self._outline.in_text(anchor.run)

    def _marked(self, anchor: Anchor) -> Decision | None:
        mark = next((mark for _, mark in self._outline.marks(anchor.place) if mark.context not in CITE), None)
        return Decision(mark.context, mark.says) if mark else None


CITE = frozenset({Context.NOTE, Context.CAPTION})


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


def _invitation(run: Run) -> Decision | None:
    """A sentence that asks the reader to sign up or to follow."""
    if len(run.text) > LONGEST_INVITATION:
        return None
    if INVITED.search(run.text) and INVITES.search(run.text):
        return Decision(Context.NEWSLETTER, "asks the reader to sign up for a newsletter")
    if FOLLOW.match(run.text):
        return Decision(Context.SHARE, "asks the reader to follow an account")
    return None


def _handle(anchor: Anchor) -> Decision | None:
    if HANDLE.fullmatch(anchor.text.strip()) and any(element.tag == "blockquote" for element in _around(anchor)):
        return Decision(Context.TAG, "names an account or a hashtag in an embedded post")
    return None


def _around(anchor: Anchor) -> Iterator[_Element]:
    return itertools.islice(anchor.element.iterancestors(), NEAR)


def _by_rel(anchor: Anchor) -> Decision | None:
    rel = (anchor.element.get("rel") or "").lower().split()
    for word, context in (("tag", Context.TAG), ("author", Context.AUTHOR), ("sponsored", Context.ADVERTISEMENT)):
        if word in rel:
            return Decision(context, f'the link says rel="{word}"')
    return None
