"""The directory of a collection: its paths, its files in order, and the little file that names it."""

from __future__ import annotations

import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from archive.errors import CollectionError, NotACollectionError
from archive.layout import CollectionId, Layout, parse_identity, write_identity

PATH = Path("collection.yml")
ESCAPED = [chr(0xDC00 + byte) for byte in range(0x80, 0x100)]
"""How Python spells the bytes of a name that are no UTF-8."""
SOUND = 'id: "urn:uuid:00000000-0000-4000-8000-000000000000"\ntitle: "Kabul"\nformat: 1\n'


def test_naming_paths_touches_nothing(tmp_path: Path) -> None:
    """A layout of a directory that is not there makes none, and says so when it is asked who it is."""
    layout = Layout(tmp_path / "missing")
    assert [*layout.warc_files(), *layout.open_files(), *layout.drafts()] == []
    with pytest.raises(NotACollectionError, match="there is no such directory"):
        layout.read_identity()
    assert list(tmp_path.iterdir()) == []


def test_a_collection_is_made_once(tmp_path: Path) -> None:
    """Making gives the folders and a name that never changes, whatever title comes later; what is missing is made again."""
    layout = Layout(tmp_path / "collections" / "kabul")
    made = layout.make(title="Kabul 2021")
    assert uuid.UUID(made.id)
    assert made.id.startswith("urn:uuid:")
    assert {path.name for path in layout.root.iterdir()} == {"archive", "derived", "indexes", "logs", "collection.yml"}
    layout.logs.rmdir()
    assert layout.make(title="Another") == made == CollectionId(id=made.id, title="Kabul 2021")
    assert layout.logs.is_dir()


def test_two_collections_have_two_names(tmp_path: Path) -> None:
    """Each collection gets an id of its own."""
    assert Layout(tmp_path / "a").make(title="A").id != Layout(tmp_path / "b").make(title="A").id


def test_warc_files_come_in_order_with_the_names_of_locations(tmp_path: Path) -> None:
    """Sealed files, archive first, each sorted by name; what is open, mended or no WARC file is not among them."""
    layout = Layout(tmp_path)
    layout.make(title="x")
    names = ["archive/b.warc.gz", "archive/a.warc", "derived/a.warc.gz", "archive/c.warc.gz.open", "derived/d.warc.gz.open"]
    for name in [*names, "archive/e.warc.gz.mending", "archive/notes.txt", "archive/f.warc.gz.part"]:
        (tmp_path / name).touch()
    found = list(layout.warc_files())
    assert [name for name, _ in found] == ["archive/a.warc", "archive/b.warc.gz", "derived/a.warc.gz"]
    assert all(path == tmp_path / name for name, path in found)
    assert layout.open_files() == [tmp_path / "archive/c.warc.gz.open", tmp_path / "derived/d.warc.gz.open"]
    assert layout.drafts() == [tmp_path / "archive/e.warc.gz.mending"]


@example(title="a\u2028b\x85c\u2029d\x0be")
@example(title="caf\udce9")
@example(title='\ufeff\U000e0067\x7f"\\')
@given(title=st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(ESCAPED))))
def test_any_title_is_read_again(title: str) -> None:
    """Whatever a title holds, line ends of any kind and undecodable names of directories too, the file gives it back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.yml"
        identity = CollectionId(id=uuid.uuid4().urn, title=title)
        write_identity(path, identity)
        assert Layout(Path(folder)).read_identity() == identity
        assert [found.name for found in Path(folder).iterdir()] == ["collection.yml"]
        assert yaml.safe_load(path.read_text(encoding="utf-8")) == {"id": identity.id, "title": title, "format": 1}


def test_a_title_that_people_read_stands_as_it_is(tmp_path: Path) -> None:
    """Letters of any script are not escaped."""
    Layout(tmp_path).make(title='Кабул “2021” – "中文" \U0001f600')
    assert 'title: "Кабул “2021” – \\"中文\\" \U0001f600"\n' in (tmp_path / "collection.yml").read_text(encoding="utf-8")


def test_comments_empty_lines_and_other_keys_are_passed_over() -> None:
    """A person may comment the file and end its lines as his editor does; keys of a later version do no harm."""
    text = "# a comment\n\n" + SOUND + 'curator: "A. Author"  \n   \n'
    assert parse_identity(text, PATH).title == "Kabul"
    assert parse_identity(text.replace("\n", "\r\n"), PATH).title == "Kabul"


def test_a_mark_of_utf_8_is_no_part_of_the_file(tmp_path: Path) -> None:
    """A file that an editor saved with a byte order mark is read."""
    (tmp_path / "collection.yml").write_text(SOUND, encoding="utf-8-sig")
    assert Layout(tmp_path).read_identity().title == "Kabul"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks format, id, title"),
        ('title: "x"\nformat: 1\n', "lacks id"),
        (SOUND + "more\n", 'line 4: expected `key: "value"`'),
        (SOUND + "more: [1]\n", "line 4: expected"),
        (SOUND + 'more: "x" # comment\n', "line 4: expected"),
        (SOUND + 'more: "\\q"\n', "line 4: the value is no JSON"),
        (SOUND + 'more: "a"b"\n', "line 4: the value is no JSON"),
        (SOUND + 'more: "a\tb"\n', "line 4: the value is no JSON"),
        (SOUND + "more: 007\n", "line 4: the value is no JSON"),
        (SOUND + f"more: {'9' * 5000}\n", "line 4: expected"),
        (SOUND + 'id: "urn:uuid:1"\n', "line 4: `id` stands there twice"),
        (SOUND.replace("format: 1", "format: 2"), "format 2 is not read by this version"),
        (SOUND.replace("format: 1", 'format: "1"'), "format '1' is not read by this version"),
    ],
)
def test_a_file_that_is_none_is_one_sentence(text: str, words: str) -> None:
    """What can't be understood is never skipped: the error names file and line."""
    with pytest.raises(CollectionError) as caught:
        parse_identity(text, PATH)
    assert str(caught.value).startswith("collection.yml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(text=st.one_of(st.text(), st.from_regex(r'([a-z]{1,3}: ("[^"]{0,5}"|[0-9]{1,3})\n){0,3}', fullmatch=True)))
def test_no_text_gives_a_foreign_error(text: str) -> None:
    """Any text is an identity or a CollectionError."""
    with suppress(CollectionError):
        assert parse_identity(text, PATH).format == 1


def test_a_directory_without_the_file_is_no_collection(tmp_path: Path) -> None:
    """A directory of another kind, and a file in its place, are refused in words that name them."""
    with pytest.raises(NotACollectionError, match=r"it has no collection\.yml"):
        Layout(tmp_path).read_identity()
    (tmp_path / "file").touch()
    with pytest.raises(NotACollectionError, match="file is not a collection"):
        Layout(tmp_path / "file").read_identity()
    with pytest.raises(CollectionError, match="file"):
        Layout(tmp_path / "file").make(title="x")


def test_what_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and a directory in the file's place, are CollectionErrors that name it."""
    (tmp_path / "bytes").mkdir()
    (tmp_path / "bytes" / "collection.yml").write_bytes(b'title: "caf\xe9"\n')
    (tmp_path / "directory" / "collection.yml").mkdir(parents=True)
    for name in ("bytes", "directory"):
        with pytest.raises(CollectionError, match=r"collection\.yml can't be read"):
            Layout(tmp_path / name).read_identity()
