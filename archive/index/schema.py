"""The shape of index.sqlite, as numbered migrations: each is applied once, in one transaction with the number that says so.

The number is SQLite's `user_version`; `application_id` tells the file from any other. A migration that was released is never
changed: a new one is added. The index is a cache, so a migration may leave columns empty that `footnotary reindex` fills.

The tables follow the values of `archive.model` (see `archive.index.rows`); `link` holds the links of an article, and a row
of `run` is made of a RunStart and a RunEnd. What texts say stands once in `wording`, however often it was read, and in `words`
to be searched (see `archive.index.search`). The view `provenance` is one row a citation and attempt, and one row for a
citation that was never attempted: from the citation to its bytes and back. Its column `latest` is 1 on the latest attempt
of each citation, `newest_reading` is 1 on the citations of the newest reading of each article:

    SELECT * FROM provenance WHERE newest_reading AND latest ORDER BY article_uri, ordinal
"""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x666E7479
"""`fnty`, in the header of the file."""

_FACTS = (
    "role TEXT NOT NULL, via TEXT, hops TEXT NOT NULL, tries INTEGER NOT NULL, robots TEXT NOT NULL,"
    " addresses TEXT NOT NULL, proxied INTEGER NOT NULL, certificate TEXT"
)
_LOCATION = "file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL"
_ANCHOR = (
    "anchor TEXT NOT NULL, anchor_prefix TEXT NOT NULL, anchor_suffix TEXT NOT NULL, anchor_start INTEGER, anchor_end INTEGER"
)
_SENTENCE = (
    "sentence TEXT NOT NULL, sentence_prefix TEXT NOT NULL, sentence_suffix TEXT NOT NULL,"
    " sentence_start INTEGER, sentence_end INTEGER"
)

_TABLES = (
    f"CREATE TABLE record (record_id TEXT PRIMARY KEY, type TEXT NOT NULL, uri TEXT, date TEXT NOT NULL, content_type TEXT,"
    f" block_digest TEXT NOT NULL, run_id TEXT NOT NULL, {_LOCATION})",
    f"CREATE TABLE capture (record_id TEXT PRIMARY KEY, type TEXT NOT NULL, uri TEXT NOT NULL, date TEXT NOT NULL,"
    f" run_id TEXT NOT NULL, {_LOCATION}, method TEXT NOT NULL, status INTEGER, mime TEXT NOT NULL, block_digest TEXT NOT NULL,"
    " payload_digest TEXT NOT NULL, body_digest TEXT NOT NULL, entity_size INTEGER NOT NULL, request_id TEXT, metadata_id TEXT,"
    " ip_address TEXT, protocols TEXT NOT NULL, cipher_suite TEXT, chain_id TEXT, truncated TEXT, refers_to TEXT,"
    " refers_to_uri TEXT, refers_to_date TEXT, fetch_time_ms INTEGER NOT NULL, surplus_size INTEGER NOT NULL,"
    f" interim_size INTEGER NOT NULL, {_FACTS})",
    "CREATE TABLE failure (record_id TEXT PRIMARY KEY, uri TEXT NOT NULL, date TEXT NOT NULL, run_id TEXT NOT NULL,"
    f" outcome TEXT NOT NULL, reason TEXT NOT NULL, error TEXT NOT NULL, request_id TEXT, chain_id TEXT, {_FACTS})",
    "CREATE TABLE extraction (record_id TEXT PRIMARY KEY, capture_id TEXT NOT NULL, uri TEXT NOT NULL, date TEXT NOT NULL,"
    " run_id TEXT NOT NULL, tool TEXT NOT NULL, version TEXT NOT NULL, options TEXT NOT NULL, text_id TEXT, digest TEXT,"
    " unreadable TEXT, title TEXT, authors TEXT NOT NULL, published TEXT, site TEXT, language TEXT,"
    " charset TEXT, pages INTEGER)",
    "CREATE TABLE article (record_id TEXT PRIMARY KEY, uri TEXT NOT NULL, capture_id TEXT NOT NULL,"
    " extraction_id TEXT NOT NULL, date TEXT NOT NULL, run_id TEXT NOT NULL, ordinal INTEGER NOT NULL,"
    " title TEXT, published TEXT)",
    "CREATE TABLE link (article_id TEXT NOT NULL, ordinal INTEGER NOT NULL, href TEXT NOT NULL, target TEXT,"
    f" {_ANCHOR}, {_SENTENCE}, context TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (article_id, ordinal))",
    "CREATE TABLE citation (record_id TEXT PRIMARY KEY, citation_id TEXT NOT NULL, article_id TEXT NOT NULL,"
    " article_uri TEXT NOT NULL, extraction_id TEXT NOT NULL, date TEXT NOT NULL, run_id TEXT NOT NULL,"
    f" ordinal INTEGER NOT NULL, link_ordinal INTEGER NOT NULL, {_ANCHOR}, {_SENTENCE}, context TEXT NOT NULL,"
    " reason TEXT NOT NULL, kind TEXT NOT NULL, href TEXT NOT NULL, target TEXT, target_from TEXT)",
    "CREATE TABLE attempt (record_id TEXT PRIMARY KEY, citation_id TEXT NOT NULL, run_id TEXT NOT NULL,"
    " sequence INTEGER NOT NULL, date TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, target TEXT,"
    " hops TEXT NOT NULL, capture_id TEXT, failure_id TEXT, extraction_id TEXT)",
    "CREATE TABLE run (run_id TEXT PRIMARY KEY, record_id TEXT, date TEXT, operator TEXT, user_agent TEXT, robots TEXT,"
    " arguments TEXT, software TEXT, configuration_id TEXT, configuration_digest TEXT,"
    " end_record_id TEXT, ended_at TEXT, reason TEXT, counts TEXT)",
)

