"""The front page of a report: every article of the collection, and how its citations stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.index.queries import Run
from archive.model import Article
from archive.outputs.report.article import title_of
from archive.outputs.report.frame import page, section
from archive.outputs.report.markup import Markup, described, el, foreign, joined, outward
from archive.outputs.report.states import chip, legend
from archive.outputs.report.work import waiting, work_list
from archive.outputs.table import Row, State, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One article with its rows, and the name of its page, which lies beside the front page."""

    article: Article
    rows: tuple[Row, ...]
    page: str


def front_page(entries: Sequence[Entry], *, collection: str, last: Run | None) -> str:
    """The whole page; `last` is the run that began last."""
    rows = [row for entry in entries for row in entry.rows]
    if entries:
        count = f"{len(entries)} {'article' if len(entries) == 1 else 'articles'}"
        parts = [
            section("What was kept", el("p", f"{count}, {summary(rows)}", class_="summary"), legend(rows), name="kept"),
            section("Articles", el("ol", *map(_item, entries), class_="articles"), name="articles"),
        ]
    else:
        parts = [section("Articles", el("p", "No article has been read in this collection."), name="articles")]
    header = joined(el("p", "A collection of sources", class_="kicker"), el("h1", foreign(collection)), _run(last))
    footer = el("p", "Every byte of the collection is checked by ", el("code", "footnotary verify"), ", without a network.")
    return page(collection, *parts, header=header, footer=footer)


def _run(last: Run | None) -> Markup | None:
    """When things stood so. The hour in which a page is made is not on it: made again, it is the same."""
    if last is None:
        return None
    if last.end:
        return described([("Last run", joined("ended ", _time(last.end.date), f" ({last.end.reason})"))], class_="facts")
    began = joined("began ", _time(last.start.date), ", and its end is not on record") if last.start else None
    return described([("Last run", began)], class_="facts")


def _time(at: datetime) -> Markup:
    return el("time", f"{at:%Y-%m-%d %H:%M} UTC", datetime=f"{at:%Y-%m-%dT%H:%M:%SZ}")


def _item(entry: Entry) -> Markup:
    found = waiting(entry.rows)
    work = el("details", el("summary", "What needs a person"), work_list(found, page=entry.page)) if found else None
    return el(
        "li",
        el("h3", el("a", foreign(title_of(entry.article)), href=entry.page)),
        el("p", outward(entry.article.uri), class_="where"),
        el("p", *_counts(entry.rows), class_="counts"),
        el("p", "read ", _time(entry.article.date), f"; {_need(found)}", class_="note"),
        work,
    )


def _counts(rows: Iterable[Row]) -> Iterable[Markup]:
    counts = Counter(State(row.state) for row in rows)
    for state in State:
        if counts[state]:
            yield el("span", el("b", str(counts[state]), class_="count"), chip(state), " ")


def _need(found: Sequence[Row]) -> str:
    count = len(found)
    return f"{count} {'needs' if count == 1 else 'need'} a person" if count else "nothing needs a person"
