"""What the page's own markup says about a place: element, role, and the words in class and id.

These are hints for people and styles, not facts: a mark counts where it is near, and gives way to what stands in the
article's text. The words are those that pages in many languages use for their English class names.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml.etree import _Element

from archive.model import Context

TAGS = {
    "nav": Context.NAVIGATION,
    "menu": Context.NAVIGATION,
    "header": Context.NAVIGATION,
    "footer": Context.FOOTER,
    "aside": Context.RELATED,
    "figcaption": Context.CAPTION,
}
ROLES = {
    "navigation": Context.NAVIGATION,
    "banner": Context.NAVIGATION,
    "menu": Context.NAVIGATION,
    "menubar": Context.NAVIGATION,
    "contentinfo": Context.FOOTER,
    "complementary": Context.RELATED,
    "doc-endnotes": Context.NOTE,
    "doc-endnote": Context.NOTE,
    "doc-footnote": Context.NOTE,
    "doc-bibliography": Context.NOTE,
    "doc-biblioentry": Context.NOTE,
}
WORDS = (
    (Context.NOTE, r"foot-?notes?|end-?notes?|references|reflist|ref-?list|bibliography|citations?-list"),
    (Context.SHARE, r"share|sharing|shares|social|sociallinks|share-?bar|addtoany|sharedaddy|follow-?us"),
    (Context.NEWSLETTER, r"newsletters?|subscribe|subscription|sign-?up|optin|mailchimp|donate|donation|membership"),
    (Context.AUTHOR, r"by-?line|authors?|author-?bio|contributors?|writer"),
    (Context.TAG, r"tags?|tag-?list|topics?|keywords?|categories|category|taxonomy|post-tags"),
    (
        Context.RELATED,
        r"related|recommend(?:ed|ations?)?|recirc(?:ulation)?|read-?more|more-?from|more-?on|see-?also|most-?(?:read|popular)"
        r"|popular|trending|teasers?|promos?|outbrain|taboola|cards?|up-?next|latest|sidebar|widget|also-?read|inline-?related",
    ),
    (Context.ADVERTISEMENT, r"ads?|advert(?:s|isement|ising)?|sponsor(?:ed)?|sponsored-content|affiliate|commercial|promoted"),
    (Context.FOOTER, r"footer|site-?footer|page-?footer|copyright|legal"),
    (Context.NAVIGATION, r"nav|navbar|navigation|menu|breadcrumbs?|masthead|skip-?link|toolbar|pagination|pager|site-?header"),
)
PATTERNS = tuple((context, re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])")) for context, words in WORDS)
MARKS = 12
CAPTION = re.compile(r"(?<![a-z0-9])(?:fig|image-?|photo-?|picture-?)?captions?(?![a-z0-9])")
CAPTION_WITHIN = 50
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Mark:
    """A context that markup speaks for, and how it says so."""

    context: Context
    says: str


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an element stands: its mark if it has one, and the nearest place around it that has one. `depth` counts
    elements from the root."""

    mark: Mark | None = None
    marked: Place | None = None
    depth: int = 0
    element: _Element | None = None

    def marks(self) -> Iterator[tuple[int, Place]]:
        """The marked places around this one, nearest first, each with its distance in elements; the nearest `MARKS`."""
        place: Place | None = self if self.mark else self.marked
        for _ in range(MARKS):
            if place is None or place.mark is None:
                return
            yield self.depth - place.depth, place
            place = place.marked


def place_of(element: _Element, *, within: Place) -> Place:
    """The place of an element inside another."""
    return Place(mark_of(element), within if within.mark else within.marked, within.depth + 1, element)


def mark_of(element: _Element) -> Mark | None:
    """What an element's name, role, class and id say."""
    tag = str(element.tag)
    if tag in ("html", "body", "main", "article"):
        return None
    role = ROLES.get((element.get("role") or "").strip().lower())
    if role:
        return Mark(role, f'inside an element with role="{element.get("role")}"')
    if tag in TAGS and not (tag == "header" and _opens_a_part(element)):
        return Mark(TAGS[tag], f"inside <{tag}>")
    return _captioned(element) or _worded(element)


def _opens_a_part(header: _Element) -> bool:
    """A header inside the article is its own, with title and picture; the site's stands outside (HTML, 4.3.8)."""
    return next(header.iterancestors("article", "main", "section"), None) is not None


def _captioned(element: _Element) -> Mark | None:
    """A caption by class stands with a picture; menus use the word too."""
    match = CAPTION.search(CAMEL.sub("-", element.get("class") or "").lower())
    parent = element.getparent()
    if match is None or parent is None or not _holds_picture(parent):
        return None
    return Mark(Context.CAPTION, f'inside an element whose class says "{match[0]}"')


def _holds_picture(element: _Element) -> bool:
    first = itertools.islice(element.iter(), CAPTION_WITHIN)
    return element.tag == "figure" or any(inner.tag in ("img", "figure", "video") for inner in first)


def _worded(element: _Element) -> Mark | None:
    return _said("class", element.get("class") or "") or _said("id", element.get("id") or "")


@lru_cache(maxsize=4096)  # a page names the same few classes thousands of times
def _said(name: str, words: str) -> Mark | None:
    lowered = CAMEL.sub("-", words).lower().replace("_", "-")
    for context, pattern in PATTERNS:
        match = pattern.search(lowered)
        if match:
            return Mark(context, f'inside an element whose {name} says "{match[0]}"')
    return None
