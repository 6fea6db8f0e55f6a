"""What is kept of TLS: version, cipher and chain of the very connection, and why a certificate does not hold."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from archive.model import Outcome, Truncated
from pipelines.capture.policy import CertificateMode, NetworkPolicy, RobotsMode
from pipelines.capture.tls import certificate_options, iana_name, openssl_words
from tests.capture.crawl import LOOPBACK, Ask, Crawl, Outcomes, run
from tests.capture.servers import Answer, Authority, ByteServer, answer, ok

PAGE = ok(b"page", b"Server: test")
UNTIL_END = b"HTTP/1.0 200 OK\r\n\r\nuntil the end"


@dataclass(frozen=True, kw_only=True)
class Web:
    """The servers of this module by host name, and what the client trusts."""

    servers: dict[str, ByteServer]
    trusted: Authority
    stranger: Authority

    def url(self, host: str, path: str = "/page") -> str:
        return f"https://{host}:{self.servers[host].port}{path}"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("tls")
    trusted, stranger = Authority(), Authority("Stranger")
    v12, v13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    contexts = {
        "old.example": trusted.context(folder, "old.example", version=v12),
        "new.example": trusted.context(folder, "new.example", version=v13),
        "h2.example": trusted.context(folder, "h2.example", protocols=("h2", "http/1.1")),
        "only-h2.example": trusted.context(folder, "only-h2.example", protocols=("h2",)),
        "expired.example": trusted.context(folder, "expired.example", days=-1),
        "misnamed.example": trusted.context(folder, "other.example"),
        "stranger.example": stranger.context(folder, "stranger.example"),
        "127.0.0.1": trusted.context(folder, "127.0.0.1"),
    }
    answers: dict[str, Answer | list[Answer]] = {
        "/page": PAGE,
        "/rip": answer(UNTIL_END, then="rip"),
        "/close": answer(UNTIL_END, then="close"),
    }
    servers = {host: ByteServer(answers, tls=context) for host, context in contexts.items()}
    servers["plain.example"] = ByteServer({}, greeting=b"220 this is a mail server\r\n")
    for server in servers.values():
        server.__enter__()
    yield Web(servers=servers, trusted=trusted, stranger=stranger)
    for server in servers.values():
        server.__exit__()


def crawl(web: Web, mode: CertificateMode) -> Outcomes:
    urls = [web.url(host) for host in web.servers]
    urls += [web.url("new.example", "/close"), web.url("new.example", "/rip")]
    asks = [Ask(url=url) for url in urls]
    asks += [Ask(url=web.url("old.example", f"/page?{number}")) for number in range(2)]
    return run(
        Crawl(
            asks=tuple(asks),
            names=dict.fromkeys(web.servers, (("127.0.0.1",),)),
            network=NetworkPolicy(allow=LOOPBACK, robots=RobotsMode.IGNORE, certificates=mode, ca_bundle=web.trusted.pem),
            settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 1},
        )
    )


@pytest.fixture(scope="module")
def verified(web: Web) -> Outcomes:
    return crawl(web, CertificateMode.VERIFY)


@pytest.fixture(scope="module")
def recorded(web: Web) -> Outcomes:
    return crawl(web, CertificateMode.RECORD)


@pytest.mark.parametrize(("host", "version"), [("old.example", "tls/1.2"), ("new.example", "tls/1.3")])
def test_exchange_inside_tls_is_exact(web: Web, verified: Outcomes, host: str, version: str) -> None:
    """The plain messages are kept with version, IANA's cipher name and the offered chain, leaf first."""
    (kept,) = verified.at(web.url(host))
    assert kept.response == PAGE.steps[0]
    assert kept.request == web.servers[host].requests[0]
    assert kept.protocols == ("http/1.1", version)
    assert kept.cipher_suite is not None
    assert kept.cipher_suite.startswith("TLS_")
    assert len(kept.chain) == 2
    assert kept.chain[1] == web.trusted.der
    assert kept.facts.certificate == "verified"
    assert kept.ip_address == "127.0.0.1"


def test_reused_connection_says_the_same(web: Web, verified: Outcomes) -> None:
    """An exchange on a connection that was kept open names the TLS of that connection."""
    first, *others = [kept for kept in verified.kept if kept.uri.startswith(web.url("old.example"))]
    assert len(others) == 2
    assert len(web.servers["old.example"].connections) < len(web.servers["old.example"].requests)
    for kept in others:
        assert (kept.chain, kept.cipher_suite, kept.protocols) == (first.chain, first.cipher_suite, first.protocols)
        assert kept.facts == first.facts


