"""Whether the hosts of the articles can be reached as a crawl would reach them, without asking any of them for a page.

A name is resolved, its addresses are judged by the gate, one of them is connected to, and for https the certificate is checked.
All hosts at once, each within its time.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from scrapy.exceptions import CannotResolveHostError
from twisted.internet.error import DNSLookupError

from archive.model import Uri
from pipelines.capture.network import Gate, NetworkPolicyError, Resolver, system_resolver
from pipelines.capture.policy import CertificateMode, NetworkPolicy
from spiders.doctor.check import Check, error, ok, warning

PATIENCE = 5.0
"""Seconds for a connection and its TLS."""

PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


def network(uris: Iterable[Uri], *, policy: NetworkPolicy, resolver: Resolver = system_resolver) -> list[Check]:
    """A check for each host (scheme and port) of these URIs, or for the proxy that stands before all of them."""
    origins = dict.fromkeys(origin for origin in map(_origin, [Uri(policy.proxy)] if policy.proxy else uris) if origin)
    return asyncio.run(_all(list(origins), policy, resolver))


def _origin(uri: Uri) -> Origin | None:
    parts = urlsplit(uri)
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme]


async def _all(origins: Sequence[Origin], policy: NetworkPolicy, resolver: Resolver) -> list[Check]:
    return list(await asyncio.gather(*(_check(origin, policy, resolver) for origin in origins)))


async def _check(origin: Origin, policy: NetworkPolicy, resolver: Resolver) -> Check:
    scheme, host, port = origin
    name = f"{scheme}://{host}" + (f":{port}" if port != PORTS[scheme] else "")
    try:
        targets = await _targets(host, port, policy, resolver)
        address = await asyncio.to_thread(_connect, origin, targets, policy)
    except NetworkPolicyError as problem:
        return error(
            "network", f"{name}: {problem.address} is refused ({problem.rule})", do="list it under network.allow if it is yours"
        )
    except (DNSLookupError, CannotResolveHostError) as problem:
        return error(
            "network",
            f"{name}: {problem.args[0] if problem.args else 'it does not resolve'}",
            do="see whether this machine is online",
        )
    except ssl.SSLCertVerificationError as problem:
        said = f"{name}: its certificate does not hold ({problem.verify_message})"
        if policy.certificates == CertificateMode.RECORD:
            return warning("network", said, do="it will be captured, and the reason recorded")
        return error("network", said, do="tell the host, or set network.certificates: record")
    except (OSError, TimeoutError) as problem:
        said = getattr(problem, "strerror", None) or str(problem) or f"no connection within {PATIENCE:g} seconds"
        return error("network", f"{name}: {said}", do="see whether this machine is online, and whether the host is")
    return ok("network", f"{name} answers at {address}")


async def _targets(host: str, port: int, policy: NetworkPolicy, resolver: Resolver) -> list[tuple[str, int]]:
    """Where a connection may go. Raises what the gate raises."""
    gate = Gate(policy, resolver=resolver)
    uri = f"//{host}:{port}"
    mapped = gate.mapped(host, port)
    if mapped is not None:
        gate.judge_spelling(uri, host, port)
        return [(str(address), mapped[1]) for address in await gate.resolve(*mapped)]
    if policy.proxy is not None:  # the operator has named it
        return [(str(address), port) for address in await gate.resolve(host, port)]
    return [(str(address), port) for address in await gate.admit(uri, host, port, seen=lambda _: None)]


def _connect(origin: Origin, targets: Sequence[tuple[str, int]], policy: NetworkPolicy) -> str:
    """The first address that takes a connection. Raises OSError, of the last one."""
    scheme, host, _ = origin
    last: OSError = OSError("there is no address")
    for address, port in targets:
        try:
            with socket.create_connection((address, port), PATIENCE / len(targets)) as connection:
                if scheme == "https":
                    _trust(policy).wrap_socket(connection, server_hostname=host).close()
                return f"{address}:{port}"
        except ssl.SSLCertVerificationError:
            raise
        except OSError as problem:
            last = problem
    raise last


def _trust(policy: NetworkPolicy) -> ssl.SSLContext:
    """The authorities that the crawl trusts."""
    return ssl.create_default_context(cadata=policy.ca_bundle.decode("ascii", "replace") if policy.ca_bundle else None)
