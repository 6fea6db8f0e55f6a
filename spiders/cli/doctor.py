"""`footnotary doctor`: whether everything that a crawl needs is in its place, and when a run was last good."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from archive.errors import ArchiveError, CollectionError
from archive.layout import Layout
from archive.model import Uri, utc_now
from archive.outputs.plain import json_line, plain
from pipelines.capture.policy import CapturePolicy
from spiders.article import ArticleError, open_article
from spiders.cli.place import CONFIG, layout_of
from spiders.cli.screen import Sheet, print_sheets
from spiders.config import Config, ConfigError, load
from spiders.configuration import units
from spiders.configuration.values import RecheckPolicy
from spiders.doctor import collection, machine
from spiders.doctor.check import Check, Severity, error, ok, warning
from spiders.doctor.network import network

STYLES = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.ERROR: "red"}
RUNS_MISSED = 2
"""Intervals of recheck.every after which a run is missed."""


def run(options: Namespace) -> int:
    """1 with an error, with `--strict` also with a warning. Raises ValueError for an option that can't be used."""
    age = _age(options.max_age)
    found = list(_checks(options, age=age))
    if options.format == "json":
        sys.stdout.writelines(json_line(asdict(check)) + "\n" for check in found)
    else:
        print_sheets([_sheet(found)], closing=_summary(found))
    bad = {Severity.ERROR, Severity.WARNING} if options.strict else {Severity.ERROR}
    return 1 if any(check.severity in bad for check in found) else 0


def _age(written: str | None) -> timedelta | None:
    try:
        return None if written is None else units.duration(written)
    except ValueError as problem:
        raise ValueError(f"--max-age {written!r}: {problem}") from problem


def _checks(options: Namespace, *, age: timedelta | None) -> Iterator[Check]:
    config, checks = _configuration(Path(options.config) if options.config else CONFIG, asked=bool(options.config))
    yield from checks
    yield machine.installed()
    try:
        layout = _layout(options, config)
    except (ArchiveError, ValueError) as problem:  # nothing names one, or not well enough
        yield machine.clock(utc_now, newest=None)
        complain = warning if age is None else error
        yield complain("last good run", str(problem), do="run footnotary crawl, or name its collection")
    else:
        yield from _place(layout, config, age=age)
    if config is not None and not options.offline:
        yield from _network(config)


def _configuration(path: Path, *, asked: bool) -> tuple[Config | None, list[Check]]:
    """The configuration where it can be used, and what there is to say of it."""
    if not asked and not path.exists():
        return None, [warning("configuration", f"there is no {path} here", do="footnotary init writes one")]
    try:
        config = load(path)
        if config.example:
            from spiders.config import require_example_hosts
            from spiders.example.web import ExampleWeb

            require_example_hosts(config, hosts=ExampleWeb().hosts)
    except ConfigError as problem:
        do = "mend that line" if problem.line else "mend it, or begin with footnotary init"
        return None, [error("configuration", str(problem), do=do)]
    many = f"{len(config.articles)} article{'s' if len(config.articles) > 1 else ''}"
    checks = [ok("configuration", f"{path}: {many}, into {config.collection}")]
    if not config.operator:
        who = "no host can tell whom to write to"
        checks.append(warning("operator", f"it does not say who runs this: {who}", do="set operator: NAME <ADDRESS>"))
    return config, [*checks, *_articles(config)]


def _articles(config: Config) -> Iterator[Check]:
    for wanted in config.articles:
        try:
            open_article(wanted)
        except ArticleError as problem:
            yield error("article", str(problem), do="give its file, or take it out of the configuration")


def _layout(options: Namespace, config: Config | None) -> Layout:
    """The collection that is meant, whether it is there or not. Raises ArchiveError or ValueError where nothing names one."""
    if options.collection:
        return Layout(Path(options.collection))
    if config is not None:
        return Layout(config.collection)
    if options.config:
        raise CollectionError(f"{options.config} can't be used, and so names no collection")
    return layout_of(options)


def _place(layout: Layout, config: Config | None, *, age: timedelta | None) -> Iterator[Check]:
    limits = config.limits if config else CapturePolicy()
    yield machine.permissions(layout)
    yield machine.disk(layout.root, largest=limits.size_limit)
    known = collection.named(layout)
    if known is None or known.severity == Severity.ERROR:
        yield machine.clock(utc_now, newest=None)
        complain = warning if age is None else error
        yield known or complain("last good run", f"there is no collection at {layout.root} yet", do="run footnotary crawl")
        return
    yield known
    yield collection.lock(layout)
    yield collection.unfinished(layout)
    index, past = collection.past(layout)
    yield index
    yield machine.clock(utc_now, newest=past.newest)
    if index.severity == Severity.OK:
        limit = _missed(config.recheck.every if config else RecheckPolicy().every) if age is None else age
        yield collection.last_run(past.good, now=utc_now(), limit=limit, asked=age is not None)


def _missed(every: timedelta) -> timedelta:
    """After how long runs are missed; what is beyond every calendar stays the longest time there is."""
    return RUNS_MISSED * min(every, timedelta.max // RUNS_MISSED)


def _network(config: Config) -> Iterator[Check]:
    if config.example:
        yield ok("network", "none is needed: the crawl serves the example itself")
        return
    uris = [article.url for article in config.articles if article.url and not article.file]
    uris += [Uri(entry.url) for article in config.articles for entry in article.citations if entry.url]
    yield from network(uris, policy=config.network)


def _sheet(found: Sequence[Check]) -> Sheet:
    return Sheet(
        names=("", "checked", "found", "what to do"),
        rows=[(check.severity, check.name, plain(check.says), plain(check.do)) for check in found],
        styles=[STYLES[check.severity] for check in found],
    )


def _summary(found: Sequence[Check]) -> str:
    counts = {severity: sum(check.severity == severity for check in found) for severity in Severity}
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
