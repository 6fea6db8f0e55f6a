"""The scores on real pages: the command runs, counts right, and a handful of pages stays above a floor."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.quality.score import CORPUS, Counts, overlap, pages, score_news, shingles, text_f1

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the project")


def test_counts() -> None:
    """Bags are compared with their multiplicities, and rates come from the sums."""
    counts = overlap(Counter("aab"), Counter("abc"))
    assert counts == Counts(right=2, wrong=1, missed=1)
    assert (counts + Counts(right=2)).f1 == pytest.approx(0.8)
    assert (Counts().precision, Counts().recall, Counts().f1) == (0, 0, 0)


def test_text_f1() -> None:
    """Equal texts score one, different ones none, and two empty ones agree."""
    assert text_f1("a b c d e", "a b c d e", size=4) == 1.0
    assert text_f1("a b c d", "e f g h", size=4) == 0.0
    assert text_f1("", "", size=4) == 1.0
    assert shingles("a b", size=4) == Counter([("a", "b")])


@needs_corpus
def test_a_handful_of_news_pages() -> None:
    """Links, text and metadata of some pages stay where they are; the marks to reach stand in the score of all pages."""
    score = score_news([page for number, page in enumerate(pages(CORPUS / "news")) if number % 8 == 0])
    assert score.body.f1 > 0.85
    assert score.citing.f1 > 0.85
    assert score.text > 0.9
    assert score.days > 0.9


def test_without_a_corpus(tmp_path: Path) -> None:
    """The command says what is missing and ends with 2."""
    command = [sys.executable, "-m", "tests.quality.score", "--corpus", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 2
    assert "holds no news/gold.jsonl" in done.stderr
