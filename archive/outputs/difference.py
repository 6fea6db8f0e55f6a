"""What is different between two texts: paragraph by paragraph, and word by word inside those that have changed.

The shortest way from one to the other is found by Myers' greedy algorithm, with a limit to its steps, so that no two texts
take longer than a few seconds. What is beyond the limit is said to be taken out and put in as a whole, and `whole` says so.
A letter of a writing without spaces counts as a word.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Literal

from archive.index.letters import LETTERS

Kind = Literal["same", "removed", "added"]

EDITS_AT_MOST = 1_000
"""Of one way; what it takes to find it grows with their square."""
STEPS_AT_MOST = 1_500_000
"""Of all ways between two texts together."""
LOOKS_AT_MOST = 5_000_000
"""Of all words of paragraphs that are gone at all paragraphs that have come in their place."""
ALIKE = 0.4
"""Paragraphs that share so much of their words are one paragraph that has changed."""

_WORD = re.compile(rf"(?:[{LETTERS}]|[^\s{LETTERS}]+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words that stand together, with the space between and after them."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some paragraphs that are the same in both, and then `runs` is empty; or one that has changed, gone or come."""

    unchanged: int = 0
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The whole, in order. `whole`: too much has changed to go through it word by word everywhere."""

    parts: tuple[Part, ...]
    whole: bool


class Finder:
    """Finds what two sequences have in common, as long as it has steps to go. `gave_up`: they did not always suffice."""

    def __init__(self) -> None:
        self.gave_up = False
        self._left = STEPS_AT_MOST

    def blocks(self, old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
        """What is only in the old one, what is only in the new one in its place, and what follows in both."""
        x = y = 0
        for start, other, length in [*self.common(old, new), (len(old), len(new), 0)]:
            yield old[x:start], new[y:other], old[start : start + length]
            x, y = start + length, other + length

    def common(self, old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
        """Runs that both have, as (start in the old, start in the new, length)."""
        head = _equal(old, new)
        tail = _equal(old[: head - 1 if head else None : -1], new[: head - 1 if head else None : -1])
        middle = self._walk(old[head : len(old) - tail], new[head : len(new) - tail])
        runs = [(0, 0, head), *((x + head, y + head, n) for x, y, n in middle), (len(old) - tail, len(new) - tail, tail)]
        return [run for run in runs if run[2]]

    def _walk(self, old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
        """Myers (1986), figure 2: how far each diagonal is reached with so many edits, until the end is."""
        if not old or not new:
            return []
        reached = {1: 0}
        trail: list[array[int]] = []
        for edits in range(self._most(len(old) + len(new)) + 1):
            self._left -= edits + 1
            trail.append(array("l", (reached.get(k, -1) for k in range(-edits - 1, edits + 2))))
            for k in range(-edits, edits + 1, 2):
                x = reached[k + 1] if _is_down(k, edits, reached.get(k - 1, -1), reached.get(k + 1, -1)) else reached[k - 1] + 1
                while x < len(old) and x - k < len(new) and old[x] == new[x - k]:
                    x += 1
                reached[k] = x
                if x >= len(old) and x - k >= len(new):
                    return _back(trail, len(old), len(new))
        self.gave_up = True
        return []

    def _most(self, size: int) -> int:
        """How many edits there are steps for: each may go through both sequences once more."""
        return min(EDITS_AT_MOST, isqrt(2 * max(self._left, 0)), 8 * STEPS_AT_MOST // (size + 1))


def difference(before: str, after: str) -> Difference:
    """What is different."""
    finder = Finder()
    parts: list[Part] = []
    for removed, added, same in finder.blocks(_paragraphs(before), _paragraphs(after)):
        parts += [_part(finder, *pair) for pair in _pairs(finder, removed, added)]
        parts += [Part(unchanged=len(same))] if same else []
    return Difference(parts=tuple(parts), whole=finder.gave_up)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _pairs(finder: Finder, removed: Sequence[str], added: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each paragraph with what has become of it, in order; nothing where it has gone or come."""
    gone, come = [frozenset(_words(one)) for one in removed], [frozenset(_words(one)) for one in added]
    if sum(map(len, gone)) * len(come) > LOOKS_AT_MOST:
        finder.gave_up = True
        come = []
    at = 0
    for one, words in zip(removed, gone, strict=True):
        likeness = [_likeness(words, others) for others in come[at:]]
        best = max(likeness, default=0.0)
        if best < ALIKE:
            yield one, ""
            continue
        found = at + likeness.index(best)
        yield from (("", other) for other in added[at:found])
        yield one, added[found]
        at = found + 1
    yield from (("", other) for other in added[at:])


def _words(paragraph: str) -> list[str]:
    return _WORD.findall(paragraph + " ")


def _likeness(words: frozenset[str], others: frozenset[str]) -> float:
    """Dice's coefficient."""
    return 2 * len(words & others) / (len(words) + len(others))


def _part(finder: Finder, before: str, after: str) -> Part:
    """A paragraph, word by word."""
    runs: list[Run] = []
    for removed, added, same in finder.blocks(_words(before), _words(after)):
        kinds: tuple[tuple[Kind, Sequence[str]], ...] = (("removed", removed), ("added", added), ("same", same))
        runs += [Run(kind=kind, text="".join(words)) for kind, words in kinds if words]
    return Part(runs=tuple(runs))


def _equal(old: Sequence[str], new: Sequence[str]) -> int:
    """How much is equal at the beginning."""
    return next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))


def _is_down(k: int, edits: int, left: int, right: int) -> bool:
    """Whether a diagonal is reached by what the new one has, rather than by what it lacks."""
    return k == -edits or (k != edits and left < right)


def _back(trail: Sequence[array[int]], x: int, y: int) -> list[tuple[int, int, int]]:
    """The way from the end to the beginning: the runs of what is common on it."""
    runs = []
    for edits in range(len(trail) - 1, -1, -1):
        before, k = trail[edits], x - y
        middle = edits + 1
        down = _is_down(k, edits, before[middle + k - 1], before[middle + k + 1])
        came = k + 1 if down else k - 1
        came_x = before[middle + came]
        start = came_x if down else came_x + 1
        if edits == 0:
            start = 0
        if x > start:
            runs.append((start, start - k, x - start))
        x, y = came_x, came_x - came
    return runs[::-1]
