"""Values as a run would keep them, for the tests of the index: short to write, equal at each call."""

from __future__ import annotations

import types
import typing
import uuid
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from hypothesis import strategies as st

from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    Context,
    CrawlFacts,
    Digest,
    Extraction,
    Kept,
    KeptFailure,
    Link,
    Location,
    Outcome,
    Quote,
    RecordEntry,
    RecordId,
    Role,
    RunEnd,
    RunStart,
    TargetFrom,
    Text,
    Uri,
    digest_of,
)

T = TypeVar("T")

BEGAN = datetime(2021, 8, 27, 1, 2, 3, 4, tzinfo=UTC)
RUN = "20210827010203abcdef"
FILE = "archive/footnotary-20210827010203004-00000-abcdef.warc.gz"
PAGE = Uri("https://www.example.org/a?b=2&a=1")
ARTICLE = Uri("https://magazine.example/opinion")


def named(name: str) -> RecordId:
    """The record id that a name stands for."""
    return RecordId(uuid.uuid5(uuid.NAMESPACE_OID, name).urn)


def after(seconds: float) -> datetime:
    """An instant of the run."""
    return BEGAN + timedelta(seconds=seconds)


def digest(text: str = "body") -> Digest:
    return digest_of(text.encode())


def entry(name: str = "capture", **changes: Any) -> RecordEntry:
    said: dict[str, Any] = {
        "record_id": named(name),
        "type": "response",
        "uri": PAGE,
        "date": BEGAN,
        "content_type": "application/http;msgtype=response",
        "block_digest": digest("block"),
        "run_id": RUN,
        "location": Location(file=FILE, offset=400, length=1200),
    }
    return RecordEntry(**said | changes)


def capture(name: str = "capture", **changes: Any) -> Capture:
    said: dict[str, Any] = {
        "record_id": named(name),
        "type": "response",
        "uri": PAGE,
        "date": BEGAN,
        "run_id": RUN,
        "location": Location(file=FILE, offset=400, length=1200),
        "method": "GET",
        "status": 200,
        "mime": "text/html",
        "block_digest": digest("block"),
        "payload_digest": digest("payload"),
        "body_digest": digest("body"),
        "entity_size": 1000,
        "request_id": named("request"),
        "metadata_id": named("metadata"),
        "ip_address": "127.0.0.1",
        "protocols": ("http/1.1", "tls/1.3"),
        "cipher_suite": "TLS_AES_256_GCM_SHA384",
        "chain_id": named("chain"),
        "facts": CrawlFacts(role=Role.SOURCE, via=ARTICLE, hops="L", addresses=("127.0.0.1", "::1"), robots="allowed"),
    }
    return Capture(**said | changes)


def revisit(name: str, *, of: Capture, **changes: Any) -> Capture:
    told = {"refers_to": of.record_id, "refers_to_uri": of.uri, "refers_to_date": of.date}
    return capture(name, **{"type": "revisit", "uri": of.uri, **told, **changes})


def failure(name: str = "failure", **changes: Any) -> KeptFailure:
    said: dict[str, Any] = {
        "record_id": named(name),
        "uri": PAGE,
        "date": BEGAN,
        "run_id": RUN,
        "outcome": Outcome.UNREACHABLE,
        "reason": "the name does not resolve",
        "error": "CannotResolveHostError",
    }
    return KeptFailure(**said | changes)


def extraction(name: str = "extraction", **changes: Any) -> Extraction:
    said: dict[str, Any] = {
        "record_id": named(name),
        "capture_id": named("capture"),
        "uri": PAGE,
        "date": BEGAN,
        "run_id": RUN,
        "tool": "trafilatura",
        "version": "2.3.1",
        "options": '{"include_tables": true}',
        "text_id": named("text"),
        "digest": digest("text"),
        "title": "A title",
        "authors": ("A. Author", "B. Author"),
        "language": "en",
    }
    return Extraction(**said | changes)


def text(name: str = "text", words: str = "text", **changes: Any) -> Text:
    said: dict[str, Any] = {
        "record_id": named(name),
        "capture_id": named("capture"),
        "uri": PAGE,
        "date": BEGAN,
        "run_id": RUN,
        "digest": digest(words),
        "text": words,
    }
    return Text(**said | changes)


def link(ordinal: int = 1, **changes: Any) -> Link:
    said: dict[str, Any] = {
        "ordinal": ordinal,
        "href": "/a?b=2&a=1#:~:text=x",
        "target": PAGE,
        "anchor": Quote(exact="saying", prefix="he kept ", suffix=" that", start=10, end=16),
        "sentence": Quote(exact="And he kept saying that.", start=2, end=26),
        "context": Context.BODY,
        "reason": "stands in running text",
    }
    return Link(**said | changes)


def article(name: str = "article", **changes: Any) -> Article:
    said: dict[str, Any] = {
        "record_id": named(name),
        "uri": ARTICLE,
        "capture_id": named("article capture"),
        "extraction_id": named("article extraction"),
        "date": BEGAN,
        "run_id": RUN,
        "ordinal": 1,
        "title": "Opinion",
        "published": "2021-08-27",
        "links": (link(1), link(2, context=Context.FOOTER, target=None)),
    }
    return Article(**said | changes)


