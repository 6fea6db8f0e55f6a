"""What is written and what is read are the same values; and records of others have values too."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import (
    Capture,
    CrawlFacts,
    Digest,
    Exchange,
    Kept,
    KeptFailure,
    Location,
    Outcome,
    RecordEntry,
    Resource,
    Role,
    RunEnd,
    Truncated,
    Uri,
    digest_of,
)
from archive.warc import records, values
from archive.warc.draft import new_record_id
from archive.warc.fields import Fields
from archive.warc.stored import Block, StoredRecord
from tests.archive.samples import (
    AT,
    CHUNKED,
    DATES,
    FACTS,
    ODD,
    PLAIN,
    RECORD_IDS,
    RUN,
    TEXTS,
    URIS,
    WORDS,
    ForgottenSpool,
    capture_of,
    drafts_of,
    exchange,
    failure,
    sound,
    write,
)

ALL_FACTS = st.builds(
    CrawlFacts,
    role=st.sampled_from(Role),
    via=st.none() | URIS,
    hops=st.text("LRP", max_size=5),
    tries=st.integers(1, 9),
    robots=TEXTS,
    addresses=st.lists(WORDS, max_size=3).map(tuple),
    proxied=st.booleans(),
    certificate=st.none() | TEXTS,
)
EXCHANGES = st.builds(
    Exchange,
    uri=URIS,
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    request=st.binary(max_size=60),
    response=st.tuples(st.sampled_from([*ODD.values(), PLAIN]), st.binary(max_size=60)).map(
        lambda two: ForgottenSpool.of(two[0] + two[1])
    ),
    began_at=DATES,
    ended_at=st.just(datetime.max.replace(tzinfo=AT.tzinfo)),
    ip_address=st.none() | st.ip_addresses().map(str),
    protocols=st.lists(WORDS, max_size=2).map(tuple),
    cipher_suite=st.none() | WORDS,
    truncated=st.none() | st.sampled_from(Truncated),
    interim=st.binary(max_size=20),
    surplus=st.binary(max_size=20),
    facts=ALL_FACTS,
)


def one(kind: type[Kept], found: list[Kept]) -> Kept:
    (value,) = (value for value in found if isinstance(value, kind))
    return value


def found_in(path: Path) -> list[Kept]:
    return list(values.kept(sound(path)))


@settings(deadline=None, max_examples=120)
@given(EXCHANGES, st.none() | RECORD_IDS)
def test_an_exchange_comes_back(tmp_path_factory: pytest.TempPathFactory, given_exchange: Exchange, chain_id: str) -> None:
    """Any exchange: its bytes are in the file, and the values of the file are those of the writing."""
    path, written = write(tmp_path_factory.mktemp("c"), drafts_of(given_exchange, chain_id=chain_id))  # type: ignore[arg-type]
    assert found_in(path) == written
    response, request = sound(path)[1:3]
    assert response.block.read() == given_exchange.response.read()
    assert request.block.read() == given_exchange.request or b"uthorization" in given_exchange.request
    capture = one(Capture, written)
    assert isinstance(capture, Capture)
    assert (capture.uri, capture.date, capture.method) == (given_exchange.uri, given_exchange.began_at, given_exchange.method)
    assert capture.facts == given_exchange.facts
    assert (capture.ip_address, capture.protocols, capture.cipher_suite) == (
        given_exchange.ip_address,
        given_exchange.protocols,
        given_exchange.cipher_suite,
    )
    assert (capture.chain_id, capture.truncated) == (chain_id, given_exchange.truncated)
    assert (capture.surplus_size, capture.interim_size) == (len(given_exchange.surplus), len(given_exchange.interim))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(Outcome), TEXTS, TEXTS, ALL_FACTS, st.binary(max_size=30), st.none() | RECORD_IDS)
def test_a_failure_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    outcome: Outcome,
    reason: str,
    error: str,
    facts: CrawlFacts,
    request: bytes,
    chain: str,
) -> None:
    """Any failure, with line breaks in its reason, is what is read again."""
    failed = failure(outcome=outcome, reason=reason, error=error, facts=facts, request=request)
    drafts = records.failure_drafts(failed, chain_id=chain)  # type: ignore[arg-type]  # a drawn id
    path, written = write(tmp_path_factory.mktemp("c"), drafts)
    assert found_in(path) == written
    kept = one(KeptFailure, written)
    assert isinstance(kept, KeptFailure)
    assert (kept.outcome, kept.reason, kept.error, kept.facts, kept.chain_id) == (outcome, reason, error, facts, chain)
    assert (kept.request_id is None) == (not request)


def test_a_capture_says_everything(tmp_path: Path) -> None:
    """Every field of a capture, once, against what was given."""
    capture = capture_of(tmp_path, exchange(CHUNKED, surplus=b"abc", truncated=Truncated.TIME))
    body = CHUNKED.partition(b"\r\n\r\n")[2]
    response, request, metadata = sound(next((tmp_path / "archive").iterdir()))[1:]
    assert capture == Capture(
        record_id=capture.record_id,
        type="response",
        uri=Uri("http://a.example/x?b=2&a=%7e"),
        date=AT,
        run_id=RUN,
        location=Location(
            file=f"archive/t-20270115093000123-00000-{RUN}.warc.gz",
            offset=response.location.offset,
            length=response.location.length,
        ),
        method="GET",
        status=200,
        mime="unk",
        block_digest=digest_of(CHUNKED),
        payload_digest=digest_of(b"hello"),
        body_digest=digest_of(body),
        entity_size=5,
        request_id=request.record_id,
        metadata_id=metadata.record_id,
        ip_address="192.0.2.7",
        protocols=("http/1.1", "tls/1.3"),
        cipher_suite="TLS_AES_256_GCM_SHA384",
        truncated=Truncated.TIME,
        fetch_time_ms=47,
        surplus_size=3,
        facts=FACTS,
    )


def test_a_revisit_has_the_digests_of_what_it_stands_for(tmp_path: Path) -> None:
    """A revisit's payload, body and size are those of the whole message, its block is its own."""
    original = capture_of(tmp_path / "1", exchange(CHUNKED))
    path, written = write(tmp_path / "2", drafts_of(exchange(CHUNKED, began_at=AT + timedelta(1)), original=original))
    revisit = one(Capture, written)
    assert isinstance(revisit, Capture)
    assert (revisit.type, revisit.refers_to, revisit.refers_to_uri, revisit.refers_to_date) == (
        "revisit",
        original.record_id,
        original.uri,
        original.date,
    )
    assert (revisit.payload_digest, revisit.body_digest, revisit.entity_size) == (
        original.payload_digest,
        original.body_digest,
        original.entity_size,
    )
    assert revisit.block_digest != original.block_digest
    assert found_in(path) == written


