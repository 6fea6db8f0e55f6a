"""`footnotary citations`: one row a citation."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import groupby

from archive.outputs.plain import plain
from archive.outputs.table import Row, State, as_csv, as_json_lines, rows, summary
from spiders.cli.place import index_of, layout_of
from spiders.cli.screen import Sheet, print_sheets, prose

STYLES = {State.KEPT: "green", State.NOT_THE_SOURCE: "yellow", State.NOT_KEPT: "red", State.NO_LINK: "magenta"}


def run(options: Namespace) -> int:
    """Print the rows of the newest reading of each article."""
    with index_of(layout_of(options)) as database:
        found = rows(database)
    match options.format:
        case "json":
            sys.stdout.write(as_json_lines(found))
        case "csv":
            sys.stdout.write(as_csv(found))
        case "yaml":
            sys.stdout.writelines(_blocks(found))
        case _:
            print_table(found)
    return 0


def print_table(found: Sequence[Row]) -> None:
    """The rows for a person, article by article, and the closing line."""
    sheets = (_sheet(article, list(own)) for article, own in groupby(found, key=lambda row: row.article))
    print_sheets(sheets, closing=summary(found))


def _sheet(article: str, own: Sequence[Row]) -> Sheet:
    return Sheet(
        title=plain(article),
        names=("state", "#", "kind", "anchor", "source", "answer", "next"),
        rows=[_cells(row) for row in own],
        numbers=frozenset({"#"}),
        styles=[STYLES[State(row.state)] for row in own],
    )


def _cells(row: Row) -> tuple[str, ...]:
    source, following = plain(row.target or row.href), prose(row.next or "")
    return row.state, str(row.ordinal), prose(row.kind), prose(row.anchor), source, _answer(row), following


def _answer(row: Row) -> str:
    return f"{row.http} {row.outcome}" if row.http else row.outcome or "not tried"


def _blocks(found: Sequence[Row]) -> Iterator[str]:
    """A `citations:` block for each article; an entry without a target is a comment until somebody knows it. JSON is YAML."""
    for article, own in groupby(found, key=lambda row: row.article):
        yield f"# {_line(article)}\ncitations:\n"
        for row in own:
            if row.target is None or row.target_from == "curator":
                anchor, url = json.dumps(row.anchor, ensure_ascii=False), json.dumps(row.target or "https://")
                mark = "" if row.target else "# "
                yield f"  # {_line(row.sentence)}\n  {mark}- {{ordinal: {row.ordinal}, anchor: {anchor}, url: {url}}}\n"


def _line(text: str) -> str:
    return " ".join(text.split())
