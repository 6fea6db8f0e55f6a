"""The house itself: what stands at the top, who may import whom, and which package does which work."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = {"pyproject.toml", "README.md", "spiders", "pipelines", "archive", "tests", "scrapy.cfg"}
ALLOWED = REQUIRED | {"sources.yml", "Makefile", "LICENSE", "CHANGELOG.md", "constraints.txt"}
FLOOR = {"archive": 0, "pipelines": 1, "spiders": 2}
PACKAGES = sorted(FLOOR)


def tracked() -> list[str]:
    """The files that git knows, or an unpacked source tree's own."""
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return listing.stdout.splitlines()


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """The absolute names that a module imports, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def importers(name: str) -> set[str]:
    """The modules of the three packages that import a foreign package."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in modules(package)
        for found, _ in imports(path)
        if found == name or found.startswith(name + ".")
    }


def test_top_level_is_what_was_agreed() -> None:
    """The root holds the agreed names, besides them only dot files."""
    top = {name.split("/")[0] for name in tracked()}
    assert top >= REQUIRED
    assert {name for name in top if not name.startswith(".")} <= ALLOWED


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_right(package: str) -> None:
    """spiders may import pipelines and archive, pipelines archive, archive neither."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(package)
        for name, line in imports(path)
        if FLOOR.get(name.split(".")[0], 0) > FLOOR[package]
    ]
    assert wrong == []


def test_archive_knows_no_crawler() -> None:
    """The archive imports neither Scrapy nor Twisted, trafilatura or YAML."""
    assert not {m for name in ("scrapy", "twisted", "trafilatura", "yaml") for m in importers(name) if m.startswith("archive/")}


def test_each_package_has_its_role() -> None:
    """HTML text comes from trafilatura in one module, WARC passes through warcio in two, the configuration through PyYAML."""
    assert importers("trafilatura") == {"pipelines/reading/text.py"}
    assert importers("warcio") <= {"archive/warc/records.py", "archive/warc/reader.py"}
    assert importers("warcio")
    assert importers("yaml") == {"spiders/config.py"}
    assert "spiders/sources.py" in importers("scrapy")


def test_dependencies_are_named() -> None:
    """pyproject.toml names scrapy, trafilatura, warcio and pyyaml for running and pytest for testing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in requirements}

    assert {"scrapy", "trafilatura", "warcio", "pyyaml"} <= names(project["dependencies"])
    assert "pytest" in names(project["optional-dependencies"]["test"])


def test_scrapy_lists_the_spider() -> None:
    """`scrapy list` in the root prints `sources` and nothing else."""
    done = subprocess.run([sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["sources"], done.stderr


def test_no_path_of_a_machine_and_no_registry() -> None:
    """No tracked text names a home directory or a package registry's host."""
    pattern = re.compile(rb"/(?:root|work)/|(?:pypi|npmjs|pythonhosted)\.(?:org|com)")
    wrong = [name for name in tracked() if name != "tests/test_house.py" and pattern.search((ROOT / name).read_bytes())]
    assert wrong == []
