"""What a configuration asks of the spider, as frozen values: which articles, which links, which kinds, who knows better.

What it asks of other rooms (limits, network) are values of theirs. A `line` says where in the file a value stands; it takes
no part in comparing two values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from archive.model import CITING_CONTEXTS, Context, Uri


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """One kind of source: `hosts` (each stands for what is below it too) and `words` of anchor or clause, whole words.

    A word with capitals is met as it is spelled or all in capitals; one in small letters in any case, and in the plural.
    """

    hosts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePolicy:
    """Which links are followed, what kinds they are, how deep, and which hosts (patterns) are left out."""

    contexts: frozenset[Context] = CITING_CONTEXTS
    kinds: Mapping[str, KindRule] = field(default_factory=dict)
    depth: int = 1
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CuratorEntry:
    """What a person knows of one citation, found by its anchor, its ordinal (from 1), or both.

    `url` is verbatim, with its fragment; `url` or `kind` is set.
    """

    anchor: str | None = None
    ordinal: int | None = None
    url: str | None = None
    kind: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleConfig:
    """One article: a `url` to fetch, or a `file` to read (then `url` is where it was published, or None).

    `published` is an ISO 8601 date or date-time. `url` has no fragment.
    """

    url: Uri | None = None
    file: Path | None = None
    published: str | None = None
    citations: tuple[CuratorEntry, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckPolicy:
    """After how long a source is due again."""

    every: timedelta = timedelta(days=7)
