"""Our collections in pywb, started as the README says: what it shows of every capture, raw, beside what the archive gives."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

from archive.index import cdxj
from archive.index.surt import surt
from archive.layout import Layout
from archive.model import Capture
from tests.replay import kept, tools
from tests.replay.tools import Tools, Wayback

Shown = tuple[int, bytes]


def expected(root: Path, capture: Capture) -> Shown:
    """Status and body as kept. pywb shows a resource with 200, and a revisit that is a redirect without its body."""
    if capture.type == "revisit" and capture.status is not None and 300 <= capture.status < 400:
        return capture.status, b""
    return capture.status or 200, kept.body_of(root, capture)


def timestamp(capture: Capture) -> str:
    return f"{capture.date:%Y%m%d%H%M%S}"


def name_of(root: Path, capture: Capture) -> str:
    return f"{root.name}: {capture.type} {capture.status} {capture.uri} at {capture.date}"


def goes_on(root: Path, capture: Capture) -> bool:
    """Whether trailers follow the last chunk: pywb takes them for body (a fault of its own)."""
    head = kept.head_of(root, capture)
    return head is not None and head.get(b"trailer") is not None


def test_a_url_and_a_second_lead_to_what_was_captured_then(pywb: Wayback, collection: Path) -> None:
    """Asked for a capture's URL and second, pywb shows it, or another that has the same key in the same second."""
    found = [capture for capture in kept.captures(collection) if not kept.redirects_to_itself(collection, capture)]
    together: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for capture in found:
        together[surt(capture.uri), timestamp(capture)].append(expected(collection, capture))
    wrong = []
    for capture in found:
        size = len(expected(collection, capture)[1])
        answer = pywb.raw(collection.name, timestamp(capture), capture.uri, size=size)
        shown = answer.status, answer.body[:size] if goes_on(collection, capture) else answer.body
        when = answer.memento and parsedate_to_datetime(answer.memento)
        if shown not in together[surt(capture.uri), timestamp(capture)] or when != capture.date.replace(microsecond=0):
            wrong.append(name_of(collection, capture))
    assert wrong == []
    assert {"response", "revisit", "resource"} == {capture.type for capture in found}


def test_every_record_is_shown_as_it_was_kept(pywb: Wayback, collection: Path) -> None:
    """Asked for one record at a time, pywb shows the status and the very body of each, those that were cut off too."""
    wrong = []
    found = kept.captures(collection)
    for capture in found:
        status, body = expected(collection, capture)
        answer = pywb.raw("each", timestamp(capture), kept.alone(capture), size=len(body))
        shown = answer.body[: len(body)] if goes_on(collection, capture) else answer.body
        if (answer.status, shown) != (status, body):
            wrong.append(name_of(collection, capture))
    assert wrong == []
    assert {True, False} == {capture.truncated is not None for capture in found}
    assert {True, False} == {bool(head and head.codings) for head in (kept.head_of(collection, c) for c in found)}


def test_the_addresses_of_the_readme_lead_to_a_capture(pywb: Wayback, folder: Path) -> None:
    """A page stands under its second with pywb's frame, alone with `id_`, under a few digits too; `*` lists its captures."""
    root = folder / "collections" / "example"
    page = next(capture for capture in kept.captures(root) if "/transcripts/" in capture.uri)
    status, body = expected(root, page)
    for digits in (timestamp(page), timestamp(page)[:4]):
        answer = pywb.raw("example", digits, page.uri, size=len(body))
        assert (answer.status, answer.body) == (status, body)
    framed = pywb.get(f"/example/{timestamp(page)}/{page.uri}", size=1)
    assert (framed.status, b"wb_frame" in framed.body) == (200, True)
    assert pywb.get(f"/example/*/{page.uri}", size=1).status == 200


def test_pywb_finds_all_lines_of_a_key(pywb: Wayback, collection: Path) -> None:
    """Asked what it has of a URL, pywb lists the very captures that we find for the key, with our own facts beside them."""
    for uri in {capture.uri for capture in kept.captures(collection)}:
        found = pywb.get(f"/{collection.name}/cdx?output=json&url={quote(uri, safe='')}").body.splitlines()
        ours = cdxj.lookup(Layout(collection).cdxj, uri)
        assert [json.loads(line)["record_id"] for line in found] == [line.record_id for line in ours], uri


def test_a_copy_of_the_collection_is_replayed_where_it_is(environment: Tools, folder: Path, tmp_path: Path) -> None:
    """A collection that was copied elsewhere is replayed there: no file of it knows where it lay."""
    source = folder / "collections" / "example"
    shutil.copytree(source, tmp_path / "collections" / "copy")
    article = next(capture for capture in kept.captures(source) if capture.facts.role == "article" and capture.status == 200)
    status, body = expected(source, article)
    with tools.wayback(environment, tmp_path) as server:
        answer = server.raw("copy", timestamp(article), article.uri, size=len(body))
    assert (answer.status, answer.body) == (status, body)
