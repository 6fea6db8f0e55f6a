"""sources.yml: what it becomes, and one sentence for whatever is wrong with it."""

from __future__ import annotations

import pickle
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import CITING_CONTEXTS, Context, digest_of
from pipelines.capture.policy import CapturePolicy, CertificateMode, NetworkPolicy, RobotsMode
from spiders.config import (
    ArticleConfig,
    Config,
    ConfigError,
    CuratorEntry,
    KindRule,
    RecheckPolicy,
    SourcePolicy,
    load,
    require_example_hosts,
)

MINIMAL = "collection: kept\narticles: [{url: 'https://magazine.example/a'}]\n"

WHOLE = """\
collection: collections/kabul-2021
operator: Archive desk <archive@example.org>      # user agent and warcinfo
articles:
  - url: https://magazine.example/what-the-group-means#top
  - file: drafts/the article, ~2nd.txt
    url: https://www.politico.example/x
    published: 2021-08-27
    citations:
      - {anchor: saying, url: https://www.centcom.mil/Article/2789438/#:~:text=some}
      - {ordinal: 11, kind: intelligence estimate}
sources:
  contexts: [body, note]
  kinds:
    military statement: {hosts: ["*.centcom.mil", defense.gov], words: [Central Command, CENTCOM]}
  depth: 1
  skip: ["*.ads.example"]
limits: {size: 2 MiB, time: 90 s, delay: 500 ms, concurrent_per_host: 4, redirects: 5, retries: 0, retry_after: 2 min}
network:
  robots: {"*": record, strict.example: obey}
  certificates: record
  allow: [127.0.0.1, 10.0.0.0/8, "::1"]
  proxy: http://user:secret@proxy.example:3128
  ca_bundle: roots.pem
  connect_to: {"*:443": 127.0.0.1:8443, "One.Example:80": "[::1]:8080"}
  dns_timeout: 3 s
recheck: {every: 2 weeks}
example: yes
"""


def put(folder: Path, text: str | bytes, *, name: str = "sources.yml") -> Path:
    """A configuration file in a folder."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(folder: Path, text: str | bytes) -> str:
    """The sentence that a file is refused with, without the folder."""
    with pytest.raises(ConfigError) as caught:
        load(put(folder, text))
    assert caught.value.file == folder / "sources.yml"
    return str(caught.value).replace(str(folder) + "/", "")


@pytest.fixture
def whole(tmp_path: Path) -> Config:
    """A file that uses every key."""
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts/the article, ~2nd.txt").write_text("x")
    (tmp_path / "roots.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    return load(put(tmp_path, WHOLE))


def test_paths_are_relative_to_the_file(whole: Config, tmp_path: Path) -> None:
    """Collection and article files lie where the configuration file says, seen from its folder."""
    assert whole.collection == tmp_path / "collections/kabul-2021"
    assert whole.articles[1].file == tmp_path / "drafts/the article, ~2nd.txt"


def test_articles_and_the_curators_entries(whole: Config) -> None:
    """An article's URL loses its fragment, a curator's keeps it as evidence; each knows its line."""
    first, second = whole.articles
    assert first == ArticleConfig(url=first.url)
    assert first.url == "https://magazine.example/what-the-group-means"
    assert second.published == "2021-08-27"
    assert second.citations == (
        CuratorEntry(anchor="saying", url="https://www.centcom.mil/Article/2789438/#:~:text=some"),
        CuratorEntry(ordinal=11, kind="intelligence estimate"),
    )
    assert [entry.line for entry in second.citations] == [9, 10]


def test_an_entry_as_a_program_prints_it(tmp_path: Path) -> None:
    """Anchors in JSON's spelling are read letter by letter: quotation marks, signs beyond the first plane, none at all."""
    printed = r"""[{ordinal: 1, anchor: "“a\" \\ 😀 {b}: #c", kind: x}, {ordinal: 2, anchor: "", kind: x}]"""
    config = load(put(tmp_path, MINIMAL.replace("/a'}", f"/a', citations: {printed}}}")))
    assert [entry.anchor for entry in config.articles[0].citations] == ['“a" \\ 😀 {b}: #c', ""]


