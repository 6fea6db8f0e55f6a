"""Conclusions as JSON: read back equal, spelled the same every time, and annotations that others can read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import (
    Article,
    Attempt,
    Citation,
    Context,
    Digest,
    Extraction,
    Link,
    Outcome,
    Quote,
    RecordId,
    RunEnd,
    RunStart,
    TargetFrom,
    Uri,
)
from archive.warc import notes
from archive.warc.notes import Note
from tests.archive.samples import AT, DATES, RECORD_IDS, TEXTS, URIS, WORDS

DIGESTS = st.binary(min_size=32, max_size=32).map(lambda data: Digest("sha256:" + data.hex()))
SPANS = st.none() | st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))


def quote(exact: str, prefix: str, suffix: str, span: tuple[int, int] | None) -> Quote:
    return Quote(exact=exact, prefix=prefix, suffix=suffix, start=span and span[0], end=span and span[1])


QUOTES = st.builds(quote, TEXTS, TEXTS, TEXTS, SPANS)
LINKS = st.builds(
    Link,
    ordinal=st.integers(1, 99),
    href=TEXTS,
    target=st.none() | URIS,
    anchor=QUOTES,
    sentence=QUOTES,
    context=st.sampled_from(Context),
    reason=TEXTS,
)
COMMON: dict[str, Any] = {"record_id": RECORD_IDS, "date": DATES, "run_id": WORDS}
EXTRACTIONS = st.builds(
    Extraction,
    **COMMON,
    capture_id=RECORD_IDS,
    uri=URIS,
    tool=WORDS,
    version=WORDS,
    options=TEXTS,
    text_id=st.none() | RECORD_IDS,
    digest=st.none() | DIGESTS,
    unreadable=st.none() | TEXTS,
    title=st.none() | TEXTS,
    authors=st.lists(TEXTS, max_size=3).map(tuple),
    published=st.none() | TEXTS,
    site=st.none() | TEXTS,
    language=st.none() | TEXTS,
    charset=st.none() | TEXTS,
    pages=st.none() | st.integers(0, 999),
)
ARTICLES = st.builds(
    Article,
    **COMMON,
    uri=URIS,
    capture_id=RECORD_IDS,
    extraction_id=RECORD_IDS,
    ordinal=st.integers(1, 9),
    title=st.none() | TEXTS,
    published=st.none() | TEXTS,
    links=st.lists(LINKS, max_size=3).map(tuple),
)
CITATIONS = st.builds(
    Citation,
    **COMMON,
    citation_id=RECORD_IDS,
    article_id=RECORD_IDS,
    article_uri=URIS,
    extraction_id=RECORD_IDS,
    ordinal=st.integers(1, 99),
    link_ordinal=st.integers(1, 99),
    anchor=QUOTES,
    sentence=QUOTES,
    context=st.sampled_from(Context),
    reason=TEXTS,
    kind=TEXTS,
    href=TEXTS,
    target=st.none() | URIS,
    target_from=st.none() | st.sampled_from(TargetFrom),
)
ATTEMPTS = st.builds(
    Attempt,
    **COMMON,
    citation_id=RECORD_IDS,
    sequence=st.integers(1, 999),
    outcome=st.sampled_from(Outcome),
    reason=TEXTS,
    target=st.none() | URIS,
    hops=st.lists(RECORD_IDS, max_size=3).map(tuple),
    capture_id=st.none() | RECORD_IDS,
    failure_id=st.none() | RECORD_IDS,
    extraction_id=st.none() | RECORD_IDS,
)
STARTS = st.builds(
    RunStart,
    **COMMON,
    operator=TEXTS,
    user_agent=TEXTS,
    robots=TEXTS,
    arguments=st.lists(TEXTS, max_size=3).map(tuple),
    software=st.dictionaries(WORDS, TEXTS, max_size=3),
    configuration_id=st.none() | RECORD_IDS,
    configuration_digest=st.none() | DIGESTS,
)
ENDS = st.builds(RunEnd, **COMMON, reason=TEXTS, counts=st.dictionaries(WORDS, st.integers(0, 10**6), max_size=3))
NOTES = st.one_of(EXTRACTIONS, ARTICLES, CITATIONS, ATTEMPTS, STARTS, ENDS)

CITATION = Citation(
    citation_id=RecordId("urn:uuid:00000000-0000-4000-8000-00000000000a"),
    record_id=RecordId("urn:uuid:00000000-0000-4000-8000-00000000000b"),
    article_id=RecordId("urn:uuid:00000000-0000-4000-8000-00000000000c"),
    article_uri=Uri("https://magazine.example/piece"),
    extraction_id=RecordId("urn:uuid:00000000-0000-4000-8000-00000000000d"),
    date=AT,
    run_id="run",
    ordinal=3,
    link_ordinal=7,
    anchor=Quote(exact="saying", prefix="credit, ", suffix=" “we", start=20, end=26),
    sentence=Quote(exact="He gave credit, saying “we believe”.", start=4, end=40),
    context=Context.BODY,
    reason="a link in running text",
    kind="military statement",
    href="https://command.example/t#:~:text=x",
    target=Uri("https://command.example/t"),
    target_from=TargetFrom.HREF,
)


def back(value: Note) -> Note | None:
    return notes.load(notes.dump(value), content_type=notes.about(value).content_type)


@settings(deadline=None, max_examples=200)
@given(NOTES)
def test_every_note_comes_back(value: Note) -> None:
    """Any conclusion, written and read, is the same value."""
    assert back(value) == value


@settings(deadline=None, max_examples=50)
@given(NOTES)
def test_spelling_is_one(value: Note) -> None:
    """The same value has the same bytes, with sorted keys, in UTF-8."""
    block = notes.dump(value)
    assert notes.dump(value) == block
    assert json.dumps(json.loads(block), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == block


def test_a_citation_is_a_web_annotation() -> None:
    """The annotation has the vocabulary's own words, and the rest under one key of ours."""
    data = json.loads(notes.dump(CITATION))
    assert data["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert (data["id"], data["type"], data["motivation"]) == (CITATION.citation_id, "Annotation", "linking")
    assert data["created"] == "2027-01-15T09:30:00.123456Z"
    assert data["body"] == "https://command.example/t"
    sentence, anchor = data["target"]
    assert sentence["source"] == anchor["source"] == CITATION.extraction_id
    assert sentence["selector"] == [
        {"type": "TextQuoteSelector", "exact": "He gave credit, saying “we believe”.", "prefix": "", "suffix": ""},
        {"type": "TextPositionSelector", "start": 4, "end": 40},
    ]
    assert anchor["selector"][1] == {"type": "TextPositionSelector", "start": 20, "end": 26}
    assert data["footnotary"]["context"] == "body"
    assert data["footnotary"]["href"] == "https://command.example/t#:~:text=x"
    assert (data["footnotary"]["ordinal"], data["footnotary"]["target_from"]) == (3, "href")


def test_a_citation_is_about_its_own_uri() -> None:
    """The record of an annotation has the annotation as its target, under the profile's media type."""
    about = notes.about(CITATION)
    assert str(about.uri) == str(CITATION.citation_id)
    assert about.content_type == 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'


def test_a_lost_target_has_no_body() -> None:
    """A citation that points nowhere is an annotation without a body."""
    lost = replace(CITATION, target=None, target_from=None)
    assert "body" not in json.loads(notes.dump(lost))
    assert back(lost) == lost


def test_lone_surrogates_survive() -> None:
    """A string that has no UTF-8 is escaped, and comes back."""
    end = RunEnd(run_id="r", record_id=CITATION.record_id, date=AT, reason="\ud800x", counts={})
    assert b"\\ud800x" in notes.dump(end)
    assert back(end) == end


def test_later_versions_may_say_more() -> None:
    """A key that is not known is passed over; a field with a default may be missing."""
    attempt = ATTEMPT
    data = {**json.loads(notes.dump(attempt)), "news": [1]}
    del data["hops"]
    assert notes.load(json.dumps(data).encode(), content_type="application/json") == attempt


ATTEMPT = Attempt(
    record_id=CITATION.record_id,
    citation_id=CITATION.citation_id,
    run_id="run",
    sequence=1,
    date=AT,
    outcome=Outcome.CAPTURED,
    reason="it came",
    target=None,
)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sequence": "one"}, "sequence"),
        ({"sequence": True}, "sequence"),
        ({"date": "yesterday"}, "date"),
        ({"outcome": "maybe"}, "outcome"),
        ({"hops": "x"}, "hops"),
        ({"reason": None}, "reason"),
    ],
)
def test_a_broken_note_says_what_is_wrong(change: dict[str, object], word: str) -> None:
    """A field of a wrong type is named."""
    data = {**json.loads(notes.dump(ATTEMPT)), **change}
    with pytest.raises(ValueError, match=word):
        notes.load(json.dumps(data).encode(), content_type="application/json")


