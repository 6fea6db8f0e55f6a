"""An `ExampleWeb` in a reactor of its own in a thread, and a plain client for it: http.client and ssl, nothing of ours."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any
from urllib.parse import urljoin, urlsplit

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from spiders.example.answers import Handler
from spiders.example.web import ExampleWeb


@contextmanager
def serving(extra: Mapping[str, Handler] | None = None) -> Iterator[ExampleWeb]:
    """The example web, with `extra` hosts, for the length of the block."""
    loop = asyncio.new_event_loop()
    reactor: Any = AsyncioSelectorReactor(loop)
    web = ExampleWeb(extra=extra)
    assert web.connect_to  # bound here, before there are two threads
    serves = Event()
    reactor.callWhenRunning(web.start, reactor)
    reactor.callWhenRunning(serves.set)
    thread = Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, daemon=True)
    thread.start()
    assert serves.wait(10)
    try:
        yield web
    finally:
        reactor.callFromThread(lambda: web.stop().addBoth(lambda _: reactor.stop()))
        thread.join(10)
        loop.close()
    assert not thread.is_alive()


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Reaches the hosts of a web as `connect_to` says, and trusts its authority."""

    connect_to: Mapping[str, str]
    ca_pem: bytes

    @classmethod
    def of(cls, web: ExampleWeb) -> Client:
        return cls(connect_to=web.connect_to, ca_pem=web.ca_pem)

    def connect(self, url: str) -> socket.socket:
        """A connection to the host of `url`, its certificate verified."""
        parts = urlsplit(url)
        host, _, port = self.connect_to["*:443" if parts.scheme == "https" else "*:80"].rpartition(":")
        plain = socket.create_connection((host, int(port)), timeout=10)
        if parts.scheme == "http":
            return plain
        try:
            context = ssl.create_default_context(cadata=self.ca_pem.decode("ascii"))
            return context.wrap_socket(plain, server_hostname=parts.hostname)
        except BaseException:  # whatever went wrong, it is raised on; only the socket must not stay
            plain.close()
            raise

    def raw(self, url: str, request: bytes | None = None) -> bytes:
        """All bytes that come back until the server closes; `request` defaults to a GET that asks it to close."""
        with closing(self.connect(url)) as connection:
            connection.sendall(request or self.request(url))
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def request(self, url: str, *, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
        """A request for exactly this URL, its query untouched, without its fragment."""
        parts = urlsplit(url)
        target = url.split("#")[0].removeprefix(f"{parts.scheme}://{parts.netloc}") or "/"
        return f"{method} {target} {version}\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode("ascii")

    def get(self, url: str) -> tuple[http.client.HTTPResponse, bytes]:
        """The head and the entity as http.client reads them; a cut body is http.client.IncompleteRead."""
        with closing(self.connect(url)) as connection:
            connection.sendall(self.request(url))
            response = http.client.HTTPResponse(connection)
            response.begin()
            return response, response.read()

    def follow(self, url: str) -> tuple[list[str], http.client.HTTPResponse, bytes]:
        """The URLs after the first one on the way to an answer that is no redirect, and that answer."""
        hops: list[str] = []
        while True:
            response, body = self.get(url)
            location = response.getheader("Location")
            if location is None:
                return hops, response, body
            url = urljoin(url, location)
            hops.append(url)
