"""`footnotary init`: a configuration to begin with, with every key explained, and what Scrapy needs beside it.

Without an article it names the worked example, which runs at once and without a network. Nothing that is there is written over,
and where one of the two files can't be written, neither is there.
"""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from archive.disk import translated
from archive.naming import slug
from spiders.article import ArticleSource, open_article
from spiders.cli.place import COLLECTIONS, CONFIG, shown
from spiders.config import Config
from spiders.configuration.template import Given, scalar, sources_yml
from spiders.example.web import ARTICLE

SCRAPY_CFG = "[settings]\ndefault = spiders.settings\n"

OWN = (
    "What footnotary is to keep, and how. A line that begins with # and a word is a key that is not set: take the # away to "
    "set it.\nPaths are relative to this file. `footnotary doctor` looks whether everything is in its place."
)
EXAMPLE = (
    f"{OWN}\n\nThis is the worked example, on an invented web that your own machine serves: `footnotary crawl` runs it as it "
    "stands. For an article of your own remove the lines example, kinds with what is below it, delay and time; then put your "
    "article's address under articles, another folder under collection, and your name and e-mail address under operator."
)
EXAMPLE_SETTINGS = {
    "collection": ("collection: collections/example",),
    "operator": ("operator: Footnotary's worked example <nobody@magazine.example>",),
    "example": ("example: true",),
    "sources.kinds": (
        "kinds:",
        "  military statement: {hosts: [command.example], words: [Joint Stabilization Command]}",
        "  intelligence estimate: {hosts: [intelligence.example], words: [intelligence estimate]}",
        "  official figures: {hosts: [inspector.example, mission.example, statistics.example]}",
    ),
    "limits.time": ("time: 10 s",),
    "limits.delay": ("delay: 0 s",),
}


def run(options: Namespace) -> int:
    """Write both files. Raises ValueError or CollectionError, and then nothing is written."""
    folder = Path(options.dir)
    files = (folder / CONFIG, folder / "scrapy.cfg")
    for path in files:
        if path.exists() or path.is_symlink():
            raise ValueError(f"{path} is there already, and nothing is written over: name another folder")
    given = _own(options.article, folder=folder) if options.article else _example()
    if options.operator is not None:
        given = replace(given, settings={**given.settings, "operator": (_operator(options.operator),)})
    texts = (sources_yml(given), SCRAPY_CFG)
    with translated(folder):
        write_new(dict(zip(files, texts, strict=True)))
    print("\n".join(_said(folder, files)))
    return 0


def _operator(name: str) -> str:
    if not name.strip():
        raise ValueError("--operator is empty: say who runs this, as in --operator 'Archive desk <archive@example.org>'")
    return f"operator: {scalar(name)}"


def _example() -> Given:
    return Given(top=EXAMPLE, settings=EXAMPLE_SETTINGS, articles=({"articles[].url": (f"url: {ARTICLE}",)},))


def _own(articles: Sequence[str], *, folder: Path) -> Given:
    """The articles of a user, looked at now. Raises ConfigError or ArticleError."""
    opened = [open_article(Config.for_article(one, collection=COLLECTIONS).articles[0]) for one in articles]
    name = slug(opened[0].title.rpartition(".")[0] or opened[0].title)
    return Given(
        top=OWN,
        settings={"collection": (f"collection: {COLLECTIONS / name}",)},
        articles=[dict([_item(one, source, folder=folder)]) for one, source in zip(articles, opened, strict=True)],
    )


def _item(article: str, source: ArticleSource, *, folder: Path) -> tuple[str, tuple[str, ...]]:
    if source.content is None:
        return "articles[].url", (f"url: {scalar(article)}",)
    path = Path(article).resolve()
    below = path.is_relative_to(folder.resolve())
    return "articles[].file", (f"file: {scalar(str(path.relative_to(folder.resolve()) if below else path))}",)


def write_new(texts: Mapping[Path, str]) -> None:
    """New files, and the folders that they need: all of them, or nothing. Raises OSError, for a file that is there too."""
    with ExitStack() as undo:
        for path, text in texts.items():
            _make(path.parent, undo=undo)
            _write(path, text, undo=undo)
        undo.pop_all()


def _make(folder: Path, *, undo: ExitStack) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        undo.callback(one.rmdir)


def _write(path: Path, text: str, *, undo: ExitStack) -> None:
    with path.open("x", encoding="utf-8") as stream:
        undo.callback(path.unlink)
        stream.write(text)


def _said(folder: Path, files: Sequence[Path]) -> Iterator[str]:
    yield f"Written: {', '.join(shown(path) for path in files)}"
    yield "Next:"
    if folder.resolve() != Path().resolve():
        yield f"  cd {shlex.quote(os.fspath(folder))}"
    yield "  footnotary crawl            find what the article cites, fetch it, keep it"
    yield "  scrapy crawl sources        the same, as Scrapy runs its spiders"
    yield "  footnotary report           a page for a browser"
    yield "  footnotary schedule cron    again every week"
