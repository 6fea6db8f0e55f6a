"""Types of values: how each is read from what is written, and what people call it.

A reader turns one written thing into one value or raises a `Fault` that names line, key and reason. Nothing is guessed: a
number without a unit or a text in a list's place is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from archive.model import Context
from pipelines.capture.policy import CertificateMode, RobotsMode
from spiders.configuration import units
from spiders.configuration.written import Fault, Fields, Text, Written, fields_of, is_nothing, items_of, shape_of

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

OTHERS = "*"
"""Stands for every host that is not named."""

FOLLOWABLE = tuple(context for context in Context if context is not Context.SAME_PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Type(Generic[T]):
    """A kind of value: its name for people, and how it is read. `read` takes the key's path for its faults."""

    name: str
    read: Callable[[Written, str], T]


def scalar(read: Callable[[str], T]) -> Callable[[Written, str], T]:
    """The reader of one text; `read` says no with a ValueError whose words end the sentence."""

    def reader(written: Written, path: str) -> T:
        if not isinstance(written, Text) or written.text is None:
            raise Fault(line=written.line, key=path, reason=f"must be one value, and is {shape_of(written)}")
        try:
            return read(written.text)
        except ValueError as error:
            raise Fault(line=written.line, key=path, reason=f"is {_short(written.text)}: {error}") from error

    return reader


def optional(read: Callable[[Written, str], T]) -> Callable[[Written, str], T | None]:
    """The reader of a value that may be null."""

    def reader(written: Written, path: str) -> T | None:
        return None if is_nothing(written) else read(written, path)

    return reader


def many(read: Callable[[Written, str], T]) -> Callable[[Written, str], tuple[T, ...]]:
    """The reader of a list, each item by `read`."""

    def reader(written: Written, path: str) -> tuple[T, ...]:
        return tuple(read(item, path) for item in items_of(written, path))

    return reader


def context(written: str) -> Context:
    """The name of a context that can be followed."""
    if written not in FOLLOWABLE:
        raise ValueError("it must be one of " + ", ".join(FOLLOWABLE))
    return Context(written)


def contexts(written: Written, path: str) -> frozenset[Context]:
    """A list of contexts, or `all`."""
    if isinstance(written, Text) and written.text == "all":
        return frozenset(FOLLOWABLE)
    found = frozenset(many(scalar(context))(written, path))
    if not found:
        raise Fault(line=written.line, key=path, reason="names no context: nothing would be followed")
    return found


def only_one(written: str) -> int:
    """How many steps from the article sources are followed."""
    depth = units.positive(written)
    if depth > 1:
        raise ValueError("only 1 is supported so far: the sources of the article itself")
    return depth


def one_of(choices: type[E]) -> Callable[[str], E]:
    """The reader of one word of a set."""

    def read(written: str) -> E:
        if written not in list(choices):
            raise ValueError("it must be one of " + ", ".join(choices))
        return choices(written)

    return read


def robots(written: Written, path: str) -> Mapping[str, RobotsMode]:
    """One mode for all hosts, kept under `*`; or a mode by host, and under `*` that of all others."""
    mode = scalar(one_of(RobotsMode))
    if not isinstance(written, Fields):
        return {OTHERS: mode(written, path)}
    return {
        name if name == OTHERS else scalar(units.host)(Text(line=field.line, text=name), path): mode(field.value, path)
        for field in written.fields
        for name in [field.name]
    }


def endpoints(written: Written, path: str) -> Mapping[str, str]:
    """Where connections go: `HOST:PORT` or `*:PORT` to `ADDRESS:PORT`."""
    return {
        scalar(units.endpoint)(Text(line=field.line, text=field.name), path): scalar(units.address_and_port)(field.value, path)
        for field in fields_of(written, path)
    }


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")


TEXT = Type(name="text", read=scalar(units.text))
PATH = Type(name="path, relative to this file", read=scalar(units.path))
YES_OR_NO = Type(name="true or false", read=scalar(units.yes_or_no))
MAYBE_TEXT = Type(name="text", read=optional(scalar(units.text)))
MAYBE_ANCHOR = Type(name="text", read=optional(scalar(str)))  # a picture's link has no words
MAYBE_PATH = Type(name="path, relative to this file", read=optional(scalar(units.path)))
MAYBE_DATE = Type(name="date or date-time", read=optional(scalar(units.iso_date)))
MAYBE_URL = Type(name="URL", read=optional(scalar(units.url)))
MAYBE_ORDINAL = Type(name="whole number from 1", read=optional(scalar(units.positive)))
TEXTS = Type(name="list of texts", read=many(scalar(units.text)))
HOSTS = Type(name="list of hosts", read=many(scalar(units.domain)))
GLOBS = Type(name="list of host patterns", read=many(scalar(units.host_glob)))
CONTEXT_LIST = Type(name="list of contexts, or all", read=contexts)
ONE = Type(name="1", read=scalar(only_one))
COUNT = Type(name="whole number", read=scalar(units.count))
POSITIVE = Type(name="whole number from 1", read=scalar(units.positive))
SIZE = Type(name=f"size ({units.SIZE_UNITS})", read=scalar(units.some_size))
ROBOTS_MODES = Type(name="obey, record or ignore; or a mapping of hosts to these", read=robots)
CERTIFICATES = Type(name="verify or record", read=scalar(one_of(CertificateMode)))
BLOCKS = Type(name="list of addresses and networks", read=many(scalar(units.network)))
MAYBE_PROXY = Type(name="http URL", read=optional(scalar(units.proxy)))
ENDPOINTS = Type(name="mapping of HOST:PORT to ADDRESS:PORT", read=endpoints)
WAIT = Type(name=f"duration ({units.DURATION_UNITS})", read=scalar(units.duration))
DURATION = Type(name=f"duration ({units.DURATION_UNITS})", read=scalar(units.some_duration))
