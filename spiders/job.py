"""A crawl that goes on where it was stopped: what JOBDIR says of it, and what it need not say.

What is done stands in the index: each citation of a reading has its attempt, or has none. JOBDIR holds only which readings
belong to the job, in a small file that is written when a reading is kept, so that a killed crawl goes on as well as a stopped
one. A job that has come to its end, or whose configuration is another one by now, begins anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scrapy.core.scheduler import Scheduler
from scrapy.dupefilters import BaseDupeFilter
from scrapy.settings import BaseSettings

from archive.index.database import Database
from archive.model import Article, Capture, RecordId, digest_of
from pipelines.desk import Desk
from spiders.article import ArticleSource

FILE = "footnotary.json"


class IndexedScheduler(Scheduler):
    """Scrapy's, with its queue in memory where there is a JOBDIR too: requests on the disk would ask for what the index has."""

    def __init__(self, dupefilter: BaseDupeFilter, jobdir: str | None = None, **more: Any) -> None:
        del jobdir
        super().__init__(dupefilter, jobdir=None, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`path` is None without a JOBDIR: then nothing is remembered. `asked` names what the job was asked for."""

    path: Path | None
    asked: str

    @classmethod
    def of(cls, settings: BaseSettings, *, asked: str) -> Job:
        """The job of a crawl. Raises ValueError where JOBDIR can't be used."""
        folder = settings.get("JOBDIR")
        if not folder:
            return cls(path=None, asked=asked)
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"JOBDIR {folder} can't be used: {error.strerror}") from error
        return cls(path=Path(folder) / FILE, asked=asked)

    def readings(self) -> tuple[RecordId, ...]:
        """The readings of the job so far: none for a new one, or for one that was asked for something else."""
        try:
            said = json.loads(self.path.read_text(encoding="utf-8")) if self.path else {}
            same = said.get("asked") == self.asked
            return tuple(RecordId(str(one)) for one in said["readings"]) if same else ()
        except (OSError, ValueError, AttributeError, KeyError, TypeError):  # no file of ours: a new job
            return ()

    async def reading_of(self, source: ArticleSource, desk: Desk) -> Article | None:
        """The reading of an article with which this job has begun, if it is that of the same bytes where they lie here."""
        for record_id in self.readings():
            article = await desk.ask(partial(_article, record_id))
            if article is None or article.uri != source.uri:
                continue
            capture = await desk.ask(partial(_capture, article.capture_id))
            if source.content is None or (capture and capture.block_digest == digest_of(source.content)):
                return article
        return None

    def add(self, reading: RecordId) -> None:
        """A reading was kept. Written whole or not at all; a JOBDIR that takes nothing costs the job its memory, no capture."""
        if self.path is None:
            return
        draft = self.path.with_suffix(".new")
        said = {"asked": self.asked, "readings": [*self.readings(), reading]}
        try:
            draft.write_text(json.dumps(said), encoding="utf-8")
            draft.replace(self.path)
        except OSError:
            draft.unlink(missing_ok=True)

    def finish(self) -> None:
        """The job is done: the next one begins anew."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _article(record_id: RecordId, database: Database) -> Article | None:
    return database.one(Article, record_id)


def _capture(record_id: RecordId, database: Database) -> Capture | None:
    return database.capture(record_id)
