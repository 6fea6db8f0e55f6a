"""What needs a person: the citations that wait for somebody, each with its next step in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.outputs.report.markup import Markup, el, foreign
from archive.outputs.report.states import chip
from archive.outputs.table import Row, State


def waiting(rows: Iterable[Row]) -> list[Row]:
    """The rows that name a next step."""
    return [row for row in rows if row.next]


def work_list(rows: Sequence[Row], *, page: str = "", language: str | None = None) -> Markup:
    """The list of these rows; each leads to its source, on `page` where that is another one."""
    items = (
        el(
            "li",
            el("a", chip(State(row.state), row.ordinal), href=f"{page}#source-{row.ordinal}"),
            " ",
            el("span", _named(row, language), class_="anchor"),
            " ",
            el("span", foreign(row.next or ""), class_="todo"),
        )
        for row in rows
    )
    return el("ul", *items, class_="work")


def _named(row: Row, language: str | None) -> Markup:
    return foreign(row.anchor, language=language) if row.anchor else foreign(row.href)
