"""The tap: the bytes of requests and responses exactly as they pass under Scrapy's own HTTP/1.1 handler.

Whatever Twisted makes of a message, its bytes are taken before the parser sees them and after the last writer wrote them.
A request that Twisted silently sends again passes twice. Over TLS the bytes are those inside the encryption. The parser only
says where a message ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientFactory, _LenientHTTP11ClientProtocol
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.interfaces import IAddress, IHandshakeListener, IStreamClientEndpoint
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure as TwistedFailure
from twisted.web._newclient import HTTP11ClientProtocol, ParseError, Request
from twisted.web.client import HTTPConnectionPool, _RetryingHTTP11ClientProtocol
from twisted.web.iweb import IResponse
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from archive.model import Truncated
from pipelines.capture.passage import Passage, Tie
from pipelines.capture.tls import TlsFacts, TlsNotes, facts_of


@implementer(IHandshakeListener)
class TapProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's client protocol with a tap on both directions."""

    def __init__(self, quiescentCallback: Callable[[HTTP11ClientProtocol], None]) -> None:
        super().__init__(quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted's is not annotated
        self.tie: Tie | None = None
        self.notes = TlsNotes()
        self.addresses: tuple[str, ...] = ()
        self._tls: TlsFacts | None = None
        self._passage: Passage | None = None
        self._end: TwistedFailure | None = None

    def belong(self, tie: Tie) -> None:
        """The next request on this connection is that of `tie`."""
        self.tie = tie

    def be_made_for(self, tie: Tie) -> None:
        """This connection is new: what was seen while it was made is what it is."""
        self.notes, self.addresses = tie.notes, tie.addresses
        self.belong(tie)

    def request(self, request: Request) -> Deferred[IResponse]:
        """Send a request, and keep what is written. A request that is sent again gets a passage of its own."""
        if self.tie is not None and self.state == "QUIESCENT":
            self._passage = self.tie.begin(self.transport, notes=self.notes, addresses=self.addresses)
            self._passage.tls = self._tls
            passage = self._passage
            # the method of the class: the instance may carry the tap of an earlier connection
            request.writeTo = lambda transport: Request.writeTo(request, _Tee(transport, passage))  # type: ignore[method-assign, no-untyped-call]
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        """Take the bytes, then let Twisted parse them."""
        passage = self._passage
        if passage is not None and not passage.done:
            passage.take(data)
            if passage.problem is not None or passage.endless:
                self._giveUp(TwistedFailure(passage.problem or ParseError("the head of the answer has no end", b"")))  # type: ignore[no-untyped-call]
                return
            if self.tie is not None:
                self.tie.intake.add(passage, len(data))
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def handshakeCompleted(self) -> None:
        """TLS is there: from now on what is written goes out."""
        self._tls = facts_of(self.transport)
        if self._passage is not None:
            self._passage.tls = self._tls

    def _finishResponse(self, rest: bytes) -> None:
        """The parser has reached the end of the answer. Called at the loss of the connection too when only that ends it."""
        passage = self._passage
        if passage is not None and (self._end is None or isinstance(self._end.value, ConnectionDone)):
            passage.finish(len(rest))
            if self.tie is not None:
                self.tie.intake.end(passage)
        if rest and self._currentRequest is not None:
            self._currentRequest.persistent = False  # who sends too much may send more: it must not look like the next answer
        super()._finishResponse(rest)

    def _giveUp(self, reason: TwistedFailure) -> None:
        """The answer can't be parsed any further (or is already over): Twisted closes the connection."""
        self._stop(Truncated.UNSPECIFIED)
        super()._giveUp(reason)  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: TwistedFailure = connectionDone) -> None:
        """The connection is gone. One that we cut ourselves is marked by who cut it."""
        self._end = reason
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        if not isinstance(reason.value, ConnectionAborted):
            self._stop(Truncated.DISCONNECT)

    def _stop(self, why: Truncated) -> None:
        if self._passage is not None and not self._passage.done:
            self._passage.cut(why)
            if self.tie is not None:
                self.tie.intake.end(self._passage)


class _Tee:
    """A transport for one request that keeps what is written to it."""

    def __init__(self, transport: Any, passage: Passage) -> None:
        self._transport = transport
        self._passage = passage

    def write(self, data: bytes) -> None:
        self._passage.send(data)
        self._transport.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        self.write(b"".join(data))

    def registerProducer(self, producer: object, streaming: object) -> None:
        self._transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        self._transport.unregisterProducer()


class TapFactory(_LenientHTTP11ClientFactory):
    """Builds tapped connections; it takes the place of the pool's own factory."""

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: ARG002 - IProtocolFactory has it
        """A connection whose first request will be stamped by the pool."""
        return TapProtocol(self._quiescentCallback)


class TiedPool:
    """The connection pool as one download sees it: each connection that it hands out is tied to that download."""

    def __init__(self, pool: HTTPConnectionPool, tie: Tie) -> None:
        self._pool = pool
        self._tie = tie
        self.persistent = pool.persistent

    def getConnection(self, key: object, endpoint: IStreamClientEndpoint) -> Deferred[Any]:
        """As HTTPConnectionPool says."""
        return self._pool.getConnection(key, endpoint).addCallback(self._tied)

    def _tied(self, connection: Any) -> Any:
        if not isinstance(connection, _RetryingHTTP11ClientProtocol):
            connection.be_made_for(self._tie)
            return connection
        connection._clientProtocol.belong(self._tie)
        fresh_connection = connection._newConnection

        def again() -> Deferred[Any]:
            self._tie.connecting = True
            return fresh_connection().addCallback(self._tied)  # type: ignore[no-any-return]

        connection._newConnection = again
        return connection
