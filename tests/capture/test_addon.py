"""The recorder in somebody else's project: one line of settings, and the crawl is kept byte for byte, verified and replayed."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from scrapy import Spider
from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from archive.errors import CollectionLockedError, NotACollectionError
from archive.index.database import Database
from archive.layout import Layout
from pipelines.capture.addon import AddonReplay, AddonSession, Recorder, folder_of
from pipelines.capture.addresses import refusal
from pipelines.capture.network import Gate
from pipelines.capture.policy import CertificateMode, NetworkPolicy, ProxyFrom, RobotsMode, RunPolicy
from pipelines.capture.settings import RECORDED
from tests.archive import living
from tests.capture.servers import Answer, ByteServer, answer, ok
from tests.doors import Ended, start
from tests.kept import records_of

SETTINGS = """
SPIDER_MODULES = ["shop.spiders"]
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 1
ADDONS = {"pipelines.capture.addon.Recorder": 0}
"""

OFFLINE = """
from scrapy.downloadermiddlewares import cookies
from tldextract import TLDExtract

cookies._split_domain = TLDExtract(suffix_list_urls=())  # with the first cookie Scrapy would look for a newer list of suffixes
"""

SPIDER = """
import scrapy

class Shop(scrapy.Spider):
    name = "shop"
    start_urls = ["%s"]

    def parse(self, response):
        yield {"url": response.url, "text": response.text, "headers": dict(response.headers.to_unicode_dict())}
        yield from response.follow_all(css="a", callback=self.parse)
        for word in response.css("option::text").getall():
            yield scrapy.FormRequest(response.urljoin("/search"), formdata={"q": word}, callback=self.parse)
"""

LINKS = ("flaky", "chunked", "gzip", "old", "missing", "refused", "gzip")  # Scrapy takes the last one first, a retry at the end
HOME = b"<title>Home</title>" + b"".join(b'<a href="/%s">' % name.encode() for name in LINKS)
HOME += b"<option>tea</option><option>coffee</option>"
ODD = b"HTTP/1.1 200 Quite\r\ncontent-TYPE: text/html\r\nX-ODD: 1\r\nx-odd:2\r\nSet-Cookie: a=1\r\n"
CHUNKED = ODD + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\n<p>\r\n8\r\nin parts\r\n0\r\nTrailer: t\r\n\r\n"
ZIPPED = gzip.compress(b"<p>pressed", mtime=0)
HTML = b"Content-Type: text/html"
ANSWERS: dict[str, Answer | list[Answer]] = {
    "/robots.txt": ok(b"User-agent: *\nDisallow: /refused\n"),
    "/home": answer(ODD + b"Content-Length: %d\r\n\r\n" % len(HOME) + HOME),
    "/chunked": answer(CHUNKED),
    "/gzip": ok(ZIPPED, b"CONTENT-encoding: gzip", HTML),
    "/old": answer(b"HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"),
    "/new": ok(b"<p>new", HTML),
    "/flaky": [answer(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"), ok(b"<p>at last", HTML)],
    "/missing": answer(b"HTTP/1.1 404 None\r\nContent-Length: 4\r\n\r\nnone"),
    "/search": [ok(b"<p>the first words", HTML), ok(b"<p>the other words", HTML)],
}


def project(folder: Path, url: str) -> Path:
    """Somebody's project, without a word of ours but for one line; it stays on this machine."""
    package = folder / "shop"
    package.mkdir()
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = shop.settings\n")
    (package / "__init__.py").write_text(OFFLINE)
    (package / "settings.py").write_text(SETTINGS)
    (package / "spiders.py").write_text(SPIDER % url)
    return folder


