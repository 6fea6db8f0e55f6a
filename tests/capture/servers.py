"""Servers on loopback that send exactly the bytes they were given: whole, torn, slowly, cut, or never."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for one request: bytes as they are, floats as seconds of silence; `then` says how it ends.

    `keep` waits for the next request, `close` shuts the connection down, `rip` closes it without TLS's goodbye,
    `reset` sends RST, `hold` stays silent until the other side goes.
    """

    steps: tuple[bytes | float, ...]
    then: str = "keep"


def answer(*steps: bytes | float, then: str = "keep") -> Answer:
    """An answer out of its steps."""
    return Answer(steps, then)


def ok(body: bytes, *more: bytes) -> Answer:
    """A plain 200 with a length."""
    lines = b"".join(line + b"\r\n" for line in more)
    return answer(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body)


@dataclass
class ByteServer:
    """Answers by host and target (`a.example/page`), by target (`/page`), or `*`.

    A key with several answers gives them in turn, the last one for ever.
    `greeting` is sent to whoever connects, and then the connection is closed. `requests` are all that came,
    `connections` the same by connection.
    """

    answers: Mapping[str, Answer | list[Answer]]
    tls: ssl.SSLContext | None = None
    greeting: bytes | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: list[list[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._turns: dict[str, int] = {}
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def sent_to(self, target: str) -> list[bytes]:
        """The requests for a target, as they came."""
        return [request for request in self.requests if request.split(b" ", 2)[1] == target.encode()]

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve_safely, args=(connection,), daemon=True).start()

    def _serve_safely(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._serve(connection)
        self._open.discard(connection)
        with contextlib.suppress(OSError):
            connection.close()

    def _serve(self, plain: socket.socket) -> None:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        if self.greeting is not None:
            plain.sendall(self.greeting)
            plain.recv(65536)
            return
        served: list[bytes] = []
        self.connections.append(served)
        try:
            for request in self.read_requests(connection):
                self.requests.append(request)
                served.append(request)
                if not self.respond(connection, request):
                    return
        finally:
            connection.close()

    def read_requests(self, connection: socket.socket) -> Iterator[bytes]:
        """Whole requests, with their bodies where a length is given."""
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                piece = connection.recv(65536)
                if not piece:
                    return
                pending += piece
            head, _, rest = pending.partition(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            while len(rest) < length:
                rest += connection.recv(65536)
            yield head + b"\r\n\r\n" + rest[:length]
            pending = rest[length:]

    def respond(self, connection: socket.socket, request: bytes) -> bool:
        """Play the answer; False when the connection is over."""
        chosen = self._choose(request)
        for step in chosen.steps:
            if isinstance(step, float):
                time.sleep(step)
            else:
                connection.sendall(step)
        return self._end(connection, chosen.then)

    def _choose(self, request: bytes) -> Answer:
        target = request.split(b" ", 2)[1].decode()
        host = request.partition(b"Host: ")[2].split(b"\r\n")[0].partition(b":")[0].decode()
        key = next((key for key in (host + target, target, "*") if key in self.answers), None)
        if key is None:
            return answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        found = self.answers[key]
        if isinstance(found, Answer):
            return found
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        return found[min(turn, len(found) - 1)]

    def _end(self, connection: socket.socket, then: str) -> bool:
        if then == "keep":
            return True
        if then == "hold":
            with contextlib.suppress(OSError):
                connection.recv(1)
        elif then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif isinstance(connection, ssl.SSLSocket) and then == "close":
            with contextlib.suppress(OSError):
                connection.unwrap()
        return False


@dataclass
class ConnectProxy(ByteServer):
    """A proxy: CONNECT opens a tunnel to `ports[host]` on loopback, other requests are answered from `answers`.

    `refuse` is sent instead of opening a tunnel.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    refuse: bytes | None = None

    def respond(self, connection: socket.socket, request: bytes) -> bool:
        """Open the tunnel and move bytes both ways until one side ends."""
        method, target = request.split(b" ", 2)[:2]
        if method != b"CONNECT":
            return super().respond(connection, request)
        if self.refuse is not None:
            connection.sendall(self.refuse)
            return False
        upstream = socket.create_connection(("127.0.0.1", self.ports[target.decode().rpartition(":")[0]]))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n")
        back = threading.Thread(target=_pump, args=(upstream, connection), daemon=True)
        back.start()
        _pump(connection, upstream)
        back.join(5)
        upstream.close()
        return False


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Authority:
    """A certificate authority that lives as long as a test."""

    def __init__(self, name: str = "Test authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        self.der = self.certificate.public_bytes(serialization.Encoding.DER)

    def context(
        self,
        directory: Path,
        *names: str,
        days: int = 5,
        version: ssl.TLSVersion | None = None,
        protocols: tuple[str, ...] = (),
    ) -> ssl.SSLContext:
        """A server's context with a certificate for `names`; negative `days` make one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        leaf = (
            _builder(subject, self._name, key.public_key(), days=days)
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = directory / f"{names[0]}-{leaf.serial_number}.pem"
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM) + self.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int = 5
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
