"""Where sentences begin and end: sentencex, mended for what news writes.

Borders are code points over the text as given; a sentence has no white space at its ends. Kept together: a title and
its name ("Gen. Kenneth McKenzie"), initials, an abbreviated country and its noun ("U.S. forces"), a quotation and who
said it. Taken apart: sentences that sentencex leaves together because they stand in one pair of quotation marks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from sentencex import get_sentence_boundaries

LONGEST = 2_000
"""Code points. What is longer has lost its punctuation; it is quoted as the words around the anchor."""

TITLES = (
    "Gen Lt Col Maj Capt Cpl Sgt Adm Cmdr Brig Pvt Sen Rep Gov Pres Prof Dr Mr Mrs Ms Mx Rev Hon Msgr Fr St Supt Det Insp Atty "
    "Amb Sec Gens Sens Reps Govs Profs Drs Messrs Mme Mlle No Nos Art Sec Fig Figs Vol pp cf vs approx ca Ave Blvd Mt Ft Jr Sr "
    "Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec"
)
ABBREVIATION = re.compile(rf"(?:^|[\s(\[“‘\"'])(?:{'|'.join(TITLES.split())}|[a-z])\.\s*$")
INITIAL = re.compile(r"(?:^|[\s(\[“‘\"'.])[A-Z]\.\s*$")
LETTERS = re.compile(r"(?:^|[\s(\[“‘\"'.-])(?:(?:[A-Z]\.){2,4}|[ap]\.m\.)\s*$")
ORDINALS = frozenset({"de", "da", "nb", "nn", "no", "fi", "cs", "sk", "hu", "hr", "sl", "et", "is"})
"""Languages that write `3.` for third."""

ORDINAL = re.compile(r"(?:^|[\s(])\d{1,2}\.\s*$")
OPENERS = re.compile(
    r"[“\"'‘(]*(?:The|A|An|In|On|At|It|He|She|They|We|I|You|But|And|So|Yet|This|That|These|Those|There|When|While|If|As|For|"
    r"From|To|After|Before|Since|Its|His|Her|Their|Our|What|Who|How|Why|With|By|Not|No|Some|Many|Most|Both|Now|Then|Last)\b"
)
CLOSING = '”’»")]'
WITHIN_QUOTES = re.compile(r"[.!?…][”’»\")\]]*\s+(?=[“‘«\"(\[]?[A-ZÀ-ÖØ-Þ])")
GOES_ON = re.compile(r"[\s,;:–—-]*[a-zß-öø-ÿ]")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in code points, end exclusive."""

    start: int
    end: int


class Sentences:
    """The sentences of one text, asked by position."""

    def __init__(self, text: str, *, language: str | None = None) -> None:
        self._text = text
        self._spans = split(text, language=language)
        self._starts = [span.start for span in self._spans]

    def around(self, start: int, end: int) -> Span:
        """The sentence, or the sentences, in which a stretch stands; at most `LONGEST` code points of them."""
        if not self._spans:
            return Span(start, end)
        first = self._spans[max(0, bisect_right(self._starts, start) - 1)]
        last = self._spans[max(0, bisect_right(self._starts, max(start, end - 1)) - 1)]
        return self._window(Span(min(first.start, start), max(last.end, end)), start=start, end=end)

    def _window(self, span: Span, *, start: int, end: int) -> Span:
        if span.end - span.start <= LONGEST:
            return span
        room = max(0, LONGEST - (end - start)) // 2
        left = max(span.start, start - room)
        right = min(span.end, start + LONGEST, end + room)
        return _trimmed(self._text, self._at_space(left, span.start), max(right, min(end, start + LONGEST)))

    def _at_space(self, position: int, floor: int) -> int:
        return position if position == floor else max(position, self._text.find(" ", position, position + 40) + 1)


def split(text: str, *, language: str | None = None) -> list[Span]:
    """The sentences of a text in order. Every character but white space is in exactly one of them."""
    cuts = [0, *_cuts(text, language=language), len(text)]
    spans = [_trimmed(text, cuts[i], cuts[i + 1]) for i in range(len(cuts) - 1)]
    return [span for span in spans if span.start < span.end]


def _cuts(text: str, *, language: str | None) -> list[int]:
    """Positions inside the text where one sentence ends and the next begins."""
    found = {b["end_index"] for b in get_sentence_boundaries(_code(language), text)}
    found.update(match.end() for match in WITHIN_QUOTES.finditer(text))
    ordinals = _code(language) in ORDINALS
    return [cut for cut in sorted(found) if 0 < cut < len(text) and not _is_false(text, cut, ordinals=ordinals)]


def _is_false(text: str, cut: int, *, ordinals: bool) -> bool:
    before, after = text[max(0, cut - 24) : cut], text[cut : cut + 24]
    if GOES_ON.match(after) and not before.rstrip().endswith((":", ";")):
        return before.rstrip()[-1:] in f".!?…{CLOSING}"
    if LETTERS.search(before) or INITIAL.search(before):
        return not OPENERS.match(after)
    return bool(ABBREVIATION.search(before)) or (ordinals and bool(ORDINAL.search(before)))


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))


def _code(language: str | None) -> str:
    return (language or "en").partition("-")[0].lower() or "en"
