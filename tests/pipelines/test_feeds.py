"""Feeds come in the order of the table, in each of Scrapy's formats."""

from __future__ import annotations

import csv
import io
import json
import marshal
import pickle
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from scrapy.utils.misc import load_object

from archive.outputs.table import COLUMNS, Row
from spiders.settings import FEED_EXPORTERS

VALUES: dict[str, Any] = dict.fromkeys((field.name for field in fields(Row)), "x") | {
    "article": "https://a.example/",
    "http": None,
}
FIRST = Row(**VALUES | {"ordinal": 1})
ROWS = [replace(FIRST, ordinal=3), replace(FIRST, article="https://b.example/", ordinal=1), FIRST, replace(FIRST, ordinal=2)]
PLACES = {"https://b.example/": 1, "https://a.example/": 2}
WANTED = [("https://b.example/", 1), ("https://a.example/", 1), ("https://a.example/", 2), ("https://a.example/", 3)]


class Places:
    """A desk that knows two articles, the second of the alphabet first."""

    def place_of(self, row: Row) -> tuple[int, int]:
        """As Desk says it."""
        return PLACES[row.article], row.ordinal


def exported(kind: str) -> bytes:
    """Four rows in the format, handed in as they came."""
    out = io.BytesIO()
    exporter = load_object(FEED_EXPORTERS[kind])(out, desk=Places(), encoding="utf-8")
    exporter.start_exporting()
    for row in ROWS:
        exporter.export_item(row)
    exporter.finish_exporting()
    return out.getvalue()


def pickled(data: bytes) -> list[dict[str, Any]]:
    stream = io.BytesIO(data)
    return [vars_of(pickle.load(stream)) for _ in ROWS]


def vars_of(item: Any) -> dict[str, Any]:
    return item if isinstance(item, dict) else {name: getattr(item, name) for name in COLUMNS}


def marshalled(data: bytes) -> list[dict[str, Any]]:
    stream = io.BytesIO(data)
    return [marshal.load(stream) for _ in ROWS]


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "json": json.loads,
    "jsonl": lambda data: [json.loads(line) for line in data.splitlines()],
    "jsonlines": lambda data: [json.loads(line) for line in data.splitlines()],
    "jl": lambda data: [json.loads(line) for line in data.splitlines()],
    "csv": lambda data: list(csv.DictReader(io.StringIO(data.decode()))),
    "xml": lambda data: [{field.tag: field.text for field in item} for item in ET.fromstring(data)],
    "marshal": marshalled,
    "pickle": pickled,
}


@pytest.mark.parametrize("kind", READERS)
def test_rows_come_in_the_order_of_the_table(kind: str) -> None:
    """Whatever order they came in: articles as configured, citations by number, every column of a row."""
    found = READERS[kind](exported(kind))
    assert [(row["article"], int(row["ordinal"])) for row in found] == WANTED
    assert all(tuple(row) == COLUMNS for row in found)


def test_every_format_of_scrapy_is_sorted() -> None:
    """No format that `-o` takes is left to chance."""
    from scrapy.settings.default_settings import FEED_EXPORTERS_BASE

    assert set(FEED_EXPORTERS) == set(FEED_EXPORTERS_BASE) == set(READERS)
