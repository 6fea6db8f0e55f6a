"""The authority signs what a client that trusts it accepts, and nothing outlives the run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from spiders.example.authority import Authority, Identity

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create(now=NOW)


def verify(identity: Identity, *, authority: Authority, host: str, at: datetime = NOW) -> None:
    """Verify as a TLS client does (RFC 5280)."""
    store = Store([authority.identity.certificate])
    verifier = PolicyBuilder().store(store).time(at).build_server_verifier(x509.DNSName(host))
    verifier.verify(identity.certificate, [])


def test_a_certificate_is_good_for_its_host_and_day(authority: Authority) -> None:
    """The named host is accepted now; another host, or a week later, is not."""
    identity = authority.certify("wire.example")
    verify(identity, authority=authority, host="wire.example")
    with pytest.raises(VerificationError):
        verify(identity, authority=authority, host="other.example")
    with pytest.raises(VerificationError):
        verify(identity, authority=authority, host="wire.example", at=NOW + timedelta(days=7))


def test_an_expired_certificate_was_good_once(authority: Authority) -> None:
    """It fails now and only because of the date."""
    identity = authority.certify_expired("veterans.example")
    assert identity.certificate.not_valid_after_utc == NOW - timedelta(days=365)
    with pytest.raises(VerificationError):
        verify(identity, authority=authority, host="veterans.example")
    identity.certificate.verify_directly_issued_by(authority.identity.certificate)


def test_every_authority_is_another() -> None:
    """Two runs share no key, so that trusting one says nothing about the other."""
    first, second = Authority.create(now=NOW), Authority.create(now=NOW)
    assert first.pem != second.pem
    with pytest.raises((ValueError, InvalidSignature)):
        first.certify("a.example").certificate.verify_directly_issued_by(second.identity.certificate)


def test_the_pem_is_the_certificate_alone(authority: Authority) -> None:
    """What clients are given holds no key."""
    assert authority.pem == authority.identity.certificate.public_bytes(Encoding.PEM)
    assert b"PRIVATE" not in authority.pem
