"""Whether the hosts of the articles can be reached as a crawl would reach them, without asking any of them for a page.

A name is resolved, its addresses are judged by the gate, one of them is connected to, and for https the certificate is checked.
Behind a proxy it is the proxy that is connected to, and the gate says of each host what can be said from here. All hosts are
looked at side by side, and who has not answered within LIMIT seconds has not answered.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from scrapy.exceptions import CannotResolveHostError
from twisted.internet.error import DNSLookupError

from archive.model import Uri
from pipelines.capture.addresses import Address
from pipelines.capture.network import Gate, NetworkPolicyError, Resolver, system_resolver
from pipelines.capture.policy import CertificateMode, NetworkPolicy
from spiders.doctor.check import Check, error, ok, warning

PATIENCE = 5.0
"""Seconds for a connection and its TLS."""

LIMIT = 10.0
"""Seconds for one host, its look-up included; and so for all of them."""

PORTS = {"http": 80, "https": 443}

_LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT, which the crawl sets too; Python names it from 3.12 on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a connection goes to."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port != PORTS[self.scheme] else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every connection is made with; `patience` is in seconds, for a connection and its TLS."""

    policy: NetworkPolicy
    gate: Gate
    trust: ssl.SSLContext
    patience: float


def network(
    uris: Iterable[Uri], *, policy: NetworkPolicy, resolver: Resolver = system_resolver, patience: float = PATIENCE
) -> list[Check]:
    """A check for the proxy where there is one, and one for each host (scheme and port) of these URIs."""
    try:
        trust = _trust(policy)
    except ValueError as problem:
        return [error("network", f"network.ca_bundle can't be used: {problem}", do="name a file of certificates in PEM")]
    origins = list(dict.fromkeys(origin for origin in map(_origin, uris) if origin))
    means = Means(policy=policy, gate=Gate(policy, resolver=resolver), trust=trust, patience=patience)
    return asyncio.run(_all(origins, means))


def _origin(uri: Uri) -> Origin | None:
    parts = urlsplit(uri)
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return Origin(scheme=parts.scheme, host=parts.hostname, port=parts.port or PORTS[parts.scheme])


async def _all(origins: Sequence[Origin], means: Means) -> list[Check]:
    proxy = _origin(Uri(means.policy.proxy)) if means.policy.proxy else None
    if proxy is None:
        return await asyncio.gather(*(_check(origin, _direct(origin, means), means) for origin in origins))
    first = _check(proxy, _proxy(proxy, means), means)
    return await asyncio.gather(first, *(_check(origin, _behind(origin, means), means) for origin in origins))


async def _check(origin: Origin, way: Awaitable[str], means: Means) -> Check:
    """What came of one `way` to a host, in words."""
    try:
        async with asyncio.timeout(LIMIT):
            return ok("network", f"{origin} {await way}")
    except NetworkPolicyError as problem:
        refused = f"{origin}: {problem.address} is refused ({problem.rule})"
        return error("network", refused, do="list it under network.allow if it is yours")
    except (DNSLookupError, CannotResolveHostError) as problem:
        said = problem.args[0] if problem.args else "it does not resolve"
        return error("network", f"{origin}: {said}", do="see whether this machine is online")
    except ssl.SSLCertVerificationError as problem:
        return _unverified(f"{origin}: its certificate does not hold ({problem.verify_message})", means.policy.certificates)
    except OSError as problem:
        said = f"{origin}: {_words(problem, means)}"
        return error("network", said, do="see whether this machine is online, and whether the host is")


def _unverified(said: str, mode: CertificateMode) -> Check:
    if mode == CertificateMode.RECORD:
        return warning("network", said, do="it will be captured, and the reason recorded")
    return error("network", said, do="tell the host, or set network.certificates: record")


async def _direct(origin: Origin, means: Means) -> str:
    uri = f"//{origin.host}:{origin.port}"
    mapped = means.gate.mapped(origin.host, origin.port)
    if mapped is None:
        admitted = await means.gate.admit(uri, origin.host, origin.port, seen=lambda _: None)
        return await _connect(origin, admitted, origin.port, means)
    means.gate.judge_spelling(uri, origin.host, origin.port)
    return await _connect(origin, await means.gate.resolve(*mapped), mapped[1], means)


async def _proxy(origin: Origin, means: Means) -> str:
    """The operator has named it: any address is fine."""
    return await _connect(origin, await means.gate.resolve(origin.host, origin.port), origin.port, means)


async def _behind(origin: Origin, means: Means) -> str:
    """A name that is unknown here may be known to the proxy."""
    with suppress(TimeoutError):
        async with asyncio.timeout(means.patience):
            await means.gate.admit_proxied(f"//{origin.host}:{origin.port}", origin.host, origin.port, seen=lambda _: None)
    return "is asked for through the proxy"


async def _connect(origin: Origin, addresses: Sequence[Address], port: int, means: Means) -> str:
    """The first address that takes a connection. Raises OSError, of the last one."""
    last = OSError("there is no address")
    secure = {"ssl": means.trust, "server_hostname": origin.host} if origin.scheme == "https" else {}
    for address in map(str, addresses):
        try:
            async with asyncio.timeout(means.patience / len(addresses)):
                _, writer = await asyncio.open_connection(address, port, **secure)  # type: ignore[arg-type]  # each has its own
        except ssl.SSLCertVerificationError:
            raise
        except OSError as problem:
            last = problem
        else:
            writer.transport.abort()  # nothing was asked, so there is nothing to wait for
            return f"answers at {address}:{port}"
    raise last


def _words(problem: OSError, means: Means) -> str:
    if isinstance(problem, ssl.SSLError):
        return f"TLS can't be agreed on ({problem.reason or problem})"
    return os.strerror(problem.errno) if problem.errno else str(problem) or f"no connection within {means.patience:g} seconds"


def _trust(policy: NetworkPolicy) -> ssl.SSLContext:
    """What the crawl trusts, and no stricter than it. Raises ValueError for a bundle without certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_alpn_protocols(["http/1.1"])
    if policy.ca_bundle is None:
        context.load_default_certs()
    else:
        found = x509.load_pem_x509_certificates(policy.ca_bundle)
        context.load_verify_locations(cadata=b"".join(each.public_bytes(Encoding.DER) for each in found))
    return context
