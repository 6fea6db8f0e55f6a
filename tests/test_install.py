"""The package as a user installs it: into a fresh environment, used in an empty folder that knows nothing of this checkout."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.doors import ROOT

NEEDED = ("pip", "setuptools", "venv")

if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
    pytest.skip(f"{', '.join(missing)} can't be imported: the installation is not tried", allow_module_level=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An environment with nothing of ours but the package, and an empty folder."""

    bin: Path
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """One of its commands, without anything of this process's environment."""
        environment = {"PATH": os.pathsep.join([str(self.bin), "/usr/bin", "/bin"]), "HOME": str(self.folder)}
        program, *arguments = command
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )


def files() -> list[str]:
    """What a checkout holds."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip install .` from a copy of the checkout; what it depends on is lent by the environment of the tests."""
    place = tmp_path_factory.mktemp("install")
    for name in files():
        if not name.startswith("tests/"):
            (place / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / "copy" / name)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "env")], check=True)
    python = place / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-index"]
    build = [*pip, "wheel", *options, "--no-build-isolation", "--wheel-dir", str(place / "dist"), str(place / "copy")]
    subprocess.run(build, cwd=place, check=True, capture_output=True)
    (wheel,) = (place / "dist").iterdir()
    subprocess.run([*pip, "--python", str(python), "install", *options, str(wheel)], cwd=place, check=True, capture_output=True)
    (own,) = (place / "env" / "lib").glob("python*/site-packages")
    (own / "lent.pth").write_text(
        sysconfig.get_path("purelib") + "\n"
    )  # a folder named so lends its packages, not its .pth files
    (place / "empty").mkdir()
    shutil.copy(Path(sys.executable).with_name("scrapy"), place / "env" / "bin")
    script = place / "env" / "bin" / "scrapy"
    first, _, rest = script.read_text().partition("\n")
    assert first.startswith("#!")
    script.write_text(f"#!{python}\n{rest}")
    return Installed(bin=place / "env" / "bin", folder=place / "empty")


def test_a_fresh_environment(installed: Installed) -> None:
    """In an empty folder `init`, then both front doors as they stand: the example is crawled, once with its table and once, the
    second time, in silence; and every command that reads finds the collection."""
    where = installed.run("python", "-c", "import spiders, archive; print(spiders.__file__); print(archive.__file__)")
    assert all(line.startswith(str(installed.bin.parent)) for line in where.stdout.splitlines()), where
    made = installed.run("footnotary", "init")
    assert (made.returncode, made.stderr) == (0, "")
    assert sorted(path.name for path in installed.folder.iterdir()) == ["scrapy.cfg", "sources.yml"]
    first = installed.run("footnotary", "crawl")
    assert (first.returncode, first.stderr) == (0, "")
    assert "30 citations: 21 kept, 4 not the source, 4 not kept, 1 no link; 9 need a person" in first.stdout
    assert (installed.folder / "collections" / "example" / "report" / "index.html").is_file()
    assert installed.run("scrapy", "list").stdout == "sources\n"
    second = installed.run("scrapy", "crawl", "sources")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    verified = installed.run("footnotary", "verify")
    assert verified.stdout.endswith("0 errors, 0 warnings\n")
