"""A mapping of the file at its place in the table of keys: what may stand in it, and what each key says.

A key that the table does not have there is a fault that names the nearest one; a value comes with the table's default.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spiders.configuration.keys import Key
from spiders.configuration.readers import T
from spiders.configuration.written import NOTHING, Fault, Field, Written, fields_of, is_nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One mapping of the file with its place in the table: `path` is empty for the file itself, or like `limits`."""

    path: str
    line: int
    fields: tuple[Field, ...]

    def get(self, name: str) -> Written:
        """What is written behind a key; nothing where the key is not there."""
        return next((f.value for f in self.fields if f.name == name), NOTHING)

    def value(self, key: Key[T]) -> T:
        """The value of a key of the table: what is written, else its default; raises Fault."""
        name = key.path.rpartition(".")[2]
        written = self.get(name)
        if is_nothing(written) and key.default is None:
            raise self.fault(f"is missing: {key.does}", name=name)
        return key.type.read(key.default if is_nothing(written) and key.default else written, joined(self.path, name))

    def line_of(self, name: str) -> int:
        """The line of a key, or of its section where the key is not there."""
        return next((f.line for f in self.fields if f.name == name), self.line)

    def fault(self, reason: str, *, name: str = "") -> Fault:
        """A fault at one key of this section, or at the section as a whole."""
        return Fault(line=self.line_of(name), key=joined(self.path, name), reason=reason)


def section(written: Written, *, path: str, known: Iterable[str]) -> Section:
    """A mapping as a section; a key that is not below `path` among the `known` paths is a fault."""
    found = Section(path=path, line=written.line, fields=fields_of(written, path or "the file"))
    paths = tuple(known)
    names = set(children(paths, path=path))
    for field in found.fields:
        if field.name not in names:
            raise Fault(line=field.line, key=joined(path, field.name), reason=_unknown(field.name, paths=paths, path=path))
    return found


def children(paths: Iterable[str], *, path: str) -> Iterator[str]:
    """The names that may stand right below a path: `articles` below nothing, `url` below `articles[]`."""
    start = path + "." if path else ""
    for known in paths:
        if known.startswith(start):
            yield known.removeprefix(start).partition(".")[0].removesuffix("[]")


def joined(path: str, name: str) -> str:
    """The path of a key below a section."""
    return ".".join(part for part in (path, name) if part)


def _unknown(name: str, *, paths: tuple[str, ...], path: str) -> str:
    nearest = difflib.get_close_matches(name, list(dict.fromkeys(children(paths, path=path))), n=1)
    if nearest:
        return f"is not a key; did you mean {joined(path, nearest[0])}?"
    elsewhere = next((known for known in paths if known.rpartition(".")[2] == name), None)
    if elsewhere:
        return f"is not a key here; did you mean {elsewhere}?"
    return "is not a key; the keys here are " + ", ".join(dict.fromkeys(children(paths, path=path)))