def crawl(folder: Path, *arguments: str, fence: str = "loopback") -> Ended:
    return start("scrapy", "crawl", "shop", *arguments, cwd=folder, fence=fence).ended()


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A project after its crawl: where it is, what the server had read and what it had to say."""

    folder: Path
    requests: list[bytes]
    said: list[bytes]
    ended: Ended

    @property
    def collection(self) -> Path:
        """Where the add-on puts a collection by itself."""
        return self.folder / "collections" / "shop"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("project")
    with ByteServer(ANSWERS) as server:
        project(folder, f"http://127.0.0.1:{server.port}/home")
        ended = crawl(folder, "-o", "live.jsonl")
        answers = [one for each in ANSWERS.values() for one in (each if isinstance(each, list) else [each])]
        said = [step for one in answers for step in one.steps if isinstance(step, bytes)]
        yield Recorded(folder=folder, requests=list(server.requests), said=said, ended=ended)


def test_every_byte_is_kept(recorded: Recorded) -> None:
    """What the server read and what it said stand in the records, nothing else does, and the project's own ways went on:
    robots.txt asked and obeyed, a cookie sent back, a redirect followed, a 503 asked again, a page seen twice asked once."""
    records = list(records_of(recorded.collection))
    kept = {kind: sorted(r.block for r in records if r.get("WARC-Type") == kind) for kind in ("request", "response", "revisit")}
    assert (recorded.ended.code, kept["revisit"]) == (0, [])
    assert kept["request"] == sorted(recorded.requests)
    assert kept["response"] == sorted(recorded.said)
    asked = [request.split(b" ")[1] for request in recorded.requests]
    assert (asked[0], asked.count(b"/gzip"), asked.count(b"/flaky"), asked.count(b"/refused")) == (b"/robots.txt", 1, 2, 0)
    assert sum(b"\r\nCookie: a=1\r\n" in request for request in recorded.requests) > 5
    assert {request.partition(b"\r\n\r\n")[2] for request in recorded.requests} == {b"", b"q=tea", b"q=coffee"}


def test_verification_finds_nothing(recorded: Recorded) -> None:
    """A collection that a foreign project made is whole, and says whose it is and what robots.txt meant to it."""
    assert living.findings(recorded.collection) == []
    with Database.open_read_only(Layout(recorded.collection).database) as database:
        (run,) = database.runs()
    assert run.start is not None
    assert run.end is not None
    assert (run.start.robots, run.end.reason) == ("obey", "finished")
    assert Layout(recorded.collection).read_identity().title == "shop"


def test_a_replay_gives_the_same_items(recorded: Recorded) -> None:
    """Without a socket the spider yields what it did, byte for byte: two bodies to one URI apart, lengths and odd headers
    too; and nothing is written."""
    before = {path: path.stat().st_mtime_ns for path in recorded.collection.rglob("*")}
    replayed = crawl(recorded.folder, "-s", "FOOTNOTARY_REPLAY=latest", "-o", "replay.jsonl", fence="sealed")
    assert replayed.code == 0
    live = (recorded.folder / "live.jsonl").read_bytes()
    assert (recorded.folder / "replay.jsonl").read_bytes() == live
    words = (b"in parts", b"pressed", b"<p>new", b"at last", b"the first words", b"the other words")
    assert [live.count(each) for each in words] == [1] * len(words)
    assert {path: path.stat().st_mtime_ns for path in recorded.collection.rglob("*")} == before


def test_a_collection_in_use_is_one_line(tmp_path: Path) -> None:
    """A crawl that can't be recorded asks nobody for anything: one line says why, and the exit code is that of a lock."""
    with ByteServer(ANSWERS) as server, living.running(tmp_path / "collections" / "shop"):
        ended = crawl(project(tmp_path, f"http://127.0.0.1:{server.port}/home"))
        assert server.requests == []
    lines = [line for line in ended.err.splitlines() if "ERROR" in line or "CRITICAL" in line]
    assert ended.code == 75
    assert len(lines) == 1
    assert lines[0].endswith("wait until it ends, nothing was written")
    assert "collections/shop is in use by" in lines[0]


def changed(**more: object) -> Settings:
    """The settings of a project after the add-on has seen them."""
    settings = Settings(more)
    Recorder("shop").update_settings(settings)
    return settings


def test_only_what_recording_needs_is_changed() -> None:
    """Handlers of http and https, one extension, and settings of our own; those of other schemes and all else stay."""
    own = {"DOWNLOAD_HANDLERS": {"sftp": "a.Handler"}, "EXTENSIONS": {"scrapy.extensions.debug.StackTraceDump": 5}}
    settings, before = changed(**own), Settings(own)
    named = {name for name in settings if settings[name] != before[name]}
    assert {name for name in named if not name.startswith("FOOTNOTARY_")} == {"DOWNLOAD_HANDLERS", "EXTENSIONS"}
    assert settings.getdict("DOWNLOAD_HANDLERS") == {"sftp": "a.Handler", **RECORDED}
    assert settings.getdict("EXTENSIONS") == {"scrapy.extensions.debug.StackTraceDump": 5, AddonSession: 0}
    assert settings["FOOTNOTARY_COLLECTION"] == "collections/shop"
    assert settings["FOOTNOTARY_RUN"] == RunPolicy(title="shop")


def test_what_the_project_says_of_us_counts() -> None:
    """A collection, an operator or a policy that is named stays."""
    network = NetworkPolicy()
    settings = changed(FOOTNOTARY_COLLECTION="there", FOOTNOTARY_OPERATOR="me@shop.example", FOOTNOTARY_NETWORK=network)
    assert (settings["FOOTNOTARY_COLLECTION"], settings["FOOTNOTARY_NETWORK"]) == ("there", network)
    assert settings["FOOTNOTARY_RUN"].operator == "me@shop.example"


