"""The gate: which address may be reached. Every connection passes it, those of redirects, retries and robots.txt too.

A name is resolved here, all of its addresses are judged, and the connection goes to one that was judged: nothing is looked
up again between the two. One refused address refuses the name. What the operator named himself (`allow`, `connect_to`, the
proxy) passes.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.web.client import URI
from twisted.web.error import SchemeNotSupported
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from pipelines.capture.addresses import Address, literals, looks_like_name, refusal
from pipelines.capture.errors import UnsendableUriError
from pipelines.capture.policy import NetworkPolicy, endpoint_of

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to all addresses, in the order in which they should be tried. Raises OSError when there are none."""

Seen = Callable[[tuple[Address, ...]], None]
"""Hears all addresses that a name resolved to, refused or not."""


_VISIBLE = re.compile(r"[\x21-\x7e]+\Z")


class NetworkPolicyError(Exception):
    """The policy does not let a request go to an address. Never an OSError: those are sent again."""

    def __init__(self, uri: str, address: str, rule: str) -> None:
        super().__init__(f"{uri} is not fetched: {address} is refused ({rule}); network.allow would let it pass")
        self.uri = uri
        self.address = address
        self.rule = rule


def check_sendable(uri: str) -> None:
    """Raise UnsendableUriError for what no request can be made of (RFC 3986: visible ASCII; a port of 16 bits)."""
    if not _VISIBLE.match(uri):
        raise UnsendableUriError(uri, "the URL has characters that HTTP can't carry")
    try:
        port = urlsplit(uri).port
    except ValueError as error:
        raise UnsendableUriError(uri, "the URL names no port that there is") from error
    if port == 0:
        raise UnsendableUriError(uri, "the URL names no port that there is")


async def system_resolver(host: str, port: int) -> list[str]:
    """What getaddrinfo says, in its order. The look-up runs in a thread that cannot keep the process from ending."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], error: Exception | None) -> None:
        if answer.done():  # the time limit was faster
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found)

    def look_up() -> None:
        found: list[str] = []
        problem: Exception | None = None
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
            found = [str(entry[4][0]) for entry in entries]
        except UnicodeError as error:  # a label that is empty or too long for IDNA
            problem = socket.gaierror(socket.EAI_NONAME, str(error))
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, a thread has nobody else to tell
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop was closed in the meantime
            loop.call_soon_threadsafe(settle, found, problem)

    threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    return await answer


class Gate:
    """Judges hosts by one policy. `resolver` is handed in; it is asked again for each new connection."""

    def __init__(self, policy: NetworkPolicy, *, resolver: Resolver = system_resolver) -> None:
        self._policy = policy
        self._resolver = resolver

    def mapped(self, host: str, port: int) -> tuple[str, int] | None:
        """Where `connect_to` sends this host, the exact entry before the wildcard."""
        for key in (f"{host}:{port}", f"[{host}]:{port}", f"*:{port}"):
            if (target := self._policy.connect_to.get(key)) is not None:
                return endpoint_of(target)
        return None

    def judge_spelling(self, uri: str, host: str, port: int) -> None:
        """Refuse a host that is a refused address in any spelling. Raises NetworkPolicyError.

        An operator who maps this very host to another place has named it himself.
        """
        if f"{host}:{port}" in self._policy.connect_to or f"[{host}]:{port}" in self._policy.connect_to:
            return
        readings = literals(host)
        if readings is None and not looks_like_name(host):
            raise NetworkPolicyError(uri, host, "neither a host name nor an address")
        for address in readings or ():
            self._judge(uri, address)

    def _judge(self, uri: str, address: Address) -> None:
        if (rule := refusal(address, allow=self._policy.allow)) is not None:
            raise NetworkPolicyError(uri, str(address), rule)

    async def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """All addresses of a host, each once, in the resolver's order. Raises DNSLookupError when there are none in time."""
        try:
            found = await asyncio.wait_for(self._resolver(host, port), self._policy.dns_timeout)
        except TimeoutError as error:
            raise DNSLookupError(f"no answer for {host} within {self._policy.dns_timeout:g} seconds") from error
        except OSError as error:
            raise DNSLookupError(f"{host} does not resolve: {error.strerror or error}") from error
        if not found:
            raise DNSLookupError(f"{host} has no address")
        return tuple(dict.fromkeys(ip_address(each) for each in found))

    async def admit(self, uri: str, host: str, port: int, *, seen: Seen) -> tuple[Address, ...]:
        """The addresses that a connection may go to, each judged; `seen` hears all that the host resolved to.

        Raises NetworkPolicyError when one of them is refused, DNSLookupError when there are none.
        """
        self.judge_spelling(uri, host, port)
        addresses = await self.resolve(host, port)
        seen(addresses)
        for address in addresses:
            self._judge(uri, address)
        return addresses

    async def admit_proxied(self, uri: str, host: str, port: int, *, seen: Seen) -> None:
        """Judge what can be judged from here when a proxy makes the connection. A name unknown here passes."""
        if self.mapped(host, port) is not None:
            self.judge_spelling(uri, host, port)
            return
        try:
            await self.admit(uri, host, port, seen=seen)
        except DNSLookupError:
            return


