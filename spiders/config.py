"""sources.yml, read once and in one direction, into frozen values: the only place that knows YAML.

Unknown keys, wrong types and bad values are one sentence each, with file, line and key; nothing is repaired or guessed.
YAML is read with PyYAML's safe loader; tags beyond its plain types are refused, and so is what aliases blow up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from archive.model import Digest, digest_of
from pipelines.capture.policy import CapturePolicy, NetworkPolicy
from spiders.configuration import keys, parts
from spiders.configuration.redact import redacted
from spiders.configuration.values import ArticleConfig, CuratorEntry, KindRule, RecheckPolicy, SourcePolicy
from spiders.configuration.written import Fault, Field, Fields, Items, Text, Written, mapping_of, text_of

__all__ = ["ArticleConfig", "Config", "ConfigError", "CuratorEntry", "KindRule", "RecheckPolicy", "SourcePolicy", "load"]

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 200_000

_PLAIN = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map"))
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML built without libyaml has only the slow one


class ConfigError(ValueError):
    """A configuration that can't be used: `file` (None without a file), `line` from 1 (None where there is none), the path
    of the `key` (empty where no key can be named) and the `reason`, which ends the sentence."""

    def __init__(self, file: Path | None, line: int | None, key: str, reason: str) -> None:
        super().__init__(file, line, key, reason)
        self.file = file
        self.line = line
        self.key = key
        self.reason = reason

    def __str__(self) -> str:
        """One sentence for a person."""
        place = ", ".join([str(self.file)] * (self.file is not None) + [f"line {self.line}"] * bool(self.line))
        said = " ".join(part for part in (self.key, self.reason) if part)
        return f"{place}: {said}" if place else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One run's configuration. `raw` are the file's bytes, `redacted` the same without secrets (UTF-8): what may be kept.

    `path` is None, and both texts are empty, where an article was named without a file.
    """

    path: Path | None
    collection: Path
    operator: str
    articles: tuple[ArticleConfig, ...]
    sources: SourcePolicy
    limits: CapturePolicy
    network: NetworkPolicy
    recheck: RecheckPolicy
    example: bool
    raw: bytes = field(repr=False)
    redacted: bytes = field(repr=False)

    @property
    def digest(self) -> Digest | None:
        """The digest of the redacted file; None without a file."""
        return digest_of(self.redacted) if self.path else None

    @classmethod
    def for_article(cls, article: str, *, collection: str | Path) -> Config:
        """The defaults, for one article (a URL, or else the path of a file) and a collection; raises ConfigError."""
        is_url = article.lower().startswith(("http://", "https://"))
        named = mapping_of(**{"url" if is_url else "file": text_of(article)})
        whole = mapping_of(collection=text_of(str(collection)), articles=Items(line=0, items=(named,)))
        try:
            return _config(whole, path=None, raw=b"", kept=b"")
        except Fault as fault:
            raise ConfigError(None, None, fault.key.removeprefix("articles[]."), fault.reason) from fault


def load(path: Path) -> Config:
    """The configuration in a file; raises ConfigError. Its paths are relative to the file's folder."""
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            path, raw.count(b"\n", 0, error.start) + 1, "", "is not UTF-8: save the file in that encoding"
        ) from error
    try:
        config = _config(_read(text), path=path, raw=raw, kept=redacted(text).encode())
    except Fault as fault:
        raise ConfigError(path, fault.line or None, fault.key, fault.reason) from fault
    proxy = config.network.proxy or ""
    if "@" in proxy and proxy not in text:  # spelled with escapes or over two lines, where its password would not be seen
        raise ConfigError(
            path, None, keys.PROXY.path, "must be written plainly in one line, so that its password can be left out"
        )
    return config


def require_example_hosts(config: Config, *, hosts: Collection[str]) -> None:
    """Raises ConfigError where `example: true` stands beside a URL whose host is not among the example's `hosts`."""
    if not config.example:
        return
    for line, key, url in _urls(config):
        host = urlsplit(url).hostname or ""
        if host not in hosts:
            reason = f"is on {host}, which is not part of the example web: remove the line `example: true` to use the real one"
            raise ConfigError(config.path, line or None, key, reason)


