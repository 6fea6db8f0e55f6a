"""HTML out of values: what is not markup already is escaped, so that no page that anybody wrote can become a part of ours.

Control characters are shown as their pictures (U+2400 and on), lone surrogates as U+FFFD; marks that turn the direction of
writing stay inside of the element that isolates them. There is no script and no style in any attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_UNSEEN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_VOID = frozenset({"meta", "br", "hr", "link"})
WEB = ("http://", "https://")


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


def foreign(words: str) -> Markup:
    """Words of other people inside of ours: whatever direction they are written in, they end where they end."""
    return el("bdi", words)


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
