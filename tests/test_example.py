"""The worked example, end to end: what `scrapy crawl sources` in a fresh checkout comes to; every row leads to bytes."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from archive.model import Outcome
from archive.outputs.table import COLUMNS
from spiders.example.web import ARTICLE
from tests.doors import ROOT, Crawled, Rows, feed, rows_of
from tests.example.expected import CITATIONS, INSPECTOR, WIRE_LIST, Expected
from tests.example.serving import Client, serving
from tests.kept import record_at, records_of, select

CAPTURED = [cited for cited in CITATIONS if cited.status is not None]
WHOLE = [cited for cited in CAPTURED if cited.verdict != "truncated"]
FAILED = [cited for cited in CITATIONS if cited.target and cited.status is None]


def name(cited: Expected) -> str:
    return f"{cited.ordinal}-{cited.anchor[:20]}"


@pytest.fixture(scope="module")
def rows(example: Crawled) -> Rows:
    return feed(example.folder / "rows.jsonl")


@pytest.fixture(scope="module")
def provenance(example: Crawled) -> dict[str, sqlite3.Row]:
    """The rows of the view by the anchor of the citation."""
    return {row["anchor"]: row for row in select(example.collection, "SELECT * FROM provenance")}


@pytest.fixture(scope="module")
def server() -> Iterator[Client]:
    """The same web once more, for the bytes that it sends."""
    with serving() as web:
        yield Client.of(web)


def test_a_crawl_in_a_fresh_checkout_is_fine_and_silent(example: Crawled) -> None:
    """Dead links and refusals are what an article has: the crawl ends with 0 and has nothing to say."""
    assert (example.ended.code, example.ended.out, example.ended.err) == (0, "", "")


def test_the_citations_are_those_of_the_article(rows: Rows) -> None:
    """All of them in the order of the article, and none from its menus, lists and footers."""
    assert [(row["ordinal"], row["anchor"]) for row in rows] == [(cited.ordinal, cited.anchor) for cited in CITATIONS]


@pytest.mark.parametrize("cited", CITATIONS, ids=name)
def test_each_citation_comes_to_what_is_expected(rows: Rows, cited: Expected) -> None:
    """Where it stands and points, what kind it is, and what became of it."""
    (row,) = [row for row in rows if row["anchor"] == cited.anchor]
    assert row["article"] == ARTICLE
    assert (row["context"], row["href"], row["target"], row["kind"]) == (cited.context, cited.href, cited.target, cited.kind)
    assert (row["outcome"], row["http"]) == (cited.outcome, cited.status)
    assert row["target_from"] == ("href" if cited.target else None)
    assert cited.anchor in row["sentence"]
    assert (row["captured_at"] is None) == (cited.status is None)
    assert (row["next"] is None) == (row["state"] == "kept")


@pytest.mark.parametrize("cited", CAPTURED, ids=name)
def test_each_way_is_on_record(provenance: dict[str, sqlite3.Row], cited: Expected) -> None:
    """The hops lead from the target over the promised redirects to the capture."""
    row = provenance[cited.anchor]
    hops = json.loads(row["hops"])
    redirects = [hop for hop in hops if 300 <= hop["status"] < 400]
    assert hops[0]["uri"] == cited.target
    assert len(redirects) == cited.redirects
    assert hops[-1] == {
        "record_id": row["capture_id"],
        "uri": cited.final or cited.target,
        "status": cited.status,
        "failure": None,
    }


def test_a_busy_server_is_asked_again_and_both_answers_are_kept(provenance: dict[str, sqlite3.Row]) -> None:
    """The library's 503 is an exchange of its own before its page; so are all three times that the table broke off."""
    assert [hop["status"] for hop in json.loads(provenance[CITATIONS[0].anchor]["hops"])] == [503, 200]
    assert [hop["status"] for hop in json.loads(provenance["displacement tables"]["hops"])] == [200, 200, 200]


@pytest.mark.parametrize("cited", WHOLE, ids=name)
def test_each_capture_is_what_the_server_sends(
    example: Crawled, provenance: dict[str, sqlite3.Row], server: Client, cited: Expected
) -> None:
    """The record at the place that the index names holds, byte for byte, what any other client gets from the server."""
    row = provenance[cited.anchor]
    record = record_at(example.collection, row["file"], row["offset"], row["length"])
    assert record.get("WARC-Record-ID") == f"<{row['capture_id']}>"
    assert record.get("WARC-Target-URI") == row["capture_uri"] == (cited.final or cited.target)
    assert record.digest == row["block_digest"] == record.get("WARC-Block-Digest")
    uri = row["capture_uri"]
    sent = server.raw(uri)
    if sent.startswith(b"HTTP/1.1 503"):
        sent = server.raw(uri)
    if row["refers_to"]:
        (original,) = select(example.collection, "SELECT * FROM capture WHERE record_id = ?", row["refers_to"])
        assert record.block == sent.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        record = record_at(example.collection, original["file"], original["offset"], original["length"])
    assert record.block == sent


