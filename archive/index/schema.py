"""The tables, the indices and the view `provenance` of index.sqlite.

The tables follow the values of `archive.model` (see `archive.index.rows`); `link` holds the links of an article, and a row
of `run` is made of a RunStart and a RunEnd. The index is a cache: when its shape changes, `VERSION` is raised and the next
writer builds it anew from the WARC files, so there is nothing to migrate.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.index.rows import columns
from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    Extraction,
    KeptFailure,
    Link,
    RecordEntry,
    RunEnd,
    RunStart,
)

VERSION = 1

KEYS: dict[type, tuple[str, str]] = {
    RecordEntry: ("record", "record_id"),
    Capture: ("capture", "record_id"),
    KeptFailure: ("failure", "record_id"),
    Extraction: ("extraction", "record_id"),
    Article: ("article", "record_id"),
    Citation: ("citation", "record_id"),
    Attempt: ("attempt", "record_id"),
}
"""The table and the primary key of each kind of value."""

RUN_END = {"date": "ended_at", "reason": "reason", "counts": "counts", "record_id": "end_record_id"}
"""What a RunEnd adds to the row of its run."""

INDICES = (
    "CREATE INDEX record_place ON record(file, offset)",
    "CREATE INDEX capture_uri ON capture(uri, date)",
    "CREATE INDEX failure_uri ON failure(uri, date)",
    "CREATE INDEX extraction_capture ON extraction(capture_id)",
    "CREATE INDEX article_uri ON article(uri, date)",
    "CREATE INDEX citation_article ON citation(article_id, ordinal)",
    "CREATE INDEX attempt_citation ON attempt(citation_id, date)",
)

PROVENANCE = """
CREATE VIEW provenance AS
SELECT
    citation.citation_id, citation.ordinal, citation.kind, citation.context, citation.reason AS context_reason,
    citation.anchor, citation.anchor_prefix, citation.anchor_suffix, citation.anchor_start, citation.anchor_end,
    citation.sentence, citation.sentence_prefix, citation.sentence_suffix, citation.sentence_start, citation.sentence_end,
    citation.href, citation.target, citation.target_from,
    article.uri AS article_uri, article.title AS article_title, article.published AS article_published,
    cited_in.record_id AS article_capture_id, cited_in.date AS article_captured_at, cited_in.file AS article_file,
    cited_in.offset AS article_offset, cited_in.length AS article_length, cited_in.block_digest AS article_block_digest,
    article.extraction_id AS article_extraction_id, reading.digest AS article_text_digest,
    attempt.record_id AS attempt_id, attempt.sequence, attempt.date AS attempted_at, attempt.outcome,
    attempt.reason AS outcome_reason,
    (SELECT json_group_array(json_object('record_id', hop.value, 'uri', COALESCE(c.uri, f.uri), 'status', c.status,
                                         'failure', f.reason))
       FROM json_each(attempt.hops) AS hop
       LEFT JOIN capture AS c ON c.record_id = hop.value
       LEFT JOIN failure AS f ON f.record_id = hop.value) AS hops,
    capture.record_id AS capture_id, capture.type AS capture_type, capture.uri AS capture_uri,
    capture.date AS captured_at, capture.status AS http, capture.mime, capture.file, capture.offset, capture.length,
    capture.block_digest, capture.payload_digest, capture.body_digest, capture.truncated, capture.refers_to,
    capture.ip_address, capture.protocols, capture.cipher_suite, capture.chain_id, capture.certificate, capture.robots,
    failure.record_id AS failure_id, failure.error AS failure_error, failure.reason AS failure_reason,
    extraction.record_id AS extraction_id, extraction.text_id, extraction.tool, extraction.version, extraction.options,
    extraction.digest AS text_digest, extraction.title AS source_title, extraction.unreadable,
    run.run_id, run.date AS run_started_at, run.ended_at AS run_ended_at, run.reason AS run_reason, run.software,
    run.operator, run.user_agent, run.configuration_digest
FROM citation
JOIN article ON article.record_id = citation.article_id
LEFT JOIN capture AS cited_in ON cited_in.record_id = article.capture_id
LEFT JOIN extraction AS reading ON reading.record_id = article.extraction_id
LEFT JOIN attempt ON attempt.citation_id = citation.citation_id
LEFT JOIN capture ON capture.record_id = attempt.capture_id
LEFT JOIN failure ON failure.record_id = attempt.failure_id
LEFT JOIN extraction ON extraction.record_id = attempt.extraction_id
LEFT JOIN run ON run.run_id = citation.run_id
"""


def statements() -> Iterator[str]:
    """Everything that makes an empty database an index."""
    for kind, (name, key) in KEYS.items():
        described = (f"{c.name} {c.affinity}{' PRIMARY KEY' if c.name == key else ''}" for c in columns(kind))
        yield f"CREATE TABLE {name} ({', '.join(described)}) WITHOUT ROWID"
    links = ", ".join(f"{c.name} {c.affinity}" for c in columns(Link))
    yield f"CREATE TABLE link (article_id TEXT, {links}, PRIMARY KEY (article_id, ordinal)) WITHOUT ROWID"
    started = [f"{c.name} {c.affinity}" for c in columns(RunStart) if c.name != "run_id"]
    ended = [f"{RUN_END[c.name]} {c.affinity}" for c in columns(RunEnd) if c.name in RUN_END]
    yield f"CREATE TABLE run (run_id TEXT PRIMARY KEY, {', '.join(started + ended)}) WITHOUT ROWID"
    yield from INDICES
    yield PROVENANCE
    yield f"PRAGMA user_version = {VERSION}"
