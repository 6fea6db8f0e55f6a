"""Every host answers what the example promises of it, over HTTP and HTTPS, and nobody else is answered for."""

from __future__ import annotations

import gzip
import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import brotli
import pytest

from archive.model import Outcome
from spiders.example.answers import Asked, Bomb, ByTarget, Handler, Raw, Slow, Static, Step, Torn
from spiders.example.web import ARTICLE, ExampleWeb
from tests.example.expected import CITATIONS, Expected
from tests.example.serving import Client, serving

FETCHED = [c for c in CITATIONS if c.status and c.verdict != "truncated"]

DECODERS: Mapping[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


def decoded(response: http.client.HTTPResponse, body: bytes) -> bytes:
    """The body without its content encoding."""
    return DECODERS[response.getheader("Content-Encoding", "")](body)


@pytest.mark.parametrize("cited", FETCHED, ids=lambda cited: f"{cited.ordinal}-{urlsplit(cited.target).hostname}")
def test_each_source_answers_as_expected(client: Client, cited: Expected) -> None:
    """A cited URL leads over the promised number of redirects to the promised page and status."""
    assert cited.target
    hops, response, body = client.follow(cited.target)
    if response.status == 503:
        assert response.getheader("Retry-After") == "1"
        hops, response, body = client.follow(cited.target)
    assert (response.status, len(hops)) == (cited.status, cited.redirects)
    assert (hops or [cited.target])[-1] == (cited.final or cited.target)
    assert decoded(response, body)


def test_the_article_is_served_compressed_and_chunked(client: Client) -> None:
    """The article comes as gzip in several chunks, and plain http leads to it."""
    response, body = client.get(ARTICLE)
    assert response.getheader("Transfer-Encoding") == "chunked"
    assert b"Ceasefire on the Sel" in decoded(response, body)
    assert client.raw(ARTICLE).count(b"\r\n578\r\n") > 1  # chunks of 1400 bytes
    hops, _, _ = client.follow(ARTICLE.replace("https", "http"))
    assert hops == [ARTICLE]


def test_the_long_chain_has_four_kinds_of_redirect(client: Client) -> None:
    """The think tank's old address goes from http over three paths, one of them relative, to the page."""
    hops, _, _ = client.follow("http://thinktank.example/ash-column")
    assert hops == [
        "https://thinktank.example/ash-column",
        "https://thinktank.example/groups/ash-column.html",
        "https://thinktank.example/profiles/ash-column",
        "https://thinktank.example/profiles/ash-column/",
    ]
    assert [client.get(url)[0].status for url in hops] == [301, 302, 308, 200]


def test_a_query_is_answered_in_its_odd_spelling_only(client: Client) -> None:
    """The debate is found with its blank parameter, doubled ampersand and lower-case escape; a tidied query finds nothing."""
    url = "https://parliament.example/hansard?d=2023-07-04"
    assert b"Three of them fly" in client.get(url + "&&q=%7esel&page=")[1]
    for tidied in ("&q=%7esel&page=", "&&q=~sel&page=", "&&q=%7Esel&page=", "&&q=%7esel"):
        assert b"can't find that page" in client.get(url + tidied)[1]


def test_robots_are_refused_by_rule_and_by_failure(client: Client) -> None:
    """The social network's robots.txt forbids all, the councils' is 503, the archive of the courier has none."""
    assert b"Disallow: /\n" in client.get("https://social.example/robots.txt")[1]
    assert client.get("https://councils.example/robots.txt")[0].status == 503
    assert client.get("https://courier.example/robots.txt")[0].status == 404


@pytest.mark.parametrize("cited", [c for c in CITATIONS if c.outcome is Outcome.CAPTURED and c.target], ids=lambda c: c.target)
def test_robots_of_the_other_hosts_let_a_crawler_in(client: Client, cited: Expected) -> None:
    """Each host that is to be fetched, and each on the way, has a robots.txt that allows it, or none."""
    for url in filter(None, (cited.target, cited.final)):
        _, response, body = client.follow(f"https://{urlsplit(url).hostname}/robots.txt")
        assert response.status in {200, 404}
        assert response.status == 404 or b"Disallow: /\n" not in body


def test_the_slow_host_takes_more_than_a_second(client: Client) -> None:
    """The mission's report comes after a pause, well within the example's limit of ten seconds."""
    began = time.monotonic()
    client.get("https://mission.example/reporting/monthly/2023-06.html")
    assert 1.1 < time.monotonic() - began < 5


def test_the_tables_end_too_early(client: Client) -> None:
    """The statistics office promises more bytes than it sends, at every request."""
    for _ in range(2):
        with pytest.raises(http.client.IncompleteRead) as cut:
            client.get("https://statistics.example/tables/displacement.html")
        assert cut.value.expected
        assert b"<td>410</td>" in cut.value.partial


def test_the_radio_hangs_up(client: Client) -> None:
    """The dead station closes without a byte, over both schemes."""
    assert client.raw("https://radio.example/interviews/aske") == b""
    assert client.raw("http://radio.example/interviews/aske") == b""


def test_an_expired_certificate_is_refused(client: Client) -> None:
    """OpenSSL says why the veterans' page can't be trusted."""
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
        client.get("https://veterans.example/memory/")


def test_every_host_has_a_certificate_of_its_own(web: ExampleWeb, client: Client) -> None:
    """Each certificate names its host and no other, and the authority vouches for it."""
    for host in sorted(web.hosts - {"veterans.example"}):
        with client.connect(f"https://{host}/") as connection:
            assert isinstance(connection, ssl.SSLSocket)
            certificate = connection.getpeercert()
            assert certificate
            assert certificate["subjectAltName"] == (("DNS", host),)
            assert connection.version() == "TLSv1.3"


def test_tls_1_2_is_spoken(web: ExampleWeb) -> None:
    """A client without TLS 1.3 is served too."""
    context = ssl.create_default_context(cadata=web.ca_pem.decode("ascii"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    host, _, port = web.connect_to["*:443"].partition(":")
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="wire.example") as connection,
    ):
        assert connection.version() == "TLSv1.2"


def test_a_stranger_gets_no_answer(client: Client) -> None:
    """A host that is not part of the web is hung up on over HTTP and has no certificate over HTTPS."""
    assert client.raw("http://elsewhere.example/") == b""
    with pytest.raises(ssl.SSLError):
        client.raw("https://elsewhere.example/")


def test_answers_are_the_same_in_every_run(client: Client) -> None:
    """Two webs send the same bytes: no date, no chance."""
    with serving() as second:
        other = Client.of(second)
        for cited in FETCHED:
            if cited.target and "library" not in cited.target:
                assert client.raw(cited.target) == other.raw(cited.target)


def test_a_connection_carries_several_requests(web: ExampleWeb, client: Client) -> None:
    """Keep-alive works, requests are answered in order, also when they come at once, and all are noted."""
    url = "https://command.example/statements/2023-08-22-warning-line"
    first = b"HEAD /statements/2023-08-22-warning-line HTTP/1.1\r\nHost: command.example\r\n\r\n"
    before = len(web.asked)
    answer = client.raw(url, first + client.request(url))
    heads = answer.split(b"HTTP/1.1 200 OK\r\n")
    assert len(heads) == 3
    assert heads[1].endswith(b"Transfer-Encoding: chunked\r\n\r\n")
    assert heads[2].endswith(b"0\r\n\r\n")
    assert [asked.method for asked in web.asked[before:]] == ["HEAD", "GET"]
    assert web.asked[before].raw == first


def test_hostile_hosts_are_served_as_given() -> None:
    """A test's own hosts: bytes as sent, drops, pauses, a cut and a bomb, over both schemes."""
    odd = b"HTTP/1.1 200\r\nX-a: \xff\r\n folded\r\nno colon\r\nSET-COOKIE: a\r\nset-cookie: b\r\n\r\nbody\x00"
    page = Static(body=b"0123456789")
    extra: dict[str, Handler] = {
        "odd.example": ByTarget(answers={"/": Raw(data=odd)}),
        "drip.example": Slow(answer=page, gap=0.01, piece=4),
        "torn.example": Torn(answer=page, size=30),
        "bomb.example": Bomb(size=30_000_000),
    }
    with serving(extra) as web:
        client = Client.of(web)
        assert web.hosts > set(extra)
        for scheme in ("http", "https"):
            assert client.raw(f"{scheme}://odd.example/") == odd
            assert client.get(f"{scheme}://odd.example/robots.txt")[0].status == 404
            assert client.get(f"{scheme}://drip.example/")[1] == b"0123456789"
            assert client.raw(f"{scheme}://torn.example/") == b"HTTP/1.1 200 OK\r\nContent-Type:"
            _, packed = client.get(f"{scheme}://bomb.example/")
            assert len(packed) < 60_000
            assert len(zlib.decompress(packed, 31)) == 30_000_000


def test_a_slow_reader_slows_the_server() -> None:
    """An answer that the client does not read is not made in advance: memory stays small whatever its size."""
    made: list[int] = []

    class Endless(Raw):
        def steps(self, asked: Asked) -> Iterator[Step]:
            for count in range(10_000):
                made.append(count)
                yield bytes(100_000)

    with serving({"endless.example": Endless()}) as web, Client.of(web).connect("https://endless.example/") as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: endless.example\r\n\r\n")
        assert connection.recv(1000)
        time.sleep(0.3)
        assert 0 < len(made) < 200


def test_ports_are_bound_before_the_start_and_free_after_the_stop() -> None:
    """`connect_to` can be handed on before anything is served; a web that never started leaves nothing behind."""
    idle = ExampleWeb()
    assert idle.connect_to == idle.connect_to
    idle.stop()
    with serving() as web:
        address = web.connect_to["*:80"].partition(":")
        assert address[0] == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address[0], int(address[2])), timeout=5)


def test_a_request_that_never_ends_is_hung_up_on(client: Client) -> None:
    """More than a megabyte without the end of a head closes the connection."""
    with client.connect("http://wire.example/") as connection, pytest.raises(ConnectionError):
        connection.sendall(b"X" * 20_000_000)
