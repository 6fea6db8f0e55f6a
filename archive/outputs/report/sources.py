"""The section of one source: what it is, what it says, when it was looked at, where its bytes are and how to check them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from archive.model import Capture, Citation, TargetFrom
from archive.outputs.report.gather import Cited, Sighting, Source, Words
from archive.outputs.report.markup import Content, Markup, described, el, foreign, joined, outward
from archive.outputs.report.prose import quoted
from archive.outputs.report.states import CLASSES, chip, state_of

LONGEST = 20_000
"""Code points of a text that a page shows."""


def source_section(one: Cited, *, title: str) -> Markup:
    """Everything that a page says of one citation."""
    ordinal, state = one.citation.ordinal, state_of(one.row)
    number = el("a", str(ordinal), href=f"#cite-{ordinal}", class_="back", aria_label=f"back to citation {ordinal} in the text")
    heading = el("h3", number, " ", foreign(title), id=f"title-{ordinal}")
    following = el("p", el("b", "What to do: "), foreign(one.row.next), class_="next") if one.row.next else None
    body = (
        el("p", chip(state), " ", el("span", one.citation.kind, class_="kind")),
        el("blockquote", *quoted(one)),
        following,
        described(_facts(one), class_="facts"),
        *(_same(one.same_as) if one.same_as else _evidence(one)),
    )
    named = f"title-{ordinal}"
    return el("section", heading, *body, id=f"source-{ordinal}", class_=f"source {CLASSES[state]}", aria_labelledby=named)


def _same(number: int) -> Iterator[Markup]:
    yield el("p", "The same source as that of ", el("a", f"citation {number}", href=f"#source-{number}"), ".", class_="note")


def _facts(one: Cited) -> Iterator[tuple[str, Content]]:
    citation, source, row = one.citation, one.source, one.row
    extraction = source.words.extraction if source.words else None
    yield "Source", outward(citation.target) if citation.target else None
    yield "Answered from", outward(source.capture.uri) if source.capture and source.capture.uri != citation.target else None
    yield "Link as written", el("code", foreign(citation.href)) if citation.href != citation.target else None
    yield "Target", "named by a curator" if citation.target_from == TargetFrom.CURATOR else None
    yield "Answer", f"HTTP {row.http}, {row.outcome}" if row.http else row.outcome
    yield "Reason", foreign(source.failure.reason) if source.failure else None
    yield "Captured", _time(source.capture.date) if source.capture else None
    yield "Authors", foreign(", ".join(extraction.authors)) if extraction and extraction.authors else None
    yield "Published", extraction.published if extraction else None


def _evidence(one: Cited) -> Iterator[Markup | None]:
    source = one.source
    yield _text(source.words, ordinal=one.citation.ordinal) if source.words else None
    yield _sightings(source) if source.sightings else None
    if source.capture:
        yield _place(source.capture, source.original)
        yield _check(one.citation, source.capture, source.original)


def _text(words: Words, *, ordinal: int) -> Markup:
    if words.text is None:
        return el("p", f"Its text: none ({words.problem}).", class_="note")
    language = words.extraction.language if words.extraction else None
    shown = words.text[:LONGEST]
    lines = (el("p", line, dir="auto") for line in shown.split("\n") if line.strip())
    cut = None
    if len(words.text) > LONGEST:
        rest = (
            f"The first {LONGEST:,} of {len(words.text):,} characters; all of it: footnotary read, or the record of the text."
        )
        cut = el("p", rest, class_="note")
    count, said = len(words.text.split()), f"text of source {ordinal}"
    name = el("summary", f"What it says ({count:,} {'word' if count == 1 else 'words'})")
    return el(
        "details",
        name,
        el("div", *lines, class_="text", lang=language, tabindex="0", role="group", aria_label=said),
        cut,
        id=f"text-{ordinal}",
    )


def _sightings(source: Source) -> Markup:
    head = el("tr", *(el("th", name, scope="col") for name in ("looked at", "what came", "bytes (SHA-256 of the payload)")))
    rows = [_sighting(one) for one in source.sightings]
    more = el("p", f"and {source.earlier} earlier", class_="note") if source.earlier else None
    many = len(source.sightings) + source.earlier
    name = el("summary", f"Looked at {many} {'time' if many == 1 else 'times'}")
    table = el("table", el("thead", head), el("tbody", *rows))
    return el(
        "details", name, el("div", table, class_="wide", tabindex="0", role="group", aria_label="looks at this source"), more
    )


def _sighting(one: Sighting) -> Markup:
    came = (
        f"HTTP {one.capture.status}, {one.attempt.outcome}" if one.capture else f"{one.attempt.outcome}: {one.attempt.reason}"
    )
    digest = el("code", one.capture.payload_digest.removeprefix("sha256:")) if one.capture else "none"
    return el("tr", el("td", _time(one.attempt.date)), el("td", foreign(came)), el("td", digest))


def _place(capture: Capture, original: Capture | None) -> Markup:
    kept = original or capture
    again = None if kept is capture else joined("unchanged: the bytes are those of ", _time(kept.date))
    return described(
        (
            ("Kept in", el("code", kept.location.file)),
            ("At byte", f"{kept.location.offset:,}, {kept.location.length:,} bytes long"),
            ("Record", el("code", kept.record_id)),
            ("Again", again),
            ("Payload", el("code", kept.payload_digest)),
            ("Cut short", capture.truncated),
            ("Server", kept.ip_address),
            ("Certificate", kept.facts.certificate),
        ),
        class_="facts place",
    )


def _check(citation: Citation, capture: Capture, original: Capture | None) -> Markup:
    """What anybody can type in the folder of the collection."""
    kept = original or capture
    digest = kept.block_digest.removeprefix("sha256:")
    lines = (f"footnotary show {citation.ordinal} --raw", f"footnotary show {kept.record_id} --raw | sha256sum", f"  {digest}")
    means = "The answer as it came over the wire; and its digest, which is that of the record (WARC-Block-Digest):"
    return el("details", el("summary", "How to check it"), el("p", means), _commands(lines))


def _commands(lines: Iterable[str]) -> Markup:
    return el("pre", el("code", "\n".join(lines)), tabindex="0")


def _time(at: datetime) -> Markup:
    return el("time", f"{at:%Y-%m-%d %H:%M:%S} UTC", datetime=f"{at:%Y-%m-%dT%H:%M:%SZ}")
