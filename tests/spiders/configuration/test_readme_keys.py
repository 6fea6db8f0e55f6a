"""The table of keys in spiders/README.md, the table in code and the loader are one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from spiders.config import Config, ConfigError, load
from spiders.configuration.keys import KEYS, Key
from spiders.configuration.written import spelled

README = (Path(__file__).parents[3] / "spiders/README.md").read_text(encoding="utf-8")

OTHER: dict[str, str] = {
    "collection": "other",
    "operator": "someone",
    "example": "true",
    "articles[].url": "https://b.example/",
    "articles[].file": "article.txt",
    "articles[].published": "2021-08-27",
    "articles[].citations[].anchor": "saying",
    "articles[].citations[].ordinal": "2",
    "articles[].citations[].url": "https://c.example/",
    "articles[].citations[].kind": "report",
    "sources.contexts": "[body]",
    "sources.kinds.NAME.hosts": "[a.example]",
    "sources.kinds.NAME.words": "[word]",
    "sources.depth": "1",
    "sources.skip": "[a.example]",
    "limits.size": "1 MB",
    "limits.time": "1 s",
    "limits.delay": "5 s",
    "limits.concurrent_per_host": "1",
    "limits.redirects": "1",
    "limits.retries": "1",
    "limits.retry_after": "1 s",
    "network.robots": "record",
    "network.certificates": "record",
    "network.allow": "[127.0.0.1]",
    "network.proxy": "http://proxy.example:3128",
    "network.ca_bundle": "roots.pem",
    "network.connect_to": '{"*:80": "127.0.0.1:8080"}',
    "network.dns_timeout": "1 s",
    "recheck.every": "1 day",
}
"""For each key a value that is not its default."""

BASE = {
    "collection": "kept",
    "articles[].url": "https://a.example/",
    "articles[].file": "roots.pem",
    "articles[].citations[].anchor": "words",
    "articles[].citations[].ordinal": "1",
    "articles[].citations[].url": "https://a.example/",
    "articles[].citations[].kind": "web",
    "sources.kinds.NAME.hosts": "[x.example]",
    "sources.kinds.NAME.words": "[x]",
}


def rows() -> list[tuple[str, ...]]:
    """The rows of the README's table of keys: key, type, default, what it does."""
    found = re.findall(r"^\| (`[a-zN].*) \|$", README, re.MULTILINE)
    return [row for row in (tuple(line.split(" | ")) for line in found) if len(row) == 4]


def row(key: Key[Any]) -> tuple[str, ...]:
    """What the README must say of a key."""
    default = "required" if key.default is None else f"`{spelled(key.default)}`"
    return (f"`{key.path}`", key.type.name, default, key.does)


def file_with(values: dict[str, str]) -> str:
    """A configuration with these values, in the shape that their paths ask for."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *sections, name = path.split(".")
        inner = tree
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[name] = value
    return _flow(tree)


def _flow(tree: dict[str, Any]) -> str:
    """A mapping in YAML's flow style; a name that ends in [] is a list of one item."""
    said = []
    for name, value in tree.items():
        written = _flow(value) if isinstance(value, dict) else value
        said.append(f"{name[:-2]}: [{written}]" if name.endswith("[]") else f"{name}: {written}")
    return "{" + ", ".join(said) + "}"


def loaded(folder: Path, values: dict[str, str]) -> Config:
    """The configuration with these values."""
    (folder / "article.txt").write_text("x")
    (folder / "roots.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    path = folder / "sources.yml"
    path.write_text(file_with(values))
    return load(path)


def seen(config: Config) -> str:
    """All values of a configuration, without the text that they come from."""
    proxy, bundle = config.network.proxy, config.network.ca_bundle  # not in their room's repr, since they may be secret
    return re.sub(r"line=\d+", "", f"{config!r} {proxy!r} {bundle!r}")


def test_readme_has_the_table() -> None:
    """The README's table is the table in code, row by row, in its order."""
    assert rows() == [row(key) for key in KEYS]


def test_no_key_twice() -> None:
    """Each path stands in the table once."""
    assert len({key.path for key in KEYS}) == len(KEYS) == len(OTHER)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_the_loader_obeys_the_key(tmp_path: Path, key: Key[Any]) -> None:
    """Writing a key changes the configuration, so that no row of the table is without effect."""
    before = loaded(tmp_path, BASE)
    after = loaded(tmp_path, {**BASE, key.path: OTHER[key.path]})
    assert (seen(after) != seen(before)) is (key.path != "sources.depth")  # which takes one value so far


@pytest.mark.parametrize("key", [key for key in KEYS if key.default], ids=lambda key: key.path)
def test_the_default_is_what_counts(tmp_path: Path, key: Key[Any]) -> None:
    """Writing a key's default as the README spells it is the same as leaving the key out."""
    without = {path: value for path, value in BASE.items() if path != key.path}
    assert key.default is not None
    left_out = loaded(tmp_path, without)
    assert seen(loaded(tmp_path, {**without, key.path: spelled(key.default)})) == seen(left_out)


@pytest.mark.parametrize("key", [key for key in KEYS if key.default is None], ids=lambda key: key.path)
def test_a_required_key_is_required(tmp_path: Path, key: Key[Any]) -> None:
    """A key without a default can't be left out."""
    with pytest.raises(ConfigError, match=f"{key.path} is missing"):
        loaded(tmp_path, {path: value for path, value in BASE.items() if path != key.path})


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
def test_the_examples_are_read(tmp_path: Path, example: str) -> None:
    """Each YAML example of the README is a configuration."""
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts/article.txt").write_text("x")
    (tmp_path / "sources.yml").write_text(example)
    assert load(tmp_path / "sources.yml").collection == tmp_path / "collections/kabul-2021"


def test_the_error_of_the_readme(tmp_path: Path) -> None:
    """The sentence that the README shows is the one that comes."""
    said = re.search(r"^    (sources\.yml, line (\d+): .*)$", README, re.MULTILINE)
    assert said is not None
    path = tmp_path / "sources.yml"
    head = "collection: x\narticles: [{url: 'https://a.example/'}]\n"
    path.write_text(head + "\n" * (int(said[2]) - 3) + "limits: {tiem: 60 s}\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).endswith(said[1])


def test_every_module_is_named() -> None:
    """The README's list of modules names what is in the folder, all of it and nothing else."""
    folder = Path(__file__).parents[3] / "spiders"
    named = set(re.findall(r"`(\w+(?:\.py|/))`", README.partition("## Modules")[2]))
    there = {path.name if path.is_file() else f"{path.name}/" for path in folder.iterdir()}
    assert named == {name for name in there if name.endswith((".py", "/"))} - {"__init__.py", "__pycache__/"}
