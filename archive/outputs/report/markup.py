"""HTML out of values: what is not markup already is escaped, so that no page that anybody wrote can become a part of ours.

Control characters are shown as their pictures (U+2400 and on), lone surrogates as U+FFFD. Marks that turn the direction of
writing are spelled out in a line of other people's words: no element of a browser holds one that closes or opens more than it
should. Whole paragraphs keep theirs, for these end with the paragraph. There is no script and no style in any attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_UNSEEN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_VOID = frozenset({"meta", "br", "hr", "link"})
WEB = ("http://", "https://")
LINE = 2_000
"""Code points of other people's words that stand in a line of ours."""


class Markup(str):
    """HTML that is whole and safe; every other string is text."""

    __slots__ = ()


Content = str | Markup | Iterable[str | Markup] | None


def text(words: str) -> Markup:
    """Words as they are, safe in an element and between double quotation marks."""
    return Markup(escape(_UNSEEN.sub(_picture, words)))


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def el(name: str, /, *content: Content, **attributes: str | None) -> Markup:
    """An element. `class_` and `for_` lose their underscore, other underscores are hyphens; None leaves an attribute out."""
    named = {key.removesuffix("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    start = "".join(f' {key}="{text(value)}"' for key, value in named.items())
    if name in _VOID:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{joined(*content)}</{name}>")


def joined(*content: Content) -> Markup:
    """Contents one after the other."""
    return Markup("".join(_piece(piece) for piece in content))


def _piece(piece: Content) -> str:
    match piece:
        case None:
            return ""
        case Markup():
            return str(piece)
        case str():
            return text(piece)
        case _:
            return joined(*piece)


def line(words: str) -> str:
    """Words for a line of ours: their marks of direction can be seen (`\\u202e`), as in the tables on a terminal, and what is
    longer than any title is cut. A page says the same words several times, and must not grow as its sources like."""
    cut = words if len(words) <= LINE else f"{words[:LINE]}… ({len(words):,} characters)"
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", cut)


def foreign(words: str, *, language: str | None = None) -> Markup:
    """Words of other people inside of ours: whatever direction they are written in, they end where they end."""
    return el("bdi", line(words), lang=tag(language))


def tag(language: str | None) -> str | None:
    """A language for a `lang` attribute: what a page says of itself, where it has the shape of a tag (BCP 47)."""
    return language if language and _TAG.fullmatch(language) else None


def outward(uri: str, words: Content = None) -> Markup:
    """A link to a page of the web; an address of any other kind is shown and leads nowhere."""
    shown = foreign(uri) if words is None else words
    if not uri.lower().startswith(WEB):
        return el("span", shown, class_="uri")
    return el("a", shown, href=uri, rel="noopener noreferrer nofollow", class_="uri")


def described(pairs: Iterable[tuple[str, Content]], **attributes: str | None) -> Markup:
    """A list of descriptions; what has no content is left out."""
    rows = (el("div", el("dt", term), el("dd", content)) for term, content in pairs if content not in (None, ""))
    return el("dl", *rows, **attributes)
