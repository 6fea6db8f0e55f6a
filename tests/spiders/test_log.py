"""Where the log of a crawl goes: the run's file, one sentence a warning, and Scrapy's own where it is asked for."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.utils.log import get_scrapy_root_handler, install_scrapy_root_handler

from spiders.log import RunLog, Sentences, asks_for_the_log, logging_of
from tests.doors import ROOT, footnotary, start

PLAIN = logging.Formatter("%(levelname)s %(message)s")


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger of its own below the root, which is given back as it was."""
    handlers, level = list(logging.root.handlers), logging.root.level
    logging.root.setLevel(logging.NOTSET)
    yield logging.getLogger("tests.log")
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def record(message: str, *, level: int = logging.INFO, name: str = "x") -> logging.LogRecord:
    return logging.LogRecord(name, level, "a.py", 1, message, None, None)


def test_what_comes_before_the_file_is_in_the_file(tmp_path: Path) -> None:
    """Records wait until the file has a name, and stand in it in order, before those that come later."""
    log = RunLog(level=logging.INFO, formatter=PLAIN)
    log.handle(record("first"))
    log.open(tmp_path / "run.log")
    log.handle(record("sécond \ud800"))
    log.close()
    assert (tmp_path / "run.log").read_text(encoding="utf-8") == "INFO first\nINFO sécond \\ud800\n"


def test_a_log_that_can_not_be_written_harms_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No folder, or a disk that takes no more: lines are lost, and nobody is told in a traceback."""
    log = RunLog(level=logging.INFO, formatter=PLAIN)
    log.open(tmp_path / "missing" / "run.log")
    log.handle(record("waits"))
    assert log.path is None
    full = Path("/dev/full")
    if full.exists():
        log.open(full)
        log.handle(record("lost"))
        assert log.path == full
    log.close()
    assert capfd.readouterr() == ("", "")


def test_warnings_are_sentences_each_said_once() -> None:
    """The first line of a message, without time or name; the same again is silence, and so is what is for programmers."""
    told: list[str] = []
    sentences = Sentences(told.append)
    for message in ("one\nTraceback (most recent call last)", "two \x1b]0;title\x07", "one"):
        sentences.handle(record(message, level=logging.WARNING))
    sentences.handle(record("a.py:1: DeprecationWarning: old", level=logging.WARNING, name="py.warnings"))
    assert told == ["one", "two \\x1b]0;title\\x07"]
    assert sentences.said == set(told)
    assert sentences.level == logging.WARNING


def test_nobody_asks_by_leaving_things_as_they_are() -> None:
    """The project's own LOG_LEVEL asks for nothing; any of Scrapy's ways to ask on the command line does."""
    settings = Settings({"LOG_LEVEL": "WARNING"}, priority="project")
    assert not asks_for_the_log(settings)
    for name, value in (("LOG_LEVEL", "INFO"), ("LOG_ENABLED", "False"), ("LOG_FILE", "x")):
        asked = settings.copy()
        asked.set(name, value, priority="cmdline")
        assert asks_for_the_log(asked)


def test_the_log_of_a_crawl(logger: logging.Logger, tmp_path: Path) -> None:
    """INFO goes to the file, WARNING to both, DEBUG to neither, and Scrapy's handler says nothing besides."""
    told: list[str] = []
    settings = Settings({"LOG_LEVEL": "WARNING"}, priority="project")
    install_scrapy_root_handler(settings)
    with logging_of(settings, sentences=Sentences(told.append)) as log:
        logger.debug("small")
        logger.info("middle")
        log.open(tmp_path / "run.log")
        logger.warning("large")
        assert isinstance(get_scrapy_root_handler(), logging.NullHandler)
    logger.warning("after")
    assert told == ["large"]
    lines = (tmp_path / "run.log").read_text().splitlines()
    assert [line.partition("[tests.log] ")[2] for line in lines] == ["INFO: middle", "WARNING: large"]


def test_scrapys_log_where_it_is_asked_for(logger: logging.Logger, tmp_path: Path) -> None:
    """With LOG_LEVEL on the command line Scrapy's handler stays as it is, no sentence is said, and the file has what it has."""
    told: list[str] = []
    settings = Settings({"LOG_LEVEL": "WARNING"}, priority="project")
    settings.set("LOG_LEVEL", "DEBUG", priority="cmdline")
    install_scrapy_root_handler(settings)
    handler = get_scrapy_root_handler()
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream := io.StringIO())
    with logging_of(settings, sentences=Sentences(told.append)) as log:
        log.open(tmp_path / "run.log")
        logger.debug("small")
        logger.warning("large")
    assert told == []
    for text in (stream.getvalue(), (tmp_path / "run.log").read_text()):
        assert [line.partition("[tests.log] ")[2] for line in text.splitlines()] == ["DEBUG: small", "WARNING: large"]


def test_a_setting_brings_the_log_back_at_both_doors(tmp_path: Path) -> None:
    """`-s LOG_LEVEL=INFO` prints Scrapy's log on standard error as Scrapy documents; without it there is none."""
    article = tmp_path / "note.md"
    article.write_text("# A note\n\nIt [says](#) so, and [more](#).\n")
    command = ("crawl", str(article), "--collection", str(tmp_path / "c"))
    quiet = footnotary(*command, fence="sealed")
    assert (quiet.code, quiet.err) == (0, "")
    loud = footnotary(*command, "-s", "LOG_LEVEL=INFO", fence="sealed")
    assert loud.code == 0
    assert "INFO: Spider closed (finished)" in loud.err
    named = ("-a", f"article={article}", "-a", f"collection={tmp_path / 'c'}")
    scrapy = start("scrapy", "crawl", "sources", *named, "-s", "LOG_LEVEL=INFO", cwd=ROOT, fence="sealed").ended()
    assert "INFO: Spider opened" in scrapy.err
    assert len(list((tmp_path / "c" / "logs").iterdir())) == 3


def test_a_setting_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    """`-s LOUD` is refused before anything is done."""
    ended = footnotary("crawl", "a.md", "--collection", str(tmp_path / "c"), "-s", "LOUD", fence="sealed", cwd=tmp_path)
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "c").exists()
