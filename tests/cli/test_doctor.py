"""`footnotary doctor`: what can be found before a crawl, each with what to do, and nothing changed by looking."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archive.index.database import Database
from archive.layout import Layout
from archive.lock import Lock
from archive.model import Uri, utc_now
from pipelines.capture.policy import NetworkPolicy
from spiders.cli import main
from spiders.doctor import collection, machine
from spiders.doctor.network import network
from spiders.example.answers import ByTarget
from tests.archive import index_samples as a
from tests.doors import ROOT, Crawled
from tests.kept import files_of
from tests.world import World, page

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    hosts = {"paper.example": ByTarget(answers={"/a": page("A", "Words.")})}
    with World.serving(tmp_path_factory.mktemp("doctor"), hosts) as found:
        yield found


def doctor(capfd: pytest.CaptureFixture[str], *options: str) -> tuple[int, Rows]:
    """The exit code, and the rows by what was checked (of several the last)."""
    code = main(["doctor", *options, "--format", "json"])
    out, err = capfd.readouterr()
    assert err == ""
    return code, {row["name"]: row for row in map(json.loads, out.splitlines())}


def test_a_collection_in_order(example: Crawled, capfd: pytest.CaptureFixture[str]) -> None:
    """Everything is in its place, a run was good just now, and nothing of the collection is another byte than before."""
    before = files_of(example.collection)
    options = ("--config", str(ROOT / "sources.yml"), "--collection", str(example.collection), "--max-age", "8d", "--strict")
    code, rows = doctor(capfd, *options)
    assert {name: row["severity"] for name, row in rows.items()} == dict.fromkeys(
        (
            *("configuration", "software", "permissions", "disk", "collection", "lock", "files", "index", "clock"),
            *("last good run", "network"),
        ),
        "ok",
    )
    assert rows["permissions"]["says"] == f"{example.collection} can be written"
    assert code == 0
    assert files_of(example.collection) == before


def test_a_monitor_is_not_told_that_nothing_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With `--max-age` a collection that is not there has no good run, however it is missing."""
    monkeypatch.chdir(tmp_path)
    for options in ((), ("--collection", "c"), ("--config", "gone.yml")):
        code, rows = doctor(capfd, "--offline", "--max-age", "8d", *options)
        assert (code, rows["last good run"]["severity"]) == (1, "error"), options
    assert "gone.yml" in rows["last good run"]["says"]
    assert doctor(capfd, "--offline", "--collection", "c")[0] == 0