@pytest.mark.parametrize("strict", [True, False])
def test_the_network_is_the_projects(strict: bool) -> None:
    """robots.txt, certificates and the patience with name servers are what the project's settings say."""
    network = changed(ROBOTSTXT_OBEY=strict, DOWNLOAD_VERIFY_CERTIFICATES=strict, DNS_TIMEOUT=7)["FOOTNOTARY_NETWORK"]
    assert network.robots == (RobotsMode.OBEY if strict else RobotsMode.IGNORE)
    assert network.certificates == (CertificateMode.VERIFY if strict else CertificateMode.RECORD)
    assert (network.dns_timeout, network.proxy_from) == (7.0, ProxyFrom.REQUEST)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1", "8.8.8.8"])
def test_every_address_may_be_reached(host: str) -> None:
    """What a project could reach without the recorder it reaches with it, literals in every spelling too."""
    network = changed()["FOOTNOTARY_NETWORK"]
    assert refusal(ip_address(host), allow=network.allow) is None
    gate = Gate(network)
    for spelling in (host, "2130706433", "0x7f.1", "localhost"):
        gate.judge_spelling(f"http://{spelling}/", spelling, 80)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("handler", ["shop.handlers.Own", None])
def test_a_handler_of_its_own_is_refused(scheme: str, handler: str | None) -> None:
    """Two handlers can't have one scheme: one sentence, and no setting is half changed."""
    settings = Settings({"DOWNLOAD_HANDLERS": {scheme: handler}})
    with pytest.raises(UsageError, match=rf"^DOWNLOAD_HANDLERS: the project has a handler of its own for {scheme}, "):
        Recorder("shop").update_settings(settings)
    assert settings.getdict("DOWNLOAD_HANDLERS") == {scheme: handler}
    assert AddonSession not in settings.getdict("EXTENSIONS")


@pytest.mark.parametrize(("name", "value"), [("TWISTED_REACTOR", "a.Reactor"), ("TWISTED_REACTOR_ENABLED", False)])
def test_another_reactor_is_refused(name: str, value: object) -> None:
    """Where the tap could not wait for the archive the crawl says which reactor it needs."""
    with pytest.raises(UsageError, match=r"set TWISTED_REACTOR to 'twisted\.internet\.asyncioreactor\.AsyncioSelectorReactor'"):
        changed(**{name: value})


def test_a_cache_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    """What Scrapy's cache answers never reaches the tap; the crawl goes on, and says so."""
    changed()
    assert caplog.records == []
    changed(HTTPCACHE_ENABLED=True)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("HTTPCACHE_ENABLED is on: ")


def test_a_replay_opens_nothing_and_waits_for_nothing() -> None:
    """Whatever the project says, only the archive answers: other handlers, caches, consoles, cookies and delays are off."""
    own = {"http": "shop.handlers.Own", "ftp": "an.Ftp", "sftp": "a.Handler", "file": "a.File"}
    settings = changed(
        FOOTNOTARY_REPLAY="2026-03-01",
        DOWNLOAD_HANDLERS=own,
        DOWNLOAD_DELAY=9,
        HTTPCACHE_ENABLED=True,
        TELNETCONSOLE_ENABLED=True,
    )
    handlers = {scheme: handler for scheme, handler in settings.getwithbase("DOWNLOAD_HANDLERS").items() if handler}
    assert set(handlers) == {"http", "https", "file", "data"}
    assert handlers["http"] == handlers["https"] == "pipelines.capture.replay.ReplayHandler"
    off = ("HTTPCACHE_ENABLED", "TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED", "AUTOTHROTTLE_ENABLED")
    assert [name for name in off if settings.getbool(name)] == []
    assert settings.getfloat("DOWNLOAD_DELAY") == 0
    assert settings.getdict("EXTENSIONS") == {AddonReplay: 0}


def test_a_replay_of_no_instant_is_refused() -> None:
    """A word that is no datetime is said to be none."""
    with pytest.raises(ValueError, match=r"^FOOTNOTARY_REPLAY is 'yesterday': expected latest or a datetime such as "):
        changed(FOOTNOTARY_REPLAY="yesterday")


def test_what_can_not_be_opened_is_raised(tmp_path: Path) -> None:
    """Where a script begins a crawl outside of a loop the archive's own error comes, in either direction."""
    settings = {"FOOTNOTARY_COLLECTION": str(tmp_path / "c"), "DOWNLOAD_HANDLERS": RECORDED}
    with pytest.raises(NotACollectionError, match=r"there is no such directory"):
        AddonReplay.from_crawler(get_crawler(Spider, {**settings, "FOOTNOTARY_REPLAY": "latest"}))
    with living.running(tmp_path / "c"), pytest.raises(CollectionLockedError):
        AddonSession.from_crawler(get_crawler(Spider, settings))


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("shop", "shop"),
        ("shop.example", "shop.example"),
        ("a/b c", "a-b-c"),
        ("..", "-"),
        (".shop", "-shop"),
        ("läden", "läden"),
    ],
)
def test_a_spiders_name_is_one_folder(name: str, folder: str) -> None:
    """No name of a spider leads out of the folder of collections."""
    assert folder_of(name) == folder
