"""`footnotary`, the command. Each subcommand is a module that is imported when it runs, so that `--help` is there at once.

Exit codes: 0 fine; 1 worse, or a finding; 2 an error, said in one sentence; 3 incomplete; 75 another run holds the lock.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from archive.errors import ArchiveError, CollectionLockedError
from archive.outputs.plain import plain_lines

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
WHAT = _option(
    "what",
    metavar="WHAT",
    help="a citation's number (2.19: of the second article), a URI, or a record id (its first eight digits are enough)",
)
FORMAT_HELP = "table for people, the others for programs (default: table)"

SUBCOMMANDS = (
    Subcommand(
        "init",
        "write a sources.yml with every key explained, and a scrapy.cfg",
        "init:run",
        (
            _option("dir", nargs="?", default=".", metavar="DIR", help="the folder (default: this one)"),
            _option("--article", action="append", metavar="URL_OR_FILE", help="an article (default: the worked example)"),
            _option("--operator", metavar="TEXT", help="who runs this, with an address: stands in each request"),
        ),
    ),
    Subcommand(
        "crawl",
        "find what articles cite, fetch it, keep it",
        "crawl:run",
        (
            _option("articles", nargs="*", metavar="URL_OR_FILE", help="articles (default: those of the configuration)"),
            _option("--config", metavar="FILE", help="the configuration (default: ./sources.yml)"),
            _option("--collection", metavar="DIR", help="where to keep it (default: that of the configuration)"),
            _option("--replay", metavar="WHEN", help="answer from the collection, as of `latest` or a datetime; no network"),
            _option("--strict", action="store_true", help="exit code 1 while any citation needs a person"),
            _option("--max-age", metavar="AGE", help="exit code 1 when the last good run before this one is older, as in 8d"),
            _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP),
            _option(
                "-s", dest="setting", action="append", metavar="NAME=VALUE", help="a setting of Scrapy's, as in LOG_LEVEL=INFO"
            ),
        ),
    ),
    Subcommand(
        "doctor",
        "look whether everything that a crawl needs is in its place",
        "doctor:run",
        (
            _option("--config", metavar="FILE", help="the configuration (default: ./sources.yml)"),
            _option("--collection", metavar="DIR", help="the collection (default: that of the configuration)"),
            _option("--max-age", metavar="AGE", help="exit code 1 when the last good run is older, as in 8d"),
            _option("--strict", action="store_true", help="exit code 1 for a warning too"),
            _option("--offline", action="store_true", help="leave the network out"),
            _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP),
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
            WHAT,
            _option("--raw", action="store_true", help="the record's block, byte for byte, to standard output"),
            _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP),
        ),
    ),
    Subcommand(
        "history",
        "what became of it over the years, oldest first: its outcome, and whether bytes and text are still the same",
        "history:run",
        (COLLECTION, WHAT, _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP)),
    ),
    Subcommand(
        "diff",
        "what was taken out of its text and put in, word by word: the newest text against the last one that differs from it",
        "diff:run",
        (
            COLLECTION,
            WHAT,
            _option("--from", dest="since", metavar="WHEN", help="the older text: the last one at or before this date (UTC)"),
            _option("--to", dest="until", metavar="WHEN", help="the newer text, in the same way (default: the newest)"),
            _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP),
        ),
    ),
    Subcommand(
        "search",
        "look for words in the texts of all articles and sources",
        "search:run",
        (
            COLLECTION,
            _option(
                "words",
                nargs="+",
                metavar="WORDS",
                help="all of them must be there; 'several words' in quotes stand together, word* is the beginning of one, OR "
                "stands between two of which one is enough, NOT before one that must not be there",
            ),
            _option("--limit", type=int, default=10, metavar="N", help="how many texts to show (default: 10)"),
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
            _option("--strict", action="store_true", help="exit code 1 for a warning too"),
            _option("--format", choices=("table", "json"), default="table", help=FORMAT_HELP),
        ),
    ),
    Subcommand(
        "schedule",
        "a crawl by the calendar: print, install or take out what cron or systemd needs",
        "schedule:run",
        (
            _option("where", choices=("cron", "systemd"), metavar="WHERE", help="cron or systemd"),
            _option("--config", metavar="FILE", help="the configuration (default: ./sources.yml)"),
            _option("--every", choices=("day", "week", "month"), help="how often (default: what recheck.every says)"),
            _option("--at", metavar="HH:MM", help="the time of day (default: one of the night, by the configuration's path)"),
            _option("--log", metavar="FILE", help="append to it what a run prints (default: cron mails it, systemd logs it)"),
            _option("--install", action="store_true", help="install it, in the place of an earlier one"),
            _option("--remove", action="store_true", help="take out what was installed"),
        ),
    ),
    Subcommand(
        "report",
        "write pages for a browser: the article with its citations, each source with its evidence",
        "report:run",
        (
            COLLECTION,
            _option("--output", metavar="DIR", help="where the pages go (default: report/ in the collection)"),
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
        code = int(getattr(import_module(f"spiders.cli.{module}"), function)(options))
        sys.stdout.flush()
    except CollectionLockedError as error:
        print(plain_lines(str(error)), file=sys.stderr)
        return LOCKED
    except BrokenPipeError:  # who reads what we print has seen enough, and the interpreter must not print the rest at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ArchiveError, ValueError, OSError) as error:
        print(plain_lines(str(error)), file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    return code
