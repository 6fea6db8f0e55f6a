"""Values as rows and rows as values: one rule for every table, so that no column can be written and not be read.

A field is a column of its name. A Location becomes `file, offset, length`; a Quote becomes its name (the exact words) and
`_prefix, _suffix, _start, _end`; CrawlFacts become their own fields; tuples and mappings are JSON with sorted keys; an
instant is ISO 8601 in UTC with microseconds and `Z`, so that text order is time order; truth is 0 or 1.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from archive.model import CrawlFacts, Location, Quote

Cell = str | int | None
T = TypeVar("T")

_NAMES: dict[type, Callable[[str, str], str]] = {
    Location: lambda _, inner: inner,
    CrawlFacts: lambda _, inner: inner,
    Quote: lambda outer, inner: outer if inner == "exact" else f"{outer}_{inner}",
}

_COLUMNS: dict[type, tuple[Column, ...]] = {}
_HINTS: dict[type, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the way of fields to it, and how its value is written and read."""

    name: str
    path: tuple[str, ...]
    affinity: str
    write: Callable[[Any], Cell]
    read: Callable[[Any], Any]


def instant(moment: datetime) -> str:
    """An instant as it stands in the index."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _json(value: object) -> str:
    return json.dumps(dict(value) if isinstance(value, Mapping) else value, sort_keys=True, ensure_ascii=False)


def _tuple(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


def columns(kind: type) -> tuple[Column, ...]:
    """The columns of a value's table, in the order of its fields. Fields of tuples of values have tables of their own."""
    if kind not in _COLUMNS:
        _COLUMNS[kind] = tuple(_columns(kind, (), lambda name: name))
    return _COLUMNS[kind]


def _columns(kind: type, path: tuple[str, ...], named: Callable[[str], str]) -> typing.Iterator[Column]:
    hints = _hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        if hint in _NAMES:
            rule, outer = _NAMES[hint], field.name
            yield from _columns(hint, (*path, field.name), lambda inner, rule=rule, outer=outer: rule(outer, inner))  # type: ignore[misc]
        elif not _is_tuple_of_values(hint):
            yield Column(named(field.name), (*path, field.name), *_codec(hint))


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def _is_tuple_of_values(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple and is_dataclass(typing.get_args(hint)[0])


def _codec(hint: Any) -> tuple[str, Callable[[Any], Cell], Callable[[Any], Any]]:
    """Affinity, writer and reader of one type."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        inner = next(arg for arg in typing.get_args(hint) if arg is not type(None))
        affinity, write, read = _codec(inner)
        return affinity, lambda v: None if v is None else write(v), lambda v: None if v is None else read(v)
    hint = getattr(hint, "__supertype__", hint)
    origin = typing.get_origin(hint)
    if origin is tuple:
        return "TEXT", _json, _tuple
    if origin is not None and issubclass(origin, Mapping):
        return "TEXT", _json, json.loads
    if hint is datetime:
        return "TEXT", instant, _moment
    if hint is bool:
        return "INTEGER", int, bool
    if hint is int:
        return "INTEGER", lambda v: v, int
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "TEXT", str, hint
    return "TEXT", lambda v: v, lambda v: v


def cells(value: object) -> tuple[Cell, ...]:
    """The row of a value, in the order of `columns`."""
    return tuple(column.write(_walk(value, column.path)) for column in columns(type(value)))


def _walk(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = getattr(value, name)
    return value


def value_of(kind: type[T], row: tuple[Any, ...], **more: object) -> T:
    """The value of a row with the columns of `columns(kind)`; `more` gives the fields that have tables of their own."""
    nested: dict[tuple[str, ...], dict[str, Any]] = {(): dict(more)}
    for column, cell in zip(columns(kind), row, strict=True):
        nested.setdefault(column.path[:-1], {})[column.path[-1]] = column.read(cell)
    hints = _hints(kind)
    for path in sorted(nested, key=len, reverse=True):
        if path:
            nested[path[:-1]][path[-1]] = hints[path[-1]](**nested[path])
    return kind(**nested[()])
