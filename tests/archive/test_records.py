"""Drafts and their spelling: the headers that the format asks for, the block verbatim, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import ssl
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Capture, Outcome, Resource, Truncated, Uri, digest_of
from archive.spool import Spool
from archive.warc import fields, records
from archive.warc.draft import Draft
from archive.warc.fields import Fields
from archive.warc.redaction import redact_request
from tests.archive.samples import (
    AT,
    CHUNKED,
    ODD,
    PLAIN,
    REQUEST,
    RUN,
    capture_of,
    drafts_of,
    exchange,
    failure,
    warcinfo,
    write,
)

DATE = "2027-01-15T09:30:00.123456Z"


def spelled(draft: Draft) -> bytes:
    out = BytesIO()
    records.serialise(draft, out)
    return out.getvalue()


def headers(draft: Draft) -> Fields:
    return Fields(draft.headers)


def noted(draft: Draft) -> Fields:
    assert isinstance(draft.block, bytes)
    return fields.parse(draft.block)


def test_a_response_has_exactly_its_headers() -> None:
    """No header stands in a record that was not set: the spelled response is compared byte for byte."""
    response, _, _ = drafts_of(exchange())
    block, payload = hashlib.sha256(PLAIN).hexdigest(), hashlib.sha256(b"hello").hexdigest()
    expected = (
        "WARC/1.1\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <{response.record_id}>\r\nWARC-Date: {DATE}\r\n"
        "WARC-Target-URI: http://a.example/x?b=2&a=%7e\r\nWARC-IP-Address: 192.0.2.7\r\n"
        "WARC-Protocol: http/1.1\r\nWARC-Protocol: tls/1.3\r\nWARC-Cipher-Suite: TLS_AES_256_GCM_SHA384\r\n"
        f"WARC-Payload-Digest: sha256:{payload}\r\nWARC-Block-Digest: sha256:{block}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(PLAIN)}\r\n\r\n"
    )
    assert spelled(response) == expected.encode() + PLAIN + b"\r\n\r\n"


@pytest.mark.parametrize("name", ODD)
def test_blocks_are_verbatim(name: str) -> None:
    """Whatever a server sent is the block, byte for byte."""
    response, _, _ = drafts_of(exchange(ODD[name]))
    assert spelled(response).endswith(f"Content-Length: {len(ODD[name])}\r\n\r\n".encode() + ODD[name] + b"\r\n\r\n")


def test_the_records_of_an_exchange_belong_together() -> None:
    """Request and metadata name the response; all three have one date."""
    response, request, metadata = drafts_of(exchange())
    assert [draft.type for draft in (response, request, metadata)] == ["response", "request", "metadata"]
    assert {headers(draft).get("WARC-Date") for draft in (response, request, metadata)} == {DATE}
    assert (
        headers(request).all("WARC-Concurrent-To")
        == headers(metadata).all("WARC-Concurrent-To")
        == (f"<{response.record_id}>",)
    )
    assert request.block == REQUEST
    assert headers(metadata).get("Content-Type") == "application/warc-fields"


def test_chunked_responses_have_no_payload_digest_in_the_header() -> None:
    """Checkers in use compute it over the chunked bytes: the metadata record has it, the header has not."""
    response, _, metadata = drafts_of(exchange(CHUNKED))
    assert headers(response).get("WARC-Payload-Digest") is None
    assert noted(metadata).get("payloadDigest") == digest_of(b"hello")
    assert noted(metadata).get("bodyDigest") == digest_of(CHUNKED.partition(b"\r\n\r\n")[2])
    assert noted(metadata).get("entitySize") == "5"


def test_metadata_says_what_the_crawler_knows() -> None:
    """Facts stand in the metadata record under the names that crawlers use."""
    found = noted(drafts_of(exchange())[2])
    assert found.get("via") == "http://b.example/"
    assert (found.get("hopsFromSeed"), found.get("fetchTimeMs"), found.get("tries")) == ("LR", "47", "2")
    assert (found.get("role"), found.get("robots"), found.get("method")) == ("article", "allowed", "GET")
    assert found.all("resolvedAddress") == ("192.0.2.7", "2001:db8::1")
    assert found.get("certificate") == "self-signed certificate"


def test_surplus_and_interim_are_noted() -> None:
    """Bytes past the end are in the metadata, at most 64 KiB of them, with their full size."""
    found = noted(drafts_of(exchange(surplus=b"x" * 100_000, interim=b"HTTP/1.1 100 Continue\r\n\r\n"))[2])
    assert base64.b64decode(found.get("surplus") or "") == b"x" * 65536
    assert found.get("surplusSize") == "100000"
    assert base64.b64decode(found.get("interim") or "") == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_behind_a_proxy_no_address_is_claimed() -> None:
    """Without a peer there is no WARC-IP-Address."""
    response, request, _ = drafts_of(exchange(ip_address=None))
    assert headers(response).get("WARC-IP-Address") is headers(request).get("WARC-IP-Address") is None


@pytest.mark.parametrize("reason", list(Truncated))
def test_cut_answers_are_marked(reason: Truncated) -> None:
    """A response that ends early says why."""
    assert headers(drafts_of(exchange(truncated=reason))[0]).get("WARC-Truncated") == reason.value


def test_a_revisit_can_be_resolved(tmp_path: Path) -> None:
    """A revisit holds its own head alone, and says by id, URI and date what it repeats, with the payload's digest."""
    original = capture_of(tmp_path, exchange(CHUNKED))
    later = exchange(CHUNKED, uri=Uri("http://a.example/other"), began_at=AT + timedelta(days=7))
    revisit, request, metadata = drafts_of(later, original=original)
    found = headers(revisit)
    assert revisit.type == "revisit"
    assert revisit.block == CHUNKED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert found.get("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert found.get("WARC-Refers-To") == f"<{original.record_id}>"
    assert found.get("WARC-Refers-To-Target-URI") == "http://a.example/x?b=2&a=%7e"
    assert found.get("WARC-Refers-To-Date") == DATE
    assert found.get("WARC-Payload-Digest") == digest_of(b"hello")
    assert found.get("WARC-Block-Digest") == digest_of(revisit.block)
    assert noted(metadata).get("entitySize") == "5"
    assert headers(request).get("WARC-Concurrent-To") == f"<{revisit.record_id}>"
    assert spelled(revisit).endswith(b"\r\n\r\n" + revisit.block + b"\r\n\r\n")


def test_a_revisit_of_a_revisit_names_the_response(tmp_path: Path) -> None:
    """What a revisit refers to is a record that holds the body."""
    first = capture_of(tmp_path / "1", exchange())
    (tmp_path / "2").mkdir()
    _, kept = write(tmp_path / "2", drafts_of(exchange(), original=first))
    (second,) = (value for value in kept if isinstance(value, Capture))
    third = headers(drafts_of(exchange(), original=second)[0])
    assert third.get("WARC-Refers-To") == f"<{first.record_id}>"


def test_credentials_are_not_kept() -> None:
    """Authorization headers lose their value, folded lines too; everything else stays; the metadata names them."""
    sent = (
        b"POST / HTTP/1.1\r\nauthorization: Basic c2VjcmV0\r\n  folded-secret\r\nX: Authorization: kept\r\n"
        b"Proxy-Authorization:Bearer s\r\nHost: h\r\n\r\nAuthorization: in the body"
    )
    _, request, metadata = drafts_of(exchange(request=sent))
    assert request.block == (
        b"POST / HTTP/1.1\r\nauthorization: [redacted]\r\nX: Authorization: kept\r\n"
        b"Proxy-Authorization:[redacted]\r\nHost: h\r\n\r\nAuthorization: in the body"
    )
    assert noted(metadata).all("requestRedacted") == ("authorization", "Proxy-Authorization")


def test_credentials_are_kept_where_it_was_asked_for() -> None:
    """Without redaction the request is verbatim, and nothing says otherwise."""
    one = exchange(request=b"GET / HTTP/1.1\r\nAuthorization: x\r\n\r\n")
    _, request, metadata = records.exchange_drafts(one, digests=records.digests_of(one), chain_id=None, redact=False)
    assert request.block == one.request
    assert noted(metadata).all("requestRedacted") == ()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_requests_without_credentials_stay_as_they_are(data: bytes) -> None:
    """Redaction changes nothing where there is nothing to hide."""
    if b"authorization" not in data.lower():
        assert redact_request(data) == (data, ())


def test_a_failure_is_a_metadata_record() -> None:
    """What happened, when, and what was known stands in the record; a request that was sent follows it."""
    alone = records.failure_drafts(failure(), chain_id=None)
    assert [draft.type for draft in alone] == ["metadata"]
    sent = failure(
        request=REQUEST, received=b"HTT", outcome=Outcome.UNREACHABLE, reason="cut\noff", error="ResponseNeverReceived"
    )
    main, request = records.failure_drafts(sent, chain_id=None)
    found = noted(main)
    assert (found.get("outcome"), found.get("reason"), found.get("error")) == (
        "unreachable",
        "cut\noff",
        "ResponseNeverReceived",
    )
    assert base64.b64decode(found.get("received") or "") == b"HTT"
    assert headers(request).get("WARC-Concurrent-To") == f"<{main.record_id}>"
    assert headers(main).get("WARC-Date") == headers(request).get("WARC-Date") == DATE


def test_a_chain_is_a_resource() -> None:
    """A certificate chain is PEM under the digest of its bytes, leaf first, and comes back as DER."""
    chain = (b"leaf" * 30, b"root" * 30)
    resource = records.chain_resource(chain, at=AT)
    assert resource.uri == "urn:" + digest_of(resource.content)
    parts = resource.content.decode().split("-----END CERTIFICATE-----\n")[:-1]
    assert tuple(ssl.PEM_cert_to_DER_cert(part + "-----END CERTIFICATE-----\n") for part in parts) == chain
    assert headers(records.resource_draft(resource)).get("Content-Type") == "application/pem-certificate-chain"


def test_a_resource_is_its_bytes() -> None:
    """A resource's block are its bytes, under its URI and type, with both digests."""
    draft = records.resource_draft(Resource(uri=Uri("urn:x:1"), content_type="text/markdown", content=b"# A\n", at=AT))
    found = headers(draft)
    assert (draft.block, found.get("WARC-Target-URI"), found.get("Content-Type")) == (b"# A\n", "urn:x:1", "text/markdown")
    assert found.get("WARC-Payload-Digest") == found.get("WARC-Block-Digest") == digest_of(b"# A\n")


def test_warcinfo_describes_the_file() -> None:
    """The first record names software, format, operator, robots policy, user agent, collection and run."""
    found = noted(warcinfo("f.warc.gz"))
    assert headers(warcinfo("f.warc.gz")).get("WARC-Filename") == "f.warc.gz"
    assert found.get("software") == "footnotary/0.1.0, warcio/1.8.1"
    assert found.get("format") == "WARC File Format 1.1"
    assert found.get("conformsTo") == "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
    assert found.get("operator") == "Archive desk <archive@example.org>"
    assert (found.get("robots"), found.get("run")) == ("obey", RUN)
    assert found.get("http-header-user-agent") == "footnotary (archive@example.org)"
    assert found.get("isPartOf") == "urn:uuid:00000000-0000-4000-8000-000000000001"


def test_a_mended_warcinfo_says_what_happened() -> None:
    """The fields of the file's own warcinfo stay, and the description is added."""
    own = noted(warcinfo("f.warc.gz"))
    mended = records.mended_warcinfo_draft(own, file_name="f.warc.gz", date=AT, description="7 records were whole")
    assert noted(mended).pairs == (*own.pairs, ("description", "7 records were whole"))


def test_header_values_are_one_line() -> None:
    """A value with a line break can't smuggle a header in."""
    draft = drafts_of(exchange(uri=Uri("http://a.example/\r\nWARC-Type: x"), cipher_suite="a\nb"))[0]
    assert headers(draft).get("WARC-Target-URI") == "http://a.example/%0D%0AWARC-Type: x"
    assert spelled(draft).partition(b"\r\n\r\n")[0].count(b"\r\n") == len(draft.headers)


def test_a_large_spool_is_spelled_from_its_file() -> None:
    """A block that lies in a temporary file is written whole."""
    data = PLAIN + bytes(range(256)) * 8000
    draft = drafts_of(exchange(data))[0]
    assert isinstance(draft.block, Spool)
    assert spelled(draft).endswith(b"\r\n\r\n" + data + b"\r\n\r\n")
