"""`footnotary reindex` and `footnotary repair`."""

from __future__ import annotations

import sys
from argparse import Namespace

from archive.model import utc_now
from archive.reindex import reindex
from archive.repair import repair
from spiders.cli.place import layout_of


def run_reindex(options: Namespace) -> int:
    """Build the indexes anew; what could not be read is said and makes the exit code 1."""
    layout = layout_of(options)
    problems = reindex(layout, clock=utc_now, progress=lambda name: print(name, file=sys.stderr))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{layout.database} and {layout.cdxj} are built from the WARC files")
    return 1 if problems else 0


def run_repair(options: Namespace) -> int:
    """Mend the files that a run left open."""
    layout = layout_of(options)
    for mended in repair(layout, clock=utc_now):
        if not mended.records:
            print(f"{mended.file}: nothing was kept in it yet, it is gone")
            continue
        left_out = f", {mended.dropped} torn bytes at its end were left out" if mended.dropped else ""
        print(f"{mended.file}: {mended.records} whole records kept{left_out}")
    print(f"{layout.root} is whole")
    return 0
