"""The curator's knowledge, brought to the citations that it is about.

An entry is about exactly one citation: the one with its ordinal, or the one with its anchor (letter by letter; failing that,
with white space and quotation marks evened out), or the one with both. Any other number is a ConfigError that lists the
candidates, since a target at the wrong citation would be a forged footnote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from archive.model import Link
from spiders.config import ConfigError, CuratorEntry

KEY = "articles[].citations[]"
LISTED = 40
SENTENCE = 110

_EVEN = str.maketrans(
    dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′`", "'") | dict.fromkeys("‐‑‒–—", "-") | {"\u00ad": ""}
)


def assign(entries: Iterable[CuratorEntry], links: Sequence[Link], *, file: Path | None) -> Mapping[int, CuratorEntry]:
    """The entry of each citation that has one, by its place in `links` (from 0); raises ConfigError, which names `file`."""
    assigned: dict[int, CuratorEntry] = {}
    for entry in entries:
        place = _place(entry, links, file=file)
        if place in assigned:
            raise _error(entry, f"is about citation {place + 1}, and so is line {assigned[place].line}", file=file)
        assigned[place] = entry
    return assigned


def _place(entry: CuratorEntry, links: Sequence[Link], *, file: Path | None) -> int:
    found = _matches(entry, links)
    if len(found) == 1:
        return found[0]
    if not links:
        raise _error(entry, f"{_asked(entry)} matches no citation: the article has none", file=file)
    if found:
        said = f"{_asked(entry)} matches {len(found)} citations; say which with its ordinal:"
        raise _error(entry, "\n".join([said, *_listed(links, places=found)]), file=file)
    said = f"{_asked(entry)} matches no citation; the article has:"
    raise _error(entry, "\n".join([said, *_listed(links, places=range(len(links)))]), file=file)


def _matches(entry: CuratorEntry, links: Sequence[Link]) -> list[int]:
    places = [place for place in range(len(links)) if entry.ordinal in (None, place + 1)]
    if entry.anchor is None:
        return places
    exact = [place for place in places if links[place].anchor.exact == entry.anchor]
    return exact or [place for place in places if evened(links[place].anchor.exact) == evened(entry.anchor)]


def evened(text: str) -> str:
    """Text with its white space, quotation marks and dashes evened out."""
    return re.sub(r"\s+", " ", text.translate(_EVEN)).strip()


def _asked(entry: CuratorEntry) -> str:
    ordinal = f"ordinal {entry.ordinal}" if entry.ordinal is not None else ""
    anchor = f"anchor {entry.anchor!r}" if entry.anchor is not None else ""
    return "with " + " and ".join(filter(None, (ordinal, anchor)))


def _listed(links: Sequence[Link], *, places: Sequence[int]) -> list[str]:
    lines = [_line(links[place], ordinal=place + 1) for place in places[:LISTED]]
    return [*lines, f"  … and {len(places) - LISTED} more"] if len(places) > LISTED else lines


def _line(link: Link, *, ordinal: int) -> str:
    return f"  {ordinal:>3}  [{link.anchor.exact}]  {_short(link.sentence.exact)}"


def _short(sentence: str) -> str:
    even = re.sub(r"\s+", " ", sentence).strip()
    return even if len(even) <= SENTENCE else even[: SENTENCE - 1] + "…"


def _error(entry: CuratorEntry, reason: str, *, file: Path | None) -> ConfigError:
    return ConfigError(file, entry.line or None, KEY, reason)
