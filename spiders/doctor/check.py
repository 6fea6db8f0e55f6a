"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`warning`: a crawl would run, and may not do what it should; `error`: it would not run, or not keep what it must."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row: what was looked at, what was found, and what to do about it (empty for `ok`)."""

    name: str
    severity: Severity
    says: str
    do: str = ""


def ok(name: str, says: str) -> Check:
    return Check(name=name, severity=Severity.OK, says=says)


def warning(name: str, says: str, *, do: str) -> Check:
    return Check(name=name, severity=Severity.WARNING, says=says, do=do)


def error(name: str, says: str, *, do: str) -> Check:
    return Check(name=name, severity=Severity.ERROR, says=says, do=do)