def test_for_a_person(example: Crawled, capfd: pytest.CaptureFixture[str]) -> None:
    """A table with a closing line that counts."""
    assert main(["doctor", "--collection", str(example.collection), "--offline"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[-1] == "0 errors, 0 warnings"
    assert [line.split()[0] for line in lines[1:-1]] == ["ok"] * (len(lines) - 2)


def test_a_line_of_the_configuration(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """File, line, key and the nearest key; what needs no configuration is looked at all the same."""
    (tmp_path / "a.yml").write_text("collection: c\narticles: [{url: 'https://a.example/'}]\nlimts: {}\n")
    code, rows = doctor(capfd, "--config", str(tmp_path / "a.yml"), "--collection", str(tmp_path / "c"))
    assert code == 1
    assert rows["configuration"]["says"] == f"{tmp_path / 'a.yml'}, line 3: limts is not a key; did you mean limits?"
    assert {"software", "permissions", "disk", "clock"} <= rows.keys()


def test_without_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """In an empty folder it says how to get one, as a warning; with `--strict` that is a 1."""
    monkeypatch.chdir(tmp_path)
    code, rows = doctor(capfd)
    assert (code, rows["configuration"]["severity"]) == (0, "warning")
    assert "footnotary init" in rows["configuration"]["do"]
    assert doctor(capfd, "--strict")[0] == 1


def test_what_stands_in_the_configuration_and_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An article's file that is gone is an error, and a configuration that names nobody a warning."""
    (tmp_path / "a.yml").write_text("collection: c\narticles: [{file: gone.md}]\n")
    code, rows = doctor(capfd, "--config", str(tmp_path / "a.yml"), "--offline")
    assert code == 1
    assert rows["article"]["says"] == f"{tmp_path / 'gone.md'}: there is no such file"
    assert rows["operator"]["severity"] == "warning"


def test_a_run_that_is_going_on(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Who holds the lock is said, and looking takes it from nobody; afterwards it is free."""
    copy = Layout(Path(shutil.copytree(example.collection, tmp_path / "copy")))
    lock = Lock.take(copy.lock, clock=utc_now)
    try:
        _, rows = doctor(capfd, "--collection", str(copy.root))
        assert rows["lock"]["severity"] == "warning"
        assert f"the run with process id {os.getpid()}" in rows["lock"]["says"]
    finally:
        lock.release()
    assert doctor(capfd, "--collection", str(copy.root))[1]["lock"]["severity"] == "ok"


def test_a_run_that_was_cut_off(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Files that were left open are named, and an index that is gone."""
    copy = Layout(Path(shutil.copytree(example.collection, tmp_path / "copy")))
    (copy.archive / "x.warc.gz.open").write_bytes(b"")
    copy.database.unlink()
    code, rows = doctor(capfd, "--collection", str(copy.root))
    assert code == 1
    assert "x.warc.gz.open" in rows["files"]["says"]
    assert "footnotary repair" in rows["files"]["do"]
    assert (rows["index"]["severity"], rows["index"]["do"]) == ("error", "footnotary reindex")


def test_a_collection_that_is_damaged(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An index that opens and can't be read, and a `collection.yml` of something else, are rows like all others."""
    copy = Layout(Path(shutil.copytree(example.collection, tmp_path / "copy")))
    whole = copy.database.read_bytes()
    copy.database.write_bytes(whole[:4096] + b"Z" * (len(whole) - 4096))
    code, rows = doctor(capfd, "--collection", str(copy.root))
    assert (code, rows["index"]["severity"], rows["index"]["do"]) == (1, "error", "footnotary reindex")
    assert rows["clock"]["severity"] == "ok"
    copy.identity.write_text("junk\n")
    code, rows = doctor(capfd, "--collection", str(copy.root))
    assert (code, rows["collection"]["severity"]) == (1, "error")
    assert rows["collection"]["says"].startswith(f"{copy.identity}, line 1: ")


def test_an_interval_without_end(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The longest `recheck.every` that a calendar knows is no reason to end otherwise than by a row."""
    (tmp_path / "a.yml").write_text(
        f"collection: {example.collection}\noperator: a\narticles: [{{url: 'https://a.example/'}}]\n"
        "recheck: {every: 900000000 days}\n"
    )
    code, rows = doctor(capfd, "--offline", "--config", str(tmp_path / "a.yml"))
    assert (code, rows["last good run"]["severity"]) == (0, "ok")


@pytest.mark.parametrize(("age", "code", "severity"), [("0", 1, "error"), ("1 ms", 1, "error"), ("8 days", 0, "ok")])
def test_the_last_good_run(age: str, code: int, severity: str, example: Crawled, capfd: pytest.CaptureFixture[str]) -> None:
    """`--max-age`: an older one is an error, a younger one is fine."""
    found, rows = doctor(capfd, "--collection", str(example.collection), "--max-age", age)
    assert (found, rows["last good run"]["severity"]) == (code, severity)
    assert rows["last good run"]["says"].endswith(" ago")


@pytest.mark.parametrize("age", ["8", "", "soon"])
def test_an_age_that_is_none_is_one_sentence(age: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What is no duration is refused with the option's name and an example."""
    assert main(["doctor", "--max-age", age]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"--max-age {age!r}: ")


def _same(at: datetime) -> datetime:
    return at


def test_a_clock_that_runs_backwards(example: Crawled) -> None:
    """A time before the newest record, or before this software was made, is an error; any later one is fine."""
    now, (_, past) = utc_now(), collection.past(Layout(example.collection))
    for at, severity in ((now, "ok"), (now - timedelta(days=1), "error"), (datetime(1970, 1, 2, tzinfo=UTC), "error")):
        assert machine.clock(partial(_same, at), newest=past.newest).severity == severity


def test_the_newest_record_is_that_of_a_run_without_an_end(tmp_path: Path) -> None:
    """What a run has kept before it was cut off has its time too."""
    layout = Layout(tmp_path)
    layout.make(title="A")
    with Database.create(layout.database) as database:
        database.add_all([a.entry("one", date=a.after(5)), a.entry("two", date=a.after(7)), a.entry("three", date=a.after(6))])
        database.commit()
    assert collection.past(layout)[1] == collection.Past(newest=a.after(7), good=None)


@pytest.mark.parametrize(
    ("size", "files", "severity"),
    [
        *((50_000_000, None, "error"), (500_000_000, 10**6, "warning"), (10**12, None, "ok"), (10**12, 10**6, "ok")),
        *((10**12, 0, "error"), (10**12, 500, "warning")),
    ],
)
def test_a_disk_that_is_nearly_full(size: int, files: int | None, severity: str, tmp_path: Path) -> None:
    """Below 100 MB or 100 files an error, below a GB, twice the largest answer or 1,000 files a warning."""
    look = partial(_left, machine.Room(size=size, files=files))
    assert machine.disk(tmp_path / "not" / "there", largest=10, look=look).severity == severity
    assert machine.disk(tmp_path, largest=6 * 10**11, look=look).severity != "ok"


def _left(room: machine.Room, path: Path) -> machine.Room:
    assert path.is_dir()
    return room


def test_the_disk_of_this_machine(tmp_path: Path) -> None:
    """What the file system says is what `df` says."""
    assert machine.room(tmp_path).size == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    """A file in the place of the collection."""
    (tmp_path / "c").write_text("x")
    assert machine.permissions(Layout(tmp_path / "c")).severity == "error"
    assert machine.permissions(Layout(tmp_path / "d" / "e")).severity == "ok"


def test_what_may_not_be_written_or_read(example: Crawled, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A WARC file that can't be read is named; so is a folder that nobody may enter, and what is in it is no traceback."""
    copy = Layout(Path(shutil.copytree(example.collection, tmp_path / "copy")))
    (_, warc), *_ = copy.warc_files()
    warc.chmod(0)
    if os.access(warc, os.R_OK):
        pytest.skip("this user may read everything")
    check = machine.permissions(copy)
    assert (check.severity, check.says) == ("error", f"{warc} can't be read or written")
    copy.root.chmod(0)
    code, rows = doctor(capfd, "--offline", "--collection", str(copy.root))
    assert (code, rows["permissions"]["severity"], rows["collection"]["severity"]) == (1, "error", "error")
    assert machine.permissions(Layout(copy.root / "in" / "it")).severity == "error"
    copy.root.chmod(0o700)


def test_hosts_that_answer(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """A host is connected to as the crawl would, its certificate is checked, and it is asked for no page."""
    file = world.config("fine", articles=[{"url": "https://paper.example/a"}], operator="Desk <a@example.org>")
    before = len(world.web.asked)
    code, rows = doctor(capfd, "--config", str(file))
    assert (code, rows["network"]["severity"]) == (0, "ok"), rows["network"]
    assert rows["network"]["says"].startswith("https://paper.example answers at 127.0.0.1:")
    assert len(world.web.asked) == before


def test_a_certificate_that_nobody_vouches_for(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """OpenSSL's reason, as an error; a warning where the configuration says that it is to be recorded."""
    file = world.config("stranger", articles=[{"url": "https://paper.example/a"}], network={"ca_bundle": None})
    code, rows = doctor(capfd, "--config", str(file))
    assert (code, rows["network"]["severity"]) == (1, "error")
    assert "unable to get local issuer certificate" in rows["network"]["says"]
    recording = {"ca_bundle": None, "certificates": "record"}
    file = world.config("recorded", articles=[{"url": "https://paper.example/a"}], network=recording)
    assert doctor(capfd, "--config", str(file))[1]["network"]["severity"] == "warning"


async def _nowhere(host: str, port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def _private(host: str, port: int) -> list[str]:
    return ["10.0.0.7"]


def test_hosts_that_can_not_be_reached() -> None:
    """A name without an address, a private address, a port on which nobody listens: an error each, with the host's name."""
    uris = [Uri("https://a.example/x"), Uri("https://a.example/y"), Uri("http://b.example:8080/")]
    found = network(uris, policy=NetworkPolicy(), resolver=_nowhere)
    assert [check.says for check in found] == [
        "https://a.example: a.example does not resolve: Name or service not known",
        "http://b.example:8080: b.example does not resolve: Name or service not known",
    ]
    (refused,) = network(uris[:1], policy=NetworkPolicy(), resolver=_private)
    assert refused.says == "https://a.example: 10.0.0.7 is refused (private)"
    (literal,) = network([Uri("http://[::1]:81/x")], policy=NetworkPolicy())
    assert literal.says == "http://[::1]:81: ::1 is refused (loopback)"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{taken.getsockname()[1]}"
        (silent,) = network([Uri("http://c.example/")], policy=NetworkPolicy(connect_to={"*:80": closed}))
        assert (silent.severity, silent.says) == ("error", "http://c.example: Connection refused")


def test_hosts_behind_a_proxy() -> None:
    """The proxy is connected to; a host whose name is unknown here passes, one at a private address is refused."""
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        port = proxy.getsockname()[1]
        policy = NetworkPolicy(proxy=f"http://127.0.0.1:{port}")
        found = network([Uri("https://a.example/"), Uri("http://b.example/")], policy=policy, resolver=_by_name)
    assert [(check.severity, check.says) for check in found] == [
        ("ok", f"http://127.0.0.1:{port} answers at 127.0.0.1:{port}"),
        ("ok", "https://a.example is asked for through the proxy"),
        ("error", "http://b.example: 10.0.0.7 is refused (private)"),
    ]


async def _by_name(host: str, port: int) -> list[str]:
    return {"127.0.0.1": ["127.0.0.1"], "b.example": ["10.0.0.7"]}.get(host, [])


def test_many_silent_hosts_take_no_longer_than_one() -> None:
    """They are waited for side by side; who takes a connection and says nothing is given up."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(100)
        policy = NetworkPolicy(connect_to={"*:443": f"127.0.0.1:{silent.getsockname()[1]}"})
        began = time.monotonic()
        found = network([Uri(f"https://{number}.example/") for number in range(50)], policy=policy, patience=0.3)
    assert time.monotonic() - began < 3
    assert [check.says for check in found] == [f"https://{n}.example: no connection within 0.3 seconds" for n in range(50)]


def test_a_bundle_of_certificates_with_words_in_it(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """What stands between the certificates may be in any language; a bundle that holds none is an error, said once."""
    (world.folder / "words.pem").write_bytes("# Wurzel für uns\n".encode() + world.web.ca_pem)
    file = world.config("words", articles=[{"url": "https://paper.example/a"}], network={"ca_bundle": "words.pem"})
    assert doctor(capfd, "--config", str(file))[1]["network"]["severity"] == "ok"
    (world.folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    file = world.config("broken", articles=[{"url": "https://paper.example/a"}], network={"ca_bundle": "broken.pem"})
    code, rows = doctor(capfd, "--config", str(file))
    assert (code, rows["network"]["severity"]) == (1, "error")
    assert rows["network"]["says"].startswith("network.ca_bundle can't be used: ")


def test_verify_is_strict_where_it_is_asked_to_be(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A warning makes `verify --strict` a 1, and `verify` alone a 0."""
    from tests.archive import living

    with living.running(tmp_path / "c") as kept:
        living.fill(kept)
    (tmp_path / "c" / "archive" / "notes.txt").write_text("mine")
    command = ["verify", "--collection", str(tmp_path / "c")]
    assert main(command) == 0
    assert "1 warning" in capfd.readouterr().out
    assert main([*command, "--strict"]) == 1
