"""Values as rows and rows as values: one rule for every table, so that no column can be written and not be read.

A field is a column of its name. A Location becomes `file, offset, length`; a Quote becomes its name (the exact words) and
`_prefix, _suffix, _start, _end`; CrawlFacts become their own fields; tuples and mappings are JSON with sorted keys; an
instant is ISO 8601 in UTC with microseconds and `Z`, so that text order is time order; truth is 0 or 1.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from archive.model import CrawlFacts, Location, Quote

Cell = str | int | None
T = TypeVar("T")

_NAMES: dict[type, Callable[[str, str], str]] = {
    Location: lambda _, inner: inner,
    CrawlFacts: lambda _, inner: inner,
    Quote: lambda outer, inner: outer if inner == "exact" else f"{outer}_{inner}",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the way of fields to it, SQLite's word for its type, and how its value is written and read;
    None where the value is the cell."""

    name: str
    path: tuple[str, ...]
    affinity: str
    write: Callable[[Any], Cell] | None
    read: Callable[[Any], Any] | None


def instant(moment: datetime) -> str:
    """An aware instant as it stands in the index: `2021-08-27T01:02:03.000004Z`."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} names no time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def cells(value: Any) -> tuple[Cell, ...]:
    """The row of a value, in the order of `columns`."""
    kind: type = type(value)
    known = _known(kind)
    row = list(known.get(value))
    for at, write in known.writers:
        if row[at] is not None:
            row[at] = write(row[at])
    return tuple(row)


def value_of(kind: type[T], row: tuple[Any, ...], **more: object) -> T:
    """The value of a row with the columns of `columns(kind)`; `more` gives the fields that have tables of their own."""
    known = _known(typing.cast(type, kind))
    arguments = dict(more)
    nested: dict[str, dict[str, Any]] = {}
    for column, cell in zip(known.columns, row, strict=True):
        read = column.read
        field = cell if read is None or cell is None else read(cell)
        if len(column.path) == 1:
            arguments[column.name] = field
        else:
            nested.setdefault(column.path[0], {})[column.path[1]] = field
    for name, parts in nested.items():
        arguments[name] = known.hints[name](**parts)
    return kind(**arguments)


def columns(kind: type) -> tuple[Column, ...]:
    """The columns of a value's table, in the order of its fields. Fields of tuples of values have tables of their own."""
    return _known(kind).columns


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is found out once about a kind of value. `get` takes its fields at once; `writers` are those that a cell needs."""

    columns: tuple[Column, ...]
    get: Callable[[Any], tuple[Cell, ...]]
    writers: tuple[tuple[int, Callable[[Any], Cell]], ...]
    hints: dict[str, Any]


@cache
def _known(kind: type) -> _Kind:
    hints = typing.get_type_hints(kind)
    found = tuple(_columns(kind, hints))
    return _Kind(
        columns=found,
        get=attrgetter(*(".".join(column.path) for column in found)),
        writers=tuple((at, column.write) for at, column in enumerate(found) if column.write),
        hints=hints,
    )


def _columns(kind: type, hints: dict[str, Any]) -> Iterator[Column]:
    for field in fields(kind):
        hint = hints[field.name]
        if hint in _NAMES:
            for inner in fields(hint):
                name = _NAMES[hint](field.name, inner.name)
                yield Column(name, (field.name, inner.name), *_codec(typing.get_type_hints(hint)[inner.name]))
        elif not _is_tuple_of_values(hint):
            yield Column(field.name, (field.name,), *_codec(hint))


def _is_tuple_of_values(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple and is_dataclass(typing.get_args(hint)[0])


def _codec(hint: Any) -> tuple[str, Callable[[Any], Cell] | None, Callable[[Any], Any] | None]:
    """Affinity, writer and reader of one type; None is NULL and passes by both."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    hint = getattr(hint, "__supertype__", hint)
    origin = typing.get_origin(hint)
    if origin is tuple:
        return "TEXT", _tuple_text, _tuple
    if origin is not None and issubclass(origin, Mapping):
        return "TEXT", _mapping_text, json.loads
    if hint is datetime:
        return "TEXT", instant, datetime.fromisoformat
    if hint is bool:
        return "INTEGER", int, bool
    if hint is int:
        return "INTEGER", None, None
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "TEXT", str, hint
    return "TEXT", None, None


def _tuple_text(value: tuple[str, ...]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else "[]"


def _mapping_text(value: Mapping[str, object]) -> str:
    return json.dumps(dict(value), sort_keys=True, ensure_ascii=False)


def _tuple(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))
