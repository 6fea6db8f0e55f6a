"""A sources.yml to begin with: every key of the table, with what it does, its type and its default, as YAML that can be read.

What is given stands there; every other key is a comment that becomes a setting when its `#` is taken away: `#delay: 1 s`. Prose
has a blank behind its `#`. Sections without any setting are left open, which counts as nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.layout import quoted
from spiders.configuration import keys
from spiders.configuration.keys import Key
from spiders.configuration.written import is_nothing, spelled

WIDTH = 118

_PLAIN = re.compile(r"[A-Za-z](?:[\w./~:?=&%+@<>' -]*[\w./~>])?", re.ASCII)
_QUOTED, _JOINT = re.compile(r"`[^`]*`"), "\x1f"
_MEANS_MORE = re.compile(r": | #|^(?:true|false|yes|no|on|off|null|~)$", re.IGNORECASE)

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "operator": ("operator: Archive desk <archive@example.org>",),
    "articles[].url": ("url: https://magazine.example/what-the-group-means",),
    "articles[].file": ("file: drafts/article.html",),
    "articles[].published": ("published: 2021-08-27",),
    "articles[].citations": (
        "citations:",
        "  - {anchor: the words of the link, url: https://source.example/page}",
        "  - {ordinal: 11, kind: intelligence estimate}",
    ),
    "sources.kinds": (
        "kinds:",
        "  aid report: {hosts: [reliefweb.int, unocha.org], words: [humanitarian needs overview]}",
    ),
    "sources.skip": ('skip: ["*.ads.example"]',),
    "network.allow": ("allow: [192.0.2.10, 10.0.0.0/8]",),
    "network.proxy": ("proxy: http://proxy.example:3128",),
    "network.ca_bundle": ("ca_bundle: authority.pem",),
    "network.connect_to": ('connect_to: {"*:443": "127.0.0.1:8443"}',),
}
"""How a key is written whose default shows nothing, or that stands for several."""

SECTIONS = ("sources", "limits", "network", "recheck")
GROUPS = {
    "articles[].citations": ("articles[].citations[]",),
    "sources.kinds": ("sources.kinds.NAME",),
}
"""Keys whose items have keys of their own, which are explained with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is to stand in the file as a setting: lines by the path of a key (`limits.delay`), and one mapping of such by the
    path below `articles[]` for each article. `top` is prose for the head of the file."""

    top: str
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    articles: Sequence[Mapping[str, Sequence[str]]] = ()


def sources_yml(given: Given) -> str:
    """The whole file."""
    lines = [*_prose(given.top), ""]
    for path in ("collection", "operator", "example"):
        lines += [*_entry(path, given.settings.get(path)), ""]
    lines += ["articles:"]
    for number, article in enumerate(given.articles):
        lines += _article(article, explained=number == 0)
    for section in SECTIONS:
        lines += ["", f"{section}:"]
        for path in _paths(section):
            lines += _indented(_entry(path, given.settings.get(path)), "  ")
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """A text as YAML takes it for a text, and as one line. Raises ValueError for half a letter, which no YAML has."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{text!a} is not UTF-8, and sources.yml is: spell it so, or rename the file") from error
    return text if _PLAIN.fullmatch(text) and not _MEANS_MORE.search(text) else quoted(text)


def _article(article: Mapping[str, Sequence[str]], *, explained: bool) -> Iterator[str]:
    """An item of the list: what is given, then in the first one every other key as a comment."""
    if explained:
        yield from (f"  {line}" for path in article for line in _explanation(path))
    settings = [line for path in _paths("articles[]") for line in article.get(path, ())]
    yield from (f"{'  - ' if number == 0 else '    '}{line}" for number, line in enumerate(settings))
    if explained:
        for path in _paths("articles[]"):
            yield from _indented(_entry(path, None) if path not in article else (), "    ")


def _paths(section: str) -> Iterator[str]:
    """The entries of a section in the order of the table; keys below a group are that group."""
    seen: dict[str, None] = {}
    for key in keys.KEYS:
        group = next((name for name, below in GROUPS.items() if key.path.startswith(tuple(f"{one}." for one in below))), None)
        path = group or key.path
        if path.startswith(section + "."):
            seen.setdefault(path)
    return iter(seen)


def _entry(path: str, lines: Sequence[str] | None) -> Iterator[str]:
    """What a key does, and the key: set where it is given."""
    yield from _explanation(path)
    if lines is not None:
        yield from lines
    else:
        yield from (f"#{line}" for line in EXAMPLES.get(path) or (_default(path),))


def _explanation(path: str) -> Iterator[str]:
    for key in keys.KEYS:
        if key.path == path or key.path.startswith(tuple(f"{one}." for one in GROUPS.get(path, ()))):
            yield from _prose(_explained(key, path))


def _explained(key: Key[object], path: str) -> str:
    name = "" if key.path == path else f"{key.path.rpartition('.')[2]}: "
    default = "" if key.default is None or is_nothing(key.default) else f"; default {spelled(key.default)}"
    return f"{name}{key.does} ({key.type.name}{default})"


def _default(path: str) -> str:
    (key,) = (key for key in keys.KEYS if key.path == path)
    return f"{path.rpartition('.')[2]}: {spelled(key.default) if key.default else ''}"


def _prose(text: str) -> Iterator[str]:
    """Comments. What stands in backquotes stays in one line, so that it can be copied."""
    for line in text.split("\n"):
        whole = _QUOTED.sub(lambda found: found[0].replace(" ", _JOINT), line)
        found = textwrap.wrap(whole, WIDTH, break_on_hyphens=False, break_long_words=False)
        yield from (f"# {part.replace(_JOINT, ' ')}" for part in found) if found else ("#",)


def _indented(lines: Iterator[str] | Sequence[str], indent: str) -> Iterator[str]:
    yield from (f"{indent}{line}" for line in lines)