def test_a_missing_field_is_named() -> None:
    """A note that lacks what it must have says which."""
    data = json.loads(notes.dump(ATTEMPT))
    del data["sequence"]
    with pytest.raises(ValueError, match="sequence is missing"):
        notes.load(json.dumps(data).encode(), content_type="application/json")


@pytest.mark.parametrize("block", [b"{", b"[]", b"\xff", b"1"])
def test_broken_json_is_a_value_error(block: bytes) -> None:
    """What is no JSON object at all is an error of the value, whatever it is."""
    with pytest.raises(ValueError):
        notes.load(block, content_type="application/json")


@pytest.mark.parametrize("target", [None, [], [{}], "x", [{"source": 1}, {"selector": 2}]])
def test_a_broken_annotation_is_a_value_error(target: object) -> None:
    """An annotation of ours with other targets is an error of the value."""
    data = {**json.loads(notes.dump(CITATION)), "target": target}
    with pytest.raises(ValueError):
        notes.load(json.dumps(data).encode(), content_type=notes.ANNOTATION_TYPE)


@pytest.mark.parametrize(
    ("block", "content_type"),
    [
        (b'{"type": "invoice"}', "application/json"),
        (b"{}", "application/json"),
        (b'{"type": ["x"]}', "application/json"),
        (b'{"type": "Annotation"}', notes.ANNOTATION_TYPE),
        (b"via: x", "application/warc-fields"),
        (b"", None),
    ],
)
def test_notes_of_others_are_none_of_ours(block: bytes, content_type: str | None) -> None:
    """JSON that somebody else wrote is no note, and no error."""
    assert notes.load(block, content_type=content_type) is None
