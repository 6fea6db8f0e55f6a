"""Names of collections that nobody has named, and finding the one that has an article."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import CollectionError, CollectionLockedError
from archive.layout import Layout
from archive.lock import Lock
from archive.model import CrawlFacts, Role, Uri, utc_now
from archive.naming import folder_name, holding, rename
from tests.archive import living
from tests.archive.living import findings

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What the Front Means for the Sel", "what-the-front-means-for-the-sel-2026-03-01"),
        ("“Quoted”: a/b\\c — d", "quoted-a-b-c-d-2026-03-01"),
        ("停战之后", "停战之后-2026-03-01"),
        ("../../etc", "etc-2026-03-01"),
        ("…", "article-2026-03-01"),
        ("", "article-2026-03-01"),
    ],
)
def test_a_title_gives_a_name(title: str, name: str) -> None:
    """Letters of any script stay, everything else becomes one hyphen, and nothing is left that a path could be made of."""
    assert folder_name(title, day=DAY) == name


@given(st.text(max_size=300))
def test_any_title_gives_a_folder(title: str) -> None:
    """Whatever the title is, the name is one that file systems take: short, without separators, dots or control characters."""
    name = folder_name(title, day=DAY)
    assert name.endswith("-2026-03-01")
    assert re.fullmatch(r"[\w-]+", name)
    assert len(name.encode("utf-8", "surrogatepass")) < 200


def keep(root: Path, uri: str, *, role: Role = Role.ARTICLE) -> Path:
    """A collection that was asked for one page."""
    with living.running(root) as collection:
        page = living.page(1, living.answer(b"words"), uri=Uri(uri), facts=CrawlFacts(role=role))
        collection.append(page).result()
    return root


def test_the_collection_that_has_the_article_is_found(tmp_path: Path) -> None:
    """Among several the one that was asked for the article; a page that is only a source there does not count."""
    keep(tmp_path / "one", "https://a.example/1")
    keep(tmp_path / "two", "https://a.example/2")
    keep(tmp_path / "three", "https://a.example/3", role=Role.SOURCE)
    (tmp_path / "no collection").mkdir()
    (tmp_path / "a file").write_text("x")
    assert holding(tmp_path, [Uri("https://a.example/9"), Uri("https://a.example/2")]) == tmp_path / "two"
    assert holding(tmp_path, [Uri("https://a.example/3")]) is None
    assert holding(tmp_path / "not there", [Uri("https://a.example/1")]) is None


def test_an_index_that_can_not_be_read_is_passed_over(tmp_path: Path) -> None:
    """A broken collection beside it keeps nobody from finding the other."""
    keep(tmp_path / "one", "https://a.example/1")
    broken = keep(tmp_path / "two", "https://a.example/1")
    Layout(broken).database.write_bytes(b"no database")
    assert holding(tmp_path, [Uri("https://a.example/1")]) == tmp_path / "one"


def test_renamed_with_its_title(tmp_path: Path) -> None:
    """The folder has the new name, collection.yml the title, the id stays, and verification finds nothing."""
    before = keep(tmp_path / "some-page", "https://a.example/1")
    identity = Layout(before).read_identity()
    after = rename(before, title="What “it” means", name="what-it-means", clock=utc_now)
    assert after == tmp_path / "what-it-means"
    assert not before.exists()
    assert (Layout(after).read_identity().id, Layout(after).read_identity().title) == (identity.id, "What “it” means")
    assert findings(after) == []


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    """Another article with the same title on the same day is another collection; a name that it has already is kept."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken-2").write_text("a file")
    page = keep(tmp_path / "page", "https://a.example/1")
    third = rename(page, title="Taken", name="taken", clock=utc_now)
    assert third == tmp_path / "taken-3"
    assert rename(third, title="Taken", name="taken-3", clock=utc_now) == third


def test_a_collection_in_use_keeps_its_name(tmp_path: Path) -> None:
    """While another run holds the lock nothing is renamed; and what is no collection is refused."""
    page = keep(tmp_path / "page", "https://a.example/1")
    lock = Lock.take(Layout(page).lock, clock=utc_now)
    try:
        with pytest.raises(CollectionLockedError):
            rename(page, title="T", name="t", clock=utc_now)
    finally:
        lock.release()
    assert page.is_dir()
    with pytest.raises(CollectionError):
        rename(tmp_path / "nothing", title="T", name="t", clock=utc_now)