@implementer(IStreamClientEndpoint)
class GatedEndpoint:
    """A TCP connection to a host, made only through the gate."""

    def __init__(self, *, route: Route, host: str, port: int) -> None:
        self._route = route
        self._host = host
        self._port = port

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """As IStreamClientEndpoint says; fails with NetworkPolicyError, DNSLookupError or the last address's ConnectError."""
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        try:
            targets = await Deferred.fromFuture(asyncio.ensure_future(self._targets()))
        except asyncio.CancelledError as error:  # no Exception: it would pass by everything that Scrapy does with errors
            raise CancelledError from error
        last: ConnectError | None = None
        for address, port in targets:
            try:
                return await self._attempt(factory, address, port, limit=self._route.timeout / len(targets))
            except ConnectError as error:
                last = error
        raise last or DNSLookupError(f"{self._host} has no address")

    async def _targets(self) -> list[tuple[str, int]]:
        gate, uri = self._route.gate, self._route.uri
        mapped = gate.mapped(self._host, self._port)
        if mapped is None:
            found = await gate.admit(uri, self._host, self._port, seen=self._route.seen)
            return [(str(address), self._port) for address in found]
        gate.judge_spelling(uri, self._host, self._port)
        return [(str(address), mapped[1]) for address in await gate.resolve(*mapped)]

    async def _attempt(self, factory: IProtocolFactory, address: str, port: int, *, limit: float) -> IProtocol:
        # connectTCP takes literals of both families; TCP6ClientEndpoint would look the address up again
        return await TCP4ClientEndpoint(
            self._route.reactor, address, port, timeout=limit, bindAddress=self._route.bind_address
        ).connect(factory)


class Route:
    """How one request gets to its server: the gate, the TLS policy, the limits; `seen` hears the addresses of the name."""

    def __init__(
        self,
        *,
        reactor: Any,  # IReactorTCP; zope's interfaces are not types
        gate: Gate,
        uri: str,
        timeout: float,
        tls: Any,  # IPolicyForHTTPS
        bind_address: tuple[str, int] | None,
        seen: Seen,
    ) -> None:
        self.reactor = reactor
        self.gate = gate
        self.uri = uri
        self.timeout = timeout
        self.tls = tls
        self.bind_address = bind_address
        self.seen = seen


@implementer(IAgentEndpointFactory)
class GatedEndpoints:
    """The endpoint factory of one request's agent. Scrapy's agents read the two attributes."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._bindAddress = route.bind_address
        self._connectTimeout = route.timeout

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """A gated endpoint, with TLS around it for https. Name and SNI stay the URI's, wherever the connection goes."""
        gated: Any = GatedEndpoint(route=self._route, host=uri.host.decode("ascii").lower(), port=uri.port)
        if uri.scheme == b"http":
            return gated  # type: ignore[no-any-return]  # zope's interfaces are not types
        if uri.scheme == b"https":
            return wrapClientTLS(self._route.tls.creatorForNetloc(uri.host, uri.port), gated)
        raise SchemeNotSupported(f"Unsupported scheme: {uri.scheme!r}")
