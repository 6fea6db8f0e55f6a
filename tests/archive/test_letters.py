"""Letters of writings without spaces: each a word of its own, and nothing is lost by it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.letters import INSERTED, spaced

TEXTS = st.text(alphabet=st.sampled_from("ab é1.東京ー가กา𠀀\x1f \n"))


@given(text=TEXTS)
def test_what_was_inserted_can_be_taken_away(text: str) -> None:
    """Without what was inserted the text is as long as it was, and the same but for an INSERTED character of its own."""
    found = spaced(text)
    if found is not None:
        assert found.replace(INSERTED, "") == text.replace(INSERTED, " ")


@pytest.mark.parametrize("text", ["", "plain", "Übermut", "один", "אחד", "واحد", "एक", "۱۲۳"])
def test_writings_with_spaces_are_left_alone(text: str) -> None:
    """Nothing is held twice of what has spaces between its words."""
    assert spaced(text) is None


@pytest.mark.parametrize("letter", ["東", "の", "タ", "ﾀ", "々", "𠀀", "가", "ก", "ລ", "မ", "ខ"])
def test_each_letter_stands_alone(letter: str) -> None:
    """A letter between others has an INSERTED character on both sides, once."""
    assert spaced(f"a{letter}{letter}b") == f"a{INSERTED}{letter}{INSERTED}{letter}{INSERTED}b"
