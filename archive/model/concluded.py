"""What was concluded: links with their contexts, extractions, articles, citations, attempts, runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archive.model.met import Outcome
from archive.model.names import Digest, RecordId, Uri


class Context(StrEnum):
    """Where on the page a link stands. The first three cite."""

    BODY = "body"
    NOTE = "note"
    CAPTION = "caption"
    NAVIGATION = "navigation"
    FOOTER = "footer"
    SHARE = "share"
    TAG = "tag"
    AUTHOR = "author"
    NEWSLETTER = "newsletter"
    RELATED = "related"
    ADVERTISEMENT = "advertisement"
    SAME_PAGE = "same-page"


CITING_CONTEXTS = frozenset({Context.BODY, Context.NOTE, Context.CAPTION})


class TargetFrom(StrEnum):
    """Who says where a citation points."""

    HREF = "href"
    CURATOR = "curator"
    MEMENTO = "memento"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A place in a text, as W3C Web Annotation selectors say it: TextQuoteSelector and, where known, TextPositionSelector.

    `start` and `end` are None where the words do not stand in the extracted text (it may lack a caption or a paragraph).
    """

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of an article, in document order: `href` as written, `target` resolved or None where it has lost it."""

    ordinal: int
    href: str
    target: Uri | None
    anchor: Quote
    sentence: Quote
    context: Context
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Text and metadata derived from one capture. `unreadable` holds the reason where there is no text.

    `digest` is over the text in UTF-8. `published` is an ISO 8601 date or date-time as found. `charset` names the
    decision and its evidence (`utf-8 (HTTP)`). `options` are the tool's, as JSON text with sorted keys.
    """

    record_id: RecordId
    capture_id: RecordId
    uri: Uri
    date: datetime
    run_id: str
    tool: str
    version: str
    options: str
    text_id: RecordId | None
    digest: Digest | None
    unreadable: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    site: str | None = None
    language: str | None = None
    charset: str | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What an extraction has read, as its conversion record holds it. `digest` is over the text in UTF-8."""

    record_id: RecordId
    capture_id: RecordId
    uri: Uri
    date: datetime
    run_id: str
    digest: Digest
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One reading of one citing resource: all of its links with their contexts, citations or not."""

    record_id: RecordId
    uri: Uri
    capture_id: RecordId
    extraction_id: RecordId
    date: datetime
    run_id: str
    ordinal: int
    title: str | None
    published: str | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One citation of one reading of an article; kept as a W3C Web Annotation.

    `ordinal` counts the article's citations from 1, `link_ordinal` points into `Article.links`. `target_from` is None
    where there is no target.
    """

    citation_id: RecordId
    record_id: RecordId
    article_id: RecordId
    article_uri: Uri
    extraction_id: RecordId
    date: datetime
    run_id: str
    ordinal: int
    link_ordinal: int
    anchor: Quote
    sentence: Quote
    context: Context
    reason: str
    kind: str
    href: str
    target: Uri | None
    target_from: TargetFrom | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one citation in one run. `hops` are the captures and failures on the way, in order, by record id;
    `capture_id` is the last response where there is one, `failure_id` the failure that ended the way.
    `sequence` counts the attempts of the run from 1."""

    record_id: RecordId
    citation_id: RecordId
    run_id: str
    sequence: int
    date: datetime
    outcome: Outcome
    reason: str
    target: Uri | None
    hops: tuple[RecordId, ...] = ()
    capture_id: RecordId | None = None
    failure_id: RecordId | None = None
    extraction_id: RecordId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """The first record of a run: who, with what, how. `configuration` is redacted and kept as a resource of its own."""

    run_id: str
    record_id: RecordId
    date: datetime
    operator: str
    user_agent: str
    robots: str
    arguments: tuple[str, ...]
    software: Mapping[str, str]
    configuration_id: RecordId | None
    configuration_digest: Digest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """The last record of a run. A run without one was cut off. `reason` is the crawl's closing reason (`finished`)."""

    run_id: str
    record_id: RecordId
    date: datetime
    reason: str
    counts: Mapping[str, int]
