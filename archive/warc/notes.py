"""Conclusions as the blocks of metadata records in `derived/`: JSON objects with a `type`, and Web Annotations.

A citation is a W3C Web Annotation (https://www.w3.org/TR/annotation-model/): its target is the article's extraction, once
with the selectors of the sentence and once with those of the anchor, its body is the cited source, its motivation
`linking`. What the vocabulary has no word for stands under one key of ours, `footnotary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.model import Article, Attempt, Citation, Extraction, Quote, RecordId, RunEnd, RunStart, Uri
from archive.warc.plainjson import dumps, loads, plain, value_of

Note = Extraction | Article | Citation | Attempt | RunStart | RunEnd

JSON_TYPE = "application/json"
ANNOTATION_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
OURS = "footnotary"
CONTEXT = ["http://www.w3.org/ns/anno.jsonld", {OURS: {"@id": "urn:footnotary:citation", "@type": "@json"}}]

_KINDS: dict[str, type[Extraction | Article | Attempt | RunStart | RunEnd]] = {
    "extraction": Extraction,
    "article": Article,
    "attempt": Attempt,
    "run-start": RunStart,
    "run-end": RunEnd,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_ANNOTATED = ("citation_id", "date", "extraction_id", "target", "sentence", "anchor")
"""The fields of a citation that the annotation's own vocabulary holds."""


@dataclass(frozen=True, slots=True)
class About:
    """The headers of a note's record that depend on what it notes."""

    content_type: str
    uri: Uri | None
    refers_to: RecordId | None = None


def about(value: Note) -> About:
    """What a note's record says of it in its header."""
    match value:
        case Citation():
            return About(ANNOTATION_TYPE, Uri(value.citation_id))
        case Extraction() | Article():
            return About(JSON_TYPE, value.uri, value.capture_id)
        case Attempt():
            return About(JSON_TYPE, value.target)
        case _:
            return About(JSON_TYPE, None)


def dump(value: Note) -> bytes:
    """The block of a note."""
    if isinstance(value, Citation):
        return dumps(_annotation(value))
    return dumps({"type": _NAMES[type(value)], **plain(value)})


def load(block: bytes, *, content_type: str | None) -> Note | None:
    """Read a block back; None where it is JSON of somebody else. ValueError, with the reason, where it is a broken note."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "application/ld+json":
        data = loads(block)
        return _citation(data) if OURS in data else None
    if kind != JSON_TYPE:
        return None
    data = loads(block)
    name = data.get("type")
    return value_of(_KINDS[name], data) if isinstance(name, str) and name in _KINDS else None


def _annotation(citation: Citation) -> dict[str, Any]:
    every = plain(citation)
    annotation = {
        "@context": CONTEXT,
        "id": citation.citation_id,
        "type": "Annotation",
        "motivation": "linking",
        "created": every["date"],
        "target": [
            {"source": citation.extraction_id, "selector": _selectors(quote)} for quote in (citation.sentence, citation.anchor)
        ],
        OURS: {name: value for name, value in every.items() if name not in _ANNOTATED},
    }
    return annotation if citation.target is None else {**annotation, "body": citation.target}


def _citation(data: Mapping[str, Any]) -> Citation:
    try:
        sentence, anchor = data["target"]
        annotated = {
            "citation_id": data["id"],
            "date": data["created"],
            "extraction_id": sentence["source"],
            "target": data.get("body"),
            "sentence": _quote(sentence["selector"]),
            "anchor": _quote(anchor["selector"]),
        }
        return value_of(Citation, {**data[OURS], **annotated})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the annotation lacks {error}") from error


def _selectors(quote: Quote) -> list[dict[str, Any]]:
    words = {"type": "TextQuoteSelector", "exact": quote.exact, "prefix": quote.prefix, "suffix": quote.suffix}
    if quote.start is None or quote.end is None:
        return [words]
    return [words, {"type": "TextPositionSelector", "start": quote.start, "end": quote.end}]


def _quote(selectors: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for selector in selectors for name, value in selector.items() if name != "type"}
