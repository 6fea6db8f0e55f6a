"""The main text of a page and what the page says of itself: the one place where trafilatura is asked.

Default mode, without comments, with tables; the options are recorded with every reading. The tree is handed over as it is
and comes back unchanged, because trafilatura copies a tree that it is given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import trafilatura
from lxml.html import HtmlElement

TOOL = "trafilatura"
VERSION: str = trafilatura.__version__
SETTINGS: dict[str, Any] = {"include_comments": False, "include_tables": True, "with_metadata": True}
OPTIONS = json.dumps(SETTINGS, sort_keys=True)

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """`text` is empty where the page has no main text. `published` is a day (`2021-08-27`)."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    site: str | None = None


def extract(root: HtmlElement, *, uri: str | None = None) -> PageText:
    """The main text and the metadata of a page, as trafilatura finds them."""
    found: Any = trafilatura.bare_extraction(root, url=uri, **SETTINGS)
    if found is None:
        return _metadata(root, uri=uri)
    return _page_text(found, text=(found.text or "").strip())


def language_of(root: HtmlElement) -> str | None:
    """The language that a page declares for itself, as a BCP 47 tag; None when it declares none."""
    declared = root.get("lang") or next(iter(root.xpath("//meta[@property='og:locale']/@content")), "")
    match = LANGUAGE.fullmatch(str(declared).strip())
    return match[0].replace("_", "-") if match else None


def _metadata(root: HtmlElement, *, uri: str | None) -> PageText:
    """A page without main text still has a title."""
    return _page_text(trafilatura.extract_metadata(root, uri), text="")


def _page_text(found: Any, *, text: str) -> PageText:
    return PageText(
        text=text,
        title=found.title or None,
        authors=tuple(name.strip() for name in (found.author or "").split(";") if name.strip()),
        published=found.date or None,
        site=found.sitename or None,
    )
