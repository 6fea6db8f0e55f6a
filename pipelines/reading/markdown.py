"""Markdown, and plain text that holds Markdown's links: the document with each link's markup replaced by its anchor.

Markdown is read as CommonMark. Plain text is taken as it stands, save for links: a star or a row of dashes means nothing
in it. Positions are exact, because the text is written here. A bare `https://…` is a link, an image is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import version

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipelines.reading.charset import decode
from pipelines.reading.document import Message, Reading, charset_parameter, type_of
from pipelines.reading.dom import ParseError, parse
from pipelines.reading.manuscript import Block, Manuscript, Writer
from pipelines.reading.runs import cut

TOOL = "markdown-it-py"
VERSION = version(TOOL)
IN_PLAIN_TEXT = ("link", "image", "autolink", "reference")

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
FIELD = re.compile(r"^(title|author|date|lang|language)[ \t]*:[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.M | re.I)
BARE = re.compile(r"\bhttps?://[^\s<>\"“”]+", re.I)
NOTE = re.compile(r"\s*\[\^[^\]\n]{1,60}\]:")
A_TAG = re.compile(r"<a\b[^>]*?\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)
AFTER = "?!.,:;*_~'’”"
BREAKS = frozenset({"softbreak", "hardbreak"})


def read_markdown(message: Message) -> Reading:
    """The reading of a Markdown or plain text document."""
    text, charset = decode(message.data, declared=charset_parameter(message.content_type))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    plain = type_of(message) == "text/plain"
    fields, body = ({}, text) if plain else _front_matter(text)
    manuscript = Manuscript(_blocks(_plain() if plain else _commonmark(), body), uri=message.uri, language=fields.get("lang"))
    return Reading(
        text=manuscript.text or None,
        unreadable=None if manuscript.text else "the document holds no text",
        title=fields.get("title") or manuscript.title,
        authors=tuple(filter(None, [fields.get("author")])),
        published=fields.get("date") or None,
        language=fields.get("lang"),
        charset=str(charset),
        tool=TOOL,
        version=VERSION,
        options=json.dumps({"syntax": "plain" if plain else "commonmark"}),
        links=manuscript.links(),
    )


class _Verbatim(MarkdownIt):
    """markdown-it, with every href as it was written: a `javascript:` target is lost, not absent."""

    def validateLink(self, url: str) -> bool:
        return "\n" not in url

    def normalizeLink(self, url: str) -> str:
        return url

    def normalizeLinkText(self, link: str) -> str:
        return link


def _commonmark() -> MarkdownIt:
    return _Verbatim("commonmark").enable("table")


def _plain() -> MarkdownIt:
    return _Verbatim("zero").enable(list(IN_PLAIN_TEXT))


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields of a `---` block at the top that say title, author, date and language; and the text without it."""
    match = FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    found = {key.lower(): value for key, value in FIELD.findall(match[1]) if value}
    if "language" in found:
        found.setdefault("lang", found["language"])
    return found, text[match.end() :]


def _blocks(reader: MarkdownIt, text: str) -> list[Block]:
    """The blocks of a document, written one below the other."""
    writer = Writer()
    opening: Token | None = None
    for token in reader.parse(text):
        if token.type == "inline":
            _write_inline(writer, token, opening=opening)
        elif token.type in ("fence", "code_block"):
            writer.begin(kind="code")
            writer.add(token.content.rstrip("\n"))
        elif token.type == "html_block":
            _write_html(writer, token.content)
        elif token.type.endswith("_open"):
            opening = token if token.hidden is False or token.type != "paragraph_open" else opening
            writer.mark = _bullet(token) or writer.mark
    return writer.end()


def _bullet(token: Token) -> str | None:
    """What stands before a list item."""
    if token.type != "list_item_open":
        return None
    return f"{token.info}{token.markup} " if token.info else "- "


def _write_inline(writer: Writer, token: Token, *, opening: Token | None) -> None:
    kind = "heading" if opening is not None and opening.type == "heading_open" else "paragraph"
    writer.begin(kind="note" if NOTE.match(token.content) else kind)
    for child in token.children or []:
        _write_child(writer, child)


def _write_child(writer: Writer, child: Token) -> None:
    if child.type == "link_open":
        writer.open_link(str(child.attrGet("href") or ""))
    elif child.type == "link_close":
        writer.close_link()
    elif child.type in BREAKS:
        writer.add("\n")
    elif child.type == "html_inline":
        _write_tag(writer, child.content)
    elif child.type == "text" and not writer.in_link:
        _write_words(writer, child.content)
    elif child.type in ("text", "code_inline", "text_special"):
        writer.add(child.content)


def _write_tag(writer: Writer, tag: str) -> None:
    match = A_TAG.match(tag)
    if match:
        writer.open_link(next(href for href in match.groups() if href is not None))
    elif tag.lower().startswith("</a"):
        writer.close_link()


def _write_words(writer: Writer, words: str) -> None:
    """Words in which a bare address is a link."""
    at = 0
    for start, end in _addresses(words):
        writer.add(words[at:start])
        writer.open_link(words[start:end])
        writer.add(words[start:end])
        writer.close_link()
        at = end
    writer.add(words[at:])


def _addresses(words: str) -> Iterator[tuple[int, int]]:
    """Bare addresses, without the punctuation of the sentence around them."""
    for match in BARE.finditer(words):
        start, end = match.span()
        unopened = match[0].count(")") - match[0].count("(")
        while words[end - 1] in AFTER or (words[end - 1] == ")" and unopened > 0):
            unopened -= words[end - 1] == ")"
            end -= 1
        yield start, end


def _write_html(writer: Writer, html: str) -> None:
    """A block of HTML inside Markdown: its runs are blocks, its links are links."""
    try:
        page = cut(parse(html))
    except ParseError:
        return  # a comment or a closing tag: it holds no words
    for run in page.runs:
        writer.begin(kind="paragraph")
        at = 0
        for anchor in (a for a in page.anchors if a.run is run):
            writer.add(run.text[at : anchor.start])
            writer.open_link(anchor.href)
            writer.add(run.text[anchor.start : anchor.end])
            writer.close_link()
            at = max(at, anchor.end)
        writer.add(run.text[at:])
