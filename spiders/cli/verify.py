"""`footnotary verify`: the findings of a collection, or of WARC files of anybody."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from archive.errors import CollectionError
from archive.proof.finding import Finding
from archive.proof.verify import Verification, verify_file
from spiders.cli.place import layout_of


def run(options: Namespace) -> int:
    """1 with any finding that is an error. Warnings are shown, and do no harm but with `--strict`."""
    show = _json if options.format == "json" else _sentence
    if options.files:
        found, checked = _told(_of_files(options.files), show), f"{len(options.files)} files"
    else:
        verification = Verification(layout_of(options), progress=_progress)
        found = _told(verification.findings(), show)
        checked = f"{verification.records} records in {verification.files} files ({verification.size:,} bytes)"
    if options.format == "table":
        errors = sum(finding.severity == "error" for finding in found)
        print(f"checked {checked}: {errors} errors, {len(found) - errors} warnings")
    return 1 if any(options.strict or finding.severity == "error" for finding in found) else 0


def _told(findings: Iterable[Finding], show: Callable[[Finding], str]) -> list[Finding]:
    found = []
    for finding in findings:
        print(show(finding))
        found.append(finding)
    return found


def _of_files(names: list[str]) -> Iterator[Finding]:
    for name in names:
        path = Path(name)
        if not path.is_file():
            raise CollectionError(f"{path} is no file: name WARC files, or none for the collection")
        yield from verify_file(path)


def _sentence(finding: Finding) -> str:
    sides = [f"{name} {side}" for name, side in (("expected", finding.expected), ("found", finding.found)) if side]
    more = f" ({'; '.join(sides)})" if sides else ""
    return f"{finding.severity}: {finding.file} at byte {finding.offset}: {finding.message} [{finding.check}]{more}"


def _json(finding: Finding) -> str:
    return json.dumps(asdict(finding), ensure_ascii=False)


def _progress(name: str) -> None:
    if sys.stderr.isatty():
        print(f"checking {name}", file=sys.stderr)
