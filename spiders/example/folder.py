"""A host's folder under `hosts/`: the files are its pages, `answers.toml` says what is not plain about it.

A file answers at its path (`a/b.html` at /a/b.html and /a/b, `a/index.html` at /a/), `404.html` where nothing else does,
`x.pdf.txt` is printed as a PDF at /x.pdf. `answers.toml` may hold, for the host as a whole:

    https_only = true               http is redirected to https
    expired = true                  its certificate ended long ago
    headers = {Server = "nginx"}    on every answer, spelled so

and for single targets a table, or several that are answered in turn: `["/path"]` or `["/path?query"]` with the keys of
`Entry`. A folder is read once, at start; a key that is not known is an error.
"""

from __future__ import annotations

import gzip
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import brotli

from spiders.example.answers import (
    NOT_FOUND,
    Answer,
    Asked,
    ByTarget,
    Framing,
    Handler,
    InTurn,
    Slow,
    Static,
    Torn,
    answer_of,
)
from spiders.example.pdf import printed

TABLE = "answers.toml"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".htm": "text/html",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
}
CODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "br": brotli.compress,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What `answers.toml` says of one target; what it does not say is as with any page."""

    file: str = ""
    """The page to serve, relative to the folder; empty: the one that the target names, or no body."""
    status: int = 0
    """The status code; 0: 200, or 302 with `redirect`."""
    redirect: str = ""
    """The Location header, as written."""
    type: str = ""
    """The Content-Type header; empty: by the file's suffix."""
    coding: str = ""
    """The Content-Encoding: gzip or br."""
    framing: str = Framing.LENGTH
    """How the body ends: length, chunked or close."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers."""
    delay: float = 0.0
    """Seconds of silence before the answer."""
    torn: int | None = None
    """The connection ends after so many bytes of the message, 0: before the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The handler of one host. `expired` is for who makes its certificate."""

    pages: Handler
    https_only: bool = False
    expired: bool = False

    def __call__(self, asked: Asked) -> Answer:
        if self.https_only and asked.scheme == "http":
            return Static(status=301, headers=(("Location", f"https://{asked.host}{asked.target}"),))
        return answer_of(self.pages, asked)


def read_folder(folder: Path) -> Folder:
    """Read the pages and the table of one host. A table that can't be understood is a ValueError that names file and key."""
    table = folder / TABLE
    said = tomllib.loads(table.read_text(encoding="utf-8")) if table.exists() else {}
    headers = tuple(said.pop("headers", {}).items())
    https_only, expired = said.pop("https_only", False), said.pop("expired", False)
    files = read_files(folder)

    def answer(target: str, value: Any) -> Answer:
        return answer_to(entry_of(value, table=table, target=target), target=target, files=files, common=headers)

    pages: dict[str, Handler] = {path: answer(path, {}) for path in places(files)}
    for target, value in said.items():
        pages[target] = (
            InTurn(answers=[answer(target, turn) for turn in value]) if isinstance(value, list) else answer(target, value)
        )
    missing = answer("", {"file": "404.html", "status": 404}) if "404.html" in files else NOT_FOUND
    return Folder(pages=ByTarget(answers=pages, otherwise=missing), https_only=https_only, expired=expired)


def read_files(folder: Path) -> dict[str, bytes]:
    """The bytes of all pages by their path in the folder; a `.pdf.txt` is a PDF already."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.endswith(".pdf.txt"):
            found[name.removesuffix(".txt")] = printed(path.read_text(encoding="utf-8"))
        elif path.is_file() and name != TABLE:
            found[name] = path.read_bytes()
    return found


def places(files: Mapping[str, bytes]) -> dict[str, str]:
    """Where each page answers: path of the URL to name of the file."""
    found = {}
    for name in files:
        path = "/" + name
        found[path] = name
        if path.endswith("/index.html"):
            found[path.removesuffix("index.html")] = name
        elif path.endswith(".html"):
            found[path.removesuffix(".html")] = name
    return found


def entry_of(value: Any, *, table: Path, target: str) -> Entry:
    """The entry that a table of answers.toml spells."""
    if not isinstance(value, dict):
        raise ValueError(f"{table}: {target!r} is not a table")  # noqa: TRY004 - a file's content, not an argument
    unknown = set(value) - {known.name for known in fields(Entry)}
    if unknown:
        raise ValueError(f"{table}: {target!r} has the unknown key {min(unknown)!r}")
    return Entry(**value)


def answer_to(entry: Entry, *, target: str, files: Mapping[str, bytes], common: tuple[tuple[str, str], ...]) -> Answer:
    """The answer that an entry describes."""
    name = entry.file or places(files).get(target.partition("?")[0], "")
    headers = [*common, *entry.headers.items()]
    if entry.redirect:
        headers.append(("Location", entry.redirect))
    if name:
        headers.append(("Content-Type", entry.type or TYPES[Path(name).suffix]))
    if entry.coding:
        headers.append(("Content-Encoding", entry.coding))
    answer: Answer = Static(
        status=entry.status or (302 if entry.redirect else 200),
        headers=tuple(headers),
        body=CODERS[entry.coding](files[name]) if name else b"",
        framing=Framing(entry.framing),
    )
    if entry.torn is not None:
        answer = Torn(answer=answer, size=entry.torn)
    return Slow(answer=answer, before=entry.delay) if entry.delay else answer
