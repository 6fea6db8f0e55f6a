"""Text of other people as plain lines: nothing in it is obeyed by a terminal, and JSON stays JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.outputs.plain import json_line, plain, plain_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is: é 東京 \N{SNOWMAN}", "as it is: é 東京 \N{SNOWMAN}"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("half \ud800", "half \\ud800"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_what_can_not_be_printed_is_spelled_out(text: str, shown: str) -> None:
    """Letters of all writings stay; controls, line ends, direction marks and half characters are shown in words."""
    assert plain(text) == shown


@given(st.text())
def test_any_text_is_printable(text: str) -> None:
    """Whatever comes in, what goes out can be printed; text that can is not touched."""
    assert plain(text).isprintable()
    assert plain(plain(text)) == plain(text)
    assert plain_lines(text).count("\n") == text.count("\n")
    assert all(line.isprintable() for line in plain_lines(text).split("\n"))


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_json_stays_json(value: dict[str, object]) -> None:
    """One printable line that reads as what was written."""
    line = json_line(value)
    assert line.isprintable()
    assert json.loads(line) == value