def test_a_resource_is_a_capture(tmp_path: Path) -> None:
    """A resource is a capture without a status, its bytes are payload and body."""
    draft = records.resource_draft(
        Resource(uri=Uri("urn:x:1"), content_type="text/markdown; charset=utf-8", content=b"# A", at=AT)
    )
    path, written = write(tmp_path, [draft])
    capture = one(Capture, written)
    assert isinstance(capture, Capture)
    assert (capture.type, capture.status, capture.mime, capture.method, capture.entity_size) == (
        "resource",
        None,
        "text/markdown",
        "",
        3,
    )
    assert capture.block_digest == capture.payload_digest == capture.body_digest == digest_of(b"# A")
    assert found_in(path) == written


def test_every_record_is_listed(tmp_path: Path) -> None:
    """Each record, warcinfo and request too, has its row with place and run."""
    path, written = write(tmp_path, drafts_of(exchange()), records.failure_drafts(failure(), chain_id=None))
    rows = [value for value in written if isinstance(value, RecordEntry)]
    assert [row.type for row in rows] == ["warcinfo", "response", "request", "metadata", "metadata"]
    assert {row.run_id for row in rows} == {RUN}
    assert sum(row.location.length for row in rows) == path.stat().st_size
    assert rows[1].block_digest == digest_of(PLAIN)


def test_exchanges_next_to_each_other_are_not_mixed(tmp_path: Path) -> None:
    """Each capture has its own request and metadata."""
    _, written = write(tmp_path, *(drafts_of(exchange(began_at=AT + timedelta(n))) for n in range(3)))
    captures = [value for value in written if isinstance(value, Capture)]
    assert len({capture.metadata_id for capture in captures}) == len({capture.request_id for capture in captures}) == 3


@pytest.mark.parametrize("response", [PLAIN, CHUNKED])
@pytest.mark.parametrize("count", [1, 2])
def test_a_response_without_metadata_is_a_capture(tmp_path: Path, response: bytes, count: int) -> None:
    """A crash may take the metadata record: the digests are then those of the bytes, the facts are unknown."""
    path, written = write(tmp_path, drafts_of(exchange(response))[:count])
    capture = one(Capture, written)
    assert isinstance(capture, Capture)
    assert (capture.payload_digest, capture.entity_size) == (digest_of(b"hello"), 5)
    assert capture.body_digest == digest_of(response.partition(b"\r\n\r\n")[2])
    assert (capture.metadata_id, capture.facts, capture.method) == (None, CrawlFacts(), "GET")
    assert found_in(path) == written


def test_a_mended_response_has_metadata_again(tmp_path: Path) -> None:
    """The record that replaces the lost one gives the same digests, and says what happened."""
    capture = capture_of(tmp_path / "1", exchange(CHUNKED))
    response, request, _ = drafts_of(exchange(CHUNKED))
    _, lost = write(tmp_path / "2", [response, request])
    left = one(Capture, lost)
    assert isinstance(left, Capture)
    path, mended = write(tmp_path / "3", [response, request, records.mended_draft(left, description="cut off")])
    again = one(Capture, mended)
    assert isinstance(again, Capture)
    assert (again.payload_digest, again.body_digest, again.entity_size) == (
        capture.payload_digest,
        capture.body_digest,
        capture.entity_size,
    )
    assert again.metadata_id is not None
    assert b"description: cut off" in sound(path)[-1].block.read()


