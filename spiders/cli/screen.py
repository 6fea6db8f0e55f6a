"""What a command prints on: a terminal with colours or without, wide or narrow, or a pipe.

Words of other people are made plain before they get here, so that no page can move the cursor or turn words round. Colours
are for a terminal that has them; NO_COLOR and TERM=dumb take every escape sequence away. A table that does not fit into a
narrow terminal becomes a block a row. A pipe has 160 columns.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.outputs.plain import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDE = 100
"""Columns that a table of any width is folded into; in fewer it must fit."""
PIPE = 160
GAP = 2
HEIGHT = 25
"""Nothing depends on it; rich believes the width of a dumb terminal only with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: a title over it, the names of its columns, its rows. Numbers stand right. `styles` colours the first cells."""

    title: str = ""
    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[str] = frozenset()
    styles: Sequence[str] = ()


def prose(text: str) -> str:
    """Words of other people as one plain line."""
    return plain(" ".join(text.split()))


def width() -> int:
    """Columns of the terminal; of a pipe PIPE."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE


def console() -> Console:
    """Standard output for rich. Lines of text are folded on a terminal only."""
    from rich.console import Console

    class Out(Console):
        """Where nobody reads any more, that is for `main` to know; rich's own would end the process with 1."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    colourless = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Out(
        width=width(),
        height=HEIGHT,
        color_system=None if colourless else "auto",
        soft_wrap=not sys.stdout.isatty(),
        highlight=False,
        emoji=False,
        markup=False,
    )


def has_colours(out: Console) -> bool:
    """Whether bold and colours are seen."""
    return out.color_system is not None


def print_sheets(sheets: Iterable[Sheet], *, closing: str = "") -> None:
    """The tables one after the other, and a line at the end."""
    from rich.text import Text

    out = console()
    for sheet in sheets:
        wide = out.width >= WIDE or _fits(sheet, out.width)
        if sheet.title:
            out.print(Text(sheet.title, style="italic", overflow="fold"))
        for piece in [_table(sheet)] if wide else _blocks(sheet):
            out.print(piece, soft_wrap=False)
    if closing:
        out.print(closing, soft_wrap=False)


def _fits(sheet: Sheet, columns: int) -> bool:
    from rich.cells import cell_len

    widest = [max(map(cell_len, column)) for column in zip(sheet.names, *sheet.rows, strict=True)]
    return sum(widest) + GAP * (len(widest) - 1) <= columns


def _table(sheet: Sheet) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, expand=False)
    for name in sheet.names:
        table.add_column(name, overflow="fold", justify="right" if name in sheet.numbers else "left")
    for row, style in zip(sheet.rows, sheet.styles or [""] * len(sheet.rows), strict=True):
        table.add_row(Text(row[0], style=style), *map(Text, row[1:]))
    return table


def _blocks(sheet: Sheet) -> Iterator[RenderableType]:
    """For each row a line a cell; what is empty is left out."""
    from rich.table import Table
    from rich.text import Text

    for row, style in zip(sheet.rows, sheet.styles or [""] * len(sheet.rows), strict=True):
        grid = Table(box=None, pad_edge=False, show_header=False, padding=(0, GAP, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for at, (name, cell) in enumerate(zip(sheet.names, row, strict=True)):
            if cell:
                grid.add_row(Text(name, style="bold"), Text(cell, style="" if at else style))
        yield grid
        yield ""


def block(facts: Sequence[tuple[str, str]]) -> str:
    """Names and plain values, a line each; where the names take too much of the terminal, the value stands below its name."""
    longest = max((len(name) for name, _ in facts), default=0)
    if width() < WIDE and longest * 3 > width():
        return "".join(f"{name}\n  {value}\n" for name, value in facts)
    return "".join(f"{name:{longest}}  {value}\n" for name, value in facts)
