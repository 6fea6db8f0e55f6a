"""The table of keys of sources.yml: path, type, default and what it does. The loader reads by it, the README prints it.

A path spells where a key stands: `limits.time` below `limits`, `articles[].url` in each item of `articles`,
`sources.kinds.NAME.hosts` below a name of the user's choice. Defaults are spelled as they would be written in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

from spiders.configuration import readers
from spiders.configuration.readers import T, Type
from spiders.configuration.written import NOTHING, Written, list_of, mapping_of, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Generic[T]):
    """One row of the table of keys. `default` is what counts where the file says nothing; None: the key is required."""

    path: str
    type: Type[T]
    default: Written | None
    does: str


COLLECTION = Key(
    path="collection", type=readers.PATH, default=None, does="the directory of the archive: WARC files and indexes"
)
OPERATOR = Key(
    path="operator",
    type=readers.MAYBE_TEXT,
    default=NOTHING,
    does="who runs this, with an address: stands in the user agent of each request and in each file's warcinfo record",
)
EXAMPLE = Key(
    path="example",
    type=readers.YES_OR_NO,
    default=text_of("false"),
    does="serve the embedded web of the worked example on loopback for the length of the crawl; remove it for the real web",
)

ARTICLE_URL = Key(
    path="articles[].url",
    type=readers.MAYBE_URL,
    default=NOTHING,
    does="where the article is, or, beside `file`, where it was published",
)
ARTICLE_FILE = Key(
    path="articles[].file",
    type=readers.MAYBE_PATH,
    default=NOTHING,
    does="a local copy of the article, read in place of its `url`: HTML (gzipped or not), Markdown or plain text",
)
ARTICLE_PUBLISHED = Key(
    path="articles[].published",
    type=readers.MAYBE_DATE,
    default=NOTHING,
    does="when the article was published, where its page does not say so or says it wrongly",
)
CITATION_ANCHOR = Key(
    path="articles[].citations[].anchor",
    type=readers.MAYBE_ANCHOR,
    default=NOTHING,
    does="the words of the link whose target you know; they must be the words of one citation only",
)
CITATION_ORDINAL = Key(
    path="articles[].citations[].ordinal",
    type=readers.MAYBE_ORDINAL,
    default=NOTHING,
    does="the number of the citation whose target you know, as `footnotary citations` counts them",
)
CITATION_URL = Key(
    path="articles[].citations[].url",
    type=readers.MAYBE_URL,
    default=NOTHING,
    does="where that citation points, in place of what the article's link says",
)
CITATION_KIND = Key(
    path="articles[].citations[].kind",
    type=readers.MAYBE_TEXT,
    default=NOTHING,
    does="what sort of source it is, in place of what the rules say",
)

CONTEXTS = Key(
    path="sources.contexts",
    type=readers.CONTEXT_LIST,
    default=list_of("body", "note", "caption"),
    does="where on the page a link must stand to be followed; `all`: every link that leads off the page",
)
KIND_HOSTS = Key(
    path="sources.kinds.NAME.hosts",
    type=readers.HOSTS,
    default=list_of(),
    does="a target on one of these hosts, or below it, is of the kind NAME",
)
KIND_WORDS = Key(
    path="sources.kinds.NAME.words",
    type=readers.TEXTS,
    default=list_of(),
    does="a citation whose anchor or clause has one of these words is of the kind NAME; capitals as written, or all capitals",
)
DEPTH = Key(path="sources.depth", type=readers.ONE, default=text_of("1"), does="how many steps from the article are followed")
SKIP = Key(
    path="sources.skip",
    type=readers.GLOBS,
    default=list_of(),
    does="targets on hosts like these are not fetched; their outcome is `skipped`",
)

SIZE_LIMIT = Key(
    path="limits.size",
    type=readers.SIZE,
    default=text_of("200 MB"),
    does="how much of one response's body is fetched; what is cut there is kept and marked as truncated",
)
TIME_LIMIT = Key(
    path="limits.time",
    type=readers.DURATION,
    default=text_of("60 s"),
    does="how long one response may take; what is cut there is kept and marked as truncated",
)
DELAY = Key(path="limits.delay", type=readers.WAIT, default=text_of("1 s"), does="the pause between two requests to one host")
PER_HOST = Key(
    path="limits.concurrent_per_host",
    type=readers.POSITIVE,
    default=text_of("2"),
    does="how many requests one host gets at the same time",
)
REDIRECTS = Key(
    path="limits.redirects", type=readers.COUNT, default=text_of("20"), does="how many redirects are followed from one target"
)
RETRIES = Key(
    path="limits.retries",
    type=readers.COUNT,
    default=text_of("2"),
    does="how often a request is sent again after an answer that may pass",
)
RETRY_AFTER = Key(
    path="limits.retry_after",
    type=readers.WAIT,
    default=text_of("60 s"),
    does="the longest pause that a host may ask for with Retry-After before its request is sent again",
)

ROBOTS = Key(
    path="network.robots",
    type=readers.ROBOTS_MODES,
    default=text_of("obey"),
    does="what robots.txt means: `record` fetches all the same and marks the capture, `ignore` does not ask; "
    '`{"*": obey, archive.example.org: record}` says it by host',
)
CERTIFICATE_MODE = Key(
    path="network.certificates",
    type=readers.CERTIFICATES,
    default=text_of("verify"),
    does="what a certificate that fails means: `record` captures all the same and says why it failed",
)
ALLOW = Key(
    path="network.allow",
    type=readers.BLOCKS,
    default=list_of(),
    does="addresses that may be reached although they are private, loopback or reserved",
)
PROXY = Key(
    path="network.proxy",
    type=readers.MAYBE_PROXY,
    default=NOTHING,
    does="the proxy that all requests go through; the environment's is never used, its password is left out of every record",
)
CA_BUNDLE = Key(
    path="network.ca_bundle",
    type=readers.MAYBE_PATH,
    default=NOTHING,
    does="a file of certificates (PEM) that stand in for the system's roots",
)
CONNECT_TO = Key(
    path="network.connect_to",
    type=readers.ENDPOINTS,
    default=mapping_of(),
    does='where TCP connections go while URL, Host and SNI stay, like curl\'s --connect-to: `"*:443": 127.0.0.1:8443`',
)
DNS_TIMEOUT = Key(
    path="network.dns_timeout",
    type=readers.DURATION,
    default=text_of("10 s"),
    does="how long the look-up of one host's addresses may take",
)

EVERY = Key(
    path="recheck.every",
    type=readers.DURATION,
    default=text_of("7 days"),
    does="after how long a source is due again",
)

KEYS: tuple[Key[Any], ...] = tuple(found for found in list(globals().values()) if isinstance(found, Key))
"""All rows, in the order above, none left out."""
