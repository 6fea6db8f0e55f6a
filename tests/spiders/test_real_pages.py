"""Real news pages as articles, and a web on loopback that stands in for all the hosts that they cite, over HTTPS.

The crawl is as a user's would be, but for where its connections go: robots.txt is obeyed, certificates are verified against
an authority of the test, no name is looked up.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import lxml.html
import pytest

from spiders.example.answers import Answer, Asked
from tests.doors import Ended, Rows, feed, scrapy
from tests.kept import record_at, select
from tests.world import World, source

NEWS = Path(__file__).parents[2].parent / "shared" / "corpus" / "news"
PAGES = ("us-TheNation_2023_05_15", "ua-Pravda_2026_01_08", "jp-AsahiShimbun_2025_01_13")
"""Twelve hosts in English, thirteen in Ukrainian, and paths in Japanese."""

pytestmark = pytest.mark.skipif(not NEWS.is_dir(), reason="the corpus lies beside the project")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """The crawl of the pages, and the web that it asked."""

    ended: Ended
    rows: Rows
    world: World
    gold: dict[str, dict[str, Any]]


def stand_in(asked: Asked) -> Answer:
    """A page that names the URL it was asked for."""
    return source(f"{asked.scheme}://{asked.host}{asked.target}")


def gold() -> dict[str, dict[str, Any]]:
    """What people found in the pages, by the URL of the page."""
    every = (json.loads(line) for line in (NEWS / "gold.jsonl").read_text(encoding="utf-8").splitlines())
    return {page["url"]: page for page in every if page["id"] in PAGES}


def hosts_of(pages: dict[str, dict[str, Any]]) -> set[str]:
    """Every host that a link of the pages leads to."""
    found = set()
    for url, page in pages.items():
        tree = lxml.html.document_fromstring(gzip.decompress((NEWS / page["file"]).read_bytes()))
        for link in tree.iter("a"):
            parts = urlsplit(urljoin(url, (link.get("href") or "").strip()))
            if parts.scheme in {"http", "https"} and parts.hostname:
                found.add(parts.hostname)
    return found


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    folder = tmp_path_factory.mktemp("news")
    pages = gold()
    for number, page in enumerate(pages.values()):
        (folder / f"{number}.html.gz").write_bytes((NEWS / page["file"]).read_bytes())
    with World.serving(folder, dict.fromkeys(hosts_of(pages), stand_in)) as world:
        articles = [{"file": f"{number}.html.gz", "url": url} for number, url in enumerate(pages)]
        ended = scrapy("-a", f"config={world.config('news', articles=articles)}", "-o", str(folder / "rows.jsonl"))
        yield Crawl(ended=ended, rows=feed(folder / "rows.jsonl"), world=world, gold=pages)


def test_every_citation_of_a_real_page_is_captured(crawl: Crawl) -> None:
    """Each link of the text leads to a capture over HTTPS or HTTP; nothing is said, and the crawl is fine."""
    assert (crawl.ended.code, crawl.ended.err) == (0, "")
    body = [row for row in crawl.rows if row["context"] == "body"]
    assert len(body) > 60
    assert {(row["outcome"], row["http"]) for row in body} == {("captured", 200)}
    assert sum(row["target"].startswith("https:") for row in body) > 50


def test_each_capture_is_the_page_that_was_cited(crawl: Crawl) -> None:
    """The body that is kept names the very URL that was cited, which is what the server was asked for."""
    collection = crawl.world.collection("news")
    for row in select(collection, "SELECT * FROM provenance WHERE capture_id IS NOT NULL"):
        record = record_at(collection, row["file"], row["offset"], row["length"])
        assert source(row["target"]).body == record.body
        assert row["certificate"] == ("verified" if row["target"].startswith("https:") else None)


@pytest.mark.parametrize("name", PAGES[:2])
def test_what_people_found_is_cited(crawl: Crawl, name: str) -> None:
    """The links that a publisher's own parser finds in the paragraphs are citations of ours, nearly all of them."""
    ((url, page),) = [(url, page) for url, page in crawl.gold.items() if page["id"] == name]
    cited = {row["target"] for row in crawl.rows if row["article"] == url}
    wanted = {quote(link["url"].partition("#")[0], safe="%/:?&=+,;@!$'()*~#[]") for link in page["links"]}
    assert len(wanted & cited) >= 0.9 * len(wanted), sorted(wanted - cited)
