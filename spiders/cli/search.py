"""`footnotary search`: words in all kept texts of articles and sources, each with the passage in which they stand."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby

from archive.index.search import Found, Hit, parse, search
from archive.outputs.plain import json_line, plain
from spiders.cli.history import moment
from spiders.cli.place import index_of, layout_of
from spiders.cli.screen import console, has_colours, prose


def run(options: Namespace) -> int:
    """Raises ValueError for what is no word."""
    if options.limit < 1:
        raise ValueError(f"--limit {options.limit} shows nothing: give a number from 1")
    query = parse(options.words)
    with index_of(layout_of(options)) as database:
        found = search(database, query, limit=options.limit)
    if options.format == "json":
        sys.stdout.writelines(json_line(asdict(hit)) + "\n" for hit in found.hits)
    else:
        _print(found)
    return 0


def _print(found: Found) -> None:
    from rich.text import Text

    out = console()
    marks = ("", "", "bold") if has_colours(out) else ("«", "»", "")
    for hit in found.hits:
        out.print(Text(prose(hit.title or hit.uri), style="bold", overflow="fold"))
        for line in _about(hit):
            out.print(Text(f"  {line}", overflow="fold"))
        out.print(Text.assemble("  ", *_passage(hit, *marks), overflow="fold"))
        out.print()
    shown = "" if len(found.hits) == found.texts else f", the best {len(found.hits)} are shown (--limit)"
    out.print(f"{found.texts} text{'' if found.texts == 1 else 's'}{shown}")


def _about(hit: Hit) -> Iterator[str]:
    if hit.title:
        yield plain(hit.uri)
    seen = [moment(place.captured_at) + (f" HTTP {place.http}" if place.http else "") for place in hit.captures]
    times = f"{seen[-1]} to {seen[0]} ({len(seen)} captures)" if len(seen) > 1 else "".join(seen)
    yield times if hit.newest else f"{times}; another text stands there now"
    for article, cited in groupby(hit.citations, key=lambda citation: citation.article):
        yield f"cited as {', '.join(str(citation.ordinal) for citation in cited)} in {plain(article)}"


def _passage(hit: Hit, begin: str, end: str, style: str) -> Iterator[tuple[str, str]]:
    """The passage in one line, with its words marked."""
    at = hit.start
    yield "" if hit.start == 0 else "…", ""
    for first, last in hit.marks:
        yield _spaced(hit.passage[at - hit.start : first - hit.start]), ""
        yield f"{begin}{_spaced(hit.passage[first - hit.start : last - hit.start])}{end}", style
        at = last
    yield _spaced(hit.passage[at - hit.start :]), ""
    yield "…" if hit.more else "", ""


def _spaced(text: str) -> str:
    """A plain line that keeps a space at either end."""
    return plain("".join(" " if c.isspace() else c for c in text))
