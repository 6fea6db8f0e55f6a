"""What every test gets: no way to any address but loopback; and crawls that many tests look at, each made once."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from tests.doors import Crawled, crawl_example
from tests.once import once
from tests.weeks import Weeks, three_weeks

SLOW = (
    *("tests/crash/", "tests/test_", "tests/spiders/test_jobdir", "tests/docs/", "tests/report/", "tests/cli/"),
    *("tests/spiders/test_sources", "tests/spiders/test_again", "tests/archive/test_repair", "tests/replay/"),
)
"""Files whose tests wait for processes of their own; begun last they would leave all workers but one without work."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, in their order."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))


class OutsideError(AssertionError):
    """A test tried to leave the machine."""


def _is_loopback(host: str) -> bool:
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections, datagrams and name look-ups that would leave the machine fail the test."""
    real_connect, real_connect_ex, real_lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(address: Any) -> None:
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise OutsideError(f"a test tried to reach {address[0]}")

    def connect(self: socket.socket, address: Any) -> None:
        check(address)
        return real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return real_connect_ex(self, address)

    def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_loopback(name):
            try:
                ipaddress.ip_address(name)
            except ValueError:
                raise OutsideError(f"a test tried to resolve {name}") from None
        return real_lookup(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """A finished crawl of the worked example. Nobody writes into it."""
    return once(tmp_path_factory, "example", crawl_example)


@pytest.fixture(scope="session")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    """Several finished crawls of one article whose sources change. Nobody writes into it."""
    return once(tmp_path_factory, "weeks", three_weeks)
