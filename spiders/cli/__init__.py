"""`footnotary`, the command. Each subcommand is a module that is imported when it runs, so that `--help` is there at once.

Exit codes: 0 fine; 1 worse, or a finding; 2 an error, said in one sentence; 3 incomplete; 75 another run holds the lock.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from archive.errors import ArchiveError, CollectionLockedError

ERROR, INTERRUPTED, LOCKED = 2, 3, 75


@dataclass(frozen=True, slots=True)
class Subcommand:
    """`module:function` takes the parsed arguments and gives the exit code; `options` are its own, with their help."""

    name: str
    summary: str
    run: str
    options: tuple[tuple[tuple[str, ...], dict[str, object]], ...] = ()


def _option(*names: str, **more: object) -> tuple[tuple[str, ...], dict[str, object]]:
    return names, more


COLLECTION = _option("--collection", metavar="DIR", help="the collection (default: that of ./sources.yml)")
FORMAT_HELP = "table for people, the others for programs (default: table)"

SUBCOMMANDS = (
    Subcommand(
        "crawl",
        "find what articles cite, fetch it, keep it",
        "crawl:run",
        (
            _option("articles", nargs="*", metavar="URL_OR_FILE", help="articles (default: those of the configuration)"),
            _option("--config", metavar="FILE", help="the configuration (default: ./sources.yml)"),
            _option("--collection", metavar="DIR", help="where to keep it (default: that of the configuration)"),
            _option("--replay", metavar="WHEN", help="answer from the collection, as of `latest` or a datetime; no network"),
            _option("--log-level", default="WARNING", metavar="LEVEL", help="what Scrapy says meanwhile (default: WARNING)"),
        ),
    ),
    Subcommand(
        "citations",
        "one row a citation: what became of it, what to do next",
        "citations:run",
        (
            COLLECTION,
            _option("--format", choices=("table", "json", "csv", "yaml"), default="table", help=FORMAT_HELP),
        ),
    ),
    Subcommand(
        "read",
        "read pages without keeping them: one JSON object a file",
        "read:run",
        (
            _option("files", nargs="+", metavar="FILE", help="HTML, PDF, Markdown or text, gzipped or not"),
            _option("--url", metavar="URL", help="where the page was published; resolves its links"),
        ),
    ),
    Subcommand(
        "show",
        "one citation, capture or record in full",
        "show:run",
        (
            COLLECTION,
            _option("what", metavar="WHAT", help="a citation's number, a URI or a record id"),
            _option("--raw", action="store_true", help="the record's block, byte for byte, to standard output"),
            _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP),
        ),
    ),
    Subcommand(
        "verify",
        "check every record, every digest, and the indexes against the files",
        "verify:run",
        (
            COLLECTION,
            _option("files", nargs="*", metavar="WARC", help="WARC files of anybody, each for itself, instead of a collection"),
            _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP),
        ),
    ),
    Subcommand("reindex", "build both indexes anew from the WARC files", "maintain:run_reindex", (COLLECTION,)),
    Subcommand("repair", "mend what a run left that was cut off", "maintain:run_repair", (COLLECTION,)),
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="footnotary", description="A notary for footnotes: keep what an article cites.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for subcommand in SUBCOMMANDS:
        one = commands.add_parser(subcommand.name, help=subcommand.summary, description=subcommand.summary.capitalize() + ".")
        one.set_defaults(run=subcommand.run)
        for names, more in subcommand.options:
            one.add_argument(*names, **more)  # type: ignore[arg-type]  # argparse types each keyword on its own
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. Errors of the user's making are one sentence on standard error."""
    options = parser().parse_args(arguments)
    module, _, function = options.run.partition(":")
    try:
        return int(getattr(import_module(f"spiders.cli.{module}"), function)(options))
    except CollectionLockedError as error:
        print(error, file=sys.stderr)
        return LOCKED
    except (ArchiveError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return ERROR
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
