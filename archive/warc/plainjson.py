"""Frozen dataclasses as JSON, deterministic: sorted keys, UTF-8, no spaces. What was written is read back equal.

Instants are WARC dates, tuples are arrays, enumerations their values. Reading goes by the types of the fields; a field
with a default may be missing, and a key that no field has is passed over, so that later versions may say more.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from archive.warc.fields import date_text, parse_date

T = TypeVar("T")
Read = Callable[[Any], Any]


def dumps(data: object) -> bytes:
    """JSON of plain data. A lone surrogate is spelled as an escape, so that the bytes are UTF-8 always."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "backslashreplace")


def loads(block: bytes) -> dict[str, Any]:
    """The object that a block holds. ValueError when it holds none."""
    data = json.loads(block.decode("utf-8"))
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - for the caller it is bad data like any other
    return data


def plain(value: Any) -> Any:
    """A value as plain data."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return date_text(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(member) for member in value]
    return dict(value) if isinstance(value, Mapping) else value


def value_of(kind: type[T], data: Mapping[str, Any]) -> T:
    """The value of a dataclass from plain data. ValueError says which field is missing or of a wrong type."""
    found: dict[str, Any] = {}
    for name, (read, needed) in _readers(cast(Any, kind)).items():
        if name in data:
            try:
                found[name] = read(data[name])
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise ValueError(f"{name}: {error}") from error
        elif needed:
            raise ValueError(f"{name} is missing")
    return kind(**found)


@cache
def _readers(kind: type) -> dict[str, tuple[Read, bool]]:
    hints = get_type_hints(kind)
    return {
        field.name: (_reader(hints[field.name]), field.default is MISSING and field.default_factory is MISSING)
        for field in fields(kind)
    }


def _reader(hint: Any) -> Read:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        inner = _reader(next(arg for arg in args if arg is not type(None)))
        return lambda data: None if data is None else inner(data)
    if origin is tuple:
        member = _reader(args[0])
        return lambda data: tuple(member(one) for one in _checked(list)(data))
    if origin is not None and issubclass(origin, Mapping):
        return _checked(dict)
    return _simple(getattr(hint, "__supertype__", hint))


def _simple(kind: Any) -> Read:
    if is_dataclass(kind):
        return lambda data: value_of(kind, _checked(dict)(data))  # type: ignore[arg-type]  # a class, not a value of one
    if kind is datetime:
        return _date
    return kind if issubclass(kind, Enum) else _checked(kind)


def _date(data: Any) -> datetime:
    found = parse_date(_checked(str)(data))
    if found is None:
        raise ValueError(f"{data!r} is no date")
    return found


def _checked(kind: type) -> Read:
    def check(data: Any) -> Any:
        if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
            raise ValueError(f"{data!r} is no {kind.__name__}")
        return data

    return check
