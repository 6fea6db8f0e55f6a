"""A loopback web for crawls that are cut off: an article, many small pages on many hosts, and some that stop in the middle."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.capture.servers import Answer, ByteServer, answer, ok

ROOT = Path(__file__).parents[2]
PARAGRAPH = "The commission heard eleven witnesses on that day, and each of them named the same bridge over the river. "
HTML = b"Content-Type: text/html; charset=utf-8"
HALF = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<html><body>half of an ans"
NO_ROBOTS = answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def page(title: str, body: str) -> Answer:
    """A small HTML page."""
    return ok(
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>".encode(), HTML
    )


def article(targets: list[str]) -> Answer:
    """An article that cites every target in a paragraph of its own."""
    cited = (f'<p>{PARAGRAPH}It was <a href="{url}">report {n}</a> that said so first.</p>' for n, url in enumerate(targets))
    return page("What the bridge carried", "".join(cited))


def serve(pages: int, extra: Mapping[str, Answer] | None = None, *, pause: float = 0.0) -> ByteServer:
    """A web whose article cites `pages` small pages, each `pause` seconds slow, and one page at each key of `extra`."""
    extra = dict(extra or {})
    targets = [f"http://host{n % 12}.example/page/{n}" for n in range(pages)] + [f"http://{key}" for key in extra]
    small = page("A report", f"<p>{PARAGRAPH * 4}</p>")
    slow = answer(pause, *small.steps) if pause else small
    return ByteServer({"article.example/": article(targets), "/robots.txt": NO_ROBOTS, **extra, "*": slow})


def configure(folder: Path, server: ByteServer, *, more: str = "") -> Path:
    """A sources.yml for the web in `folder`; the collection is `folder/collection`."""
    config = folder / "sources.yml"
    config.write_text(
        "collection: collection\n"
        "articles:\n  - url: http://article.example/\n"
        "limits: {delay: 0 s, time: 30 s, retries: 0, concurrent_per_host: 4}\n"
        f'network: {{connect_to: {{"*:80": "127.0.0.1:{server.port}"}}}}\n'
        f"{more}"
    )
    return config


def footnotary(*arguments: str | Path, folder: Path) -> subprocess.Popen[str]:
    """The command, started in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "spiders.cli", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(condition: Callable[[], object], *, seconds: float = 20) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.002)


def end(process: subprocess.Popen[str], *, seconds: float = 30) -> tuple[int, str, str]:
    """Exit code, output and errors of a command that ends by itself, none of which is a traceback."""
    out, err = process.communicate(timeout=seconds)
    assert "Traceback" not in err, err
    assert "Unhandled" not in err, err
    return process.returncode, out, err


def members(process: subprocess.Popen[str]) -> list[str]:
    """The processes that are left of a command's session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[3] == str(process.pid) and fields[0] != "Z":
                found.append(stat.parent.name)
    return found
