"""Python imports this at start where tests/fence is on the path: no process of a test leaves the machine.

FOOTNOTARY_FENCE says how high the fence is: `loopback` lets connections to the machine itself through, `sealed` lets no
socket of the network do anything at all. What is refused raises, and is written to the file FOOTNOTARY_FENCE_LOG, because
a crawler takes an error for an answer. Workers of a crawl are started over sockets of the file system (AF_UNIX); those are
no network. urllib3 tries at its import whether this machine has IPv6, by binding to ::1; that alone is let through.
"""

from __future__ import annotations

import os
import socket
import sys
from ipaddress import ip_address
from typing import Any

HEIGHT = os.environ.get("FOOTNOTARY_FENCE", "loopback")
LOG = os.environ.get("FOOTNOTARY_FENCE_LOG")
LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
TRAFFIC = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}


def is_loopback(host: object) -> bool:
    """Whether an address stays on the machine; a name does not say."""
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return host in {None, "", "localhost"}


def is_urllib3() -> bool:
    """Whether urllib3 is among the callers."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_globals.get("__name__", "").startswith("urllib3"):
            return True
    return False


def refuse(event: str, what: object) -> None:
    """Say it where the test will see it, and stop it."""
    if LOG:
        with open(LOG, "a", encoding="utf-8") as log:  # noqa: PTH123 - pathlib is not needed before anything else runs
            log.write(f"{event} {what!r}\n")
    raise PermissionError(f"the fence of this test refuses {event} {what!r}")


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook (PEP 578)."""
    if event in LOOK_UPS:
        host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
        if HEIGHT == "sealed" or not is_loopback(host.decode() if isinstance(host, bytes) else host):
            refuse(event, arguments)
    elif event in TRAFFIC and isinstance(arguments[1], tuple):
        bound_by_urllib3 = event == "socket.bind" and is_loopback(arguments[1][0]) and is_urllib3()
        if not is_loopback(arguments[1][0]) or (HEIGHT == "sealed" and not bound_by_urllib3):
            refuse(event, arguments[1])


def listen(self: socket.socket, *backlog: int) -> None:
    """There is no audit event for it."""
    if HEIGHT == "sealed" and self.family != socket.AF_UNIX:
        refuse("socket.listen", self.getsockname())
    super(socket.socket, self).listen(*backlog)


sys.addaudithook(watch)
socket.socket.listen = listen  # type: ignore[method-assign,assignment]
