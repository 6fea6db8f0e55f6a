"""What reading gives on real pages with gold: `python -m tests.quality.score [--corpus DIR] [--disagreements]`.

Links are scored over the sets of target URIs of each page, micro-averaged; text of news and articles by sequences of four
words, text of other pages by words, both as the mean over pages; titles, authors and days by exact agreement. The corpus
lies beside the project, in ../shared/corpus, and is never part of it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from archive.model import CITING_CONTEXTS, Context, Uri
from pipelines.reading.document import Message, Reading, read

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a corpus with its gold."""

    name: str
    data: bytes
    gold: dict[str, Any]

    @property
    def message(self) -> Message:
        """The page as a document."""
        return Message(data=self.data, uri=Uri(self.gold.get("url") or ""), content_type="text/html")

    def read(self) -> Reading:
        """Its reading, here and now, in this process."""
        return read(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """True and false positives and misses."""

    right: float = 0
    wrong: float = 0
    missed: float = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(right=self.right + other.right, wrong=self.wrong + other.wrong, missed=self.missed + other.missed)

    @property
    def precision(self) -> float:
        return self.right / ((self.right + self.wrong) or 1)

    @property
    def recall(self) -> float:
        return self.right / ((self.right + self.missed) or 1)

    @property
    def f1(self) -> float:
        return 2 * self.right / ((2 * self.right + self.wrong + self.missed) or 1)

    def __str__(self) -> str:
        return (
            f"P {self.precision:.3f}  R {self.recall:.3f}  F1 {self.f1:.3f}  ({self.wrong:.0f} more, {self.missed:.0f} missed)"
        )


def pages(folder: Path) -> Iterator[Page]:
    """The pages of one folder of the corpus, in the order of its gold."""
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        yield Page(name=gold["id"], data=gzip.decompress((folder / gold["file"]).read_bytes()), gold=gold)


def overlap(ours: Counter[Any], gold: Counter[Any]) -> Counts:
    """Two bags compared."""
    right = (ours & gold).total()
    return Counts(right=right, wrong=ours.total() - right, missed=gold.total() - right)


def shingles(text: str, *, size: int) -> Counter[tuple[str, ...]]:
    """The sequences of so many words in a text; a shorter text is one sequence."""
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words)


def text_f1(ours: str, gold: str, *, size: int) -> float:
    """F1 of one text against its gold; two empty texts agree."""
    counts = overlap(shingles(ours, size=size), shingles(gold, size=size))
    return counts.f1 if counts.right + counts.wrong + counts.missed else 1.0


def plain(uri: str) -> str:
    """A URI as it is compared: without fragment, escapes and a slash at the end (the gold spells some without escapes)."""
    return unquote(uri.partition("#")[0]).rstrip("/")


def link_counts(reading: Reading, page: Page, *, contexts: frozenset[Context]) -> Counts:
    """The distinct targets of the links in some contexts against those of the gold."""
    ours = {plain(link.target) for link in reading.links if link.context in contexts and link.target}
    gold = {plain(link["url"]) for link in page.gold["links"]}
    return overlap(Counter(ours), Counter(gold))


def folded(text: str | None) -> str:
    """A title or a name as it is compared: white space and case don't tell."""
    return " ".join((text or "").split()).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsScore:
    """The figures of corpus/news."""

    body: Counts
    citing: Counts
    text: float
    titles: float
    authors: float
    days: float
    milliseconds: float


def score_news(chosen: list[Page], *, show: bool = False) -> NewsScore:
    """Read news pages and compare."""
    body = citing = Counts()
    texts, titles, authors, days, spent = 0.0, 0, 0, 0, 0.0
    for page in chosen:
        started = time.perf_counter()
        reading = page.read()
        spent += time.perf_counter() - started
        here = link_counts(reading, page, contexts=frozenset({Context.BODY}))
        body, citing = body + here, citing + link_counts(reading, page, contexts=CITING_CONTEXTS)
        meta = page.gold["meta"]
        texts += text_f1(reading.text or "", page.gold["text"], size=4)
        titles += folded(reading.title) == folded(meta["title"])
        authors += {folded(name) for name in reading.authors} == {folded(name) for name in meta["authors"] or ()}
        days += (reading.published or "")[:10] == (meta["publishing_date"] or "")[:10]
        if show and (here.wrong or here.missed):
            print_disagreements(reading, page)
    n = len(chosen) or 1
    return NewsScore(
        body=body,
        citing=citing,
        text=texts / n,
        titles=titles / n,
        authors=authors / n,
        days=days / n,
        milliseconds=1000 * spent / n,
    )


def print_disagreements(reading: Reading, page: Page) -> None:
    """Each link on which we and the gold differ, with our reason."""
    gold = {plain(link["url"]): link for link in page.gold["links"]}
    print(f"\n{page.name}")  # noqa: T201 - a command
    for link in reading.links:
        wanted = plain(link.target or "") in gold
        if wanted and link.context is Context.BODY:
            gold[plain(link.target or "")]["seen"] = True
    for link in reading.links:
        uri = plain(link.target or "")
        if link.context is Context.BODY and link.target and uri not in gold:
            print(f"  more   {link.anchor.exact[:40]!r} in {link.sentence.exact[:110]!r} {uri[:60]}")  # noqa: T201
        if uri in gold and not gold[uri].get("seen"):
            print(f"  missed {link.context}: {link.reason}; {link.anchor.exact[:40]!r} {gold[uri]['paragraph'][:80]!r}")  # noqa: T201
            gold[uri]["told"] = True
    for uri, link_ in gold.items():
        if not link_.get("seen") and not link_.get("told"):
            print(f"  absent {uri[:90]} {link_['text']!r}")  # noqa: T201


def score_text(folder: Path, *, size: int) -> tuple[float, int]:
    """Mean text F1 over the pages of a folder, and how many they are."""
    scores = [text_f1(page.read().text or "", page.gold["text"], size=size) for page in pages(folder)]
    return sum(scores) / (len(scores) or 1), len(scores)


def main(arguments: list[str] | None = None) -> int:
    """Print the scores. 2 when there is no corpus."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.score", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--news-only", action="store_true", help="leave out the folders articles and web")
    parser.add_argument("--disagreements", action="store_true", help="list each link on which we and the gold differ")
    options = parser.parse_args(arguments)
    if not (options.corpus / "news" / "gold.jsonl").is_file():
        print(f"{options.corpus} holds no news/gold.jsonl: name the corpus with --corpus", file=sys.stderr)  # noqa: T201
        return 2
    news = list(pages(options.corpus / "news"))
    print_news(score_news(news, show=options.disagreements), count=len(news))
    if not options.news_only:
        for name, size in (("articles", 4), ("web", 1)):
            score, count = score_text(options.corpus / name, size=size)
            print(f"{name:<9} {count:>4} pages  text F1 {score:.3f}")  # noqa: T201
    return 0


def print_news(score: NewsScore, *, count: int) -> None:
    """The figures of corpus/news for a person."""
    print(f"news      {count:>4} pages  text F1 {score.text:.3f}  {score.milliseconds:.0f} ms a page")  # noqa: T201
    print(f"  links in the body      {score.body}")  # noqa: T201
    print(f"  links that cite        {score.citing}")  # noqa: T201
    print(f"  titles {score.titles:.3f}  authors {score.authors:.3f}  days {score.days:.3f}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
