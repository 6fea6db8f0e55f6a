"""Which host, and whose site."""

from __future__ import annotations

import pytest

from spiders.sites import host_of, same_site, site_of


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.magazine.example", "magazine.example"),
        ("a.b.politico.com", "politico.com"),
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("one.github.io", "one.github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_sites(host: str, site: str) -> None:
    """What an owner registered: two blogs of one platform are two sites, and an address is its own."""
    assert site_of(host) == site


def test_same_site() -> None:
    """Sub-domains of one owner are one site; addresses that share numbers are not; nothing is on no site."""
    assert same_site("www.a.example", "blog.a.example")
    assert not same_site("one.github.io", "two.github.io")
    assert not same_site("192.0.2.7", "198.51.2.7")
    assert not same_site("", "")


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://U:p@WWW.A.Example.:8443/x", "www.a.example"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("urn:sha256:00", ""),
        ("mailto:a@b.example", ""),
        ("http://[broken/", ""),
        (None, ""),
    ],
)
def test_hosts(uri: str | None, host: str) -> None:
    """The host without user, port, capitals and the dot at its end; empty where there is none."""
    assert host_of(uri) == host
