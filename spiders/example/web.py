"""The example web as one thing: all hosts of `hosts/`, and those that a test adds, on three loopback ports.

It runs in the reactor that it is given and listens on 127.0.0.1 alone. Requests are answered by their Host header; a host
that is not part of the web gets no answer at all, so that nothing that is asked for ever leaves the machine.

    web = ExampleWeb()
    web.start(reactor)            # in the reactor's thread
    web.connect_to, web.ca_pem    # what a client needs to reach the hosts and to trust them
    await web.stop()
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.protocols.tls import TLSMemoryBIOFactory

from archive.model import Clock, utc_now
from spiders.example.answers import Answer, Asked, Handler, Raw, answer_of
from spiders.example.folder import Folder, read_folder
from spiders.example.site import HangUpFactory, HttpFactory, Reactor
from spiders.example.tls import Certificates

LOOPBACK = "127.0.0.1"
HOSTS = Path(__file__).with_name("hosts")
ARTICLE = "https://magazine.example/opinion/2023/09/02/ceasefire-on-the-sel"
"""The worked example's article."""


class ExampleWeb:
    """The hosts of the worked example, and `extra` ones. `asked` are all requests so far, in order of arrival."""

    def __init__(self, *, extra: Mapping[str, Handler] | None = None, clock: Clock = utc_now) -> None:
        self._folders = read_web(HOSTS)
        self._handlers: dict[str, Handler] = {**self._folders, **(extra or {})}
        self._certificates = Certificates(hosts=self.hosts, expired=self._marked("expired"), now=clock())
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
        """Where a connection goes, as curl's `--connect-to` has it: the first key that matches decides."""
        http, https, dead = (f"{LOOPBACK}:{port.getHost().port}" for port in self._ports)
        closed = {f"{host}:{port}": dead for host in sorted(self._marked("closed")) for port in (80, 443)}
        return {**closed, "*:80": http, "*:443": https}

    def start(self, reactor: Reactor) -> None:
        """Listen on three free ports: HTTP, HTTPS, and one that hangs up."""
        plain = HttpFactory(scheme="http", answer=self._answer, reactor=reactor)
        inner = HttpFactory(scheme="https", answer=self._answer, reactor=reactor)
        secure = TLSMemoryBIOFactory(self._certificates, False, inner, clock=reactor)  # type: ignore[arg-type]
        secure.noisy = False
        self._ports = [reactor.listenTCP(0, factory, interface=LOOPBACK) for factory in (plain, secure, HangUpFactory())]

    def stop(self) -> Deferred[Any]:
        """Listen no more. The ports are free when the Deferred fires; stopping twice is fine."""
        ports, self._ports = self._ports, []
        return DeferredList([Deferred.fromCoroutine(_stopped(port)) for port in ports])

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return answer_of(self._handlers.get(asked.host, Raw()), asked)

    def _marked(self, word: str) -> frozenset[str]:
        return frozenset(host for host, folder in self._folders.items() if word in folder.marks)


def read_web(directory: Path) -> dict[str, Folder]:
    """One folder a host, its name the host's."""
    return {path.name: read_folder(path) for path in sorted(directory.iterdir()) if path.is_dir()}


async def _stopped(port: Any) -> None:
    await port.stopListening()
