"""`footnotary citations`: one row a citation."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import groupby

from archive.outputs.table import Row, State, as_csv, as_json_lines, rows, summary
from spiders.cli.place import index_of, layout_of

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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, emoji=False, markup=False)
    for article, own in groupby(found, key=lambda row: row.article):
        table = Table(title=Text(article), title_justify="left", box=None, pad_edge=False, expand=False)
        for name in ("state", "#", "kind", "anchor", "source", "answer", "next"):
            table.add_column(name, overflow="fold", justify="right" if name == "#" else "left")
        for row in own:
            cells = (str(row.ordinal), row.kind, row.anchor, row.target or row.href, _answer(row), row.next or "")
            table.add_row(Text(row.state, style=STYLES[State(row.state)]), *(Text(cell) for cell in cells))
        console.print(table)
    console.print(summary(found))


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
