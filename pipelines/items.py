"""The item that travels: one citation and what its target gave. It carries no bytes; those are in the archive."""

from __future__ import annotations

from dataclasses import dataclass

from archive.model import Article, Capture, Citation, Extraction, KeptFailure, Outcome, RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSource:
    """`trail` holds the captures and failures on the way to the target, in order. `capture` is the last response where
    there is one, `failure` what ended the way otherwise; `extraction` is filled in by the reading stage."""

    article: Article
    citation: Citation
    outcome: Outcome
    reason: str
    trail: tuple[RecordId, ...] = ()
    capture: Capture | None = None
    failure: KeptFailure | None = None
    extraction: Extraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one target; the same for every citation of it. `extraction` where it was read before."""

    outcome: Outcome
    reason: str
    trail: tuple[RecordId, ...] = ()
    capture: Capture | None = None
    failure: KeptFailure | None = None
    extraction: Extraction | None = None

    def item(self, article: Article, citation: Citation) -> CitedSource:
        """The item of one of the citations."""
        return CitedSource(
            article=article,
            citation=citation,
            outcome=self.outcome,
            reason=self.reason,
            trail=self.trail,
            capture=self.capture,
            failure=self.failure,
            extraction=self.extraction,
        )
