"""Scrapy's HTTP/1.1 download handler, with every exchange kept before its response goes on.

A response that Scrapy sees is in the collection; one that could not be kept fails its request. What had passed of a request
that failed is kept too, and where nothing passed, the failure is. The response itself is the one that Scrapy would have got.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.web.client import URI, Agent
from w3lib.http import basic_auth_header

from archive.errors import ArchiveError, CollectionFullError
from archive.model import CrawlFacts, Exchange, Failure, Truncated, Uri
from pipelines.capture.errors import BadCertificateError, RunStoppedError, StaleConnectionError
from pipelines.capture.network import Gate, GatedEndpoints, Route, check_sendable
from pipelines.capture.outcomes import outcome_of
from pipelines.capture.passage import Passage, Tie
from pipelines.capture.policy import CertificateMode, ProxyFrom
from pipelines.capture.session import Session
from pipelines.capture.tls import TlsPolicy, certificate_options
from pipelines.capture.trail import begin, facts_of, note
from pipelines.capture.wire import TapFactory, TiedPool


class GatedAgent(_ScrapyAgent):
    """Scrapy's agent for one request, whose direct connections pass the gate."""

    def __init__(self, *, gate: Gate, tie: Tie, uri: str, **rest: Any) -> None:
        super().__init__(**rest)
        self._gate = gate
        self._tie = tie
        self._uri = uri

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        agent = super()._get_agent(request, timeout)
        if not request.meta.get("proxy"):  # behind a proxy the handler has asked the gate: its connections are shared by hosts
            agent._endpointFactory = GatedEndpoints(
                Route(
                    reactor=agent._reactor,
                    gate=self._gate,
                    uri=self._uri,
                    timeout=timeout,
                    tls=self._contextFactory,
                    bind_address=agent._endpointFactory._bindAddress,
                    seen=self._tie.saw,
                )
            )
        return agent


