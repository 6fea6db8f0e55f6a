"""What became of a request that ended with an exception, in the archive's words and in a person's."""

from __future__ import annotations

from collections.abc import Iterator

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
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet import error as tx
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError, _WrapperException

from archive.errors import ArchiveError, NotArchivedError
from archive.model import Outcome
from pipelines.capture.errors import (
    BadCertificateError,
    ReplayedFailureError,
    RobotsRefusedError,
    RunStoppedError,
    StaleConnectionError,
    UnsendableUriError,
)
from pipelines.capture.network import NetworkPolicyError

_SENTENCES: tuple[tuple[type[BaseException], Outcome, str], ...] = (
    (RunStoppedError, Outcome.INTERRUPTED, "the run was stopped before an answer came"),
    (StaleConnectionError, Outcome.UNREACHABLE, "the connection that was kept open was gone, so it was sent again"),
    (DownloadTimeoutError, Outcome.UNREACHABLE, "no whole answer within the time limit"),
    (CannotResolveHostError, Outcome.UNREACHABLE, "the name does not resolve"),
    (DownloadConnectionRefusedError, Outcome.UNREACHABLE, "the connection was refused"),
    (DownloadCancelledError, Outcome.UNREACHABLE, "the answer is larger than the size limit"),
    (ResponseDataLossError, Outcome.UNREACHABLE, "the answer ended early"),
    (tx.NoRouteError, Outcome.UNREACHABLE, "no route to the host"),
    (tx.TimeoutError, Outcome.UNREACHABLE, "no connection within the time limit"),
    (tx.TCPTimedOutError, Outcome.UNREACHABLE, "no connection within the time limit"),
    (tx.ConnectError, Outcome.UNREACHABLE, "no connection could be made"),
    (UnsupportedURLSchemeError, Outcome.SKIPPED, "only http and https are fetched"),
    (NotSupported, Outcome.SKIPPED, "only http and https are fetched"),
)


def outcome_of(error: BaseException) -> tuple[Outcome, str]:
    """The outcome of a request that ended with `error`, and the reason in plain words without the URL."""
    if isinstance(error, NotArchivedError):
        return Outcome.NOT_ARCHIVED, "the collection holds nothing for it"
    if isinstance(error, ArchiveError):
        return Outcome.ARCHIVE_FAILED, str(error)
    if isinstance(error, ReplayedFailureError):
        return error.failure.outcome, error.failure.reason
    if isinstance(error, NetworkPolicyError):
        return Outcome.ADDRESS_BLOCKED, f"{error.address} is refused: {error.rule}"
    if isinstance(error, RobotsRefusedError):
        return error.failure.outcome, error.reason
    if isinstance(error, BadCertificateError):
        return Outcome.UNREACHABLE, f"bad certificate: {error.reason}"
    if isinstance(error, UnsendableUriError):
        return Outcome.UNREACHABLE, error.reason
    if isinstance(error, TunnelError):
        return Outcome.UNREACHABLE, f"the proxy opened no tunnel: {error}"
    if isinstance(error, IgnoreRequest) and "redirections" in str(error):
        return Outcome.UNREACHABLE, "too many redirects"
    for kind, outcome, sentence in _SENTENCES:
        if isinstance(error, kind):
            return outcome, sentence
    return Outcome.UNREACHABLE, _broken(error)


def _broken(error: BaseException) -> str:
    """Words for a connection that was made and then did not carry an answer."""
    causes = list(causes_of(error))
    for cause in causes:
        if isinstance(cause, OpenSSLError):
            return f"no TLS connection: {tls_words(cause)}"
    if any(isinstance(cause, ParseError | ValueError | KeyError) for cause in causes):
        return "the answer is not HTTP that can be read"
    if any(isinstance(cause, tx.ConnectionDone | tx.ConnectionLost) for cause in causes):
        return "the connection was closed before an answer came"
    if isinstance(error, DownloadFailedError):
        return "no answer came"
    return f"{type(error).__name__}: {error}"


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and everything behind it: what Twisted wraps, and what it was raised from."""
    while error is not None:
        yield error
        if isinstance(error, _WrapperException):
            for reason in error.reasons:
                if isinstance(reason, Failure) and reason.value is not error:
                    yield from causes_of(reason.value)
        error = error.__cause__


def tls_words(error: OpenSSLError) -> str:
    """OpenSSL's last word on a failed handshake, for example `tlsv1 alert protocol version`."""
    queue = error.args[0] if error.args else ()
    if isinstance(queue, list) and queue:
        return str(queue[-1][-1])
    return "the handshake failed"
