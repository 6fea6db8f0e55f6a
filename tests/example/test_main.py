"""`python -m spiders.example` serves the web for a look by hand."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from spiders.example.web import ARTICLE
from tests.example.serving import Client


def test_it_prints_where_it_serves_and_ends_at_ctrl_c() -> None:
    """The printed ports and authority are enough to read the article; an interrupt ends it without a word."""
    command = [sys.executable, "-m", "spiders.example"]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        assert run.stderr
        said = ""
        while "END CERTIFICATE" not in said:
            said += run.stdout.readline() or "END CERTIFICATE (it has ended)"
        try:
            connect_to = dict(re.findall(r"^(\S+) -> (\S+)$", said, re.MULTILINE))
            pem = said[said.index("-----BEGIN") :].encode("ascii")
            assert Client(connect_to=connect_to, ca_pem=pem).get(ARTICLE)[0].status == 200
            assert f"--connect-to ':443:{connect_to['*:443']}' {ARTICLE}" in said
        finally:
            run.send_signal(signal.SIGINT)
        assert run.stderr.read() == ""
        run.wait(10)