class RecordingHandler(HTTP11DownloadHandler):
    """For `http` and `https` in DOWNLOAD_HANDLERS. Needs the Session extension."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session = Session.of(crawler)
        self._network = self._session.network
        self._gate = Gate(self._network, resolver=self._session.resolver)
        self._tls = certificate_options(self._network)
        self._pool._factory = TapFactory
        self._live: dict[Tie, Callable[[], object]] = {}
        self._session.attach(self.cut)

    def cut(self) -> None:
        """End every request in flight; what has passed of them is kept as truncated."""
        for tie, cancel in list(self._live.items()):
            tie.cut = True
            cancel()

    async def download_request(self, request: Request) -> Response:
        """Fetch, keep, and only then return. Raises what Scrapy's handler raises, our own errors, or ArchiveError."""
        session = self._session
        begin(request)
        session.check(request.url)
        tie = Tie(clock=session.clock, intake=session.intake, directory=session.capture.spool_directory)
        began = session.clock()
        response: Response | None = None
        error: Exception | None = None
        try:
            response = await self._fetch(request, tie)
        except Exception as caught:  # noqa: BLE001 - whatever ended the request, what had passed is kept before it goes on
            error = self._explain(caught, request, tie)
        finally:
            self._live.pop(tie, None)
        tie.freeze(_truncation(error))
        await self._keep(request, tie, began=began, error=error)
        if response is None:
            raise error or RunStoppedError(request.url)
        return response

    async def _fetch(self, request: Request, tie: Tie) -> Response:
        uri = urldefrag(request.url).url
        check_sendable(uri)
        if self._network.proxy_from == ProxyFrom.POLICY:
            self._set_proxy(request)
        if self._proxied(request):
            await self._ask_gate(uri, tie)
        agent = GatedAgent(
            gate=self._gate,
            tie=tie,
            uri=uri,
            contextFactory=TlsPolicy(options=self._tls, mode=self._network.certificates, notes=tie.notes),
            bindAddress=self._bind_address,
            pool=TiedPool(self._pool, tie),
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        with wrap_twisted_exceptions():
            answer = agent.download_request(request)
            self._live[tie] = answer.cancel
            return await maybe_deferred_to_future(answer)

    def _set_proxy(self, request: Request) -> None:
        """The proxy is the policy's, whatever a spider, a middleware or the environment says."""
        request.headers.pop("Proxy-Authorization", None)
        request.meta.pop("proxy", None)
        if self._network.proxy is None:
            return
        parts = urlsplit(self._network.proxy)
        request.meta["proxy"] = f"http://{parts.netloc.rpartition('@')[2]}"
        if parts.username:
            credentials = basic_auth_header(unquote(parts.username), unquote(parts.password or ""))
            request.headers["Proxy-Authorization"] = credentials

    def _proxied(self, request: Request) -> bool:
        if self._network.proxy_from == ProxyFrom.REQUEST:
            return bool(request.meta.get("proxy"))
        return self._network.proxy is not None

    async def _ask_gate(self, uri: str, tie: Tie) -> None:
        target = URI.fromBytes(uri.encode("ascii"))  # type: ignore[no-untyped-call]  # as the proxy will be told
        host = target.host.decode("ascii").lower()
        if self._network.proxy_from == ProxyFrom.REQUEST:  # whoever asks through a proxy may not want the name looked up here
            self._gate.judge_spelling(uri, host, target.port)
            return
        asking = asyncio.ensure_future(self._gate.admit_proxied(uri, host, target.port, seen=tie.saw))
        self._live[tie] = asking.cancel
        try:
            await asking
        except asyncio.CancelledError:
            self._session.check(uri)
            raise

    def _explain(self, error: Exception, request: Request, tie: Tie) -> Exception:
        """The error that says most about why a request failed."""
        if tie.cut:  # Twisted has several errors for it, by how far the request had come
            return _behind(RunStoppedError(request.url), error)
        if tie.notes.reason is not None and self._network.certificates == CertificateMode.VERIFY:
            return _behind(BadCertificateError(request.url, tie.notes.reason, tie.notes.chain), error)
        return error

    async def _keep(self, request: Request, tie: Tie, *, began: datetime, error: Exception | None) -> None:
        """Hand everything that passed to the session, in order, and note on the request what it became."""
        try:
            for passage in tie.passages:
                if passage.problem is not None:
                    raise self._unspooled(passage.problem)
            for value in self._met(request, tie, began=began, error=error):
                note(request, await self._session.keep(value))
        except ArchiveError as unkept:
            raise unkept from error
        finally:
            tie.release()

    def _unspooled(self, problem: OSError) -> ArchiveError:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
            full = CollectionFullError(
                f"the disk took no more of an answer: {problem.strerror}; make room for the spool directory"
            )
            self._session.fail(full)
            return full
        return ArchiveError(f"an answer could not be put down: {problem.strerror}")

    def _met(self, request: Request, tie: Tie, *, began: datetime, error: Exception | None) -> Iterator[Exchange | Failure]:
        uri = Uri(urldefrag(request.url).url)
        proxied = self._proxied(request)
        for passage in tie.passages:
            facts = facts_of(request, addresses=passage.addresses, certificate=passage.notes.verdict, proxied=proxied)
            if passage.answered:
                yield passage.exchange(uri=uri, method=request.method, facts=facts)
            else:
                last = passage is tie.passages[-1] and not tie.connecting
                yield _unanswered(uri, passage, facts=facts, error=error if last else None)
        if error is not None and tie.connecting:
            facts = facts_of(request, addresses=tie.addresses, certificate=tie.notes.verdict, proxied=proxied)
            outcome, reason = outcome_of(error)
            yield Failure(
                uri=uri,
                at=began,
                outcome=outcome,
                reason=reason,
                error=type(error).__name__,
                chain=tie.notes.chain,
                facts=facts,
            )


def _behind(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def _truncation(error: Exception | None) -> Truncated:
    """Why an answer that has not ended when its download does is cut."""
    if isinstance(error, DownloadTimeoutError):
        return Truncated.TIME
    return Truncated.LENGTH if isinstance(error, DownloadCancelledError) else Truncated.UNSPECIFIED


def _unanswered(uri: Uri, passage: Passage, *, facts: CrawlFacts, error: Exception | None) -> Failure:
    """The failure of a request that went out and had no answer; without an error it was one that is sent again."""
    error = error or StaleConnectionError("the connection that was kept open is gone, the request was sent again")
    outcome, reason = outcome_of(error)
    return Failure(
        uri=uri,
        at=passage.began_at,
        outcome=outcome,
        reason=reason,
        error=type(error).__name__,
        request=passage.sent,
        received=passage.received,
        chain=passage.notes.chain if passage.tls is None else passage.tls.chain,
        facts=facts,
    )