def test_policies_of_the_rooms(whole: Config) -> None:
    """Each section becomes the frozen value of the room that obeys it."""
    assert whole.sources == SourcePolicy(
        contexts=frozenset({Context.BODY, Context.NOTE}),
        kinds={"military statement": KindRule(hosts=("centcom.mil", "defense.gov"), words=("Central Command", "CENTCOM"))},
        skip=("*.ads.example",),
    )
    assert whole.limits == CapturePolicy(
        size_limit=2 << 20, time_limit=90, delay=0.5, concurrent_per_host=4, redirects=5, retries=0, retry_after_limit=120
    )
    assert whole.network == NetworkPolicy(
        robots=RobotsMode.RECORD,
        robots_by_host={"strict.example": RobotsMode.OBEY},
        certificates=CertificateMode.RECORD,
        allow=(ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("::1")),
        proxy="http://user:secret@proxy.example:3128",
        ca_bundle=b"-----BEGIN CERTIFICATE-----\n",
        connect_to={"*:443": "127.0.0.1:8443", "one.example:80": "[::1]:8080"},
        dns_timeout=3,
    )
    assert whole.recheck == RecheckPolicy(every=timedelta(days=14))
    assert whole.operator == "Archive desk <archive@example.org>"
    assert whole.example is True


def test_two_lines_suffice(tmp_path: Path) -> None:
    """What a file leaves out has the default of the room that obeys it."""
    config = load(put(tmp_path, MINIMAL))
    assert (config.limits, config.network, config.sources) == (CapturePolicy(), NetworkPolicy(), SourcePolicy())
    assert config.sources.contexts == CITING_CONTEXTS
    assert (config.recheck, config.example, config.operator) == (RecheckPolicy(), False, "")


def test_null_and_nothing_are_defaults(tmp_path: Path) -> None:
    """A key with nothing behind it, a whole section too, counts as left out."""
    config = load(
        put(tmp_path, MINIMAL + "operator:\nsources: ~\nlimits:\nnetwork: {proxy: null, allow: }\nrecheck: {every: }\n")
    )
    assert (config.limits, config.network, config.recheck) == (CapturePolicy(), NetworkPolicy(), RecheckPolicy())


def test_all_contexts(tmp_path: Path) -> None:
    """`all` stands for every context but links within the page."""
    config = load(put(tmp_path, MINIMAL + "sources: {contexts: all}\n"))
    assert config.sources.contexts == frozenset(Context) - {Context.SAME_PAGE}


def test_one_robots_mode_for_all(tmp_path: Path) -> None:
    """One word sets the mode of every host; a mapping without `*` leaves the others to obey."""
    assert load(put(tmp_path, MINIMAL + "network: {robots: ignore}\n")).network.robots is RobotsMode.IGNORE
    network = load(put(tmp_path, MINIMAL + "network: {robots: {Old.Example: ignore}}\n")).network
    assert (network.robots, network.robots_for("old.example")) == (RobotsMode.OBEY, RobotsMode.IGNORE)


