"""What a crawler says beside the bytes, as `application/warc-fields`: written and read here, so both stay one spelling.

`via`, `hopsFromSeed` and `fetchTimeMs` are the names that crawlers use; the others are ours, in the same manner. A field
that says nothing is left out. Bytes are base64, of at most NOTED bytes; their size field counts all of them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from archive.model import Capture, CrawlFacts, Digest, Exchange, Failure, Outcome, RecordId, Role, Uri
from archive.warc.fields import Fields
from archive.warc.measure import Digests
from archive.warc.stored import unbracketed

NOTED = 1 << 16
Pairs = Iterator[tuple[str, str | None]]


def of_exchange(exchange: Exchange, *, digests: Digests, chain_id: RecordId | None, redacted: tuple[str, ...]) -> Pairs:
    """The fields of an exchange's metadata record. `redacted` names the request headers whose values were not kept."""
    yield from _facts(exchange.facts)
    yield "method", exchange.method
    yield "fetchTimeMs", str((exchange.ended_at - exchange.began_at) // timedelta(milliseconds=1))
    yield from _measures(payload=digests.payload, entity_size=digests.entity_size, body=digests.body)
    yield "certificateChain", _bracketed(chain_id)
    yield from (("requestRedacted", name) for name in redacted)
    yield from _noted("interim", exchange.interim)
    yield from _noted("surplus", exchange.surplus)


def of_capture(capture: Capture, *, description: str) -> Pairs:
    """The fields for a response whose metadata record was lost; `description` says so. Facts that were lost are left out.

    A revisit has no body here: what its record does not say of it is not said.
    """
    yield "method", capture.method
    if capture.type == "revisit":
        yield "payloadDigest", capture.payload_digest
    else:
        yield from _measures(payload=capture.payload_digest, entity_size=capture.entity_size, body=capture.body_digest)
    yield "description", description


def of_failure(failure: Failure, *, chain_id: RecordId | None, redacted: tuple[str, ...]) -> Pairs:
    """The fields of a failure's metadata record."""
    yield "outcome", failure.outcome
    yield "reason", failure.reason
    yield "error", failure.error
    yield from _facts(failure.facts)
    yield "certificateChain", _bracketed(chain_id)
    yield from (("requestRedacted", name) for name in redacted)
    yield from _noted("received", failure.received)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An exchange's fields, read. Digests and sizes are None where the record does not say them."""

    facts: CrawlFacts
    method: str | None
    fetch_time_ms: int
    payload: Digest | None
    body: Digest | None
    entity_size: int | None
    chain_id: RecordId | None
    surplus_size: int
    interim_size: int


def read_noted(fields: Fields) -> Noted:
    """The fields of a metadata record, ours or another crawler's."""
    return Noted(
        facts=read_facts(fields),
        method=fields.get("method"),
        fetch_time_ms=fields.number("fetchTimeMs") or 0,
        payload=fields.digest("payloadDigest"),
        body=fields.digest("bodyDigest"),
        entity_size=fields.number("entitySize"),
        chain_id=read_chain(fields),
        surplus_size=fields.number("surplusSize") or 0,
        interim_size=fields.number("interimSize") or 0,
    )


def read_facts(fields: Fields) -> CrawlFacts:
    """The facts; what is missing or unknown has the default."""
    via, role, robots = fields.get("via"), fields.get("role"), fields.get("robots")
    return CrawlFacts(
        role=Role(role) if role in set(Role) else Role.SOURCE,
        via=None if via is None else Uri(via),
        hops=fields.get("hopsFromSeed") or "",
        tries=fields.number("tries") or 1,
        robots="unchecked" if robots is None else robots,
        addresses=fields.all("resolvedAddress"),
        proxied=fields.get("proxied") == "yes",
        certificate=fields.get("certificate"),
    )


def read_chain(fields: Fields) -> RecordId | None:
    """The record that holds the offered certificate chain."""
    value = fields.get("certificateChain")
    return RecordId(unbracketed(value)) if value else None


def read_outcome(fields: Fields) -> Outcome | None:
    """The outcome of a failure's metadata record; None where the record is no failure of ours."""
    value = fields.get("outcome")
    return Outcome(value) if value in set(Outcome) else None


def _facts(facts: CrawlFacts) -> Pairs:
    yield "role", facts.role
    yield "via", facts.via
    yield "hopsFromSeed", facts.hops or None
    yield "tries", str(facts.tries)
    yield "robots", facts.robots
    yield from (("resolvedAddress", address) for address in facts.addresses)
    yield "proxied", "yes" if facts.proxied else None
    yield "certificate", facts.certificate


def _measures(*, payload: Digest, entity_size: int, body: Digest) -> Pairs:
    yield "payloadDigest", payload
    yield "entitySize", str(entity_size)
    yield "bodyDigest", body


def _noted(name: str, data: bytes) -> Pairs:
    if data:
        yield f"{name}Size", str(len(data))
        yield name, base64.b64encode(data[:NOTED]).decode()


def _bracketed(record_id: RecordId | None) -> str | None:
    return None if record_id is None else f"<{record_id}>"
