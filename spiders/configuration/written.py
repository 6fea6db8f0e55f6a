"""What stands written in a configuration file: texts, lists and mappings, each with its line; no YAML in here.

It is what YAML leaves once its spellings are gone, so that everything beyond `config.py` is free of it. A scalar stays the
text that it was: whether `1:30` or `yes` is a number, a truth or a word is for the key to say, and not for YAML.
"""

from __future__ import annotations

from dataclasses import dataclass


class Fault(ValueError):
    """A place in the file that can't be used. `key` is empty where no key can be named."""

    def __init__(self, *, line: int, key: str, reason: str) -> None:
        super().__init__(f"line {line}: {key} {reason}")
        self.line = line
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A scalar as it is spelled, without its quotation marks; None where YAML says null (or nothing)."""

    line: int
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    line: int
    items: tuple[Written, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of a mapping and what it says."""

    line: int
    name: str
    value: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A mapping, in the order of the file, each key once."""

    line: int
    fields: tuple[Field, ...]


Written = Text | Items | Fields

NOTHING = Text(line=0, text=None)


def text_of(words: str) -> Text:
    """A text that stands in no file."""
    return Text(line=0, text=words)


def list_of(*words: str) -> Items:
    """A list of texts that stands in no file."""
    return Items(line=0, items=tuple(map(text_of, words)))


def mapping_of(**values: Written) -> Fields:
    """A mapping that stands in no file."""
    return Fields(line=0, fields=tuple(Field(line=0, name=name, value=value) for name, value in values.items()))


def spelled(written: Written) -> str:
    """How it would stand in the file, in one line."""
    match written:
        case Items():
            return "[" + ", ".join(map(spelled, written.items)) + "]"
        case Fields():
            return "{" + ", ".join(f"{field.name}: {spelled(field.value)}" for field in written.fields) + "}"
        case _:
            return "null" if written.text is None else written.text


def shape_of(written: Written) -> str:
    """What a person would call it."""
    match written:
        case Items():
            return "a list"
        case Fields():
            return "a mapping"
        case Text(text=None):
            return "empty"
        case _:
            return f"the text {written.text!r}"


def is_nothing(written: Written) -> bool:
    """True for null and for a key with nothing behind it: both mean the default."""
    return isinstance(written, Text) and written.text is None


def items_of(written: Written, path: str) -> tuple[Written, ...]:
    """The items of a list; none for null."""
    if isinstance(written, Items):
        return written.items
    if is_nothing(written):
        return ()
    raise Fault(line=written.line, key=path, reason=f"must be a list, and is {shape_of(written)}")


def fields_of(written: Written, path: str) -> tuple[Field, ...]:
    """The fields of a mapping; none for null."""
    if isinstance(written, Fields):
        return written.fields
    if is_nothing(written):
        return ()
    raise Fault(line=written.line, key=path, reason=f"must be a mapping (key: value), and is {shape_of(written)}")
