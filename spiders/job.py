"""A crawl that goes on where it was stopped: what JOBDIR says of it, and what it need not say.

What is done stands in the index: each citation of a reading has its attempt, or has none. JOBDIR holds only which readings
belong to the job, in a small file that is written when a reading is kept, so that a killed crawl goes on as well as a stopped
one. An article whose bytes, or whose rules of what it cites, are others by now is read anew; but what the job has asked for,
it does not ask for again. A job that has come to its end begins anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scrapy.core.scheduler import Scheduler
from scrapy.dupefilters import BaseDupeFilter
from scrapy.settings import BaseSettings

from archive.index.database import Database
from archive.model import Article, Attempt, Capture, Digest, Extraction, KeptFailure, Outcome, RecordId, Uri, digest_of
from archive.outputs.changes import UNDONE
from archive.outputs.runs import FINISHED
from pipelines.desk import Desk
from pipelines.items import Answered
from spiders.article import ArticleSource
from spiders.config import SourcePolicy

FILE = "footnotary.json"

NOT_ASKED = (*UNDONE, Outcome.SKIPPED)
"""Outcomes of targets that nobody was asked for, or of which nothing was learned."""


class IndexedScheduler(Scheduler):
    """Scrapy's, with its queue in memory where there is a JOBDIR too: requests on the disk would ask for what the index has."""

    def __init__(self, dupefilter: BaseDupeFilter, jobdir: str | None = None, **more: Any) -> None:
        del jobdir
        super().__init__(dupefilter, jobdir=None, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`path` is None without a JOBDIR: then nothing is remembered."""

    path: Path | None

    @classmethod
    def of(cls, settings: BaseSettings) -> Job:
        """The job of a crawl. Raises ValueError where JOBDIR can't be used."""
        folder = settings.get("JOBDIR")
        if not folder:
            return cls(path=None)
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"JOBDIR {folder} can't be used: {error.strerror}") from error
        return cls(path=Path(folder) / FILE)

    def readings(self) -> dict[RecordId, str]:
        """The readings of the job so far, in order, each with the basis of its citations; none for a new job."""
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))["readings"] if self.path else {}
            return {RecordId(reading): str(basis) for reading, basis in said.items()}
        except (OSError, ValueError, AttributeError, KeyError, TypeError):  # no file of ours: a new job
            return {}

    async def begun(self, articles: Sequence[ArticleSource], *, policy: SourcePolicy, desk: Desk) -> list[Article | None]:
        """For each of the articles its last reading in this job, where there is one on the same basis."""
        readings = self.readings()
        known = {found.uri: found for found in await desk.ask(partial(_articles, tuple(readings)))}
        last = [(known.pop(source.uri, None), basis_of(source, policy=policy)) for source in articles]  # a reading goes once
        return [found if found and readings[found.record_id] == basis else None for found, basis in last]

    async def answers(self, desk: Desk) -> dict[Uri, Answered]:
        """What the job has learned of targets: whatever cites one of them too, nobody is asked again."""
        return await desk.ask(partial(_answers, tuple(self.readings())))

    def add(self, reading: RecordId, *, basis: str) -> None:
        """A reading was kept. Written whole or not at all; a JOBDIR that takes nothing costs the job its memory, no capture."""
        if self.path is None:
            return
        draft = self.path.with_suffix(".new")
        said = {"readings": self.readings() | {reading: basis}}
        try:
            draft.write_text(json.dumps(said), encoding="utf-8")
            draft.replace(self.path)
        except OSError:
            draft.unlink(missing_ok=True)

    def close(self, reason: str, desk: Desk) -> None:
        """The run has ended. A job that has left nothing undone is over: the next one begins anew."""
        undone = any(row.outcome in UNDONE for row in desk.rows)
        if self.path is not None and reason == FINISHED and not (undone or desk.complaints or desk.error):
            self.path.unlink(missing_ok=True)


def basis_of(source: ArticleSource, *, policy: SourcePolicy) -> Digest:
    """What the citations of a reading rest on: the bytes of a file, a curator's entries, the rules of what is cited. How
    sources are fetched is no part of it: a job may go on with other limits."""
    content = digest_of(source.content) if source.content is not None else None
    entries = [(entry.anchor, entry.ordinal, entry.url, entry.kind) for entry in source.citations]
    kinds = [(name, rule.hosts, rule.words) for name, rule in policy.kinds.items()]
    said = (source.uri, content, source.published, entries, sorted(policy.contexts), kinds)
    return digest_of(json.dumps(said).encode())


def _articles(readings: Sequence[RecordId], database: Database) -> list[Article]:
    """The readings that the index has; of another collection it has none."""
    found = (database.one(Article, reading) for reading in readings)
    return [article for article in found if article is not None]


def _answers(readings: Sequence[RecordId], database: Database) -> dict[Uri, Answered]:
    citations = (citation for reading in readings for citation in database.citations(reading))
    attempts = (database.attempt(citation.citation_id) for citation in citations)
    return {
        attempt.target: _answered(attempt, database)
        for attempt in attempts
        if attempt is not None and attempt.target is not None and attempt.outcome not in NOT_ASKED
    }


def _answered(attempt: Attempt, database: Database) -> Answered:
    return Answered(
        outcome=attempt.outcome,
        reason=attempt.reason,
        trail=attempt.hops,
        capture=database.one(Capture, attempt.capture_id),
        failure=database.one(KeptFailure, attempt.failure_id),
        extraction=database.one(Extraction, attempt.extraction_id),
    )
