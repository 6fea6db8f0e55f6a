"""The guard at the front door: the packages are ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def imported(*path: Path) -> subprocess.CompletedProcess[str]:
    """What Python says to `import spiders` with these folders before the standard ones, in this order."""
    code = f"import sys; sys.path[:0] = {[str(folder) for folder in path]!r}; import spiders; print(spiders.__file__)"
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False, cwd="/")


def test_our_own_packages() -> None:
    """With the project's folder alone, the import works."""
    done = imported(ROOT)
    assert (done.returncode, done.stdout.strip()) == (0, str(ROOT / "spiders/__init__.py")), done.stderr


@pytest.mark.parametrize("name", ["archive", "pipelines"])
@pytest.mark.parametrize("module", ["{}.py", "{}/__init__.py"])
def test_a_foreign_package_of_the_same_name(tmp_path: Path, name: str, module: str) -> None:
    """A foreign module or package that comes first is named with its place, and ours with its."""
    foreign = tmp_path / module.format(name)
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("")
    done = imported(tmp_path, ROOT)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith(f"ImportError: footnotary needs its own package {name} in {ROOT}")
    assert str(tmp_path / name) in last


def test_a_folder_without_a_package(tmp_path: Path) -> None:
    """A mere folder of that name is no package for Python, and none for the guard."""
    (tmp_path / "archive").mkdir()
    assert imported(tmp_path, ROOT).returncode == 0
