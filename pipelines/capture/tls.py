"""TLS of the connections of a crawl: one set of options, and for each connection a note of what it showed.

Certificates are judged by OpenSSL (chain, dates, purposes) and by service_identity (the name). What OpenSSL says stays
word for word. Only HTTP/1.1 is offered, because HTTP/2 can't be kept verbatim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from OpenSSL._util import ffi, lib
from OpenSSL.crypto import X509
from service_identity import VerificationError
from service_identity.exceptions import CertificateError
from service_identity.hazmat import DNS_ID, IPAddress_ID, ServiceID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet._sslverify import ClientTLSOptions
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.ssl import Certificate, CertificateOptions, platformTrust, trustRootFromCertificates
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from pipelines.capture.policy import CertificateMode, NetworkPolicy

VERIFIED = "verified"

_LEGACY_SERVER_CONNECT = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT: old servers are cited too


class TlsNotes:
    """What one connection showed: `reason` why its certificate failed (None: it did not), `chain` in DER, leaf first."""

    def __init__(self) -> None:
        self.asked = False
        self.reason: str | None = None
        self.chain: tuple[bytes, ...] = ()

    @property
    def verdict(self) -> str | None:
        """`verified`, the reason why not, or None while no certificate was seen."""
        return self.reason or (VERIFIED if self.asked else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """Version (`tls/1.3`), cipher suite (IANA's name where known) and chain (DER, leaf first) of a live connection."""

    version: str
    cipher_suite: str | None
    chain: tuple[bytes, ...]


def facts_of(transport: object) -> TlsFacts | None:
    """What TLS a connection runs over, None without TLS. Complete from the first byte of application data on."""
    if not ISSLTransport.providedBy(transport):
        return None
    connection: SSL.Connection = transport.getHandle()  # type: ignore[attr-defined]  # ISSLTransport is no type
    return TlsFacts(
        version=connection.get_protocol_version_name().lower().replace("tlsv", "tls/"),
        cipher_suite=iana_name(connection.get_cipher_name()),
        chain=_chain(connection),
    )


def _chain(connection: SSL.Connection) -> tuple[bytes, ...]:
    offered = connection.get_peer_cert_chain(as_cryptography=True) or []
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in offered)


def iana_name(openssl_name: str | None) -> str | None:
    """The registry's name of a cipher suite: OpenSSL keeps its own for TLS 1.2 (`ECDHE-RSA-AES128-GCM-SHA256`)."""
    if openssl_name is None or openssl_name.startswith("TLS_"):
        return openssl_name
    exchange, separator, cipher = openssl_name.partition("-AES")
    cipher = separator + cipher
    if not separator:
        exchange, separator, cipher = openssl_name.partition("-CHACHA20")
        cipher = separator + cipher
    if not separator or not exchange.startswith(("ECDHE", "DHE")):
        return openssl_name
    return f"TLS_{exchange.replace('-', '_')}_WITH{_cipher_words(cipher)}"


def _cipher_words(cipher: str) -> str:
    words = cipher.replace("-", "_").replace("AES128", "AES_128").replace("AES256", "AES_256")
    if words.endswith("POLY1305"):
        return words + "_SHA256"
    return words if "GCM" in words or "CCM" in words else words.replace("_SHA", "_CBC_SHA")


def certificate_options(policy: NetworkPolicy) -> CertificateOptions:
    """The options shared by all connections of a crawl. Raises ValueError with a sentence when the bundle can't be used."""
    return _Options(
        trustRoot=_roots(policy.ca_bundle),
        acceptableProtocols=[b"http/1.1"],
        fixBrokenPeers=True,
    )


def _roots(bundle: bytes | None) -> Any:  # IOpenSSLTrustRoot
    if bundle is None:
        return platformTrust()  # type: ignore[no-untyped-call]  # Twisted's is not annotated
    try:
        certificates = x509.load_pem_x509_certificates(bundle)
    except ValueError as error:
        raise ValueError(f"network.ca_bundle holds no certificate in PEM: {error}") from error
    trusted = [Certificate(X509.from_cryptography(each)) for each in certificates]  # type: ignore[no-untyped-call]  # as above
    return trustRootFromCertificates(trusted)  # type: ignore[no-untyped-call]  # as above


class _Options(CertificateOptions):
    def _makeContext(self, skipCiphers: bool = False) -> SSL.Context:
        context = super()._makeContext(skipCiphers)
        context.set_options(_LEGACY_SERVER_CONNECT)
        return context


@implementer(IPolicyForHTTPS)
class TlsPolicy:
    """The TLS policy of one request: what its connections show is written into `notes`."""

    def __init__(self, *, options: CertificateOptions, mode: CertificateMode, notes: TlsNotes) -> None:
        self._options = options
        self._mode = mode
        self._notes = notes

    def creatorForNetloc(self, hostname: bytes, port: int) -> ClientTLSOptions:  # noqa: ARG002 - IPolicyForHTTPS has it
        """As IPolicyForHTTPS says; the port is of no meaning to a certificate."""
        return _Connections(self._options, hostname.decode("ascii"), mode=self._mode, notes=self._notes)


class _Connections(ClientTLSOptions):
    """Makes the OpenSSL connection for one name, and judges the certificates that it is shown."""

    def __init__(self, options: CertificateOptions, hostname: str, *, mode: CertificateMode, notes: TlsNotes) -> None:
        super().__init__(options._makeTLSConnection, hostname)
        self._mode = mode
        self._notes = notes

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        connection = super().clientConnectionForTLS(tlsProtocol)
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._judge)
        return connection

    def _judge(self, connection: SSL.Connection, certificate: X509, error: int, depth: int, ok: int) -> bool:
        """OpenSSL asks for every certificate of the chain, the leaf (depth 0) last. The first complaint is the reason."""
        notes = self._notes
        notes.asked = True
        notes.chain = notes.chain or _chain(connection)
        if not ok:
            notes.reason = notes.reason or openssl_words(error)
        elif depth == 0:
            notes.reason = notes.reason or self._name_problem(certificate)
        return notes.reason is None or self._mode == CertificateMode.RECORD

    def _name_problem(self, certificate: X509) -> str | None:
        kind = DNS_ID if self._hostnameIsDnsName else IPAddress_ID
        try:
            wanted: ServiceID = kind(self._hostnameASCII)
            verify_service_identity(extract_patterns(certificate), [wanted], [])
        except (VerificationError, CertificateError, ValueError):
            return f"hostname mismatch: the certificate is not for {self._hostnameASCII}"
        return None


def openssl_words(error: int) -> str:
    """What OpenSSL says of an error of verification, for example `certificate has expired`."""
    words: bytes = ffi.string(lib.X509_verify_cert_error_string(error))
    return words.decode("ascii", "replace")
