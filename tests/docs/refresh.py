"""Put what the commands print now into the README: `python -m tests.docs.refresh`, when the output has changed on purpose.

Of output that is shortened with `…` the same lines are shown as before; those that are not printed any more are named, for a
person to look after.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from tests.docs.conftest import Printed, run_all
from tests.docs.markdown import LEFT_OUT, ROOT, differences, even, text_of


def main() -> None:
    """Run everything that the README shows, and write it anew."""
    with tempfile.TemporaryDirectory() as place:
        printed = run_all(Path(place))
    for one in printed:
        for line in lost(one.shown.lines, one.lines):
            sys.stderr.write(f"not printed any more by `{one.shown.command}`: {line}\n")
    if any(list(differences(one.shown.lines, one.lines)) for one in printed):
        (ROOT / "README.md").write_text(_anew(text_of("README.md"), printed), encoding="utf-8")


def _anew(text: str, printed: Iterable[Printed]) -> str:
    """All of it, so that dates, ids and places are those of one run."""
    for one in printed:
        before = "\n".join([f"$ {one.shown.command}", *one.shown.lines, ""])
        text = text.replace(before, "\n".join([f"$ {one.shown.command}", *chosen(one.shown.lines, one.lines), ""]))
    return text


def chosen(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """The lines of `printed` that stand for those that are shown, with `…` for those between."""
    if LEFT_OUT not in shown:
        return [line.rstrip() for line in printed]
    found: list[str] = []
    last = -1
    for place in _places(shown, printed):
        found += [LEFT_OUT] * (place != last + 1) + [printed[place].rstrip()]
        last = place
    return found + [LEFT_OUT] * (last != len(printed) - 1)


def lost(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """The lines that are shown and have nothing that stands for them."""
    there = {_rough(line) for line in printed}
    return [line for line in shown if line != LEFT_OUT and _rough(line) not in there]


def _places(shown: Sequence[str], printed: Sequence[str]) -> list[int]:
    matcher = SequenceMatcher(None, [_rough(line) for line in shown], [_rough(line) for line in printed], autojunk=False)
    return [place for block in matcher.get_matching_blocks() for place in range(block.b, block.b + block.size)]


def _rough(line: str) -> str:
    """A line without its numbers, which shift when a line is added before it."""
    return re.sub(r"\d+", "0", even(line))


if __name__ == "__main__":
    main()