def test_home_is_the_only_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~/` is the user's home; any other tilde is a letter of the name."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert load(put(tmp_path, MINIMAL.replace("kept", "~/kept"))).collection == tmp_path / "home/kept"
    assert load(put(tmp_path, MINIMAL.replace("kept", "~kept"))).collection == tmp_path / "~kept"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (MINIMAL + "limits:\n  tiem: 5 s\n", "sources.yml, line 4: limits.tiem is not a key; did you mean limits.time?"),
        (MINIMAL + "colection: x\n", "sources.yml, line 3: colection is not a key; did you mean collection?"),
        (MINIMAL + "robots: obey\n", "sources.yml, line 3: robots is not a key here; did you mean network.robots?"),
        (MINIMAL + "recheck: {zzz: 1}\n", "sources.yml, line 3: recheck.zzz is not a key; the keys here are every"),
        (MINIMAL + "<<: {a: b}\n", "line 3: << is not a key; the keys here are collection, operator"),
        (
            MINIMAL + "limits: {time: 60}\n",
            "limits.time is '60': a duration needs a unit (ms, s, min, h, days, weeks), as in 60 s",
        ),
        (MINIMAL + "limits: {time: 6 parsecs}\n", "parsecs is not a unit of duration"),
        (MINIMAL + "limits: {time: 0}\n", "line 3: limits.time is '0': it must be more than 0"),
        (MINIMAL + "limits: {time: 1:30}\n", "limits.time is '1:30': a duration is a number and a unit"),
        (MINIMAL + "limits: {size: 200}\n", "limits.size is '200': a size needs a unit (B, kB, MB, GB, KiB, MiB, GiB)"),
        (MINIMAL + "limits: {size: [200 MB]}\n", "limits.size must be one value, and is a list"),
        (MINIMAL + "limits: [1]\n", "line 3: limits must be a mapping (key: value), and is a list"),
        (MINIMAL + "limits: none\n", "limits must be a mapping (key: value), and is the text 'none'"),
        (MINIMAL + "limits: {concurrent_per_host: 0}\n", "limits.concurrent_per_host is '0': it must be 1 or more"),
        (MINIMAL + "limits: {redirects: -1}\n", "limits.redirects is '-1': it must be a whole number"),
        (MINIMAL + "sources: {depth: 2}\n", "line 3: sources.depth is '2': only 1 is supported so far"),
        (
            MINIMAL + "sources: {contexts: [body, foo]}\n",
            "sources.contexts is 'foo': it must be one of body, note, caption, nav",
        ),
        (MINIMAL + "sources: {contexts: [same-page]}\n", "sources.contexts is 'same-page': it must be one of"),
        (MINIMAL + "sources: {contexts: []}\n", "sources.contexts names no context"),
        (MINIMAL + "sources: {contexts: body}\n", "sources.contexts must be a list, and is the text 'body'"),
        (MINIMAL + "sources: {skip: {a: b}}\n", "sources.skip must be a list, and is a mapping"),
        (MINIMAL + "sources: {skip: [a b]}\n", "sources.skip is 'a b': it must be a host name or a pattern"),
        (
            MINIMAL + "sources: {kinds: {x: {wrods: [a]}}}\n",
            "sources.kinds.x.wrods is not a key; did you mean sources.kinds.x.words?",
        ),
        (MINIMAL + "sources: {kinds: {x: {}}}\n", "sources.kinds.x needs hosts or words"),
        (MINIMAL + "sources: {kinds: {x: {hosts: [https://a.example]}}}\n", "it must be a host name, as in centcom.mil"),
        (MINIMAL + "sources: {kinds: {x: {words: ['']}}}\n", "sources.kinds.x.words is '': it must not be empty"),
        (MINIMAL + "network: {robots: maybe}\n", "network.robots is 'maybe': it must be one of obey, record, ignore"),
        (MINIMAL + "network: {robots: {'*.a.example': obey}}\n", "network.robots is '*.a.example': it must be a host name"),
        (MINIMAL + "network: {allow: [10.0.0.1/8]}\n", "network.allow is '10.0.0.1/8': it must be an address or a network"),
        (MINIMAL + "network: {allow: 10.0.0.0/8}\n", "network.allow must be a list"),
        (MINIMAL + "network: {proxy: socks5://p:1}\n", "network.proxy is 'socks5://p:1': it must be an http URL"),
        (MINIMAL + "network: {connect_to: {'*': '127.0.0.1:1'}}\n", "network.connect_to is '*': it must be a host and a port"),
        (
            MINIMAL + "network: {connect_to: {'*:80': 'name.example:1'}}\n",
            "it must be an address and a port, as in 127.0.0.1:8443",
        ),
        (MINIMAL + "network: {connect_to: {'*:80': '127.0.0.1:0'}}\n", "it must be an address and a port"),
        (MINIMAL + "network: {ca_bundle: none.pem}\n", "network.ca_bundle is 'none.pem': it can't be read (No such file"),
        (MINIMAL + "network: {ca_bundle: sources.yml}\n", "it holds no certificate in PEM"),
        (MINIMAL + "example: maybe\n", "example is 'maybe': it must be true or false"),
        (MINIMAL + "operator: ''\n", "operator is '': it must not be empty"),
        (MINIMAL + "recheck: {every: 99999999999 weeks}\n", "that is longer than a calendar can count"),
        (MINIMAL + "collection: twice\n", "line 3: collection is written twice, first in line 1"),
        ("articles: [{url: 'https://a.example/'}]\n", "line 1: collection is missing: the directory of the archive"),
        ("collection: x\n", "line 1: articles must name at least one article"),
        ("collection: x\narticles: []\n", "line 2: articles must name at least one article"),
        ("collection: x\narticles: https://a.example/\n", "line 2: articles must be a list"),
        (
            "collection: x\narticles:\n  - https://a.example/\n",
            "line 3: articles[] must be a mapping (key: value), and is the text",
        ),
        ("collection: x\narticles:\n  - published: 2021-08-27\n", "line 3: articles[] needs a url or a file"),
        ('collection: x\narticles: [{file: "a\\0b"}]\n', "no file has a null in its name"),
        ('collection: "a\\uD800b"\narticles: [{file: sources.yml}]\n', "is not YAML: "),
        ("collection: x\narticles: [{file: sources.yml, published: 27 Aug}]\n", "it must be a date, as in 2021-08-27"),
        ("collection: x\narticles: [{url: ftp://a.example/}]\n", "it must be a whole http or https URL"),
        ("collection: x\narticles: [{url: 'http://'}]\n", "it must be a whole http or https URL"),
        ("collection: x\narticles: [{url: 'http://[1/'}]\n", "it is not a URL"),
        ("collection: x\narticles: [{url: 'http://a.example:99999/'}]\n", "it is not a URL (Port out of range"),
        ("collection: x\narticles: [{url: 'http://u:p@a.example/'}]\n", "it must not carry a user name or a password"),
        ("collection: x\narticles: [{url: 'http://a.example/ü b'}]\n", "it must be percent-encoded"),
        (
            MINIMAL.replace("/a'}", "/a', citations: [{url: 'https://b.example/'}]}"),
            "articles[].citations[] needs an anchor or an ordinal",
        ),
        (MINIMAL.replace("/a'}", "/a', citations: [{anchor: saying}]}"), "articles[].citations[] needs a url or a kind"),
        (MINIMAL.replace("/a'}", "/a', citations: [{ordinal: 0, kind: x}]}"), "ordinal is '0': it must be 1 or more"),
        (MINIMAL.replace("/a'}", "/a', citations: [{ordinl: 1}]}"), "did you mean articles[].citations[].ordinal?"),
        ("", "sources.yml: is empty"),
        ("# nothing but a comment\n", "sources.yml: is empty"),
        ("- collection: x\n", "line 1: the file must be a mapping (key: value), and is a list"),
        ("just words\n", "line 1: the file must be a mapping (key: value), and is the text 'just words'"),
        ("collection: x\nlimits:\n\ttime: 5 s\n", "line 3: is indented with a tab: YAML takes only blanks"),
        ("collection: [\n", "is not YAML: "),
        ("a: b: c\n", "line 1: is not YAML: mapping values are not allowed"),
        ("collection: a\n---\ncollection: b\n", "is not YAML: "),
        ("? [a, b]\n: c\n", "line 1: has a list or a mapping where the name of a key belongs"),
        ("collection: !!python/name:os.system x\n", "has the tag tag:yaml.org,2002:python/name:os.system"),
        ("collection: !shell rm\n", "has the tag !shell"),
        ("collection: *nowhere\n", "is not YAML: found undefined alias"),
        ("collection: &a [*a]\n", "is nested more than 20 deep"),
        ("[" * 100 + "]" * 100, "line 1: is nested more than 20 deep"),
        ("[" * 50000, "line 1: is not YAML: "),
        (b"collection: caf\xe9\n", "line 1: is not UTF-8"),
        (b"collection: x\x00\n", "is not YAML: "),
        (b"#" * 1_000_001, "it is larger than 1000 kB"),
    ],
)
def test_one_sentence_for_a_bad_file(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    """Whatever is wrong is one line that names the file, the line and the key, and says what to write."""
    said = refused(tmp_path, text)
    assert sentence in said
    assert said.startswith("sources.yml")
    assert "\n" not in said


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file, a folder and a file in a file are named."""
    put(tmp_path, MINIMAL)
    with pytest.raises(ConfigError, match=r"none\.yml: there is no such file"):
        load(tmp_path / "none.yml")
    with pytest.raises(ConfigError, match="it can't be read \\(Is a directory"):
        load(tmp_path)
    with pytest.raises(ConfigError, match="it can't be read \\(Not a directory"):
        load(tmp_path / "sources.yml" / "x")


def test_aliases_are_read_and_bombs_are_not(tmp_path: Path) -> None:
    """An alias stands for its value; aliases of aliases that make a file too large are refused in no time."""
    shared = "collection: x\narticles: [{url: &u 'https://a.example/', citations: [{ordinal: 1, url: *u}]}]\n"
    assert load(put(tmp_path, shared)).articles[0].citations[0].url == "https://a.example/"
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "makes more than 200000 values out of aliases" in refused(tmp_path, "\n".join(lines))


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    """A file that a Windows editor saved is read, and its lines are counted right."""
    text = MINIMAL.replace("\n", "\r\n")
    assert load(put(tmp_path, b"\xef\xbb\xbf" + text.encode())).collection == tmp_path / "kept"
    assert ", line 3: " in refused(tmp_path, text + "x: y\r\n")


def test_what_is_kept_holds_no_secret(whole: Config) -> None:
    """The redacted form is the file without the proxy's user and password; the digest is that of the redacted form."""
    assert whole.raw == WHOLE.encode()
    assert b"secret" not in whole.redacted
    assert b"http://REDACTED@proxy.example:3128" in whole.redacted
    assert whole.redacted.replace(b"REDACTED", b"user:secret") == whole.raw
    assert whole.digest == digest_of(whole.redacted)
    assert "secret" not in repr(whole)


def test_a_password_that_could_not_be_seen_is_refused(tmp_path: Path) -> None:
    """A proxy's URL that is spelled with escapes or over two lines is an error, since its password would be kept."""
    escaped = r'network: {proxy: "http:\u002F\u002Fu:hunter2@p.example:1"}'
    assert "network.proxy must be written plainly in one line" in refused(tmp_path, MINIMAL + escaped)
    folded = 'network: {proxy: "http:\\\n  //u:hunter2@p.example:1"}'
    assert "network.proxy must be written plainly in one line" in refused(tmp_path, MINIMAL + folded)


def test_without_a_file(tmp_path: Path) -> None:
    """An article and a collection give a configuration of defaults; commas, blanks and tildes belong to the name."""
    config = Config.for_article("https://a.example/x,y?b=2&a=%7e", collection="dir")
    assert config.articles == (ArticleConfig(url=config.articles[0].url),)
    assert config.articles[0].url == "https://a.example/x,y?b=2&a=%7e"
    assert (config.path, config.collection, config.digest) == (None, Path("dir"), None)
    file = tmp_path / "an article, ~second.txt"
    file.write_text("x")
    assert Config.for_article(str(file), collection=tmp_path).articles == (ArticleConfig(file=file),)


@pytest.mark.parametrize(
    ("article", "sentence"),
    [
        ("http://", "url is 'http://': it must be a whole http or https URL, as in https://example.org/page"),
        ("", "file is '': it must not be empty"),
    ],
)
def test_without_a_file_errors_are_sentences_too(article: str, sentence: str) -> None:
    """An article on the command line is checked like one in a file; there is no line to name."""
    with pytest.raises(ConfigError) as caught:
        Config.for_article(article, collection="dir")
    assert str(caught.value) == sentence
    assert (caught.value.file, caught.value.line) == (None, None)


def test_an_error_crosses_processes() -> None:
    """An error is the same after pickling."""
    error = ConfigError(Path("sources.yml"), 7, "limits.tiem", "is not a key")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "sources.yml, line 7: limits.tiem is not a key"
    assert (again.file, again.line, again.key, again.reason) == (error.file, error.line, error.key, error.reason)


def test_example_hosts(tmp_path: Path) -> None:
    """With `example: true`, a URL beyond the example web, the curator's too, is an error that says what to remove."""
    hosts = {"magazine.example", "command.example"}
    text = "collection: x\nexample: true\narticles:\n  - url: https://magazine.example/a\n    citations:\n"
    inside = load(put(tmp_path, text + "      - {ordinal: 1, url: https://command.example/}\n"))
    require_example_hosts(inside, hosts=hosts)
    outside = load(put(tmp_path, text + "      - {ordinal: 1, url: https://www.centcom.mil/}\n"))
    with pytest.raises(
        ConfigError, match=r"line 6: .*www\.centcom\.mil, which is not part of the example web: remove the line"
    ):
        require_example_hosts(outside, hosts=hosts)
    real = load(put(tmp_path, MINIMAL.replace("magazine.example", "www.politico.com") + "example: true\n"))
    with pytest.raises(ConfigError, match=r"line 2: articles\[\]\.url is on www\.politico\.com"):
        require_example_hosts(real, hosts=hosts)


def test_without_the_example_every_host_is_fine(tmp_path: Path) -> None:
    """Without that line nothing is checked."""
    config = load(put(tmp_path, MINIMAL))
    require_example_hosts(config, hosts=set())
    assert config.example is False


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("abc:- \n\t[]{}&*!|>'\"%@`#,?~\\0é\x85\u2028"), max_size=60))
def test_no_text_gets_past_the_loader_as_another_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in a file, the loader ends with a ConfigError in one line."""
    path = put(tmp_path_factory.getbasetemp(), text, name="any.yml")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
