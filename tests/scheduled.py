"""What reads our schedules on a machine, in as few words as possible: cron, the shell, systemd; and stand-ins that install.

Three families of cron treat backslashes in a command differently; a line is good when all of them run the same words.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

SPECIAL = "\\%'\"$` !~#;&|*?<>(){}[]=:,.é中\u3000\U0001f5de"
NAMES = st.text(st.sampled_from(SPECIAL) | st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
PATHS = NAMES.map(lambda name: f"/{name}")
"""Absolute paths with everything in them that a file's name may have, but for control characters."""

_ARGV = 'argv() { for word; do printf "%s\\0" "$word"; done; }; argv '


def _cut(command: str, pattern: str, replaced: Callable[[re.Match[str]], str]) -> str:
    """Up to the first `%` that no pair of the pattern takes; pairs are replaced."""
    kept = []
    for found in re.finditer(f"{pattern}|[^%]|%", command, re.DOTALL):
        if found[0] == "%":
            break
        kept.append(replaced(found))
    return "".join(kept)


def as_crons_run(command: str) -> set[str]:
    """What the families hand to the shell: the backslash of `\\%` taken away, that of any pair of `\\`, or none."""
    return {
        _cut(command, r"\\.", lambda found: "%" if found[0] == r"\%" else found[0]),
        _cut(command, r"\\.", lambda found: found[0][1:] if found[0] in (r"\%", r"\\") else found[0]),
        _cut(command, r"\\.", lambda found: found[0]),
    }


def as_shell_splits(command: str) -> list[str]:
    """The words that /bin/sh makes of a command without redirections."""
    done = subprocess.run(["/bin/sh", "-c", _ARGV + command], capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


def as_systemd_splits(line: str) -> list[str]:
    """The words of an `ExecStart=` that are all quoted, the program first (systemd.service(5)). It takes not every program."""
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"(?: "(?:[^"\\]|\\["\\])*")*', line), line
    words = [re.sub(r'\\(["\\])', r"\1", found) for found in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]
    program, *more = (_without_specifiers(word) for word in words)
    assert program.startswith("/")
    assert not set(program) & set("\"'\\$"), program
    return [program, *map(_without_variables, more)]


def _without_specifiers(text: str) -> str:
    assert "%" not in text.replace("%%", ""), text
    return text.replace("%%", "%")


def _without_variables(text: str) -> str:
    assert "$" not in text.replace("$$", ""), text
    return text.replace("$$", "$")


def fake_crontab(folder: Path) -> Path:
    """A `crontab` in a folder; gives the file that is the crontab. It refuses everything with the words of FILE.refused,
    and keeps nothing while there is FILE.forgets."""
    state = folder / "state"
    _program(
        folder / "crontab",
        f"""\
if [ -e '{state}.refused' ]; then cat '{state}.refused' >&2; exit 1; fi
case "$1" in
-l) if [ -e '{state}' ]; then cat '{state}'; else echo 'no crontab for ana' >&2; exit 1; fi ;;
-) if [ -e '{state}.forgets' ]; then cat >/dev/null; else cat >'{state}'; fi ;;
esac
""",
    )
    return state


def fake_systemctl(folder: Path) -> Path:
    """A `systemctl` in a folder; gives the file in which it writes what it was asked. FILE.refused is as above."""
    asked = folder / "asked"
    _program(
        folder / "systemctl",
        f"""\
if [ -e '{asked}.refused' ]; then cat '{asked}.refused' >&2; exit 1; fi
echo "$*" >>'{asked}'
""",
    )
    return asked


def _program(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(0o755)
