"""The tree of a page, parsed once and shared by all that reads it; nobody changes it.

Text goes in, never bytes. A page that the parser gives up on is named, not silently empty: libxml2 stops at 2,048 levels.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

CLOSED_ROOT = re.compile(r"(<html\b[^>]*?)\s*/>", re.I)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff]")
FORBIDDEN_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|11|1[4-9]|2\d|3[01])|x0*(?:[0-8bef]|1[0-9a-f]))(?![0-9a-f]);?", re.I)
OPENING = 2000


class ParseError(ValueError):
    """The page has no tree; the message says why."""


def parse(text: str) -> HtmlElement:
    """The root of a page. ParseError when there is nothing to parse or the parser gave up."""
    parser = HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False, encoding="utf-8")
    try:
        root = document_fromstring(_mended(text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ParseError("the page holds no elements") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ParseError("the page nests its elements more than 2,048 deep, and the parser gives up there")
    return root


def _mended(text: str) -> str:
    """Characters that XML forbids stand for nothing (an extractor fails on them); `<html/>` would close the page at once."""
    text = FORBIDDEN_REFERENCE.sub("", FORBIDDEN.sub("", text))
    return CLOSED_ROOT.sub(r"\1>", text[:OPENING], count=1) + text[OPENING:]
