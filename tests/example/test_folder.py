"""A folder is a host: files are pages, and answers.toml says what is odd."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.example.answers import Asked, InTurn, answer_of
from spiders.example.folder import Folder, read_folder


def built(folder: Path, table: str, **pages: str) -> Folder:
    """A host with `a_html`-like pages and a table."""
    for name, text in pages.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    (folder / "answers.toml").write_text(table, encoding="utf-8")
    return read_folder(folder)


def told(folder: Folder, target: str, scheme: str = "https") -> bytes:
    """The whole message that a folder gives for a target."""
    asked = Asked(scheme=scheme, host="a.example", method="GET", target=target, headers=(), raw=b"")
    return b"".join(step for step in answer_of(folder, asked).steps(asked) if isinstance(step, bytes))


def test_pages_answer_at_their_places(tmp_path: Path) -> None:
    """A page answers with and without its suffix, an index for its folder, and the 404 page for all that is not there."""
    folder = built(tmp_path, "", index_html="home", a_html="page", **{"404_html": "gone"})
    assert told(folder, "/").endswith(b"\r\n\r\nhome")
    assert told(folder, "/a") == told(folder, "/a.html") == told(folder, "/a?x=1")
    assert told(folder, "/b").startswith(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html")
    assert told(folder, "/b").endswith(b"gone")


def test_a_folder_cannot_be_left(tmp_path: Path) -> None:
    """Only the files of the folder are served, whatever a path climbs to; the table is not one of them."""
    (tmp_path / "secret.html").write_text("secret", encoding="utf-8")
    (tmp_path / "host").mkdir()
    folder = built(tmp_path / "host", "", a_html="page")
    for target in ("/../secret.html", "/%2e%2e/secret.html", "//secret.html", "/answers.toml"):
        assert told(folder, target).startswith(b"HTTP/1.1 404")


def test_https_only_redirects_http(tmp_path: Path) -> None:
    """Over http the answer is a redirect to the same target, query and all."""
    folder = built(tmp_path, "https_only = true", a_html="page")
    assert b"\r\nLocation: https://a.example/a?x=&&y\r\n" in told(folder, "/a?x=&&y", scheme="http")
    assert told(folder, "/a").endswith(b"page")


def test_the_table_says_what_is_odd(tmp_path: Path) -> None:
    """Status, headers, type and file of an entry, over those of the host."""
    table = 'headers = {Server = "s"}\n["/b"]\nstatus = 203\nfile = "a.html"\ntype = "text/x"\nheaders = {X-One = "1"}\n'
    folder = built(tmp_path, table, a_html="page")
    expected = b"HTTP/1.1 203 Non-Authoritative Information\r\nServer: s\r\nX-One: 1\r\nContent-Type: text/x\r\n"
    assert told(folder, "/b") == expected + b"Content-Length: 4\r\n\r\npage"


def test_several_tables_answer_in_turn(tmp_path: Path) -> None:
    """Two tables for one target are the first and all later answers."""
    folder = built(tmp_path, '[["/a"]]\nstatus = 503\n[["/a"]]\nstatus = 200\n')
    assert [told(folder, "/a")[9:12] for _ in range(3)] == [b"503", b"200", b"200"]
    assert InTurn(answers=[]).given == 0


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('["/a"]\nstatsu = 200\n', "'/a' has the unknown key 'statsu'"),
        ('htps_only = true\n["/a"]\n', "'htps_only' is not a table"),
    ],
)
def test_a_slip_in_a_table_is_named(tmp_path: Path, table: str, reason: str) -> None:
    """A key that is not known ends the start with file, target and key."""
    with pytest.raises(ValueError, match=r"answers\.toml") as slip:
        built(tmp_path, table)
    assert reason in str(slip.value)
