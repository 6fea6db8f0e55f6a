"""A command on a terminal: a pseudo-terminal of a given width, and everything that was written to it.

told = on_terminal("spiders.cli", "citations", cwd=folder, columns=80)
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from dataclasses import dataclass
from pathlib import Path

from tests.doors import FENCE, ROOT, TIMEOUT

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a command ended, and what the terminal was given, escape sequences and all."""

    code: int
    raw: str

    @property
    def text(self) -> str:
        """Without escape sequences and carriage returns."""
        return _ESCAPE.sub("", self.raw).replace("\r\n", "\n").replace("\r", "\n")


def on_terminal(*command: str, cwd: Path, columns: int = 120, fence: str = "loopback", **environment: str) -> Told:
    """Run `python -m COMMAND` with a terminal as its input, output and errors; `environment` comes on top."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    log = Path(tempfile.mkdtemp(prefix="fence-")) / "climbed"
    inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    own = {
        "PYTHONPATH": os.pathsep.join([str(FENCE), str(ROOT)]),
        "FOOTNOTARY_FENCE": fence,
        "FOOTNOTARY_FENCE_LOG": str(log),
        "TERM": "xterm-256color",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env={**inherited, **own, **environment},
        stdin=far,
        stdout=far,
        stderr=far,
        start_new_session=True,
    )
    os.close(far)
    said = _all_of(near)
    code = process.wait(TIMEOUT)
    assert not log.exists(), log.read_text()
    assert "Traceback" not in said, said
    return Told(code=code, raw=said)


def _all_of(handle: int) -> str:
    """What is written until nobody has the terminal any more."""
    said = b""
    try:
        while chunk := os.read(handle, 65536):
            said += chunk
    except OSError:  # Linux says so when the last writer has gone
        pass
    os.close(handle)
    return said.decode("utf-8", "replace")
