"""Every way in which a request can fail has an outcome and a reason in plain words."""

from __future__ import annotations

import pytest
from OpenSSL.SSL import Error as OpenSSLError
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
)
from twisted.internet.error import ConnectError, ConnectionLost, NoRouteError, TCPTimedOutError
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError, ResponseFailed

from archive.errors import ArchiveError, CollectionFullError, NotArchivedError
from archive.model import Outcome
from pipelines.capture.errors import BadCertificateError, RunStoppedError
from pipelines.capture.network import NetworkPolicyError
from pipelines.capture.outcomes import causes_of, outcome_of

URI = "http://a.example/"


def failed(cause: Exception) -> DownloadFailedError:
    """Scrapy's error around Twisted's around the cause."""
    error = DownloadFailedError("failed")
    error.__cause__ = ResponseFailed([Failure(cause)])  # type: ignore[no-untyped-call]
    return error


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (CannotResolveHostError("x"), Outcome.UNREACHABLE, "the name does not resolve"),
        (DownloadConnectionRefusedError("x"), Outcome.UNREACHABLE, "the connection was refused"),
        (DownloadTimeoutError("x"), Outcome.UNREACHABLE, "no whole answer within the time limit"),
        (DownloadCancelledError("x"), Outcome.UNREACHABLE, "the answer is larger than the size limit"),
        (NoRouteError(), Outcome.UNREACHABLE, "no route to the host"),  # type: ignore[no-untyped-call]
        (TCPTimedOutError(), Outcome.UNREACHABLE, "no connection within the time limit"),  # type: ignore[no-untyped-call]
        (ConnectError(), Outcome.UNREACHABLE, "no connection could be made"),  # type: ignore[no-untyped-call]
        (
            BadCertificateError(URI, "certificate has expired", ()),
            Outcome.UNREACHABLE,
            "bad certificate: certificate has expired",
        ),
        (TunnelError("403"), Outcome.UNREACHABLE, "the proxy opened no tunnel: 403"),
        (IgnoreRequest("max redirections reached"), Outcome.UNREACHABLE, "too many redirects"),
        (failed(ConnectionLost()), Outcome.UNREACHABLE, "the connection was closed before an answer came"),
        (failed(ParseError("wrong", b"")), Outcome.UNREACHABLE, "the answer is not HTTP that can be read"),  # type: ignore[no-untyped-call]
        (failed(KeyError(b"gzip")), Outcome.UNREACHABLE, "the answer is not HTTP that can be read"),
        (
            failed(OpenSSLError([("SSL routines", "", "tlsv1 alert protocol version")])),
            Outcome.UNREACHABLE,
            "no TLS connection: tlsv1 alert protocol version",
        ),
        (failed(OpenSSLError()), Outcome.UNREACHABLE, "no TLS connection: the handshake failed"),
        (failed(RuntimeError("x")), Outcome.UNREACHABLE, "no answer came"),
        (RuntimeError("odd"), Outcome.UNREACHABLE, "RuntimeError: odd"),
        (NetworkPolicyError(URI, "10.0.0.1", "private"), Outcome.ADDRESS_BLOCKED, "10.0.0.1 is refused: private"),
        (RunStoppedError(URI), Outcome.INTERRUPTED, "the run was stopped before an answer came"),
        (NotArchivedError(URI), Outcome.NOT_ARCHIVED, "the collection holds nothing for it"),
        (CollectionFullError("the disk is full"), Outcome.ARCHIVE_FAILED, "the disk is full"),
        (ArchiveError("odd"), Outcome.ARCHIVE_FAILED, "odd"),
        (NotSupported("x"), Outcome.SKIPPED, "only http and https are fetched"),
    ],
)
def test_outcome_and_reason(error: Exception, outcome: Outcome, reason: str) -> None:
    """An exception becomes one outcome and one reason without the URL."""
    assert outcome_of(error) == (outcome, reason)


def test_causes_are_found_behind_wrappers() -> None:
    """What Twisted wraps and what an error was raised from are all seen."""
    cause = KeyError("x")
    assert cause in list(causes_of(failed(cause)))
    assert list(causes_of(None)) == []