def test_the_torn_table_is_kept_as_it_came(example: Crawled, provenance: dict[str, sqlite3.Row]) -> None:
    """What came before the end is there, and the record says that the server hung up."""
    row = provenance["displacement tables"]
    record = record_at(example.collection, row["file"], row["offset"], row["length"])
    assert len(record.block) == 1900
    assert record.get("WARC-Truncated") == row["truncated"] == "disconnect"


def test_the_article_itself_is_kept(example: Crawled, provenance: dict[str, sqlite3.Row], server: Client) -> None:
    """Every citation leads to the bytes that cite, and to the text in which its sentence stands."""
    places = {(row["article_file"], row["article_offset"], row["article_length"]) for row in provenance.values()}
    (place,) = places
    record = record_at(example.collection, *place)
    row = provenance["saying"]
    assert record.digest == row["article_block_digest"]
    assert record.block == server.raw(ARTICLE)
    (text_id,) = select(example.collection, "SELECT text_id FROM extraction WHERE record_id = ?", row["article_extraction_id"])
    (text,) = [found for found in records_of(example.collection) if found.get("WARC-Record-ID") == f"<{text_id[0]}>"]
    assert text.get("WARC-Refers-To") == f"<{row['article_capture_id']}>"
    assert text.digest == row["article_text_digest"]
    said = text.block.decode("utf-8")
    placed = [row for row in provenance.values() if row["sentence_start"] is not None]
    assert len(placed) > 20
    for row in placed:
        assert said[row["sentence_start"] : row["sentence_end"]] == row["sentence"]
        assert said[row["anchor_start"] : row["anchor_end"]] == row["anchor"]


def test_each_certificate_chain_is_kept(example: Crawled) -> None:
    """A capture over HTTPS names its cipher and a chain, whose first certificate is for its host; one over HTTP names none."""
    captures = select(example.collection, "SELECT * FROM capture WHERE type != 'resource'")
    assert {urlsplit(row["uri"]).scheme for row in captures} == {"http", "https"}
    for row in captures:
        if row["uri"].startswith("http:"):
            assert (row["chain_id"], row["cipher_suite"], row["protocols"]) == (None, None, '["http/1.1"]')
            continue
        assert row["cipher_suite"]
        assert json.loads(row["protocols"])[0] == "http/1.1"
        (chain,) = select(example.collection, "SELECT * FROM capture WHERE record_id = ?", row["chain_id"])
        record = record_at(example.collection, chain["file"], chain["offset"], chain["length"])
        assert record.get("WARC-Target-URI") == chain["uri"] == "urn:" + record.digest
        leaf = x509.load_pem_x509_certificates(record.block)[0]
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [urlsplit(row["uri"]).hostname]


@pytest.mark.parametrize("cited", FAILED, ids=name)
def test_each_failure_is_on_record(example: Crawled, provenance: dict[str, sqlite3.Row], cited: Expected) -> None:
    """What was not fetched has a record that says why, and the citation leads to it."""
    row = provenance[cited.anchor]
    assert row["outcome"] == cited.outcome
    assert row["capture_id"] is None
    (record,) = [r for r in records_of(example.collection) if r.get("WARC-Record-ID") == f"<{row['failure_id']}>"]
    assert (record.get("WARC-Type"), record.get("WARC-Target-URI")) == ("metadata", cited.target)
    assert row["failure_reason"] in record.block.decode("utf-8")
    assert json.loads(row["hops"])[-1]["record_id"] == row["failure_id"]


def test_a_bad_certificate_is_evidence(example: Crawled) -> None:
    """OpenSSL's reason and the chain that was offered are kept of the host whose certificate has expired."""
    (row,) = select(example.collection, "SELECT * FROM failure WHERE uri = 'https://veterans.example/robots.txt'")
    assert row["reason"] == "bad certificate: certificate has expired"
    (chain,) = select(example.collection, "SELECT * FROM capture WHERE record_id = ?", row["chain_id"])
    record = record_at(example.collection, chain["file"], chain["offset"], chain["length"])
    assert record.block.startswith(b"-----BEGIN CERTIFICATE-----")


