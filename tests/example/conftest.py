"""One example web for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spiders.example.web import ExampleWeb
from tests.example.serving import Client, serving


@pytest.fixture(scope="module")
def web() -> Iterator[ExampleWeb]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def client(web: ExampleWeb) -> Client:
    return Client.of(web)
