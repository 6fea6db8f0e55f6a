"""Crawls of one article, week by week: the first, one in which nothing has changed, one in which much has, and two more.

`steady` and `moved` never change, `dead` was never there; in the third week `edited` has another text, `gone` is 404, `down`
hangs up and `shy` lets no robot in; in the fifth `shy` lets everybody in again. The second and the fifth are `footnotary
crawl` without a terminal, as cron runs it, the others `scrapy crawl sources`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from spiders.example.answers import NOT_FOUND, ByTarget, Handler, Raw, Static
from tests.doors import Ended, Rows, feed, footnotary, rows_of, scrapy
from tests.world import World, citing, page, source

ARTICLE = "https://paper.example/weekly"
TARGETS = {
    "steady": "https://steady.example/long",
    "moved": "http://moved.example/old",
    "edited": "https://edited.example/a",
    "gone": "https://gone.example/a",
    "down": "https://down.example/a",
    "shy": "https://shy.example/a",
    "dead": "https://dead.example/a",
}
LONG = random.Random(7).randbytes(100_000).hex()
"""Words that no compression makes small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One crawl: how it ended, its rows, and an instant after it that lies before the next one."""

    ended: Ended
    rows: Rows
    after: datetime

    def outcomes(self) -> dict[str, tuple[str, int | None]]:
        """Outcome and status by anchor."""
        return {row["anchor"]: (row["outcome"], row["http"]) for row in self.rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """The crawls in order, and what they were made with."""

    config: Path
    collection: Path
    each: tuple[Week, ...]
    later: Ended
    """A fourth crawl, of the world as it was in the third."""
    strict: Ended
    """A fifth one, with `--strict` and an age that every run before it exceeds."""


def first_answers() -> dict[str, dict[str, Handler]]:
    """What each host answers in the first two weeks, by target."""
    links = [*TARGETS.items(), ("lost", "#")]
    return {
        "paper.example": {"/weekly": Static(body=citing("Weekly", links))},
        "steady.example": {"/long": page("Long", f"This is long: {LONG}"), "/b": source("The page that moved")},
        "moved.example": {"/old": Static(status=301, headers=(("Location", "https://steady.example/b"),))},
        "edited.example": {"/a": source("The first edition")},
        "gone.example": {"/a": source("Soon gone")},
        "down.example": {"/a": source("Soon down")},
        "shy.example": {"/a": source("Soon shy")},
        "dead.example": {"/a": NOT_FOUND},
    }


def change(answers: dict[str, dict[str, Handler]]) -> None:
    """What happens before the third week."""
    answers["edited.example"]["/a"] = source("The second edition")
    answers["gone.example"]["/a"] = NOT_FOUND
    answers["down.example"]["/a"] = Raw()
    robots = Static(headers=(("Content-Type", "text/plain"),), body=b"User-agent: *\nDisallow: /\n")
    answers["shy.example"]["/robots.txt"] = robots


@contextmanager
def _world(folder: Path) -> Iterator[tuple[World, dict[str, dict[str, Handler]]]]:
    answers = first_answers()
    with World.serving(folder, {host: ByTarget(answers=own) for host, own in answers.items()}) as world:
        yield world, answers


def three_weeks(folder: Path) -> Weeks:
    """Make the crawls."""
    with _world(folder) as (world, answers):
        config = world.config("weekly", articles=[{"url": ARTICLE}])
        collection = world.collection("weekly")
        first = _week(config, 1)
        ended = footnotary("crawl", "--config", str(config))
        second = Week(ended=ended, rows=rows_of(collection), after=datetime.now(UTC))
        change(answers)
        third = _week(config, 3)
        later = scrapy("-a", f"config={config}")
        del answers["shy.example"]["/robots.txt"]
        strict = footnotary("crawl", "--config", str(config), "--strict", "--max-age", "1 ms")
        return Weeks(config=config, collection=collection, each=(first, second, third), later=later, strict=strict)


def _week(config: Path, number: int) -> Week:
    rows = config.with_name(f"week-{number}.jsonl")
    ended = scrapy("-a", f"config={config}", "-o", str(rows))
    return Week(ended=ended, rows=feed(rows), after=datetime.now(UTC))
