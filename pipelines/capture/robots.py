"""robots.txt as RFC 9309 asks, failing closed: what can't be read, or could not be kept, allows nothing.

4xx allows everything (2.3.1.3); 5xx, a time-out, no connection, a refused address, a redirect chain of more than five hops,
or a robots.txt that the collection did not take refuse the origin for this run (2.3.1.4). A refusal is kept as a failure
record and reaches the errback as RobotsRefusedError. Each robots.txt is an exchange in the collection like any other.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware as ScrapyRobotsTxtMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.model import Capture, Failure, KeptFailure, Outcome, Role, Uri
from archive.warc.http import decode
from pipelines.capture.errors import BadCertificateError, RobotsRefusedError, RunStoppedError
from pipelines.capture.network import NetworkPolicyError
from pipelines.capture.outcomes import outcome_of
from pipelines.capture.policy import RobotsMode
from pipelines.capture.session import Session
from pipelines.capture.trail import begin, facts_of, note

READ_LIMIT = 512 * 1024  # bytes of a robots.txt that are parsed; RFC 9309 2.5 asks for 500 KiB at least
HOPS = 5  # RFC 9309 2.3.1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the robots.txt of one origin says. `closed` is the reason why nothing of it is fetched, `outcome` what that makes
    of its pages: a host that no page could be had from is said to be that, and not to have refused them."""

    parser: Protego | None = None
    closed: str | None = None
    outcome: Outcome = Outcome.ROBOTS

    def refusal(self, url: str, agent: str) -> str | None:
        """Why a URL may not be fetched, or None when it may."""
        if self.closed is not None:
            return self.closed
        if self.parser is not None and not self.parser.can_fetch(url, agent):
            return "robots.txt does not allow it"
        return None


class RobotsTxtMiddleware(ScrapyRobotsTxtMiddleware):
    """Takes the place of Scrapy's; the mode is the network policy's, by host. Works only on the asyncio reactor."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session = Session.of(crawler)
        self._rules: dict[str, asyncio.Task[Rules]] = {}
        named = crawler.settings.get("ROBOTSTXT_USER_AGENT") or crawler.settings["USER_AGENT"]
        self._agent = product_token(named)

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # Scrapy no longer passes the spider
        """Ask robots.txt before a page is fetched. Raises RobotsRefusedError, or RunStoppedError when the run ends first."""
        if request.meta.get("footnotary_role") == Role.ROBOTS:
            return
        begin(request)
        request.meta["footnotary_robots"] = "unchecked"
        parts = urlsplit(request.url)
        mode = self._session.network.robots_for(parts.hostname or "")
        if mode == RobotsMode.IGNORE or parts.scheme not in {"http", "https"}:
            return
        rules = await self._rules_of(request)
        reason = rules.refusal(request.url, self._agent)
        request.meta["footnotary_robots"] = "allowed" if reason is None else "refused"
        if reason is not None and mode == RobotsMode.OBEY:
            raise RobotsRefusedError(request.url, reason, await self._keep_refusal(request, reason, rules.outcome))

    async def _rules_of(self, request: Request) -> Rules:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch(origin, request))
        with self._session.pace.standing_aside():
            return await asyncio.shield(self._rules[origin])

    async def _fetch(self, origin: str, page: Request) -> Rules:
        """The rules of an origin. Only the end of the run is raised."""
        request = Request(
            f"{origin}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={
                "footnotary_role": Role.ROBOTS,
                "footnotary_via": urldefrag(page.url).url,
                "footnotary_hops": page.meta.get("footnotary_hops", "") + "P",
                "redirect_ttl": HOPS,
                "verbatim_url": True,
            },
        )
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(request)
        except RunStoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever kept us from reading it, nothing is allowed then
            self._stats.inc_value(f"robotstxt/exception_count/{type(error).__name__}")
            outcome, reason = outcome_of(error)
            if isinstance(error, NetworkPolicyError | BadCertificateError) and error.uri.startswith(f"{origin}/"):
                # it is the host's own address or certificate, so it would be the same for each of its pages
                return Rules(closed=reason, outcome=outcome)
            return Rules(closed=f"robots.txt could not be read: {reason}")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        return rules_of(response, (response.request or request).meta.get("footnotary_capture"))

    async def _keep_refusal(self, request: Request, reason: str, outcome: Outcome) -> KeptFailure:
        failure = Failure(
            uri=Uri(urldefrag(request.url).url),
            at=self._session.clock(),
            outcome=outcome,
            reason=reason,
            error=RobotsRefusedError.__name__,
            facts=facts_of(request, addresses=(), certificate=None, proxied=False),
        )
        kept = await self._session.keep(failure)
        note(request, kept)
        self._stats.inc_value("robotstxt/forbidden")
        if not isinstance(kept, KeptFailure):
            raise TypeError(f"a failure was kept as {type(kept).__name__}")
        return kept


def rules_of(response: Response, capture: Capture | None) -> Rules:
    """The rules that an answer to a request for robots.txt makes. `capture` is what was kept of it."""
    if 400 <= response.status < 500:
        return Rules()
    if not 200 <= response.status < 300:
        return Rules(closed=f"robots.txt could not be read: its host answered {response.status}")
    if capture is None or capture.truncated is not None:
        return Rules(closed="robots.txt could not be read: it ended early")
    codings = [each.strip() for each in b",".join(response.headers.getlist("Content-Encoding")).split(b",") if each.strip()]
    decoded = decode(codings, [response.body], limit=READ_LIMIT)
    if decoded.problem is not None and len(decoded.data) < READ_LIMIT:
        return Rules(closed=f"robots.txt could not be read: {decoded.problem}")
    return Rules(parser=Protego.parse(_text(decoded.data[:READ_LIMIT])))


def _text(data: bytes) -> str:
    """The lines of a robots.txt; the last one of a file that was cut at the limit may say something else, so it goes."""
    whole = data[: data.rfind(b"\n") + 1] if len(data) == READ_LIMIT else data
    return whole.decode("utf-8-sig", errors="ignore")


def product_token(user_agent: str) -> str:
    """The name that robots.txt knows a crawler by (RFC 9309 2.2.1): `footnotary/1.0 (+https://…)` is `footnotary`."""
    return user_agent.split("/")[0].strip().split(" ")[0] or "*"
