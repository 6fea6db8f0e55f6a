"""Text of other people as a line that a terminal can be given: nothing in it moves the cursor, hides words or turns them round.

Titles, anchors and URLs come from pages that anybody may have written. Control characters, line ends, escape sequences, marks
that change the direction of writing and lone surrogates are shown as Python would spell them; all letters stay as they are.
"""

from __future__ import annotations

import json


def plain(text: str) -> str:
    """The text with what can't be printed spelled out (`\\x1b`, `\\u202e`)."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def plain_lines(text: str) -> str:
    """The same for a text of several lines, which stay."""
    return "\n".join(map(plain, text.split("\n")))


def json_line(value: object) -> str:
    """A value as JSON in one line that is as safe to look at: what can't be printed is escaped (RFC 8259, 7)."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