_INDICES = (
    "CREATE INDEX record_place ON record(file, offset)",
    "CREATE INDEX capture_uri ON capture(uri, date)",
    "CREATE INDEX capture_body ON capture(body_digest)",
    "CREATE INDEX failure_uri ON failure(uri, date)",
    "CREATE INDEX extraction_capture ON extraction(capture_id, date)",
    "CREATE INDEX article_uri ON article(uri, date)",
    "CREATE INDEX citation_article ON citation(article_id, ordinal)",
    "CREATE INDEX citation_name ON citation(citation_id)",
    "CREATE INDEX attempt_citation ON attempt(citation_id, date)",
    "CREATE INDEX attempt_capture ON attempt(capture_id)",
)

_PROVENANCE = """
CREATE VIEW provenance AS
SELECT
    citation.citation_id, citation.record_id AS citation_record_id, citation.ordinal, citation.kind, citation.context,
    citation.reason AS context_reason,
    citation.anchor, citation.anchor_prefix, citation.anchor_suffix, citation.anchor_start, citation.anchor_end,
    citation.sentence, citation.sentence_prefix, citation.sentence_suffix, citation.sentence_start, citation.sentence_end,
    citation.href, citation.target, citation.target_from,
    citation.article_id, citation.article_uri, article.title AS article_title, article.published AS article_published,
    NOT EXISTS (SELECT 1 FROM article AS newer WHERE newer.uri = article.uri
                   AND (newer.date, newer.record_id) > (article.date, article.record_id)) AS newest_reading,
    cited_in.record_id AS article_capture_id, cited_in.date AS article_captured_at, cited_in.file AS article_file,
    cited_in.offset AS article_offset, cited_in.length AS article_length, cited_in.block_digest AS article_block_digest,
    cited_in.payload_digest AS article_payload_digest, cited_in.body_digest AS article_body_digest,
    citation.extraction_id AS article_extraction_id, reading.tool AS article_tool, reading.version AS article_tool_version,
    reading.digest AS article_text_digest,
    attempt.record_id AS attempt_id, attempt.sequence, attempt.date AS attempted_at, attempt.outcome,
    attempt.reason AS outcome_reason,
    NOT EXISTS (SELECT 1 FROM attempt AS later WHERE later.citation_id = attempt.citation_id
                   AND (later.date, later.sequence, later.record_id) > (attempt.date, attempt.sequence, attempt.record_id)
               ) AS latest,
    (SELECT json_group_array(json_object('record_id', way.record_id, 'uri', way.uri, 'status', way.status,
                                         'failure', way.reason))
       FROM (SELECT hop.value AS record_id, COALESCE(c.uri, f.uri) AS uri, c.status, f.reason
               FROM json_each(attempt.hops) AS hop
               LEFT JOIN capture AS c ON c.record_id = hop.value
               LEFT JOIN failure AS f ON f.record_id = hop.value
              ORDER BY hop.key) AS way) AS hops,
    capture.record_id AS capture_id, capture.type AS capture_type, capture.uri AS capture_uri,
    capture.date AS captured_at, capture.status AS http, capture.mime, capture.file, capture.offset, capture.length,
    capture.block_digest, capture.payload_digest, capture.body_digest, capture.entity_size, capture.truncated,
    capture.request_id, capture.metadata_id, capture.ip_address, capture.protocols, capture.cipher_suite, capture.chain_id,
    capture.certificate, capture.robots, capture.refers_to, original.file AS refers_to_file,
    original.offset AS refers_to_offset, original.length AS refers_to_length,
    failure.record_id AS failure_id, failure.error AS failure_error, failure.reason AS failure_reason,
    extraction.record_id AS extraction_id, extraction.text_id, extraction.tool, extraction.version, extraction.options,
    extraction.digest AS text_digest, extraction.title AS source_title, extraction.unreadable,
    run.run_id, run.date AS run_started_at, run.ended_at AS run_ended_at, run.reason AS run_reason, run.software,
    run.operator, run.user_agent, run.configuration_id, run.configuration_digest
FROM citation
LEFT JOIN article ON article.record_id = citation.article_id
LEFT JOIN capture AS cited_in ON cited_in.record_id = article.capture_id
LEFT JOIN extraction AS reading ON reading.record_id = citation.extraction_id
LEFT JOIN attempt ON attempt.citation_id = citation.citation_id
LEFT JOIN capture ON capture.record_id = attempt.capture_id
LEFT JOIN capture AS original ON original.record_id = capture.refers_to
LEFT JOIN failure ON failure.record_id = attempt.failure_id
LEFT JOIN extraction ON extraction.record_id = attempt.extraction_id
LEFT JOIN run ON run.run_id = COALESCE(attempt.run_id, citation.run_id)
"""

