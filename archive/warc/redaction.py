"""Credentials are not kept: the values of Authorization and Proxy-Authorization in a request are replaced.

Everything else of the request stays as it was sent, byte for byte; names keep their spelling and place. The metadata
record names the headers, so that nobody takes the request for verbatim.
"""

from __future__ import annotations

import re

REDACTED = b"[redacted]"
_CREDENTIALS = re.compile(rb"(?im)^(authorization|proxy-authorization)([ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_END = re.compile(rb"\n\r?\n")


def redact_request(request: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The request without credentials, and the names of the headers that lost their value, as spelled."""
    end = _END.search(request)
    size = end.end() if end else len(request)
    names: list[str] = []

    def hide(found: re.Match[bytes]) -> bytes:
        names.append(found[1].decode())
        return found[1] + found[2] + REDACTED

    return _CREDENTIALS.sub(hide, request[:size]) + request[size:], tuple(names)
