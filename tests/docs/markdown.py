"""What stands in a document: its fences, its tables, its links, and the commands that it shows with what they print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "CHANGELOG.md", "archive/README.md", "spiders/README.md")
LEFT_OUT = "…"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_NAME = re.compile(r"`([^`]+)`")

_VARIES = (
    (re.compile(r"urn:uuid:[0-9a-f-]{36}"), "ID"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "DIGEST"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"), "INSTANT"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "INSTANT"),
    (re.compile(r" [0-9a-f]{8}$"), " ID"),
    (re.compile(r"-\d{17}-00000-\d{14}[0-9a-f]{6}"), "-FILE"),
    (re.compile(r"[\d,]+ records in (\d+) files \([\d,]+ bytes\)"), r"records in \1 files"),
    (re.compile(r"\|\d+\|\d+$"), "|PLACE"),
    (re.compile(r"^((?:article_)?(?:offset|length)) +\d+$"), r"\1 PLACE"),
    (re.compile(r"\s+"), " "),
)
"""Dates, ids, digests, sizes and places, which differ from run to run, and white space, which depends on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command of a document, and the lines that the document says it prints."""

    command: str
    lines: tuple[str, ...]


def text_of(name: str) -> str:
    """A document of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def fences(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [body for found, body in _FENCE.findall(text) if found == language]


def sessions(text: str) -> list[Shown]:
    """The commands after `$` in `console` blocks, in order."""
    found: list[Shown] = []
    for line in "".join(fences(text, "console")).splitlines():
        if line.startswith("$ "):
            found.append(Shown(command=line[2:], lines=()))
        else:
            found[-1] = Shown(command=found[-1].command, lines=(*found[-1].lines, line))
    return found


def section(text: str, heading: str) -> str:
    """What stands between a heading (`### warcinfo`) and the next one."""
    _, mark, rest = f"\n{text}".partition(f"\n{heading}\n")
    assert mark, f"there is no heading {heading!r}"
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all tables of a text, the lines of their heads left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    ruled = {at for at, line in enumerate(lines) if line.startswith("|---")}
    heads = {at - 1 for at in ruled}
    kept = [line for at, line in enumerate(lines) if at not in ruled | heads]
    return [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in kept]


def head(text: str) -> list[str]:
    """The cells of the head of the first table of a text."""
    line = next(line for line in text.splitlines() if line.startswith("|"))
    return [cell.strip() for cell in line.split("|")[1:-1]]


def names(text: str) -> list[str]:
    """What stands between back quotes."""
    return _NAME.findall(text)


def links(text: str) -> list[str]:
    """The targets of the links."""
    return _LINK.findall(_FENCE.sub("", text))


def even(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, word in _VARIES:
        line = pattern.sub(word, line)
    return line.strip()


def differences(shown: Iterable[str], printed: Iterable[str]) -> Iterator[str]:
    """Where what is shown is not what was printed. A line `…` stands for any lines; those between must stand together."""
    found = [even(line) for line in printed]
    runs: list[list[str]] = [[]]
    for line in map(even, shown):
        if line == LEFT_OUT:
            runs.append([])
        elif line:
            runs[-1].append(line)
    found = [line for line in found if line]
    at, last = 0, len(runs) - 1
    for number, run in enumerate(runs):
        places = [place for place in range(at, len(found) - len(run) + 1) if found[place : place + len(run)] == run]
        if number == 0:
            places = [place for place in places if place == 0]
        if number == last:
            places = [place for place in places if place + len(run) == len(found)]
        if not places:
            yield "\n".join(["shown but not printed so:", *run, "printed:", *found[at:]])
            return
        at = places[-1 if number == last else 0] + len(run)
