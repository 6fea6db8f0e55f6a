"""The gate: every connection of a crawl goes to an address that was judged, or is not made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from twisted.internet.error import DNSLookupError

from archive.model import Outcome
from pipelines.capture.network import Gate, NetworkPolicyError, system_resolver
from pipelines.capture.policy import CapturePolicy, NetworkPolicy, RobotsMode
from tests.capture.crawl import NEVER, Ask, Crawl, Outcomes, run
from tests.capture.servers import Answer, Authority, ByteServer, answer, ok
from tests.conftest import OutsideError

HERE = (("127.0.0.1",),)
ONLY = (ip_network("127.0.0.1/32"), ip_network("::1/128"))


def redirect(target: str) -> Answer:
    return answer(b"HTTP/1.1 302 Found\r\nLocation: " + target.encode() + b"\r\nContent-Length: 0\r\n\r\n")


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    busy = answer(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", then="close")
    with ByteServer({"/": ok(b"page"), "/busy": busy}) as running:
        running.answers = {
            **running.answers,
            "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
            "/to-decimal": redirect(f"http://2130706435:{running.port}/"),
            "/to-name": redirect(f"http://inside.example:{running.port}/"),
            "/to-file": redirect("file:///etc/passwd"),
        }
        yield running


SPELLINGS = [
    "127.0.0.2",
    "2130706434",
    "0x7f000002",
    "0177.0.0.2",
    "127.2",
    "[::ffff:127.0.0.2]",
    "[64:ff9b::7f00:2]",
    "[fe80::1]",
]


@pytest.fixture(scope="module")
def crawl(server: ByteServer) -> Outcomes:
    port = server.port
    base = f"http://good.example:{port}"
    asks = [Ask(url=f"http://{host}:{port}/") for host in SPELLINGS]
    asks += [Ask(url=f"{base}/{path}") for path in ("", "to-metadata", "to-decimal", "to-name", "to-file", "busy")]
    asks += [Ask(url=f"http://{host}:{port}/") for host in ("two-faced.example", "both.example", "none.example", "six.example")]
    asks += [Ask(url=f"http://lost.example:{port}/", meta={"dont_retry": True, "download_timeout": 0.5})]
    asks += [Ask(url=f"{base}/{path}") for path in ("a b", "caf\u00e9", "a\x01b")]
    asks += [Ask(url=f"http://good.example:{number}/") for number in (0, 99999)]
    asks += [Ask(url=f"http://rebound.example:{port}/busy"), Ask(url="http://256.1.1.1/")]
    asks += [Ask(url=url) for url in ("file:///etc/passwd", "ftp://good.example/", "data:,x", "s3://bucket/key")]
    return run(
        Crawl(
            asks=tuple(asks),
            network=NetworkPolicy(allow=ONLY, robots=RobotsMode.IGNORE),
            capture=CapturePolicy(delay=0.0, retries=1, time_limit=5.0),
            names={
                "good.example": HERE,
                "lost.example": NEVER,
                "inside.example": (("10.0.0.1",),),
                "two-faced.example": (("127.0.0.1", "10.0.0.1"),),
                "both.example": (("::1", "127.0.0.1"),),
                "six.example": (("2606:4700::1111", "fc00::1"),),
                "rebound.example": (("127.0.0.1",), ("10.0.0.1",)),
            },
        )
    )


@pytest.mark.parametrize("host", SPELLINGS)
def test_refused_literal_in_any_spelling(crawl: Outcomes, server: ByteServer, host: str) -> None:
    """A literal that the policy refuses is blocked and kept as a failure, and nothing is sent or looked up."""
    url = f"http://{host}:{server.port}/"
    (failure,) = crawl.failed(url)
    assert failure.outcome == Outcome.ADDRESS_BLOCKED
    assert failure.error == "NetworkPolicyError"
    assert crawl.ending(url).outcome == Outcome.ADDRESS_BLOCKED
    assert crawl.ending(url).failure is not None
    assert host.strip("[]") not in crawl.looked_up


@pytest.mark.parametrize("path", ["to-metadata", "to-decimal", "to-name"])
def test_redirect_passes_the_gate(crawl: Outcomes, server: ByteServer, path: str) -> None:
    """A redirect to a refused address is blocked; the redirect itself is kept and stands on the trail before the failure."""
    asked = f"http://good.example:{server.port}/{path}"
    (hop,) = crawl.at(asked)
    ending = crawl.ending(asked)
    assert ending.outcome == Outcome.ADDRESS_BLOCKED
    assert ending.failure is not None
    assert ending.trail == (hop.capture.record_id, ending.failure.record_id)
    assert ending.failure.facts.via == asked
    assert ending.failure.facts.hops == "R"
    assert ending.capture is None


def test_redirect_to_a_file_is_an_answer(crawl: Outcomes, server: ByteServer) -> None:
    """A redirect to a scheme that is off is not followed; its own answer is what came."""
    ending = crawl.ending(f"http://good.example:{server.port}/to-file")
    assert (ending.status, ending.error) == (302, None)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://good.example/", "data:,x", "s3://bucket/key"])
def test_other_schemes_are_off(crawl: Outcomes, url: str) -> None:
    """Only http and https have a handler."""
    ending = crawl.ending(url)
    assert (ending.error, ending.outcome) == ("NotSupported", Outcome.SKIPPED)


def test_one_bad_address_refuses_the_name(crawl: Outcomes, server: ByteServer) -> None:
    """A name with a good and a bad address is refused; the record says both."""
    (failure,) = crawl.failed(f"http://two-faced.example:{server.port}/")
    assert failure.outcome == Outcome.ADDRESS_BLOCKED
    assert failure.reason == "10.0.0.1 is refused: private"
    assert failure.facts.addresses == ("127.0.0.1", "10.0.0.1")
    (six,) = crawl.failed(f"http://six.example:{server.port}/")
    assert six.reason == "fc00::1 is refused: private"


def test_checked_addresses_are_tried_in_order(crawl: Outcomes, server: ByteServer) -> None:
    """When the first address takes no connection, the next one is tried, and the record names the one that answered."""
    (kept,) = crawl.at(f"http://both.example:{server.port}/")
    assert kept.ip_address == "127.0.0.1"
    assert kept.facts.addresses == ("::1", "127.0.0.1")


def test_rebound_name_is_judged_again(crawl: Outcomes, server: ByteServer) -> None:
    """A retry on a new connection looks the name up again and is refused when it points inside now."""
    url = f"http://rebound.example:{server.port}/busy"
    assert [kept.capture.status for kept in crawl.at(url)] == [503]
    (failure,) = crawl.failed(url)
    assert (failure.outcome, failure.facts.tries) == (Outcome.ADDRESS_BLOCKED, 2)
    assert crawl.looked_up.count("rebound.example") == 2


def test_one_look_up_a_connection(crawl: Outcomes, server: ByteServer) -> None:
    """The address that was judged is the one that is connected to: nothing is looked up between the two."""
    connections = [served for served in server.connections if served and b"Host: good.example" in served[0]]
    assert crawl.looked_up.count("good.example") == len(connections)


def test_unknown_name_is_unreachable(crawl: Outcomes, server: ByteServer) -> None:
    """A name that does not resolve is unreachable, with one failure a try."""
    failures = crawl.failed(f"http://none.example:{server.port}/")
    assert [failure.facts.tries for failure in failures] == [1, 2]
    assert {failure.reason for failure in failures} == {"the name does not resolve"}


@pytest.mark.parametrize("path", ["/a b", "/caf\u00e9", "/a\x01b"])
def test_what_http_cannot_carry_is_not_sent(crawl: Outcomes, server: ByteServer, path: str) -> None:
    """A URL that is given verbatim with characters that no request line may have fails in words, and once."""
    (failure,) = crawl.failed(f"http://good.example:{server.port}{path}")
    assert (failure.outcome, failure.reason) == (Outcome.UNREACHABLE, "the URL has characters that HTTP can't carry")


@pytest.mark.parametrize("port", [0, 99999])
def test_ports_that_are_none(crawl: Outcomes, port: int) -> None:
    """A URL with a port beyond 16 bits, or port 0, fails in words."""
    (failure,) = crawl.failed(f"http://good.example:{port}/")
    assert failure.reason == "the URL names no port that there is"


def test_silent_name_server_is_a_time_out(crawl: Outcomes, server: ByteServer) -> None:
    """A look-up that takes longer than the whole request may is a time-out like any other."""
    (failure,) = crawl.failed(f"http://lost.example:{server.port}/")
    assert (failure.outcome, failure.reason) == (Outcome.UNREACHABLE, "no whole answer within the time limit")


def test_impossible_host_is_blocked(crawl: Outcomes) -> None:
    """A host that ends in a number and is no address is asked of nobody."""
    (failure,) = crawl.failed("http://256.1.1.1/")
    assert failure.reason == "256.1.1.1 is refused: neither a host name nor an address"


def test_environment_names_no_proxy(server: ByteServer) -> None:
    """A proxy in the environment is ignored."""
    with ByteServer({"*": ok(b"from the proxy")}) as proxy:
        there = f"http://127.0.0.1:{proxy.port}"
        url = f"http://good.example:{server.port}/"
        environment = {"http_proxy": there, "HTTP_PROXY": there, "https_proxy": there, "all_proxy": there}
        done = run(
            Crawl(
                asks=(Ask(url=url), Ask(url=url, meta={"proxy": there})),
                network=NetworkPolicy(allow=ONLY, robots=RobotsMode.IGNORE),
                names={"good.example": HERE},
            ),
            environment=environment,
        )
        assert [ending.body for ending in done.endings] == [b"page", b"page"]
        assert proxy.connections == []


def test_connect_to_maps_the_connection_alone(tmp_path: Path) -> None:
    """URL, Host and SNI stay what they are, only the TCP connection goes elsewhere; literals are judged all the same."""
    authority = Authority()
    context = authority.context(tmp_path, "named.example", "other.example")
    greeted: list[str | None] = []
    context.sni_callback = lambda _, name, __: greeted.append(name)
    with ByteServer({"*": ok(b"page")}) as plain, ByteServer({"*": ok(b"secure")}, tls=context) as secure:
        urls = ["http://named.example/", "https://named.example/x", "https://other.example/"]
        refused = ["https://10.0.0.1/", "http://0x7f.1/", "http://[::1]/"]
        done = run(
            Crawl(
                asks=tuple(Ask(url=url) for url in urls + refused),
                network=NetworkPolicy(
                    robots=RobotsMode.IGNORE,
                    ca_bundle=authority.pem,
                    connect_to={"*:80": f"127.0.0.1:{plain.port}", "*:443": f"127.0.0.1:{secure.port}"},
                ),
            )
        )
    assert [kept.uri for url in urls for kept in done.at(url)] == urls
    assert b"\r\nHost: named.example\r\n" in plain.requests[0]
    assert sorted(filter(None, greeted)) == ["named.example", "other.example"]
    assert {kept.ip_address for kept in done.kept} == {"127.0.0.1"}
    assert {kept.facts.certificate for kept in done.kept} == {None, "verified"}
    assert [done.failed(url)[0].outcome for url in refused] == [Outcome.ADDRESS_BLOCKED] * 3
    assert set(done.looked_up) == {"127.0.0.1"}


class Table:
    """A resolver that answers from a table, slowly where told."""

    def __init__(self, *answer: str, seconds: float = 0.0) -> None:
        self._answer = list(answer)
        self._seconds = seconds
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        await asyncio.sleep(self._seconds)
        return self._answer


def admit(policy: NetworkPolicy, resolver: Table, host: str, *, port: int = 80) -> list[str]:
    found = asyncio.run(Gate(policy, resolver=resolver).admit("http://x/", host, port, seen=lambda _: None))
    return [str(address) for address in found]


def test_gate_gives_every_address_once() -> None:
    """The addresses come back in the resolver's order, repeats dropped."""
    assert admit(NetworkPolicy(), Table("9.9.9.9", "1.1.1.1", "9.9.9.9"), "a.example") == ["9.9.9.9", "1.1.1.1"]


