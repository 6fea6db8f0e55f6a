"""`footnotary init`: a configuration that runs as it stands, with every key in it, each of which can be set by itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.cli import main
from spiders.cli.init import EXAMPLE_SETTINGS, write_new
from spiders.config import Config, load
from spiders.configuration import keys
from spiders.configuration.template import Given, scalar, sources_yml
from tests.doors import ROOT

SETTING = re.compile(r"^( *)#(\w.*|  .*)$")
"""A setting that is a comment; prose has one blank behind its mark."""

ARTICLE = ({"articles[].url": ("url: https://magazine.example/a",)},)
BARE = sources_yml(Given(top="A file.", settings={"collection": ("collection: c",)}, articles=ARTICLE))
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"


def blocks(text: str) -> list[list[int]]:
    """The lines of each setting that is a comment; what is indented below one belongs to it."""
    found: list[list[int]] = []
    for number, line in enumerate(text.splitlines()):
        match = SETTING.match(line)
        if match and match[2][0] == " ":
            found[-1].append(number)
        elif match:
            found.append([number])
    return found


def with_set(text: str, block: list[int]) -> str:
    lines = text.splitlines()
    for number in block:
        lines[number] = SETTING.sub(r"\1\2", lines[number])
    return "\n".join(lines) + "\n"


def read(text: str, folder: Path) -> Config:
    (folder / "authority.pem").write_text(CERTIFICATE)
    (folder / "sources.yml").write_text(text)
    return load(folder / "sources.yml")


def values(config: Config) -> tuple[object, ...]:
    return config.operator, config.example, config.sources, config.limits, config.network, config.recheck


def test_every_key_is_there() -> None:
    """What each key of the table does stands in the file, and its name in a setting or among those of a group."""
    prose = " ".join(re.sub(r"\n *# ", " ", BARE).split())
    for key in keys.KEYS:
        assert " ".join(key.does.split()) in prose, key.path
        assert re.search(rf"^ *#? ?(- )?{key.path.rpartition('.')[2]}:", BARE, re.MULTILINE), key.path


def test_what_is_not_set_is_the_default(tmp_path: Path) -> None:
    """The file with nothing but a collection and an article means what these two lines mean alone."""
    (tmp_path / "short").mkdir()
    short = read("collection: c\narticles: [{url: 'https://magazine.example/a'}]\n", tmp_path / "short")
    assert values(read(BARE, tmp_path)) == values(short)


@pytest.mark.parametrize("block", blocks(BARE), ids=lambda block: BARE.splitlines()[block[0]].strip(" #").partition(":")[0])
def test_each_setting_can_be_set_by_itself(block: list[int], tmp_path: Path) -> None:
    """Its `#` taken away, the file is read, and where the value is no default it makes a difference."""
    text = with_set(BARE, block)
    config = read(text, tmp_path)
    line = text.splitlines()[block[0]].strip()
    (tmp_path / "bare").mkdir()
    same = (values(config), config.articles) == (values(bare := read(BARE, tmp_path / "bare")), bare.articles)
    assert same == any(line == f"{key.path.rpartition('.')[2]}: {default(key)}" for key in keys.KEYS)


def default(key: keys.Key[object]) -> str:
    from spiders.configuration.written import spelled

    return spelled(key.default) if key.default else ""


def test_all_settings_can_be_set_at_once(tmp_path: Path) -> None:
    """The whole table at once is a configuration as well."""
    text = BARE
    for block in blocks(BARE):
        text = with_set(text, block)
    config = read(text, tmp_path)
    assert config.operator == "Archive desk <archive@example.org>"
    assert config.network.connect_to
    assert [entry.ordinal for entry in config.articles[0].citations] == [None, 11]


@given(st.text(min_size=1, max_size=60))
def test_any_operator_is_read_as_it_was_given(operator: str) -> None:
    """Quotes, colons, line ends, emoji: YAML gives back what was put in."""
    import yaml

    clean = operator.encode("utf-8", "replace").decode()
    assert yaml.safe_load(f"operator: {scalar(clean)}\n") == {"operator": clean}


def test_the_example_is_that_of_the_project(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without an article it is the worked example, with the values of the project's own file; Scrapy finds its settings."""
    assert main(["init", str(tmp_path / "new")]) == 0
    said = capfd.readouterr().out
    assert said.startswith(f"Written: {tmp_path / 'new' / 'sources.yml'}, ")
    assert f"  cd {tmp_path / 'new'}\n" in said
    made, own = load(tmp_path / "new" / "sources.yml"), load(ROOT / "sources.yml")
    assert values(made) == values(own)
    assert made.articles == own.articles
    assert (made.collection.name, made.collection.parent.name) == ("example", "collections")
    assert (tmp_path / "new" / "scrapy.cfg").read_text() == (ROOT / "scrapy.cfg").read_text()
    assert not list((tmp_path / "new").glob("*.new"))
    for path in EXAMPLE_SETTINGS:
        assert path in {key.path for key in keys.KEYS} | {"sources.kinds"}


