"""What a crawl may do on the network and how much of it, as frozen values.

The operator's configuration becomes these values once; nothing in this room reads a setting, an environment variable or
a file to find out what is allowed. The defaults are the polite ones: robots.txt obeyed, certificates verified, no
private address reached, one second between two requests to a host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

AddressBlock = IPv4Network | IPv6Network
"""A block of addresses; a single address is a block of one."""

MEGABYTE = 1_000_000


class RobotsMode(StrEnum):
    """What robots.txt means to the crawl: `record` fetches all the same and says what it said."""

    OBEY = "obey"
    RECORD = "record"
    IGNORE = "ignore"


class CertificateMode(StrEnum):
    """What a certificate that fails means: `record` captures all the same and says why it failed."""

    VERIFY = "verify"
    RECORD = "record"


class ProxyFrom(StrEnum):
    """Who names the proxy: the `policy` alone, or each `request` for itself, as Scrapy's own middleware leaves it."""

    POLICY = "policy"
    REQUEST = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """Which hosts may be reached, and how.

    `robots_by_host` overrides `robots` for exact host names (lower case). `allow` are blocks that the gate lets pass
    although they are not public. `proxy` is an `http://` URL, and counts where `proxy_from` is the policy. `ca_bundle` are
    certificates in PEM that stand in for the system's roots. `connect_to` says where the TCP connection goes, as curl's
    option of that name: `HOST:PORT` or `*:PORT` to `ADDRESS:PORT`, an IPv6 address in brackets. `dns_timeout` is in seconds.
    """

    robots: RobotsMode = RobotsMode.OBEY
    robots_by_host: Mapping[str, RobotsMode] = field(default_factory=dict)
    certificates: CertificateMode = CertificateMode.VERIFY
    allow: tuple[AddressBlock, ...] = ()
    proxy: str | None = field(default=None, repr=False)  # may hold a password
    proxy_from: ProxyFrom = ProxyFrom.POLICY
    ca_bundle: bytes | None = field(default=None, repr=False)
    connect_to: Mapping[str, str] = field(default_factory=dict)
    dns_timeout: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what could only fail later. Raises ValueError with a sentence that names the key."""
        if self.proxy is not None and (urlsplit(self.proxy).scheme != "http" or not urlsplit(self.proxy).hostname):
            raise ValueError("network.proxy must be a URL such as http://proxy.example:3128")
        if self.proxy is not None and self.proxy_from != ProxyFrom.POLICY:
            raise ValueError("network.proxy names a proxy, but those of the requests were to count: take one of the two out")
        for key, target in self.connect_to.items():
            endpoint_of(key)
            endpoint_of(target)

    def robots_for(self, host: str) -> RobotsMode:
        """The mode for one host."""
        return RobotsMode(self.robots_by_host.get(host.lower(), self.robots))


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePolicy:
    """How much is fetched, and how gently.

    `size_limit` is in bytes of a response's body as it comes, `time_limit`, `retry_after_limit` and `delay` in seconds;
    `retries` counts the requests after the first. `spool_directory` takes what does not fit into memory.
    """

    size_limit: int = 200 * MEGABYTE
    time_limit: float = 60.0
    redirects: int = 20
    retries: int = 2
    retry_after_limit: float = 60.0
    delay: float = 1.0
    concurrent_per_host: int = 2
    spool_directory: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """Who runs the crawl, and with what: kept in the first record of the run. `configuration` is already redacted."""

    operator: str = ""
    arguments: tuple[str, ...] = ()
    configuration: bytes | None = field(default=None, repr=False)
    title: str | None = None


def endpoint_of(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; brackets around an IPv6 address are taken off.

    Raises ValueError with a sentence when either is missing.
    """
    host, separator, port = text.rpartition(":")
    if not separator or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise ValueError(f"network.connect_to: {text!r} is not HOST:PORT")
    return host.removeprefix("[").removesuffix("]").lower(), int(port)
