"""`footnotary crawl`: the spider for a person or for cron, ending with what was kept and where to look.

On a terminal the whole table is printed. Elsewhere a run prints what is new: the table of articles that are read for the
first time, one line for each other citation that changed, and nothing where nothing did. Without a configuration the
collection gets its name from the article.
"""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from archive.errors import ArchiveError
from archive.index.database import Database
from archive.layout import Layout
from archive.model import utc_now
from archive.naming import folder_name, holding, rename
from archive.outputs.plain import plain
from archive.outputs.runs import last_good_run
from archive.outputs.table import Row, State, as_json_lines
from spiders.article import open_article
from spiders.cli.citations import print_table
from spiders.cli.place import COLLECTIONS, CONFIG, layout_of, shown
from spiders.config import Config, load
from spiders.configuration import units
from spiders.run import FINE, WORSE, Result, crawl, report, say
from spiders.sources import SourcesSpider


def run(options: Namespace) -> int:
    """Crawl, then say what was kept."""
    arguments, unnamed = _arguments(options)
    late = list(_late(options, arguments))
    process = AsyncCrawlerProcess(_settings(options.setting or ()))
    result = crawl(process, process.create_crawler(SourcesSpider), **arguments)
    if unnamed:
        result = _named(result)
    result, page = report(result)
    result = _with(result, [*late, *(_open_findings(result.rows) if options.strict else ())])
    if options.format == "json":
        sys.stdout.write(as_json_lines(result.rows))
    elif result.rows or result.exit_code in (FINE, WORSE):
        _print(result, page, again=options.articles)
    return say(result)


def _settings(given: Sequence[str]) -> Settings:
    """Ours, with those of the command line above them. Raises ValueError."""
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise ValueError(f"-s {one} is no setting: write -s NAME=VALUE, as in -s LOG_LEVEL=INFO")
        settings.set(name, value, priority="cmdline")
    return settings


# Which collection


def _arguments(options: Namespace) -> tuple[dict[str, object], bool]:
    """What the spider is asked for, and whether the collection still wants its name. Raises ConfigError or ArticleError."""
    found: dict[str, object] = {"collection": options.collection, "replay": options.replay}
    unnamed = False
    if options.articles:
        found["article"] = options.articles
        if options.collection is None:
            known, new = _collection_for(options.articles)
            found["collection"] = str(known or new)
            unnamed = known is None
    elif options.config or CONFIG.exists():
        found["config"] = options.config or str(CONFIG)
    else:
        raise ValueError(f"there is no {CONFIG} here: name an article, as in footnotary crawl URL, or run footnotary init")
    return {name: value for name, value in found.items() if value is not None}, unnamed


def _collection_for(articles: Sequence[str]) -> tuple[Path | None, Path]:
    """The collection here that knows one of the articles, if there is one; and where a new one would begin."""
    opened = [open_article(Config.for_article(one, collection=COLLECTIONS).articles[0]) for one in articles]
    known = holding(COLLECTIONS, [source.uri for source in opened])
    bare = opened[0].title.rpartition(".")[0] or opened[0].title
    return known, COLLECTIONS / folder_name(bare, day=utc_now().date())


def _named(result: Result) -> Result:
    """The same with the collection under the name that its article gives it; a name that can't be had is no harm."""
    if result.kept_in is None or result.title is None:
        return result
    name = folder_name(result.title, day=utc_now().date())
    try:
        return replace(result, kept_in=rename(result.kept_in, title=result.title, name=name, clock=utc_now))
    except ArchiveError:
        return result


# What a person must know besides


def _late(options: Namespace, arguments: dict[str, object]) -> Iterator[str]:
    """A sentence where the last good run before this one is older than `--max-age`. Before the first run nothing is late."""
    if options.max_age is None:
        return
    age = units.duration(options.max_age)
    path = Path(str(arguments["collection"])) if "collection" in arguments else load(Path(str(arguments["config"]))).collection
    if not Layout(path).database.is_file():
        return
    with Database.open_read_only(Layout(path).database) as database:
        good = last_good_run(database)
    ended = good.end.date if good and good.end else None
    if ended is None:
        yield f"{shown(path)}: no run before this one was good"
    elif utc_now() - ended > age:
        yield f"{shown(path)}: the last good run before this one ended {ended:%Y-%m-%d %H:%M} UTC, over {options.max_age} ago"


def _open_findings(rows: Sequence[Row]) -> Iterator[str]:
    numbers = [str(row.ordinal) for row in rows if row.next]
    if numbers:
        yield f"{len(numbers)} citation{'s need' if len(numbers) > 1 else ' needs'} a person (--strict): {', '.join(numbers)}"


def _with(result: Result, findings: Sequence[str]) -> Result:
    """The same with findings: they are worth a 1 where nothing graver happened."""
    code = WORSE if findings and result.exit_code == FINE else result.exit_code
    return replace(result, exit_code=code, sentences=(*result.sentences, *findings))


# What is printed


def _print(result: Result, page: Path | None, *, again: Sequence[str]) -> None:
    whole = sys.stdout.isatty() or result.kept_in is None
    rows = [row for row in result.rows if whole or row.article in result.fresh]
    if whole or result.fresh or not result.articles:
        print_table(rows)
        if result.kept_in is not None:
            print(
                "\n".join([*_place(result.kept_in, page), "Next:", *_columns(_next(result, root=result.kept_in, again=again))])
            )
    for change in result.changes:
        if not change.worse and change.row.article not in result.fresh:
            print(plain(str(change)))


def _place(root: Path, page: Path | None) -> Iterator[str]:
    yield f"\nKept in {shown(root)}"
    if page is not None:
        yield f"Report  {shown(page)} (open it in a browser)"


def _next(result: Result, *, root: Path, again: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The next commands, and what each is for."""
    option = "" if _is_found(root) else f" --collection {shlex.quote(shown(root))}"
    yield f"footnotary show NUMBER{option}", "one citation in full, and where its bytes are"
    yield f"footnotary verify{option}", "every byte checked"
    yield shlex.join(["footnotary", "crawl", *again]), "again, whenever you like: what changed is said"
    if again and any(row.state == State.NO_LINK for row in result.rows):
        named = shlex.join(word for one in again for word in ("--article", one))
        yield f"footnotary init {named}", "a sources.yml in which lost targets can be filled in"


def _columns(commands: Iterable[tuple[str, str]]) -> Iterator[str]:
    found = list(commands)
    width = max(len(command) for command, _ in found)
    yield from (f"  {command:{width}}  {what}" for command, what in found)


def _is_found(root: Path) -> bool:
    """Whether a command finds the collection by itself."""
    try:
        return layout_of(Namespace(collection=None)).root.resolve() == root.resolve()
    except (ArchiveError, ValueError):
        return False
