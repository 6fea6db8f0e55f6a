"""The front page of a report: every article of the collection, and how its citations stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.model import Article
from archive.outputs.report.article import title_of
from archive.outputs.report.frame import page, section
from archive.outputs.report.markup import Markup, el, foreign, joined, outward
from archive.outputs.report.states import chip, legend, state_of
from archive.outputs.table import Row, State, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One article with its rows, and the name of its page, which lies beside the front page."""

    article: Article
    rows: tuple[Row, ...]
    page: str


def front_page(entries: Sequence[Entry], *, collection: str) -> str:
    """The whole page."""
    rows = [row for entry in entries for row in entry.rows]
    if entries:
        count = f"{len(entries)} {'article' if len(entries) == 1 else 'articles'}"
        parts = [
            section("What was kept", el("p", f"{count}, {summary(rows)}", class_="summary"), legend(rows), name="kept"),
            section("Articles", el("ol", *map(_item, entries), class_="articles"), name="articles"),
        ]
    else:
        parts = [section("Articles", el("p", "No article has been read in this collection."), name="articles")]
    header = joined(el("p", "A collection of sources", class_="kicker"), el("h1", foreign(collection)))
    footer = el("p", "Every byte of the collection is checked by ", el("code", "footnotary verify"), ", without a network.")
    return page(collection, *parts, header=header, footer=footer)


def _item(entry: Entry) -> Markup:
    read = el("time", f"{entry.article.date:%Y-%m-%d %H:%M} UTC", datetime=f"{entry.article.date:%Y-%m-%dT%H:%M:%SZ}")
    return el(
        "li",
        el("h3", el("a", foreign(title_of(entry.article)), href=entry.page)),
        el("p", outward(entry.article.uri), class_="where"),
        el("p", *_counts(entry.rows), class_="counts"),
        el("p", "read ", read, f"; {_need(entry.rows)}", class_="note"),
    )


def _counts(rows: Iterable[Row]) -> Iterable[Markup]:
    counts = Counter(state_of(row) for row in rows)
    for state in State:
        if counts[state]:
            yield joined(el("b", str(counts[state]), class_="count"), chip(state), " ")


def _need(rows: Iterable[Row]) -> str:
    count = sum(row.next is not None for row in rows)
    return f"{count} {'needs' if count == 1 else 'need'} a person" if count else "nothing needs a person"