_SEARCH = (
    "CREATE TABLE text (record_id TEXT PRIMARY KEY, capture_id TEXT NOT NULL, uri TEXT NOT NULL, date TEXT NOT NULL,"
    " run_id TEXT NOT NULL, digest TEXT NOT NULL)",
    "CREATE TABLE wording (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, text TEXT NOT NULL, spaced TEXT,"
    " searched TEXT AS (COALESCE(spaced, text)))",
    "CREATE VIRTUAL TABLE words USING fts5"
    "(searched, content='wording', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
    "CREATE INDEX text_uri ON text(uri, date)",
    "CREATE INDEX text_digest ON text(digest)",
    "CREATE INDEX extraction_text ON extraction(text_id)",
    "CREATE INDEX capture_refers ON capture(refers_to)",
    "CREATE INDEX attempt_extraction ON attempt(extraction_id)",
    "CREATE INDEX attempt_failure ON attempt(failure_id)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = ((*_TABLES, *_INDICES, _PROVENANCE), _SEARCH)
"""The statements of each migration; the first makes an empty file an index."""

VERSION = len(MIGRATIONS)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what was not yet applied. A migration that fails leaves the file as it was; sqlite3's errors come through."""
    for number in range(version_of(connection) + 1, VERSION + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in MIGRATIONS[number - 1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
        except BaseException:  # whatever it is, half a migration must not stay
            connection.rollback()
            raise
        connection.commit()


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations were applied: 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether the file is somebody else's: it holds something, and was not made by `migrate`."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return application != APPLICATION_ID and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
