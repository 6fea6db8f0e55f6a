"""`-o FILE` in the order of the table: article by article as the configuration names them, citation by citation.

Items come in the order in which their targets answer, which no two runs share. Scrapy's exporters are used as they are;
they are only handed the rows at the end, sorted, so that the feeds of two replays are equal byte for byte.
"""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exporters import (
    BaseItemExporter,
    CsvItemExporter,
    JsonItemExporter,
    JsonLinesItemExporter,
    MarshalItemExporter,
    PickleItemExporter,
    XmlItemExporter,
)

from pipelines.desk import Desk


class InOrder(BaseItemExporter):
    """Goes before an exporter of Scrapy's among the bases of a class."""

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._desk = desk
        self._rows: list[Any] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        return cls(*args, desk=Desk.of(crawler), **kwargs)

    def export_item(self, item: Any) -> None:
        """Take a row; it is written at the end."""
        self._rows.append(item)

    def finish_exporting(self) -> None:
        """Write the rows."""
        for row in sorted(self._rows, key=self._desk.place_of):
            super().export_item(row)  # type: ignore[safe-super]  # the next base is an exporter of Scrapy's
        super().finish_exporting()


class JsonRows(InOrder, JsonItemExporter):
    """A JSON array."""


class JsonLinesRows(InOrder, JsonLinesItemExporter):
    """An object a line."""


class CsvRows(InOrder, CsvItemExporter):
    """RFC 4180 with a header."""


class XmlRows(InOrder, XmlItemExporter):
    """An element a row."""


class MarshalRows(InOrder, MarshalItemExporter):
    """Python's marshal."""


class PickleRows(InOrder, PickleItemExporter):
    """Python's pickle."""