def test_gate_waits_only_so_long() -> None:
    """A resolver that does not answer in time is a name that does not resolve."""
    with pytest.raises(DNSLookupError, match=r"no answer for a\.example within 0\.05 seconds"):
        admit(NetworkPolicy(dns_timeout=0.05), Table("9.9.9.9", seconds=5), "a.example")


def test_gate_refuses_with_address_and_rule() -> None:
    """The error carries URI, address and rule, and is no OSError."""
    with pytest.raises(NetworkPolicyError) as caught:
        admit(NetworkPolicy(), Table("192.168.0.1"), "a.example")
    assert (caught.value.uri, caught.value.address, caught.value.rule) == ("http://x/", "192.168.0.1", "private")
    assert not isinstance(caught.value, OSError)


def test_connect_to_prefers_the_exact_entry() -> None:
    """An entry for the very host comes before the wildcard of its port; other ports are not mapped."""
    policy = NetworkPolicy(connect_to={"a.example:443": "127.0.0.1:1", "*:443": "[::1]:2", "[2001:db8::1]:80": "127.0.0.1:3"})
    gate = Gate(policy)
    assert gate.mapped("a.example", 443) == ("127.0.0.1", 1)
    assert gate.mapped("b.example", 443) == ("::1", 2)
    assert gate.mapped("b.example", 80) is None
    assert gate.mapped("2001:db8::1", 80) == ("127.0.0.1", 3)


