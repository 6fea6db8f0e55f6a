"""Behind a proxy: the exchange inside is exact, the proxy's own words are not part of it, and the gate still judges."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

import pytest

from archive.model import Outcome
from pipelines.capture.policy import NetworkPolicy, ProxyFrom, RobotsMode
from tests.capture.crawl import Ask, Crawl, Outcomes, run
from tests.capture.servers import Authority, ByteServer, ConnectProxy, ok

PAGE = ok(b"behind the proxy", b"X-Case: Kept")


@dataclass(frozen=True, kw_only=True)
class Web:
    """A TLS server that only the proxy knows, and the proxy."""

    secure: ByteServer
    proxy: ConnectProxy
    authority: Authority


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    authority = Authority()
    context = authority.context(tmp_path_factory.mktemp("proxy"), "secure.example", "unknown.example")
    with ByteServer({"*": PAGE}, tls=context) as secure:
        ports = {"secure.example": secure.port, "unknown.example": secure.port}
        with ConnectProxy({"*": PAGE}, ports=ports) as proxy:
            yield Web(secure=secure, proxy=proxy, authority=authority)


def policy(web: Web, *, credentials: str = "", proxy: ConnectProxy | None = None) -> NetworkPolicy:
    return NetworkPolicy(
        proxy=f"http://{credentials}127.0.0.1:{(proxy or web.proxy).port}",
        robots=RobotsMode.IGNORE,
        ca_bundle=web.authority.pem,
    )


NAMES = {"secure.example": (("1.1.1.1",),), "plain.example": (("8.8.8.8",),), "inside.example": (("10.0.0.1",),)}
TLS, TLS_AGAIN, UNKNOWN = "https://secure.example/page?b&a", "https://secure.example/again", "https://unknown.example/"
PLAIN, INSIDE, LITERAL = "http://plain.example/x?=&&y", "http://inside.example/", "http://0x7f.1/"


@pytest.fixture(scope="module")
def crawl(web: Web) -> Outcomes:
    urls = (TLS, TLS_AGAIN, UNKNOWN, PLAIN, INSIDE, LITERAL, "https://10.1.1.1/", "http://u@plain.example/")
    return run(
        Crawl(
            asks=tuple(Ask(url=url) for url in urls),
            network=policy(web, credentials="me:p%40ss@"),
            names=NAMES,
            settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 1},
        )
    )


@pytest.mark.parametrize("url", [TLS, TLS_AGAIN, UNKNOWN])
def test_exchange_in_the_tunnel_is_exact(web: Web, crawl: Outcomes, url: str) -> None:
    """What is kept is what the target read and wrote inside the tunnel, with its chain; no word of the proxy is in it."""
    (kept,) = crawl.at(url)
    assert kept.request in web.secure.requests
    assert kept.response == PAGE.steps[0]
    assert b"Proxy" not in kept.request
    assert len(kept.chain) == 2
    assert kept.protocols[1].startswith("tls/")
    assert kept.facts.certificate == "verified"


@pytest.mark.parametrize("url", [TLS, PLAIN])
def test_proxy_chose_the_address(crawl: Outcomes, url: str) -> None:
    """No address is said to have served the bytes; what the name resolves to here is noted."""
    (kept,) = crawl.at(url)
    assert kept.ip_address is None
    assert kept.facts.proxied
    assert kept.facts.addresses in {("1.1.1.1",), ("8.8.8.8",)}


def test_plain_request_goes_to_the_proxy_as_it_is(web: Web, crawl: Outcomes) -> None:
    """A plain request is kept as the proxy read it, in absolute form, with the credentials that the archive will redact."""
    (kept,) = crawl.at(PLAIN)
    assert kept.request in web.proxy.requests
    assert kept.request.startswith(b"GET http://plain.example/x?=&&y HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"me:p@ss") in kept.request
    assert kept.protocols == ("http/1.1",)


def test_tunnel_is_opened_with_the_credentials(web: Web, crawl: Outcomes) -> None:
    """CONNECT carries the proxy's credentials, and is no exchange of the target."""
    connects = [request for request in web.proxy.requests if request.startswith(b"CONNECT ")]
    assert connects
    assert all(b"Proxy-Authorization: Basic " + base64.b64encode(b"me:p@ss") in request for request in connects)
    assert not any(kept.request.startswith(b"CONNECT") for kept in crawl.kept)


@pytest.mark.parametrize("url", [INSIDE, LITERAL, "https://10.1.1.1/", "http://u@plain.example/"])
def test_gate_judges_behind_the_proxy(web: Web, crawl: Outcomes, url: str) -> None:
    """A refused literal, a name that resolves to a refused address here, and a host that is no name never reach the proxy."""
    (failure,) = crawl.failed(url)
    assert failure.outcome == Outcome.ADDRESS_BLOCKED
    assert failure.facts.proxied
    host = url.split("/")[2].rpartition("@")[2].encode()
    asked = [request for request in web.proxy.requests if host in request.split(b"\r\n")[0]]
    assert asked == [] or url.startswith("http://u@")


