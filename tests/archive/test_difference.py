"""The difference of two texts: both can be made of it, it is the shortest there is, and no text takes it long."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.outputs.difference import Difference, Finder, difference

WORDS = st.lists(st.sampled_from(["a", "b", "c", "東"]), min_size=1, max_size=8).map(" ".join)
TEXTS = st.lists(WORDS, max_size=6).map("\n".join)


def side(found: Difference, kind: str) -> list[str]:
    """The words of one of the two texts, as the difference has them; `…` for a paragraph that is the same."""
    said: list[str] = []
    for part in found.parts:
        said += ["…"] * part.unchanged
        said += [word for run in part.runs if run.kind in ("same", kind) for word in run.text.split()]
    return said


@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_made_of_it(before: str, after: str) -> None:
    """What is the same and what was taken out are the words of the old text, with what was put in those of the new one."""
    found = difference(before, after)
    for kind, text in (("removed", before), ("added", after)):
        whole = difference(text, text)
        same = sum(part.unchanged for part in found.parts)
        lines = len(text.splitlines())
        assert sum(part.unchanged for part in whole.parts) == lines
        if not same:
            assert side(found, kind) == text.split()


@given(old=st.lists(st.sampled_from("abc"), max_size=9), new=st.lists(st.sampled_from("abc"), max_size=9))
def test_what_is_common_is_as_much_as_there_is(old: list[str], new: list[str]) -> None:
    """Runs are in order, equal in both, and together as long as the longest common subsequence."""
    x = y = 0
    found = Finder().common(old, new)
    for start, other, length in found:
        assert (start >= x, other >= y, length > 0) == (True, True, True)
        assert old[start : start + length] == new[other : other + length]
        x, y = start + length, other + length
    assert sum(length for *_, length in found) == longest(old, new)


def longest(old: list[str], new: list[str]) -> int:
    lengths = [0] * (len(new) + 1)
    for one in old:
        before = 0
        for at, other in enumerate(new, 1):
            kept = lengths[at]
            lengths[at] = before + 1 if one == other else max(kept, lengths[at - 1])
            before = kept
    return lengths[-1]


def shown(before: str, after: str) -> list[object]:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return [
        part.unchanged or "".join(marks[run.kind].format(run.text.strip()) for run in part.runs)
        for part in difference(before, after).parts
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("one\ntwo", "one\ntwo", [2]),
        ("", "", []),
        ("", "new words", ["{+new words+}"]),
        ("old words", "", ["[-old words-]"]),
        ("18 to 36 months it takes", "12 to 36 months it takes", ["[-18-]{+12+}to 36 months it takes"]),
        ("a b c\nx y z v", "x y z w", ["[-a b c-]", "x y z[-v-]{+w+}"]),
        ("x y z v", "a b c\nx y z w", ["{+a b c+}", "x y z[-v-]{+w+}"]),
        ("all of it", "nothing like that", ["[-all of it-]", "{+nothing like that+}"]),
        ("東京都に行った", "東京に行った", ["東京[-都-]に行った"]),
        ("the   same\n\n\nwords", " the same \nwords", [2]),
    ],
)
def test_paragraphs_are_compared_with_what_has_become_of_them(before: str, after: str, expected: list[object]) -> None:
    """Unchanged ones are counted, those that are alike are gone through word by word, others have gone or come."""
    assert shown(before, after) == expected


def test_hostile_texts_are_given_up_in_time() -> None:
    """Texts that have nothing in common, or too much of one word, end within seconds and say that they were given up."""
    luck = random.Random(7)

    def noise(words: int) -> str:
        return " ".join(luck.choice("abcdefghij") for _ in range(words))

    def lines(count: int, words: int) -> str:
        return "\n".join(noise(words) for _ in range(count))

    began = time.monotonic()
    for count, words in ((1, 50_000), (10_000, 2), (40, 2_000)):
        assert difference(lines(count, words), lines(count, words)).whole
    assert time.monotonic() - began < 15


def test_a_long_text_with_some_changes_is_gone_through() -> None:
    """A thousand paragraphs of which each tenth has a new word: nothing is given up."""
    old = [" ".join(f"w{n}-{m}" for m in range(40)) for n in range(1000)]
    new = [f"{line} more" if n % 10 == 0 else line for n, line in enumerate(old)]
    found = difference("\n".join(old), "\n".join(new))
    assert not found.whole
    assert sum(run.text.strip() == "more" for part in found.parts for run in part.runs if run.kind == "added") == 100