def test_the_example_says_what_to_change(tmp_path: Path) -> None:
    """The head of the file names each key that the example sets: what is left would go on as the example's."""
    assert main(["init", str(tmp_path)]) == 0
    head = (tmp_path / "sources.yml").read_text().partition("For an article of your own")[2].partition("\n\n")[0]
    for path in (*EXAMPLE_SETTINGS, "articles"):
        assert re.search(rf"\b{path.rpartition('.')[2]}\b", head), path


def test_articles_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Addresses and files, a file below the folder by its relative path; the collection has the first one's name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "what now: a draft.md").write_text("# What now\n\nIt [says](#) so.\n")
    url = "https://magazine.example/a?b=c#d"
    options = ["--article", "drafts/what now: a draft.md", "--article", url, "--operator", 'Desk "A": <a@example.org>']
    assert main(["init", *options]) == 0
    config = load(tmp_path / "sources.yml")
    assert '  - file: "drafts/what now: a draft.md"' in (tmp_path / "sources.yml").read_text()
    assert [article.file and article.file.resolve() for article in config.articles] == [
        tmp_path / "drafts" / "what now: a draft.md",
        None,
    ]
    assert config.articles[1].url == "https://magazine.example/a?b=c"
    assert config.operator == 'Desk "A": <a@example.org>'
    assert config.collection.name == "what-now-a-draft"
    assert not config.example
    assert "  cd " not in capfd.readouterr().out


@pytest.mark.parametrize("name", ["sources.yml", "scrapy.cfg"])
def test_nothing_is_written_over(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file that is there stays, the other one is not made, and one sentence says so."""
    (tmp_path / name).write_text("mine")
    assert main(["init", str(tmp_path)]) == 2
    assert capfd.readouterr().err == f"{tmp_path / name} is there already, and nothing is written over: name another folder\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("article", ["missing.md", "https://", "https://user:secret@a.example/"])
def test_a_bad_article_is_one_sentence(article: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What can't be an article is said now, and nothing is written."""
    assert main(["init", str(tmp_path / "new"), "--article", article]) == 2
    assert capfd.readouterr().err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_draft_of_ones_own_stays(tmp_path: Path) -> None:
    """Whatever else is in the folder is as it was."""
    (tmp_path / "sources.yml.new").write_text("mine")
    assert main(["init", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scrapy.cfg", "sources.yml", "sources.yml.new"]
    assert (tmp_path / "sources.yml.new").read_text() == "mine"


@pytest.mark.parametrize("operator", ["", "  ", "Desk \udcff"])
def test_an_operator_that_is_none_is_one_sentence(operator: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An empty name, as an unset variable gives it, or bytes that are no text: said, and nothing is made."""
    assert main(["init", str(tmp_path / "new"), "--operator", operator]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "sources.yml.new" not in said
    assert not (tmp_path / "new").exists()


def test_an_article_whose_name_is_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file may have a name that no YAML has: one sentence, and nothing is made."""
    name = os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.md")
    Path(name).write_text("# A\n\nIt [says](#) so.\n")
    assert main(["init", str(tmp_path / "new"), "--article", name]) == 2
    assert "is not UTF-8" in capfd.readouterr().err
    assert not (tmp_path / "new").exists()


def test_where_one_file_fails_the_other_goes(tmp_path: Path) -> None:
    """A failure on the way takes back the files and the folders that were made, and nothing that was there."""
    new = tmp_path / "new" / "folder"
    with pytest.raises(NotADirectoryError):
        write_new({new / "one": "text", new / "one" / "two": "text"})
    assert list(tmp_path.iterdir()) == []
    write_new({new / "one": "text", new / "two": "more"})
    assert [path.read_text() for path in sorted(new.iterdir())] == ["text", "more"]


def test_a_file_that_came_in_the_meantime_stays(tmp_path: Path) -> None:
    """Between the look and the writing somebody else may have written: that is not written over, and not taken back."""
    (tmp_path / "two").write_text("mine")
    with pytest.raises(FileExistsError):
        write_new({tmp_path / "one": "text", tmp_path / "two": "text"})
    assert [path.name for path in tmp_path.iterdir()] == ["two"]
    assert (tmp_path / "two").read_text() == "mine"


def test_what_can_be_copied_is_in_one_line() -> None:
    """A setting that stands in the prose, in backquotes, is not torn apart where a line ends."""
    assert '`{"*": obey, archive.example.org: record}`' in BARE
    assert all(line.count("`") % 2 == 0 for line in BARE.splitlines())
    assert max(map(len, BARE.splitlines())) <= 128


def test_a_place_that_can_not_be_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file in the place of the folder is one sentence."""
    (tmp_path / "file").write_text("x")
    assert main(["init", str(tmp_path / "file" / "new")]) == 2
    assert capfd.readouterr().err.count("\n") == 1
