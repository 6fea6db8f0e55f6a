"""The replay tools in their own environment: where they are, and a server of theirs for the length of a test.

The environment is that of the variable FOOTNOTARY_PYWB (its python), or `.venv-pywb` in the root, which `make test` makes.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).parents[2]
VARIABLE = "FOOTNOTARY_PYWB"
PATIENCE = 20.0
GRACE = 0.2
"""Seconds: the longest wait for anything, and the wait for bytes that should not come."""
ASCII = bytes(range(0x21, 0x7F))


@dataclass(frozen=True, slots=True)
class Tools:
    """The environment of pywb and cdxj-indexer, by its python."""

    python: Path

    def program(self, name: str) -> str:
        return str(self.python.with_name(name))

    def run(self, *arguments: str, text: str = "") -> str:
        """The output of a program of the environment, which must end well."""
        command = [self.program(arguments[0]), *arguments[1:]]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


def find() -> Tools:
    """The tools, or a skip that says what is missing."""
    named = os.environ.get(VARIABLE)
    places = [*([Path(named).absolute()] if named else []), ROOT / ".venv-pywb" / "bin" / "python"]
    python = next((place for place in places if place.is_file()), None)
    if python is None:
        pytest.skip(f"no pywb to compare with: {' and '.join(map(str, places))} are missing; `make .venv-pywb/.installed`")
    command = [str(python), "-c", "import cdxj_indexer, pywb, surt"]
    probe = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if probe.returncode:
        pytest.skip(f"no pywb to compare with: {python} answers {probe.stderr.splitlines()[-1:]}; `make .venv-pywb/.installed`")
    return Tools(python)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered: the body as far as it came."""

    status: int
    body: bytes
    memento: str | None


@dataclass(frozen=True, slots=True)
class Wayback:
    """A pywb that runs."""

    port: int

    def raw(self, collection: str, timestamp: str, uri: str, *, size: int) -> Answer:
        """A capture as it was kept. `size` bytes are waited for: pywb holds the line when a record is shorter than it says."""
        return self.get(f"/{collection}/{timestamp}id_/{quote(uri, safe=ASCII)}", size=size)

    def get(self, path: str, *, size: int = 0) -> Answer:
        """What stands under a path. The body ends where the server says so, or when nothing comes after `size` bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.connect()
            channel = connection.sock
            connection.putrequest("GET", path, skip_accept_encoding=True)
            connection.putheader("Accept-Encoding", "gzip, deflate, br, zstd")  # pywb decodes what is not named
            connection.endheaders()
            response = connection.getresponse()
            body = b"".join(_pieces(response, channel, size))
            return Answer(status=response.status, body=body, memento=response.getheader("Memento-Datetime"))


def readme_command() -> str:
    """The one command of the README that starts pywb."""
    (found,) = re.findall(r"^\S*wayback .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    return str(found)


@contextlib.contextmanager
def wayback(tools: Tools, folder: Path) -> Iterator[Wayback]:
    """pywb, started in a folder with collections by the README's own command, until the block ends."""
    port = _free_port()
    program, *arguments = [str(port) if word.isdecimal() else word for word in readme_command().split()]
    with (folder / "wayback.log").open("wb") as log:
        command = [tools.program(Path(program).name), *arguments]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _await(process, port, folder / "wayback.log")
        yield Wayback(port)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def _pieces(response: http.client.HTTPResponse, channel: socket.socket, size: int) -> Iterator[bytes]:
    """The body until it ends; once `size` bytes are there, only what still comes within GRACE."""
    found = 0
    with contextlib.suppress(TimeoutError, http.client.IncompleteRead):
        while True:
            channel.settimeout(PATIENCE if found < size else GRACE)
            piece = response.read1(1 << 16)
            if not piece:
                return
            found += len(piece)
            yield piece


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return
        time.sleep(0.05)
    pytest.fail(f"pywb does not answer: {log.read_text(errors='replace')[-500:]}")
