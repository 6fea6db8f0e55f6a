"""The server's end of a connection: reads requests, sends the steps of their answers, closes where an answer says so.

It is HTTP/1.1 of our own and not a web framework, because answers must leave exactly as written, broken ones too. It never
adds a header, a date or a byte. A client that reads slowly slows the sending down, so that an answer may be endless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from twisted.internet.protocol import Factory
from twisted.internet.protocol import Protocol as Connection

from spiders.example.answers import Answer, Asked, Pause, Step

LIMIT = 1 << 20
"""Bytes of a request; who sends more is hung up on."""


class Reactor(Protocol):
    """What is needed of a Twisted reactor."""

    def adoptStreamPort(self, file: int, family: Any, factory: Any) -> Any:
        """Listen on a socket that is bound already; `file` is its descriptor and is copied."""

    def callLater(self, delay: float, call: Callable[[], object]) -> Any:
        """Call after some seconds."""


class Server(Connection):
    """One connection: requests are answered in the order in which they come, one at a time."""

    def __init__(self, *, scheme: str, answer: Callable[[Asked], Answer], reactor: Reactor) -> None:
        self._scheme = scheme
        self._answer = answer
        self._reactor = reactor
        self.transport: Any = None
        self._received = b""
        self._sending: Sending | None = None

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)  # head and body go out apart, and must not wait for each other

    def dataReceived(self, data: bytes) -> None:
        self._received += data
        if self._sending is None:
            self._serve()

    def connectionLost(self, reason: Any = None) -> None:  # noqa: ARG002 - Twisted's signature
        if self._sending:
            self._sending.stopProducing()

    def _serve(self) -> None:
        found = read_request(self._received, scheme=self._scheme)
        if found is None:
            if len(self._received) > LIMIT:
                self.transport.abortConnection()
            return
        asked, size = found
        self._received = self._received[size:]
        answer = self._answer(asked)
        closes = answer.closes or wants_close(asked)
        self._sending = Sending(
            steps=answer.steps(asked), transport=self.transport, reactor=self._reactor, done=lambda: self._sent(closes=closes)
        )
        self._sending.start()

    def _sent(self, *, closes: bool) -> None:
        self._sending = None
        if closes:
            self.transport.loseConnection()
        elif self._received:
            self._serve()


class Sending:
    """Takes the steps of one answer, as fast as the client reads and as slow as the pauses want (Twisted's IPushProducer)."""

    def __init__(self, *, steps: Iterator[Step], transport: Any, reactor: Reactor, done: Callable[[], None]) -> None:
        self._steps = steps
        self._transport = transport
        self._reactor = reactor
        self._done = done
        self._held = False
        self._timer: Any = None

    def start(self) -> None:
        """Begin; `done` is called when the last step was handed to the transport."""
        self._transport.registerProducer(self, True)
        self._go()

    def _go(self) -> None:
        while not self._held and self._timer is None:
            step = next(self._steps, None)
            if step is None:
                self._finish()
                return
            if isinstance(step, Pause):
                self._timer = self._reactor.callLater(step.seconds, self._wake)
            else:
                self._transport.write(step)

    def _finish(self) -> None:
        self._transport.unregisterProducer()
        self._held = True
        self._done()

    def _wake(self) -> None:
        self._timer = None
        self._go()

    def pauseProducing(self) -> None:
        self._held = True

    def resumeProducing(self) -> None:
        self._held = False
        self._go()

    def stopProducing(self) -> None:
        self._held = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class HttpFactory(Factory):
    """Makes a `Server` for every connection of a port."""

    noisy = False

    def __init__(self, *, scheme: str, answer: Callable[[Asked], Answer], reactor: Reactor) -> None:
        self._scheme = scheme
        self._answer = answer
        self._reactor = reactor

    def buildProtocol(self, addr: Any) -> Server:  # noqa: ARG002 - Twisted's signature
        return Server(scheme=self._scheme, answer=self._answer, reactor=self._reactor)


def read_request(data: bytes, *, scheme: str) -> tuple[Asked, int] | None:
    """The first request of `data` and its size in bytes; None while it is not whole."""
    head, end, _ = data.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, *_ = (*first.split(" "), "", "")
    headers = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    size = len(head) + len(end) + int(header(headers, "content-length") or 0)
    if len(data) < size:
        return None
    host = header(headers, "host").rsplit(":", 1)[0].lower()
    return Asked(scheme=scheme, host=host, method=method, target=target, headers=headers, raw=data[:size]), size


def header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    """The first value of a header, empty where there is none."""
    return next((value for key, value in headers if key.lower() == name), "")


def wants_close(asked: Asked) -> bool:
    """Whether the client will not use the connection again (RFC 9112, section 9.3)."""
    return header(asked.headers, "connection").lower() == "close" or asked.raw.split(b"\r\n", 1)[0].endswith(b"HTTP/1.0")
