"""Hosts and sites: which host a URI names, and whether two hosts belong to one site.

A site is what its owner registered: `www.magazine.example` and `blog.magazine.example` are one, two blogs of one platform
are two. It is decided by the public suffix list that tldextract brings along; nothing is ever looked up.
"""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract


def host_of(uri: str | None) -> str:
    """The host that a URI names, in lower case and without a dot at its end; empty where it names none."""
    try:
        return (urlsplit(uri or "").hostname or "").rstrip(".")
    except ValueError:  # brackets that hold no address
        return ""


def same_site(one: str, other: str) -> bool:
    """Whether two hosts belong to one site. A URI without a host belongs to none."""
    return bool(one and other) and site_of(one) == site_of(other)


def site_of(host: str) -> str:
    """The registrable part of a host name; of a name without a known suffix its last two labels, and an address as it is."""
    if _is_address(host):
        return host
    found = _suffixes()(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])


@functools.cache
def _suffixes() -> TLDExtract:
    """The list as it was packed: no look-up, no cache on the disk."""
    from tldextract import TLDExtract  # it imports an HTTP client, which takes a tenth of a second

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