def test_http_2_is_never_spoken(web: Web, verified: Outcomes) -> None:
    """A server that offers h2 and http/1.1 is spoken to in HTTP/1.1; one that offers h2 alone hears HTTP/1.1 or nothing."""
    (kept,) = verified.at(web.url("h2.example"))
    assert kept.protocols[0] == "http/1.1"
    assert kept.response == PAGE.steps[0]
    for kept in verified.at(web.url("only-h2.example")):
        assert kept.protocols[0] == "http/1.1"


def test_address_is_verified_as_an_address(web: Web, verified: Outcomes) -> None:
    """A certificate for an IP address holds for a URL with that address."""
    (kept,) = verified.at(web.url("127.0.0.1"))
    assert kept.facts.certificate == "verified"


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("expired.example", "certificate has expired"),
        ("stranger.example", "self-signed certificate in certificate chain"),
        ("misnamed.example", "hostname mismatch: the certificate is not for misnamed.example"),
    ],
)
def test_bad_certificate_is_a_failure_with_reason_and_chain(web: Web, verified: Outcomes, host: str, reason: str) -> None:
    """A certificate that does not hold is unreachable in OpenSSL's words; the chain is kept, no request was sent."""
    (failure,) = verified.failed(web.url(host))
    assert (failure.outcome, failure.reason) == (Outcome.UNREACHABLE, f"bad certificate: {reason}")
    assert failure.error == "BadCertificateError"
    assert len(failure.chain) == 2
    assert failure.facts.certificate == reason
    assert failure.request == b""
    assert verified.at(web.url(host)) == []
    ending = verified.ending(web.url(host))
    assert ending.error == "BadCertificateError"
    assert ending.failure is not None
    assert ending.trail == (ending.failure.record_id,)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("expired.example", "certificate has expired"),
        ("stranger.example", "self-signed certificate in certificate chain"),
        ("misnamed.example", "hostname mismatch: the certificate is not for misnamed.example"),
    ],
)
def test_mode_record_captures_and_says_so(web: Web, recorded: Outcomes, host: str, reason: str) -> None:
    """With `certificates: record` the page is captured, its chain kept, and the exchange says what was wrong."""
    (kept,) = recorded.at(web.url(host))
    assert kept.response == PAGE.steps[0]
    assert kept.facts.certificate == reason
    assert len(kept.chain) == 2
    assert recorded.failures == recorded.failed(web.url("plain.example")) + recorded.failed(web.url("only-h2.example"))


def test_mode_record_still_says_verified(web: Web, recorded: Outcomes) -> None:
    """A certificate that holds is `verified` in both modes."""
    assert recorded.at(web.url("new.example"))[0].facts.certificate == "verified"


def test_no_tls_at_all_is_unreachable(web: Web, verified: Outcomes) -> None:
    """A server that speaks no TLS is unreachable in words, and no bytes of the request left."""
    (failure,) = verified.failed(web.url("plain.example"))
    assert failure.outcome == Outcome.UNREACHABLE
    assert failure.reason.startswith("no TLS connection: ")
    assert failure.request == b""
    assert web.servers["plain.example"].requests == []


def test_end_without_goodbye_is_a_cut(web: Web, verified: Outcomes) -> None:
    """A body until the end of the connection is whole only when TLS said goodbye (RFC 9112, 9.8)."""
    (whole,) = verified.at(web.url("new.example", "/close"))
    (ripped,) = verified.at(web.url("new.example", "/rip"))
    assert whole.response == ripped.response == UNTIL_END
    assert (whole.truncated, ripped.truncated) == (None, Truncated.DISCONNECT)


def test_bundle_must_hold_certificates() -> None:
    """A bundle that is no PEM is an error in one sentence that names the key."""
    with pytest.raises(ValueError, match=r"^network\.ca_bundle holds no certificate in PEM: "):
        certificate_options(NetworkPolicy(ca_bundle=b"nothing"))


@pytest.mark.parametrize(
    ("openssl", "iana"),
    [
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
        ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("DHE-RSA-AES256-SHA256", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
        ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        ("SOMETHING-NEW", "SOMETHING-NEW"),
        (None, None),
    ],
)
def test_cipher_suites_have_the_registrys_names(openssl: str | None, iana: str | None) -> None:
    """OpenSSL's names of TLS 1.2 suites become IANA's; a name that is not known stays."""
    assert iana_name(openssl) == iana


def test_openssl_speaks_for_itself() -> None:
    """The reason of an error is OpenSSL's own sentence."""
    assert openssl_words(10) == "certificate has expired"
