"""`python -m spiders.example` serves the example web until Ctrl-C, for a look with curl or a browser.

It prints the ports, the article, a command that fetches it, and the certificate of the authority.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from spiders.example.web import ARTICLE, ExampleWeb


def main() -> None:
    """Serve until the reactor is stopped."""
    reactor: Any = AsyncioSelectorReactor(asyncio.new_event_loop())
    web = ExampleWeb()
    web.start(reactor)
    lines = [f"{asked} -> {where}" for asked, where in web.connect_to.items()]
    lines += [
        "",
        f"curl --insecure --compressed --connect-to ':443:{web.connect_to['*:443']}' {ARTICLE}",
        "",
        web.ca_pem.decode("ascii"),
    ]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()
    reactor.run()


if __name__ == "__main__":
    main()