def test_a_revisit_without_metadata_keeps_its_payload_digest(tmp_path: Path) -> None:
    """What a revisit's header says is all that is left of the digests."""
    original = capture_of(tmp_path / "1", exchange(CHUNKED))
    _, written = write(tmp_path / "2", drafts_of(exchange(CHUNKED), original=original)[:1])
    revisit = one(Capture, written)
    assert isinstance(revisit, Capture)
    assert (revisit.payload_digest, revisit.entity_size) == (digest_of(b"hello"), 0)


def test_notes_are_values(tmp_path: Path) -> None:
    """A conclusion is read from its record as it was handed in."""
    end = RunEnd(run_id=RUN, record_id=new_record_id(), date=AT, reason="finished", counts={"captures": 3})
    path, written = write(tmp_path, [records.note_draft(end)])
    assert one(RunEnd, written) == end
    assert found_in(path) == written


def foreign(kind: str, block: bytes, **headers: str) -> StoredRecord:
    """A record as another writer may have made it."""
    pairs = [("warc-type", kind), ("WARC-Date", "2008-04-30T20:48:25Z"), ("Content-Length", str(len(block)))]
    pairs += [(name.replace("_", "-"), value) for name, value in headers.items()]
    place = Location(file="x.warc", offset=0, length=1)
    return StoredRecord(version="WARC/1.0", headers=Fields(tuple(pairs)), location=place, run_id="", block=Block(block))


def test_other_writers_put_the_request_first() -> None:
    """wget's order, with the response naming the request, is one exchange too; digests of others are computed anew."""
    request = foreign(
        "request", b"POST / HTTP/1.1\r\n\r\n", WARC_Record_ID="<urn:x:1>", Content_Type="application/http;msgtype=request"
    )
    response = foreign(
        "response",
        PLAIN,
        WARC_Record_ID="<urn:x:2>",
        WARC_Concurrent_To="<urn:x:1>",
        WARC_Target_URI="<http://w.example/>",
        WARC_Payload_Digest="sha1:ABC",
        Content_Type="application/http;msgtype=response",
        WARC_Truncated="whatever",
    )
    capture = one(Capture, list(values.kept([request, response])))
    assert isinstance(capture, Capture)
    assert (capture.uri, capture.method, capture.request_id, capture.status) == ("http://w.example/", "POST", "urn:x:1", 200)
    assert (capture.block_digest, capture.payload_digest) == (digest_of(PLAIN), digest_of(b"hello"))
    assert capture.truncated is Truncated.UNSPECIFIED


def test_other_crawlers_metadata_is_read() -> None:
    """Heritrix's via and hops are facts; what it does not say has its default."""
    response = foreign(
        "response", b"20080430\n", WARC_Record_ID="<urn:x:1>", WARC_Target_URI="dns:w.example", Content_Type="text/dns"
    )
    noted = foreign(
        "metadata",
        b"via: http://v.example/\r\nhopsFromSeed: P\r\nfetchTimeMs: 47\r\ntries: many\r\n",
        WARC_Record_ID="<urn:x:2>",
        WARC_Concurrent_To="<urn:x:1>",
        Content_Type="application/warc-fields",
    )
    capture = one(Capture, list(values.kept([response, noted])))
    assert isinstance(capture, Capture)
    assert capture.facts == CrawlFacts(via=Uri("http://v.example/"), hops="P")
    assert (capture.mime, capture.status, capture.fetch_time_ms) == ("text/dns", None, 47)


def test_our_digest_over_a_chunked_message_is_not_trusted_in_a_header() -> None:
    """A header's digest of a chunked message may be over the chunked bytes: the bytes decide."""
    wrong = Digest("sha256:" + "0" * 64)
    response = foreign(
        "response", CHUNKED, WARC_Record_ID="<urn:x:1>", WARC_Payload_Digest=wrong, Content_Type="application/http"
    )
    capture = one(Capture, list(values.kept([response])))
    assert isinstance(capture, Capture)
    assert capture.payload_digest == digest_of(b"hello")


@pytest.mark.parametrize("missing", ["warc-type", "WARC-Date", "Content-Length", "WARC-Record-ID"])
def test_a_header_that_cannot_be_used_gives_nothing(missing: str) -> None:
    """A record without type, date, length or id is no row; verify has findings for it."""
    whole = foreign("response", PLAIN, WARC_Record_ID="<urn:x:1>", Content_Type="application/http")
    pairs = tuple(pair for pair in whole.headers.pairs if pair[0] != missing)
    broken = StoredRecord(version="WARC/1.0", headers=Fields(pairs), location=whole.location, run_id="", block=whole.block)
    assert list(values.kept([broken])) == []
    assert values.entry(broken) is None
    assert values.entry(whole) is not None


@pytest.mark.parametrize("block", [b"{", b'{"type": "attempt"}', b'{"type": "else"}'])
def test_a_note_that_cannot_be_read_is_listed_all_the_same(block: bytes) -> None:
    """JSON that is broken or of somebody else gives the row of its record and no more."""
    record = foreign("metadata", block, WARC_Record_ID="<urn:x:1>", Content_Type="application/json")
    assert [type(value) for value in values.kept([record])] == [RecordEntry]
