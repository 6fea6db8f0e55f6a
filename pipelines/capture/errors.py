"""The errors that a request of a crawl may end with, besides Scrapy's and the archive's own.

    BadCertificateError      the server's certificate does not hold
    RobotsRefusedError       robots.txt does not allow the URL, or could not be read
    UnsendableUriError       the URL can't be put into a request
    RunStoppedError          the run ended first
    StaleConnectionError     only in records: a request that was sent again
    ReplayedFailureError     in a replay: nothing came then, so nothing comes now
    UnsuitableScrapyError    this room can't stand on the installed Scrapy and Twisted
    network.NetworkPolicyError

None of them is an OSError, and none of them is worth a second try. Each message is one sentence for a person.
"""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from archive.model import KeptFailure


class BadCertificateError(Exception):
    """A server's certificate does not hold. `reason` is OpenSSL's, `chain` what was offered (DER, leaf first)."""

    def __init__(self, uri: str, reason: str, chain: tuple[bytes, ...]) -> None:
        super().__init__(f"{uri} shows a certificate that does not hold: {reason}")
        self.uri = uri
        self.reason = reason
        self.chain = chain


class RobotsRefusedError(IgnoreRequest):
    """robots.txt keeps us from fetching a URL. `failure` is the record that says so."""

    def __init__(self, uri: str, reason: str, failure: KeptFailure) -> None:
        super().__init__(f"{uri} is not fetched: {reason}")
        self.uri = uri
        self.reason = reason
        self.failure = failure


class UnsendableUriError(Exception):
    """A URI that HTTP can't carry, or that names no port; `reason` says which."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{uri} can't be sent: {reason}")
        self.uri = uri
        self.reason = reason


class RunStoppedError(Exception):
    """The run was stopped before this request had its answer."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"{uri} is not fetched: the run was stopped")
        self.uri = uri


class StaleConnectionError(Exception):
    """A connection that was kept open was gone when it was used; the request was sent again on a new one."""


class ReplayedFailureError(Exception):
    """Nothing came when the archive was made. `failure` is the record that says why."""

    def __init__(self, failure: KeptFailure) -> None:
        super().__init__(f"{failure.uri}: {failure.reason}")
        self.failure = failure


class UnsuitableScrapyError(Exception):
    """Private names of Scrapy or Twisted that the tap stands on are gone; `missing` names them."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(
            f"the installed Scrapy or Twisted does not fit, it lacks {', '.join(missing)}: install the pinned versions"
        )
        self.missing = missing