def test_wildcard_does_not_open_literals() -> None:
    """A literal is judged although a wildcard maps its port; the operator's exact entry for it is his word."""
    policy = NetworkPolicy(connect_to={"*:80": "127.0.0.1:8080", "10.0.0.1:80": "127.0.0.1:8081"})
    gate = Gate(policy)
    with pytest.raises(NetworkPolicyError):
        gate.judge_spelling("http://0x7f.1/", "0x7f.1", 80)
    gate.judge_spelling("http://10.0.0.1/", "10.0.0.1", 80)
    gate.judge_spelling("http://a.example/", "a.example", 80)


def test_system_resolver_reads_what_the_system_says() -> None:
    """The default resolver gives the addresses of getaddrinfo, and whatever goes wrong reaches who waits."""
    assert asyncio.run(system_resolver("127.0.0.1", 80)) == ["127.0.0.1"]
    with pytest.raises(OutsideError, match=r"resolve a\.example"):  # the fence of this suite
        asyncio.run(system_resolver("a.example", 80))


@pytest.mark.parametrize(
    "wrong", [{"proxy": "socks5://p:1"}, {"proxy": "p:3128"}, {"connect_to": {"*": "a:1"}}, {"connect_to": {"*:1": "a"}}]
)
def test_policy_refuses_what_it_cannot_do(wrong: dict[str, object]) -> None:
    """A proxy that is no http URL and a mapping without a port are refused in a sentence that names the key."""
    with pytest.raises(ValueError, match=r"^network\.(proxy|connect_to)"):
        NetworkPolicy(**wrong)  # type: ignore[arg-type]
