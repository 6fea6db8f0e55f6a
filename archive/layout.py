"""The directory of a collection: which file lies where, and the little file that names it.

    archive/      WARC files: what came over the wire, and named resources
    derived/      WARC files: what was concluded from it
    indexes/      index.cdxj, for replay tools
    index.sqlite  the provenance index
    logs/         the log of each run
    report/       pages for a browser, made of all this
    collection.yml

`collection.yml` is read and written here, without a YAML library: one `key: "value"` a line, the value a JSON string or a
whole number, which is YAML as well. A line that is neither is an error, never skipped.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.disk import translated
from archive.errors import CollectionError, NotACollectionError

FORMAT_VERSION = 1
OPEN_SUFFIX = ".open"
MENDING_SUFFIX = ".mending"
_LINE = re.compile(r'([a-z_]+): (".*"|[0-9]{1,9})')


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionId:
    """What `collection.yml` says: a `urn:uuid:` that never changes, a title for people, the version of the format."""

    id: str
    title: str
    format: int = FORMAT_VERSION


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one collection. Making one touches nothing."""

    root: Path

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def derived(self) -> Path:
        return self.root / "derived"

    @property
    def cdxj(self) -> Path:
        return self.root / "indexes" / "index.cdxj"

    @property
    def database(self) -> Path:
        return self.root / "index.sqlite"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def report(self) -> Path:
        return self.root / "report"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    @property
    def identity(self) -> Path:
        return self.root / "collection.yml"

    def warc_files(self) -> Iterator[tuple[str, Path]]:
        """Sealed WARC files, sorted, each with its name as locations spell it (`archive/X.warc.gz`)."""
        for folder in (self.archive, self.derived):
            for path in sorted(folder.glob("*.warc*")) if folder.is_dir() else ():
                if path.name.endswith((".warc", ".warc.gz")):
                    yield f"{folder.name}/{path.name}", path

    def open_files(self) -> list[Path]:
        """Files that a run has not sealed: one that goes on, or one that was cut off."""
        return self._unfinished(OPEN_SUFFIX)

    def drafts(self) -> list[Path]:
        """Files that a mending has not finished: one that goes on, or one that was cut off."""
        return self._unfinished(MENDING_SUFFIX)

    def _unfinished(self, suffix: str) -> list[Path]:
        folders = [folder for folder in (self.archive, self.derived) if folder.is_dir()]
        return [path for folder in folders for path in sorted(folder.glob(f"*.warc.gz{suffix}"))]

    def make(self, *, title: str) -> CollectionId:
        """Create what is missing. An existing collection keeps its identity. Raises CollectionError."""
        with translated(self.root):
            for folder in (self.archive, self.derived, self.cdxj.parent, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            if not self.identity.exists():
                write_identity(self.identity, CollectionId(id=uuid.uuid4().urn, title=title))
        return self.read_identity()

    def read_identity(self) -> CollectionId:
        """What `collection.yml` says. A missing directory or file is NotACollectionError, a foreign format CollectionError."""
        try:
            text = self.identity.read_text(encoding="utf-8-sig")  # some editors mark UTF-8 so
        except (FileNotFoundError, NotADirectoryError):
            reason = "it has no collection.yml" if self.root.is_dir() else "there is no such directory"
            raise NotACollectionError(self.root, reason) from None
        except (OSError, UnicodeDecodeError) as error:
            raise CollectionError(f"{self.identity} can't be read: {error}") from error
        return parse_identity(text, self.identity)


def parse_identity(text: str, path: Path) -> CollectionId:
    """Read `collection.yml`; `path` is named in the CollectionError for what is not one."""
    found: dict[str, str | int] = {}
    for number, line in enumerate(text.split("\n"), 1):  # not `splitlines`, which splits at characters of a title
        if not line.strip() or line.startswith("#"):
            continue
        key, value = _pair(line.rstrip(), f"{path}, line {number}")
        if key in found:
            raise CollectionError(f"{path}, line {number}: `{key}` stands there twice")
        found[key] = value
    if missing := {"id", "title", "format"} - found.keys():
        raise CollectionError(f"{path}: lacks {', '.join(sorted(missing))}")
    if found["format"] != FORMAT_VERSION:
        raise CollectionError(f"{path}: format {found['format']!r} is not read by this version (it reads {FORMAT_VERSION})")
    return CollectionId(id=str(found["id"]), title=str(found["title"]))


def _pair(line: str, place: str) -> tuple[str, str | int]:
    try:
        match = _LINE.fullmatch(line)
        if match:
            return match[1], json.loads(match[2])
        reason = 'expected `key: "value"`'
    except ValueError as error:
        reason = f"the value is no JSON ({error})"
    raise CollectionError(f"{place}: {reason}")


def write_identity(path: Path, identity: CollectionId) -> None:
    """Write `collection.yml` whole or not at all."""
    lines = [
        "# A footnotary collection; archive/README.md of the project describes the format.",
        f"id: {json.dumps(identity.id)}",
        f"title: {quoted(identity.title)}",
        f"format: {identity.format}",
    ]
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(path)
    sync_directory(path.parent)


def quoted(title: str) -> str:
    """A JSON string that shows what can be read, and escapes the rest: lone surrogates, and line ends that only YAML knows."""
    return '"' + "".join(c if _is_plain(c) else json.dumps(c)[1:-1] for c in title) + '"'


def _is_plain(character: str) -> bool:
    return (character.isprintable() or character > "\uffff") and character not in '"\\'


def sync_directory(path: Path) -> None:
    """Make renames and new names in a directory last through a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
