"""What travels with a request from hop to hop and from try to try: its role, the way that led to it, what was kept of it.

It travels in `Request.meta`, because that is what Scrapy copies into redirects and retries:

    footnotary_role      Role: what the request is made for            set by the spider
    footnotary_via       the URI that led to the first hop             set by the spider
    footnotary_hops      how, one letter a step (`L`)                  set by the spider
    footnotary_robots    `allowed`, `refused` or `unchecked`           set by robots.py
    footnotary_trail     ids of the captures and failures so far       set here, in order
    footnotary_capture   the last Capture of this URI, or None         set here
    footnotary_failure   the KeptFailure that came last, or None       set here
    footnotary_tries     which try of which hop this is                set here
"""

from __future__ import annotations

from urllib.parse import urldefrag

from scrapy import Request

from archive.model import Capture, CrawlFacts, KeptFailure, Role, Uri


def begin(request: Request) -> None:
    """A request is about to be sent: forget what was kept of another URI."""
    before: Capture | None = request.meta.get("footnotary_capture")
    if before is None or before.uri != urldefrag(request.url).url:
        request.meta["footnotary_capture"] = None
    request.meta["footnotary_failure"] = None


def next_try(request: Request) -> int:
    """Count one more try of this hop; the first is 1. A request that Twisted sends again by itself counts too."""
    hop = request.meta.get("redirect_times", 0)
    before, tries = request.meta.get("footnotary_tries", (hop, 0))
    tries = tries + 1 if before == hop else 1
    request.meta["footnotary_tries"] = (hop, tries)
    return tries


def facts_of(request: Request, *, addresses: tuple[str, ...], certificate: str | None, proxied: bool) -> CrawlFacts:
    """What the crawler knows of one try of a request, which this counts."""
    meta = request.meta
    before: list[str] = meta.get("redirect_urls", [])
    via = urldefrag(before[-1]).url if before else meta.get("footnotary_via")
    return CrawlFacts(
        role=Role(meta.get("footnotary_role", Role.SOURCE)),
        via=None if via is None else Uri(via),
        hops=meta.get("footnotary_hops", "") + "R" * len(before),
        tries=next_try(request),
        robots=meta.get("footnotary_robots", "unchecked"),
        addresses=addresses,
        proxied=proxied,
        certificate=certificate,
    )


def note(request: Request, kept: Capture | KeptFailure) -> None:
    """Write on a request what was kept of it."""
    request.meta["footnotary_trail"] = (*request.meta.get("footnotary_trail", ()), kept.record_id)
    if isinstance(kept, Capture):
        request.meta["footnotary_capture"] = kept
        request.meta["footnotary_failure"] = None
    else:
        request.meta["footnotary_failure"] = kept
