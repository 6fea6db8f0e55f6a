"""The certificate authority of the example web: made at start, gone with the process.

Nobody but the crawl that started it trusts it, and its keys never leave memory. Certificates are valid for a day; one that
is made `expired` ended a year before, as happens to sites that nobody looks after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate and its key, both in memory only."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Signs the certificates of the example's hosts."""

    identity: Identity
    now: datetime

    @classmethod
    def create(cls, *, now: datetime) -> Authority:
        """A new authority with a new key; `now` is aware, in UTC."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Example Web Authority (this run only)")
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )  # fmt: skip - nine words that only make sense side by side
        certificate = (
            _builder(subject=name, issuer=name, key=key, begins=now - DAY, ends=now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(identity=Identity(certificate=certificate, key=key), now=now)

    @property
    def pem(self) -> bytes:
        """The authority's own certificate, as a client must trust it."""
        return self.identity.certificate.public_bytes(Encoding.PEM)

    def certify(self, host: str) -> Identity:
        """A certificate for one host, good for a day."""
        return self._certify(host, begins=self.now - DAY, ends=self.now + DAY)

    def certify_expired(self, host: str) -> Identity:
        """A certificate for one host that ended a year ago."""
        return self._certify(host, begins=self.now - 2 * YEAR, ends=self.now - YEAR)

    def _certify(self, host: str, *, begins: datetime, ends: datetime) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        ours = self.identity.certificate
        certificate = (
            _builder(subject=_name(host), issuer=ours.subject, key=key, begins=begins, ends=ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ours.public_key()), critical=False)  # type: ignore[arg-type]
            .sign(self.identity.key, hashes.SHA256())
        )
        return Identity(certificate=certificate, key=key)


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _builder(
    *, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
