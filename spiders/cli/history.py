"""`footnotary history`: what became of a citation over all readings of its article, or was met at a URI; one row a time."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict

from archive.index.database import Database
from archive.outputs.history import Step, of_citation, of_uri
from archive.outputs.plain import json_line
from archive.outputs.table import State
from spiders.cli.citations import STYLES
from spiders.cli.place import index_of, layout_of
from spiders.cli.screen import Sheet, print_sheets, prose
from spiders.cli.what import Subject, subjects

NAMES = ("state", "when", "outcome", "http", "bytes", "text", "size", "record")


def run(options: Namespace) -> int:
    """Raises UnknownThingError when the collection knows nothing of it."""
    with index_of(layout_of(options)) as database:
        found = [(subject, steps_of(database, subject)) for subject in subjects(database, options.what)]
    if options.format == "json":
        sys.stdout.writelines(json_line(asdict(step)) + "\n" for _, steps in found for step in steps)
    else:
        print_sheets(_sheet(subject, steps) for subject, steps in found)
    return 0


def steps_of(database: Database, subject: Subject) -> list[Step]:
    """The steps of a subject."""
    return of_citation(database, subject.citation) if subject.citation else of_uri(database, subject.uri)


def short(step: Step) -> str:
    """As much of a record's id as `show` needs."""
    return step.record_id.removeprefix("urn:uuid:")[:8]


def moment(when: str) -> str:
    """An ISO 8601 instant to the second."""
    return when[:19].replace("T", " ")


def _sheet(subject: Subject, steps: Sequence[Step]) -> Sheet:
    several = len({step.uri for step in steps}) > 1
    return Sheet(
        title=str(subject),
        names=(*NAMES, "source") if several else NAMES,
        rows=[(*_row(step), *([prose(step.uri or "")] if several else [])) for step in steps],
        numbers=frozenset({"http", "size"}),
        styles=[STYLES[State(step.state)] if step.state else "" for step in steps],
    )


def _row(step: Step) -> tuple[str, ...]:
    http, size = (f"{number:,}" if number is not None else "" for number in (step.http, step.size))
    return step.state or "", moment(step.when), step.outcome, http, step.bytes, step.text, size, short(step)
