"""`footnotary diff`: the texts of two captures of one source, word by word."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time

from archive.index.database import Database
from archive.index.search import wording
from archive.outputs.difference import Difference, Part, difference
from archive.outputs.history import Step, pair, texts
from archive.outputs.plain import json_line, plain
from spiders.cli.history import moment, short, steps_of
from spiders.cli.place import index_of, layout_of
from spiders.cli.screen import console, has_colours
from spiders.cli.what import Subject, subjects

AROUND = 20
"""Words that are shown beside a change; in the middle of more than twice as many stands `…`."""
MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
STYLES = {"same": "", "removed": "red strike", "added": "green bold"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two steps of a subject and the difference of their texts. Without a text there are none, with one both are it."""

    subject: Subject
    before: Step | None = None
    after: Step | None = None
    found: Difference | None = None

    def sentence(self) -> str:
        """What there is to say of the two as wholes."""
        if self.before is None or self.after is None:
            return "no text of it is kept"
        if self.before is self.after:
            return f"there is one text, of {moment(self.after.when)} ({short(self.after)}): nothing to compare it with"
        same_bytes = self.before.payload_digest == self.after.payload_digest
        if self.before.text_digest == self.after.text_digest:
            return f"the texts are equal{', and so are the bytes' if same_bytes else ', the bytes are not'}"
        if same_bytes:
            return f"the bytes are equal: {self.before.tool} has read them otherwise than {self.after.tool}"
        whole = self.found is not None and self.found.whole
        return "the texts have too little in common to go through all of it word by word" if whole else ""


def run(options: Namespace) -> int:
    """Raises UnknownThingError when the collection knows nothing of it, ValueError where nothing is so old."""
    since, until = _instant(options.since), _instant(options.until)
    with index_of(layout_of(options)) as database:
        found = [_compared(database, one, since=since, until=until) for one in subjects(database, options.what)]
    for comparison in found:
        if options.format == "json":
            print(json_line(_plainly(comparison)))
        else:
            _print(comparison)
    return 0


def _instant(text: str | None) -> datetime | None:
    """ISO 8601; a date means the end of its day, and what names no zone is UTC. Raises ValueError."""
    if text is None:
        return None
    try:
        if len(text) == len("2021-08-27"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date: write 2021-08-27 or 2021-08-27T12:00:00Z") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _compared(database: Database, subject: Subject, *, since: datetime | None, until: datetime | None) -> Comparison:
    read = texts(steps_of(database, subject))
    if not read:
        return Comparison(subject=subject)
    before, after = pair(read, since=since, until=until)
    old, new = (wording(database, step.text_id) or "" for step in (before, after))
    return Comparison(subject=subject, before=before, after=after, found=difference(old, new))


def _plainly(comparison: Comparison) -> dict[str, object]:
    """One object: the two steps in full, and the parts in order."""
    parts = comparison.found.parts if comparison.found else ()
    before, after = comparison.before, comparison.after
    return {
        "what": str(comparison.subject),
        "from": asdict(before) if before else None,
        "to": asdict(after) if after else None,
        "equal": bool(before and after and before.text_digest == after.text_digest),
        "note": comparison.sentence() or None,
        "parts": [asdict(part) for part in parts],
    }


def _print(comparison: Comparison) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(str(comparison.subject), style="bold", overflow="fold"))
    if comparison.before and comparison.after and comparison.before is not comparison.after:
        for mark, step in (("-", comparison.before), ("+", comparison.after)):
            out.print(Text(f"{mark} {moment(step.when)}  {short(step)}  {plain(step.uri or '')}", overflow="fold"))
    if sentence := comparison.sentence():
        out.print(Text(plain(sentence), overflow="fold"))
    if comparison.found and comparison.before is not comparison.after:
        coloured = has_colours(out)
        for part in comparison.found.parts:
            out.print()
            out.print(_count(part) if part.unchanged else Text.assemble(*_pieces(part, coloured=coloured), overflow="fold"))
    out.print()


def _count(part: Part) -> str:
    return f"({part.unchanged} paragraph{'' if part.unchanged == 1 else 's'} unchanged)"


def _pieces(part: Part, *, coloured: bool) -> Iterator[tuple[str, str]]:
    """The runs of a paragraph, each with its style; marked as wdiff does it where there are no colours."""
    for at, run in enumerate(part.runs):
        text = _shortened(part, at) if run.kind == "same" else run.text
        words = text.rstrip()
        begin, end = ("", "") if coloured else MARKS[run.kind]
        following = part.runs[at + 1].kind if at + 1 < len(part.runs) else ""
        joined = run.kind == "removed" and following == "added" and not coloured
        yield f"{begin}{plain(words)}{end}", STYLES[run.kind] if coloured else ""
        yield "" if joined or not following else text[len(words) :], ""


def _shortened(part: Part, at: int) -> str:
    """Unchanged words, but those that are far from any change."""
    words = part.runs[at].text.split()
    before, after = AROUND if at else 0, AROUND if at + 1 < len(part.runs) else 0
    if len(words) <= before + after + AROUND:
        return part.runs[at].text
    return " ".join([*words[:before], "…", *(words[-after:] if after else []), ""])
