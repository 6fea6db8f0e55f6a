"""The example web as one thing: all hosts of `hosts/`, and those that a test adds, on two loopback ports.

It runs in the reactor that it is given and listens on 127.0.0.1 alone. Requests are answered by their Host header; a host
that is not part of the web gets no answer at all, so that nothing that is asked for ever leaves the machine.

    web = ExampleWeb()
    web.connect_to, web.ca_pem    # what a client needs to reach the hosts and to trust them; binds the ports
    web.start(reactor)            # in the reactor's thread
    await web.stop()
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.protocols.tls import TLSMemoryBIOFactory

from archive.model import Clock, utc_now
from spiders.example.answers import Answer, Asked, Handler, Raw, answer_of
from spiders.example.folder import Folder, read_folder
from spiders.example.site import HttpFactory, Reactor
from spiders.example.tls import Certificates

LOOPBACK = "127.0.0.1"
HOSTS = Path(__file__).with_name("hosts")
ARTICLE = "https://magazine.example/opinion/2023/09/02/ceasefire-on-the-sel"
"""The worked example's article."""


class ExampleWeb:
    """The hosts of the worked example, and `extra` ones. `asked` are all requests so far, in order of arrival."""

    def __init__(self, *, extra: Mapping[str, Handler] | None = None, clock: Clock = utc_now) -> None:
        folders = read_web(HOSTS)
        self._handlers: dict[str, Handler] = {**folders, **(extra or {})}
        expired = frozenset(host for host, folder in folders.items() if folder.expired)
        self._certificates = Certificates(hosts=self.hosts, expired=expired, now=clock())
        self._sockets: list[socket.socket] = []
        self._ports: list[Any] = []
        self.asked: list[Asked] = []

    @property
    def hosts(self) -> frozenset[str]:
        """All names that this web answers for."""
        return frozenset(self._handlers)

    @property
    def ca_pem(self) -> bytes:
        """The authority that signed the certificates of the hosts."""
        return self._certificates.authority.pem

    @property
    def connect_to(self) -> Mapping[str, str]:
        """Where connections go, as `network.connect_to` has it. The ports are bound from now on, before `start` too."""
        http, https = (f"{LOOPBACK}:{bound.getsockname()[1]}" for bound in self._bound())
        return {"*:80": http, "*:443": https}

    def start(self, reactor: Reactor) -> None:
        """Serve, HTTP on one port and HTTPS on the other."""
        plain = HttpFactory(scheme="http", answer=self._answer, reactor=reactor)
        inner = HttpFactory(scheme="https", answer=self._answer, reactor=reactor)
        secure = TLSMemoryBIOFactory(self._certificates, False, inner, clock=reactor)  # type: ignore[arg-type]
        secure.noisy = False
        for bound, factory in zip(self._bound(), (plain, secure), strict=True):
            bound.listen(50)
            self._ports.append(reactor.adoptStreamPort(bound.fileno(), socket.AF_INET, factory))

    def stop(self) -> Deferred[Any]:
        """Serve no more. The ports are free when the Deferred fires; stopping twice, or before the start, is fine."""
        ports, self._ports = self._ports, []
        sockets, self._sockets = self._sockets, []
        for bound in sockets:
            bound.close()
        return DeferredList([Deferred.fromCoroutine(_stopped(port)) for port in ports]) if ports else succeed(None)

    def _bound(self) -> list[socket.socket]:
        if not self._sockets:
            self._sockets = [_bind(), _bind()]
        return self._sockets

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return answer_of(self._handlers.get(asked.host, Raw()), asked)


def read_web(directory: Path) -> dict[str, Folder]:
    """One folder a host, its name the host's."""
    return {path.name: read_folder(path) for path in sorted(directory.iterdir()) if path.is_dir()}


def _bind() -> socket.socket:
    free = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    free.setblocking(False)
    free.bind((LOOPBACK, 0))
    return free


async def _stopped(port: Any) -> None:
    await port.stopListening()