def test_connection_to_the_proxy_does_not_open_the_gate(web: Web) -> None:
    """The kept-open connection to the proxy is shared by hosts, and each host is still judged."""
    done = run(
        Crawl(
            asks=tuple(Ask(url=url) for url in (PLAIN, INSIDE, PLAIN + "2", LITERAL)),
            network=policy(web),
            names=NAMES,
            settings={"CONCURRENT_REQUESTS": 1},
        )
    )
    assert [kept.uri for kept in done.kept] == [PLAIN, PLAIN + "2"]
    assert {failure.outcome for failure in done.failures} == {Outcome.ADDRESS_BLOCKED}


def test_refused_tunnel_is_a_failure(web: Web) -> None:
    """A proxy that opens no tunnel makes the target unreachable, in its own words."""
    with ConnectProxy({}, refuse=b"HTTP/1.1 403 Not from here\r\nContent-Length: 0\r\n\r\n") as proxy:
        done = run(Crawl(asks=(Ask(url=TLS),), network=policy(web, proxy=proxy), names=NAMES))
    (failure,) = done.failures
    assert failure.outcome == Outcome.UNREACHABLE
    assert failure.reason.startswith("the proxy opened no tunnel: ")
    assert "403" in failure.reason


@pytest.fixture(scope="module")
def own(web: Web) -> Outcomes:
    """A crawl in which each request says itself whose proxy it takes, with Scrapy's middleware for it."""
    proxy = {"proxy": f"http://you:p%40ss@127.0.0.1:{web.proxy.port}"}
    with ByteServer({"*": PAGE}) as direct:
        here = f"http://127.0.0.1:{direct.port}/own"
        middlewares = {"scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750}
        return run(
            Crawl(
                asks=(
                    Ask(url=TLS + "&own", meta=proxy),
                    Ask(url=PLAIN + "&own", meta=proxy),
                    Ask(url=here),
                    Ask(url="http://10.1.1.1/", meta=proxy),
                ),
                network=NetworkPolicy(
                    allow=(ip_network("127.0.0.1/32"),),
                    robots=RobotsMode.IGNORE,
                    ca_bundle=web.authority.pem,
                    proxy_from=ProxyFrom.REQUEST,
                ),
                names=NAMES,
                settings={"HTTPPROXY_ENABLED": True, "ROBOTSTXT_OBEY": False, "DOWNLOADER_MIDDLEWARES": middlewares},
            )
        )


def test_the_proxy_of_a_request_is_kept(web: Web, own: Outcomes) -> None:
    """Where the requests' proxies count each goes through its own, with the credentials that Scrapy's middleware gave it."""
    credentials = b"Proxy-Authorization: Basic " + base64.b64encode(b"you:p@ss")
    (plain,) = own.at(PLAIN + "&own")
    assert plain.request in web.proxy.requests
    assert credentials in plain.request
    (tls,) = own.at(TLS + "&own")
    assert tls.request in web.secure.requests
    assert b"Proxy" not in tls.request
    assert any(request.startswith(b"CONNECT secure.example:443 ") and credentials in request for request in web.proxy.requests)
    assert [(kept.facts.proxied, kept.ip_address, kept.facts.addresses) for kept in (plain, tls)] == [(True, None, ())] * 2


def test_a_request_without_a_proxy_goes_straight(own: Outcomes) -> None:
    """The record says which exchange went through a proxy and which did not; only the latter's name is looked up here."""
    (straight,) = [kept for kept in own.kept if "127.0.0.1" in kept.uri]
    assert (straight.facts.proxied, straight.ip_address, straight.facts.addresses) == (False, "127.0.0.1", ("127.0.0.1",))
    assert own.looked_up == ["127.0.0.1"]


def test_the_gate_judges_a_literal_behind_any_proxy(own: Outcomes) -> None:
    """A literal that the policy does not allow never reaches the proxy of a request either."""
    (failure,) = own.failed("http://10.1.1.1/")
    assert (failure.outcome, failure.facts.proxied) == (Outcome.ADDRESS_BLOCKED, True)


def test_two_words_about_one_proxy_are_refused() -> None:
    """A policy that names a proxy, and leaves it to the requests, is said to contradict itself."""
    with pytest.raises(ValueError, match=r"^network\.proxy names a proxy, but those of the requests were to count"):
        NetworkPolicy(proxy="http://127.0.0.1:1", proxy_from=ProxyFrom.REQUEST)
