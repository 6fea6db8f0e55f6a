"""What is different from the run before: citations whose state is another one, those that are new, and those that are gone.

A citation is the same in two readings of its article when its anchor and its link's href are; of several such the first goes
with the first. A run that ended before a citation's turn came says nothing of its source: such a citation is no change, and
the next run is compared with the last one that says something, so that a source that was kept, interrupted and then gone has
become worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.index.database import Database
from archive.model import Article, Outcome
from archive.outputs.table import Row, State, rows_of

UNDONE = (Outcome.INTERRUPTED, Outcome.ARCHIVE_FAILED)
"""Outcomes that say something of the run and nothing of the source."""

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One citation with its newest row. `before` is the last row before it that says something, None for a new citation;
    `gone`: the article does not have it any more, and `row` is that of then."""

    row: Row
    before: Row | None = None
    gone: bool = False

    @property
    def worse(self) -> bool:
        """Whether a source that was kept is not kept any more. A curator who names another source makes nothing worse."""
        if self.before is None:
            return False
        return self.before.state == State.KEPT != self.row.state and self.before.target == self.row.target

    def __str__(self) -> str:
        """One sentence."""
        where = f"{self.row.article}, citation {self.row.ordinal} ({self.row.target or self.row.href})"
        if self.gone:
            return f"{where} is not in the article any more"
        was = f"was {self.before.state} and now is" if self.before else "is new:"
        return f"{where} {was} {self.row.state}{f': {self.row.next}' if self.row.next else ''}"


def changes(database: Database, now: Sequence[Row], *, since: Article | None) -> list[Change]:
    """What has changed in the rows of one reading; `since` is the reading right before, None where it is the first."""
    if since is None:
        return [Change(row=row) for row in now]
    before, last = _before(database, since), _keyed(rows_of(database, since))
    found = _keyed(now)
    met = [(row, before.get(key)) for key, row in found.items() if not _undone(row)]
    different = [Change(row=row, before=was) for row, was in met if was is None or was.state != row.state]
    return different + [Change(row=row, gone=True) for key, row in last.items() if key not in found]


def _before(database: Database, reading: Article | None) -> dict[Key, Row]:
    """The last row of each citation of a reading that says something of its source; what never had one is left out."""
    found: dict[Key, Row] = {}
    undone: set[Key] | None = None
    while reading is not None and undone != set():
        rows = _keyed(rows_of(database, reading))
        said = {key: row for key, row in rows.items() if not _undone(row) and (undone is None or key in undone)}
        found |= said
        undone = (set(rows) if undone is None else undone) - set(said)
        reading = database.reading_before(reading)
    return found


def _keyed(rows: Iterable[Row]) -> dict[Key, Row]:
    met: Counter[tuple[str, str]] = Counter()
    found = {}
    for row in rows:
        met[row.anchor, row.href] += 1
        found[row.anchor, row.href, met[row.anchor, row.href]] = row
    return found


def _undone(row: Row) -> bool:
    return row.state != State.NO_LINK and row.outcome in (None, *UNDONE)