def _urls(config: Config) -> Iterator[tuple[int, str, str]]:
    for article in config.articles:
        if article.url:
            yield article.line, keys.ARTICLE_URL.path, article.url
        yield from ((entry.line, keys.CITATION_URL.path, entry.url) for entry in article.citations if entry.url)


def _config(written: Written, *, path: Path | None, raw: bytes, kept: bytes) -> Config:
    folder = path.parent if path else Path()
    top = parts.at(written, "")
    return Config(
        path=path,
        collection=parts.below(folder, top.value(keys.COLLECTION)),
        operator=top.value(keys.OPERATOR) or "",
        articles=parts.articles(top, folder=folder),
        sources=parts.sources(top.get("sources")),
        limits=parts.limits(top.get("limits")),
        network=parts.network(top.get("network"), folder=folder),
        recheck=parts.recheck(top.get("recheck")),
        example=top.value(keys.EXAMPLE),
        raw=raw,
        redacted=kept,
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError(path, None, "", "there is no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        raise ConfigError(path, None, "", f"it can't be read ({getattr(error, 'strerror', None) or error})") from error
    if len(raw) > MAX_BYTES:
        raise ConfigError(path, None, "", f"it is larger than {MAX_BYTES // 1000} kB, and no configuration is")
    return raw


# YAML -> Written


def _read(text: str) -> Written:
    """The one document of a YAML stream; raises Fault."""
    try:
        _check_depth(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text) from error
    except yaml.YAMLError as error:  # a character that YAML does not know; it has no line
        raise Fault(line=0, key="", reason=f"is not YAML: {str(error).splitlines()[0]}") from error
    if node is None:
        raise Fault(line=0, key="", reason="is empty: a configuration names a collection and articles")
    return _Reader().written(node)


def _check_depth(text: str) -> None:
    """PyYAML composes recursively: thousands of brackets would end the process and not the reading."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _too_deep(_line_of(event))


def _line_of(met: yaml.Event | yaml.Node) -> int:
    return met.start_mark.line + 1 if met.start_mark else 0


def _too_deep(line: int) -> Fault:
    return Fault(line=line, key="", reason=f"is nested more than {MAX_DEPTH} deep, and no configuration is")


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    written = dict(enumerate(text.splitlines())).get(line, "")
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return Fault(line=line + 1, key="", reason="is indented with a tab: YAML takes only blanks")
    return Fault(line=line + 1, key="", reason=f"is not YAML: {error.problem or error.context}")


class _Reader:
    """Turns nodes into written values, and counts them: an alias costs what it stands for."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def written(self, node: yaml.Node, *, depth: int = 0) -> Written:
        line = _line_of(node)
        self._left -= 1
        if self._left < 0:
            raise Fault(
                line=line, key="", reason=f"makes more than {MAX_NODES} values out of aliases, and no configuration does"
            )
        if depth > MAX_DEPTH:  # an alias inside of what it stands for
            raise _too_deep(line)
        if node.tag not in _PLAIN:
            raise Fault(line=line, key="", reason=f"has the tag {node.tag}, and only plain values are read")
        if isinstance(node, yaml.ScalarNode):
            return Text(line=line, text=None if node.tag.endswith(":null") else node.value)
        if isinstance(node, yaml.SequenceNode):
            return Items(line=line, items=tuple(self.written(item, depth=depth + 1) for item in node.value))
        return Fields(line=line, fields=tuple(self._fields(node, depth=depth + 1)))

    def _fields(self, node: yaml.Node, *, depth: int) -> Iterator[Field]:
        lines: dict[str, int] = {}
        for name, value in node.value:
            line = _line_of(name)
            if not isinstance(name, yaml.ScalarNode):
                raise Fault(line=line, key="", reason="has a list or a mapping where the name of a key belongs")
            if name.value in lines:
                raise Fault(line=line, key=name.value, reason=f"is written twice, first in line {lines[name.value]}")
            lines[name.value] = line
            yield Field(line=line, name=name.value, value=self.written(value, depth=depth))