def citation(ordinal: int = 1, *, of: Article | None = None, **changes: Any) -> Citation:
    read = of or article()
    said: dict[str, Any] = {
        "citation_id": named(f"citation {ordinal} of {read.record_id}"),
        "record_id": named(f"record of citation {ordinal} of {read.record_id}"),
        "article_id": read.record_id,
        "article_uri": read.uri,
        "extraction_id": read.extraction_id,
        "date": read.date,
        "run_id": read.run_id,
        "ordinal": ordinal,
        "link_ordinal": ordinal,
        "anchor": link().anchor,
        "sentence": link().sentence,
        "context": Context.BODY,
        "reason": "stands in running text",
        "kind": "web",
        "href": "/a?b=2&a=1#:~:text=x",
        "target": PAGE,
        "target_from": TargetFrom.HREF,
    }
    return Citation(**said | changes)


def attempt(of: Citation, *, sequence: int = 1, **changes: Any) -> Attempt:
    said: dict[str, Any] = {
        "record_id": named(f"attempt {sequence} at {changes.get('date', BEGAN)} of {of.citation_id}"),
        "citation_id": of.citation_id,
        "run_id": of.run_id,
        "sequence": sequence,
        "date": BEGAN,
        "outcome": Outcome.CAPTURED,
        "reason": "HTTP 200",
        "target": of.target,
        "hops": (named("capture"),),
        "capture_id": named("capture"),
        "extraction_id": named("extraction"),
    }
    return Attempt(**said | changes)


def run_start(run_id: str = RUN, **changes: Any) -> RunStart:
    said: dict[str, Any] = {
        "run_id": run_id,
        "record_id": named(f"start of {run_id}"),
        "date": BEGAN,
        "operator": "Archive desk <archive@example.org>",
        "user_agent": "footnotary/0.1.0",
        "robots": "obey",
        "arguments": ("config=sources.yml",),
        "software": {"Scrapy": "2.19.0", "Python": "3.11.7"},
        "configuration_id": named("configuration"),
        "configuration_digest": digest("configuration"),
    }
    return RunStart(**said | changes)


def run_end(run_id: str = RUN, **changes: Any) -> RunEnd:
    said: dict[str, Any] = {
        "run_id": run_id,
        "record_id": named(f"end of {run_id}"),
        "date": after(60),
        "reason": "finished",
        "counts": {"captures": 2, "bytes": 3000},
    }
    return RunEnd(**said | changes)


def a_run() -> list[Kept]:
    """One run over one article: a captured citation behind a redirect, one that failed, one whose link has no target."""
    read = article(links=(link(1), link(2), link(3, href="#", target=None)))
    gone = Uri("https://gone.example/report")
    citations = [
        citation(1, of=read),
        citation(2, of=read, target=gone),
        citation(3, of=read, href="#", target=None, target_from=None),
    ]
    hop = capture("hop", status=301, date=after(1), uri=Uri("http://www.example.org/a?b=2&a=1"))
    return [
        run_start(),
        entry("article capture", uri=ARTICLE),
        capture("article capture", uri=ARTICLE, facts=CrawlFacts(role=Role.ARTICLE)),
        text("article text", "article text", capture_id=named("article capture"), uri=ARTICLE),
        extraction(
            "article extraction",
            capture_id=named("article capture"),
            uri=ARTICLE,
            text_id=named("article text"),
            digest=digest("article text"),
        ),
        read,
        *citations,
        entry("hop"),
        hop,
        capture(date=after(2)),
        entry(),
        text(),
        extraction(),
        failure(uri=gone, date=after(3)),
        attempt(citations[0], sequence=1, hops=(hop.record_id, named("capture"))),
        attempt(
            citations[1],
            sequence=2,
            outcome=Outcome.UNREACHABLE,
            reason="the name does not resolve",
            hops=(named("failure"),),
            capture_id=None,
            extraction_id=None,
            failure_id=named("failure"),
        ),
        attempt(
            citations[2],
            sequence=3,
            outcome=Outcome.NO_TARGET,
            reason="the link has lost its target",
            hops=(),
            capture_id=None,
            extraction_id=None,
        ),
        run_end(),
    ]


# Values of any content, for round trips

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
INSTANTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - `timezones` makes them aware


def any_value(kind: type[T]) -> st.SearchStrategy[T]:
    """Any value of a dataclass of the model."""
    return st.builds(kind, **{name: _any(hint) for name, hint in typing.get_type_hints(kind).items()})


def _any(hint: Any) -> st.SearchStrategy[Any]:
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return st.one_of(*(_any(one) for one in arguments))
    if typing.get_origin(hint) is tuple:
        return st.lists(_any(arguments[0]), max_size=3).map(tuple)
    if typing.get_origin(hint) is Mapping:
        return st.dictionaries(TEXTS, _any(arguments[1]), max_size=3)
    if isinstance(hint, type) and is_dataclass(hint):
        return any_value(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    plain = {datetime: INSTANTS, int: st.integers(-(2**63), 2**63 - 1), bool: st.booleans(), type(None): st.none()}
    return plain.get(hint, TEXTS)
