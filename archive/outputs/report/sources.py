"""The section of one source: what it is, what it says, when it was looked at, where its bytes are and how to check them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from archive.model import Capture, Citation, TargetFrom
from archive.outputs.report.gather import Cited, Sighting, Source, Title, Words
from archive.outputs.report.markup import Content, Markup, described, el, foreign, joined, outward, tag
from archive.outputs.report.prose import quoted
from archive.outputs.report.states import CLASSES, chip


def source_section(one: Cited, *, title: Title) -> Markup:
    """Everything that a page says of one citation."""
    ordinal, state = one.citation.ordinal, one.state
    number = el("a", str(ordinal), href=f"#cite-{ordinal}", class_="back", aria_label=f"back to citation {ordinal} in the text")
    heading = el("h3", number, " ", foreign(title.words, language=title.language), id=f"title-{ordinal}")
    following = el("p", el("b", "What to do: "), foreign(one.row.next), class_="next") if one.row.next else None
    body = (
        el("p", chip(state), " ", el("span", foreign(one.citation.kind), class_="kind")),
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
    yield _sightings(source, one.citation) if source.sightings else None
    if source.capture:
        yield _place(source.capture, source.original)
        yield _check(source.capture, source.original)


def _text(words: Words, *, ordinal: int) -> Markup:
    if words.text is None:
        return el("p", "Its text: none (", foreign(words.problem), ").", class_="note")
    lines = (el("p", line, dir="auto") for line in words.text.split("\n") if line.strip())
    name = el("summary", f"What it says ({words.count:,} {'word' if words.count == 1 else 'words'})")
    said = f"text of source {ordinal}"
    shown = el("div", *lines, class_="text", lang=tag(words.language), tabindex="0", role="group", aria_label=said)
    return el("details", name, shown, _rest(words), id=f"text-{ordinal}")


def _rest(words: Words) -> Iterator[Markup]:
    """Where the text is cut: that it is, and how to see all of it."""
    if words.text is None or words.extraction is None or len(words.text) == words.length:
        return
    yield el("p", f"Cut here, after {len(words.text):,} of {words.length:,} characters. The whole text:", class_="note")
    yield _commands([f"footnotary show {words.extraction.text_id} --raw"])


def _sightings(source: Source, citation: Citation) -> Markup:
    head = el("tr", *(el("th", name, scope="col") for name in ("looked at", "what came", "bytes (SHA-256 of the payload)")))
    rows = [_sighting(one) for one in source.sightings]
    more = el("p", f"and {source.earlier} earlier, in the history:", class_="note") if source.earlier else None
    history = _commands([f"footnotary history {citation.citation_id}"]) if source.earlier else None
    many = len(source.sightings) + source.earlier
    name = el("summary", f"Looked at {many} {'time' if many == 1 else 'times'}")
    table = el("table", el("thead", head), el("tbody", *rows))
    return el(
        "details",
        name,
        el("div", table, class_="wide", tabindex="0", role="group", aria_label="looks at this source"),
        more,
        history,
    )


def _sighting(one: Sighting) -> Markup:
    came = (
        f"HTTP {one.capture.status}, {one.attempt.outcome}" if one.capture else f"{one.attempt.outcome}: {one.attempt.reason}"
    )
    digest = el("code", _hex(one.capture.payload_digest)) if one.capture else "none"
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


def _check(capture: Capture, original: Capture | None) -> Markup:
    """What anybody can type in the folder of the collection. A record's id means the same for ever; a citation's number stands
    for another one once the article is read anew, and in a collection of several articles for one of each."""
    kept = original or capture
    show = f"footnotary show {kept.record_id} --raw"
    parts = [
        el("p", "The answer as it came over the wire, its head and what followed:"),
        _commands([f"footnotary show {capture.record_id} --raw"]),
        el("p", "Its SHA-256, which is the digest of the record (WARC-Block-Digest):"),
        _commands([f"{show} | sha256sum", f"  {_hex(kept.block_digest)}"]),
    ]
    if kept.payload_digest == kept.body_digest:  # else it is chunked, and no tool that is everywhere takes that off
        parts += [
            el("p", "That of what followed the head, which is the digest of the payload:"),
            _commands([f"{show} | tail -c {kept.entity_size} | sha256sum", f"  {_hex(kept.payload_digest)}"]),
        ]
    parts += [el("p", "Every byte and every digest of the collection:"), _commands(["footnotary verify"])]
    return el("details", el("summary", "How to check it"), *parts)


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _commands(lines: Iterable[str]) -> Markup:
    return el("pre", el("code", "\n".join(lines)), tabindex="0")


def _time(at: datetime) -> Markup:
    return el("time", f"{at:%Y-%m-%d %H:%M:%S} UTC", datetime=f"{at:%Y-%m-%dT%H:%M:%SZ}")