def test_every_robots_txt_is_an_exchange_of_its_own(example: Crawled) -> None:
    """No host was asked for a page before it was asked what it allows."""
    captures = select(example.collection, "SELECT uri, role, date FROM capture WHERE type != 'resource' ORDER BY date")
    asked: set[str] = set()
    for row in captures:
        origin = row["uri"].rpartition("/robots.txt")[0] if row["role"] == "robots" else "/".join(row["uri"].split("/")[:3])
        if row["role"] == "robots":
            asked.add(origin)
        else:
            assert origin in asked


def test_one_source_cited_twice_is_fetched_once(example: Crawled, provenance: dict[str, sqlite3.Row]) -> None:
    """The report that the article names twice is one request and two citations of one capture."""
    assert len(select(example.collection, "SELECT 1 FROM capture WHERE uri = ?", INSPECTOR)) == 1
    both = [row["capture_id"] for row in provenance.values() if row["target"] == INSPECTOR]
    assert len(both) == 2
    assert len(set(both)) == 1


def test_two_ways_to_one_page_are_two_captures(example: Crawled, provenance: dict[str, sqlite3.Row]) -> None:
    """Two sources redirect to one page: both are attempts with a capture; the second is a revisit, and still `captured`."""
    both = [row for row in provenance.values() if row["capture_uri"] == WIRE_LIST]
    assert [row["outcome"] for row in both] == [Outcome.CAPTURED] * 2
    assert sorted(row["capture_type"] for row in both) == ["response", "revisit"]
    assert len({row["target"] for row in both}) == 2
    assert len({row["text_digest"] for row in both}) == 1


def test_the_order_of_parameters_makes_two_sources(example: Crawled) -> None:
    """`?id=88&lang=en` and `?lang=en&id=88` are asked for apart, and the odd query of the debate as it is written."""
    sent = [record.block.split(b" ")[1] for record in records_of(example.collection) if record.get("WARC-Type") == "request"]
    for target in (b"/papers/view?id=88&lang=en", b"/papers/view?lang=en&id=88", b"/hansard?d=2023-07-04&&q=%7esel&page="):
        assert sent.count(target) == 1


def test_fragments_are_evidence_and_not_sent(example: Crawled, rows: Rows) -> None:
    """A phrase that the article points at stays in the citation, and in no request and no target URI."""
    assert any("#:~:text=" in row["href"] for row in rows)
    for record in records_of(example.collection):
        assert "#" not in (record.get("WARC-Target-URI") or "")
        if record.get("WARC-Type") == "request":
            assert b"#" not in record.block.split(b"\r\n")[0]


def test_no_path_of_this_machine_is_in_any_record(example: Crawled) -> None:
    """Neither the folder of the collection nor that of the project is anybody's business."""
    for record in records_of(example.collection):
        for path in (str(example.folder), str(ROOT)):
            assert path.encode() not in record.head + record.block


def test_a_run_says_how_it_was_made(provenance: dict[str, sqlite3.Row], example: Crawled) -> None:
    """Run, operator, software, user agent and the configuration's digest are one step from the citation."""
    row = provenance["saying"]
    assert row["run_reason"] == "finished"
    assert "nobody@magazine.example" in row["operator"]
    assert row["operator"] in row["user_agent"]
    assert {"footnotary", "Scrapy", "Twisted", "warcio", "trafilatura", "Python"} <= json.loads(row["software"]).keys()
    kept = [r for r in records_of(example.collection) if r.get("WARC-Target-URI") == f"urn:{row['configuration_digest']}"]
    assert [record.digest for record in kept] == [row["configuration_digest"]]


def test_feeds_are_the_table(example: Crawled, rows: Rows) -> None:
    """`-o` writes the rows of `footnotary citations`, column by column in their order, and no bytes of a page."""
    assert rows == rows_of(example.collection)
    assert all(tuple(row) == COLUMNS for row in rows)
    with (example.folder / "rows.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert tuple(table[0]) == COLUMNS
    assert table == [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]


def test_the_statement_and_the_estimate_are_kept(rows: Rows) -> None:
    """What the whole thing is for: the command's words and the estimate are there, and say so in one word."""
    kept = {row["kind"] for row in rows if row["state"] == "kept"}
    assert {"military statement", "intelligence estimate"} <= kept
