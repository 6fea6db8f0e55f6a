"""Where the log of a crawl goes: into `logs/RUN.log` of its collection, and to the terminal one sentence for each warning.

A user who asks for Scrapy's log (`-s LOG_LEVEL=…`, `-L`, `--nolog`, `--logfile`) gets it as Scrapy documents, and the file of
the run all the same. What is logged before the collection is open waits in memory; without a collection (a bad
configuration, a replay) there is no file. A log that can't be written costs lines of the log and nothing else.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, Settings
from scrapy.utils.log import install_scrapy_root_handler

from archive.outputs.plain import plain, plain_lines

ASKED_FOR = ("LOG_LEVEL", "LOG_FILE", "LOG_ENABLED", "LOG_STDOUT")
FILE_LEVEL = logging.INFO
KEPT_BACK = 1000
"""Records that wait for the file at most."""

FOR_PROGRAMMERS = ("py.warnings",)
"""Loggers whose warnings are no sentences for a person; the file has them."""


class RunLog(logging.Handler):
    """Keeps records back until `open` names the file."""

    def __init__(self, *, level: int, formatter: logging.Formatter) -> None:
        super().__init__(level)
        self.setFormatter(formatter)
        self._waiting: deque[logging.LogRecord] = deque(maxlen=KEPT_BACK)
        self._file: _File | None = None

    @property
    def path(self) -> Path | None:
        """The file, once it is there."""
        return Path(self._file.baseFilename) if self._file else None

    def open(self, path: Path) -> None:
        """Write to this file from now on, first what waits."""
        try:
            self._file = _File(path, encoding="utf-8", errors="backslashreplace")
        except OSError:  # a collection that takes no log may still take what matters, and says so itself if not
            return
        self._file.setFormatter(self.formatter)
        while self._waiting:
            self._file.handle(self._waiting.popleft())

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or keep it back."""
        if self._file is None:
            self._waiting.append(record)
        else:
            self._file.handle(record)

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            with suppress(OSError):  # a full disk again: its last lines
                self._file.close()
        super().close()


class _File(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk: the line is lost, and the crawl says what else is."""


class Sentences(logging.Handler):
    """For a person: each warning as one line, each line once. `said` are the lines so far."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Say the first line of a message, without time, name or traceback."""
        sentence = plain(record.getMessage().strip().partition("\n")[0])
        if sentence in self.said or record.name in FOR_PROGRAMMERS:
            return
        self.said.add(sentence)
        self._tell(sentence)


def asks_for_the_log(settings: BaseSettings) -> bool:
    """Whether the person who started the crawl wants Scrapy's log where Scrapy puts it."""
    asked = SETTINGS_PRIORITIES["cmdline"]
    return any((settings.getpriority(name) or 0) >= asked for name in ASKED_FOR)


@contextmanager
def logging_of(settings: Settings, *, sentences: Sentences) -> Iterator[RunLog]:
    """The log of one crawl for the length of the block, kept back for its file; and sentences, unless Scrapy's log is asked."""
    asked = asks_for_the_log(settings)
    level = logging.getLevelName(settings.get("LOG_LEVEL")) if asked else FILE_LEVEL
    formatter = logging.Formatter(settings.get("LOG_FORMAT"), settings.get("LOG_DATEFORMAT"))
    log = RunLog(level=min(level, FILE_LEVEL) if isinstance(level, int) else FILE_LEVEL, formatter=formatter)
    handlers: list[logging.Handler] = [log]
    if not asked:
        handlers.append(sentences)
        settings.set("LOG_ENABLED", False, priority="cmdline")  # Scrapy installs its handler anew with each crawler
        install_scrapy_root_handler(settings)
    for handler in handlers:
        logging.root.addHandler(handler)
    try:
        yield log
    finally:
        for handler in handlers:
            logging.root.removeHandler(handler)
            handler.close()


def to_stderr(sentence: str) -> None:
    """Where sentences go when nothing else is shown meanwhile."""
    print(plain_lines(sentence), file=sys.stderr, flush=True)  # noqa: T201 - this is the front door
