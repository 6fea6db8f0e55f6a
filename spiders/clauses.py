"""A link in its sentence: where its anchor stands, which clause is its own, and whether it goes on with a speaker.

A sentence that quotes right behind its anchor, and whose subject is a pronoun, a role or the name just given, goes on with
the speaker that the citation before it named: "[According to the head of U.S. Central Command], General Kenneth McKenzie,
… Further, he gave credit …, [saying] “we believe …”". Another subject in between is another speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.model import Link

Span = tuple[int, int]

_BORDER = re.compile(r";\s+|,?\s+(?:but|while|whereas|although|though)\s+")

_OPENING = re.compile(r"(?:while|although|though|whereas)\s[^,;]*(?P<border>,\s+)", re.IGNORECASE)
"""`While the Pentagon denied it, ` before what somebody else says."""

_QUOTES = re.compile(r"""[\s,:]*(?:that\s+)?["“„«‘]""")
"""What may stand between an anchor and the quotation that it introduces."""

_SUBJECT = re.compile(
    r"""(?:(?:and|but|so|yet|then)\s+)?
        (?:[^\s,;“"”]+(?:\s+[^\s,;“"”]+){0,7},\s+)?             # Further, · In a briefing on Monday,
        (?:(?:and|but|so|yet|then)\s+)?
        (?:(?:he|she|they|it|who)\b
         | the\s+(?:same\s+)?(?:general|admiral|commander|command|spokes(?:man|woman|person)|official|agency|agencies|
             statement|report|estimate|assessment|briefing)s?\b(?!\s+(?:of|for|from)\b))""",
    re.IGNORECASE | re.VERBOSE,
)

_APPOSITION = re.compile(r"""["”’]?,\s+(?P<name>(?:[^\W\d_][\w.'’-]*\s*){1,6})[,.]""")
"""`, General Kenneth McKenzie,` behind an anchor that named an office."""

_GAP = 8
"""Code points that may stand between two sentences that follow each other: white space and closing marks."""


def offset_of(link: Link) -> int | None:
    """Where the anchor begins in its sentence, in code points; None where it does not stand there."""
    anchor, sentence = link.anchor, link.sentence
    if anchor.start is not None and sentence.start is not None:
        offset = anchor.start - sentence.start
        if sentence.exact.startswith(anchor.exact, max(offset, 0)) and offset >= 0:
            return offset
    for known in (len(anchor.prefix), 12, 4):  # the same words may stand twice in a sentence: what is before them tells
        before = anchor.prefix[len(anchor.prefix) - known :] if known <= len(anchor.prefix) else ""
        found = sentence.exact.find(before + anchor.exact) if before else -1
        if found >= 0:
            return found + len(before)
    found = sentence.exact.find(anchor.exact)
    return found if anchor.exact and found >= 0 else None


def clause_of(sentence: str, *, around: Span) -> Span:
    """The clause of a sentence in which a stretch stands; a border inside of the stretch is none."""
    first, last = 0, len(sentence)
    for start, end in _borders(sentence):
        if end <= around[0]:
            first = end
        elif start >= around[1]:
            return first, start
    return first, last


def _borders(sentence: str) -> Iterator[Span]:
    if opening := _OPENING.match(sentence):
        yield opening.span("border")
    yield from (border.span() for border in _BORDER.finditer(sentence))


def goes_on(link: Link, *, before: Link) -> bool:
    """True when the link quotes, and its subject is who the link before it named, in this sentence or the one before it."""
    start = offset_of(link)
    if start is None or not _quotes(link, end=start + len(link.anchor.exact)):
        return False
    if not (_same_sentence(link, before) or _next_sentence(link, before)):
        return False
    first, _ = clause_of(link.sentence.exact, around=(start, start + len(link.anchor.exact)))
    said = link.sentence.exact[first : start + len(link.anchor.exact)]
    return _SUBJECT.match(said) is not None or _is_named(said, before=before)


def _quotes(link: Link, *, end: int) -> bool:
    rest = link.sentence.exact[end:]
    return _QUOTES.match(rest or link.anchor.suffix) is not None


def _same_sentence(link: Link, before: Link) -> bool:
    return link.sentence.exact == before.sentence.exact and link.sentence.start == before.sentence.start


def _next_sentence(link: Link, before: Link) -> bool:
    if link.sentence.start is not None and before.sentence.end is not None:
        return 0 <= link.sentence.start - before.sentence.end <= _GAP
    end = before.sentence.exact[-_GAP:].strip()
    return bool(end) and link.sentence.prefix.rstrip().endswith(end)


def _is_named(said: str, *, before: Link) -> bool:
    """Whether the clause opens with the name that stands in apposition to the anchor before it."""
    start = offset_of(before)
    found = None if start is None else _APPOSITION.match(before.sentence.exact, start + len(before.anchor.exact))
    surname = found["name"].split()[-1] if found else ""
    return bool(surname) and re.match(rf"(?:[^\W\d_][\w.]*\s+){{0,3}}{re.escape(surname)}\b", said) is not None
