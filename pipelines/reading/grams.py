"""How much of a run stands in the extracted text, told by sequences of four words.

A run that the extractor took has nearly all of its sequences in the text, one that it left out nearly none, so the
threshold hardly matters. Languages that write without spaces are counted by characters.
"""

from __future__ import annotations

import re

SIZE = 4
NO_SPACES = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{NO_SPACES}]|[^\W{NO_SPACES}]+")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; single characters where a script has no spaces."""
    return WORD.findall(text.lower())


class Grams:
    """The sequences of one to four words that a text holds."""

    def __init__(self, text: str) -> None:
        lines = [words_of(line) for line in text.splitlines()]
        words = [word for line in lines for word in line]
        self._grams = {tuple(words[i : i + SIZE]) for i in range(len(words) - SIZE + 1)}
        self._lines = {tuple(line) for line in lines if len(line) < SIZE}

    def share(self, run: str) -> float:
        """The share of a run's sequences that stand in the text, 0 to 1. A run of fewer than four words must be a line."""
        words = words_of(run)
        if len(words) < SIZE:
            return float(bool(words) and tuple(words) in self._lines)
        grams = [tuple(words[i : i + SIZE]) for i in range(len(words) - SIZE + 1)]
        return sum(gram in self._grams for gram in grams) / len(grams)
