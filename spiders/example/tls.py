"""TLS of the example's server: every connection gets the certificate of the host that it names.

A client that names no host, or one that is not part of the web, gets no certificate and its handshake fails. TLS 1.2 and 1.3
are spoken; nothing is negotiated above them, so that a client has no other way than HTTP/1.1.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from spiders.example.authority import Authority, Identity


@implementer(IOpenSSLServerConnectionCreator)
class Certificates:
    """Gives each connection the certificate of the host that it asks for (SNI, RFC 6066, section 3). Twisted asks it."""

    def __init__(self, *, hosts: frozenset[str], expired: frozenset[str], now: datetime) -> None:
        self.authority = Authority.create(now=now)
        self._hosts = hosts
        self._expired = expired
        self._contexts: dict[str, SSL.Context] = {}
        self._nobody = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._nobody.set_tlsext_servername_callback(self._named)

    def serverConnectionForTLS(self, tls_protocol: Any) -> SSL.Connection:  # noqa: ARG002 - Twisted's signature
        """A new connection; without a name that we know it has no certificate, and the handshake fails."""
        return SSL.Connection(self._nobody, None)

    def _named(self, connection: SSL.Connection) -> None:
        host = (connection.get_servername() or b"").decode("ascii", "replace").lower()
        if host in self._hosts:
            connection.set_context(self._context(host))

    def _context(self, host: str) -> SSL.Context:
        if host not in self._contexts:
            certify = self.authority.certify_expired if host in self._expired else self.authority.certify
            self._contexts[host] = _context_of(certify(host))
        return self._contexts[host]


def _context_of(identity: Identity) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(identity.certificate)
    context.use_privatekey(identity.key)
    return context
