"""What verification says: findings, each with its place and what was expected and found there. None is good news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.errors import RecordError

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or doubtful where it is a `warning`.

    `check` names the rule, `file` is relative to the collection, `offset` counts bytes as stored. `message` is one sentence
    for a person; `expected` and `found` are the two sides where there are two.
    """

    severity: Severity
    check: str
    file: str
    offset: int
    expected: str = ""
    found: str = ""
    message: str


def of_error(error: RecordError, *, file: str) -> Finding:
    """A place that could not be read as a finding."""
    return Finding(severity="error", check="readable", file=file, offset=error.offset, message=error.reason)
