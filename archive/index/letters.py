"""Letters of writings that put no space between words: Chinese, Japanese, Thai, Lao, Burmese, Khmer, and Korean, whose words
take endings. Each of them counts as a word of its own, so that a word is found wherever its letters stand together.

SQLite's tokenizer knows words by what stands between them. `spaced` puts an INSERTED character before and after each such
letter; it is neither a letter nor a digit, and stands for nothing else in what comes back.
"""

from __future__ import annotations

import re

INSERTED = "\x1f"
LETTERS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Chinese, and what of it others use
    "\uac00-\ud7a3"  # Korean
)
"""Ranges for the brackets of a regular expression."""

_LETTERS = re.compile(f"[{LETTERS}]+")


def spaced(text: str) -> str | None:
    """The text with an INSERTED character before and after each such letter; None where there is none of them.

    An INSERTED character of the text itself becomes a space: take all of them away, and the text has its length again.
    """
    if not _LETTERS.search(text):
        return None
    return _LETTERS.sub(lambda found: INSERTED.join(("", *found[0], "")), text.replace(INSERTED, " "))
