"""The private names of Scrapy and Twisted that exact capture stands on, and whether they are still there.

They hold for one minor version of Scrapy, which is why it is pinned. A crawl asks `check` before anything else: a download
handler that can't be built would otherwise show up as an unsupported URL scheme, and nothing would be captured.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType

from pipelines.capture.errors import UnsuitableScrapyError

NAMES = (
    "scrapy.core.downloader.handlers.http11:HTTP11DownloadHandler.download_request",
    "scrapy.core.downloader.handlers.http11:_LenientHTTP11ClientFactory.buildProtocol",
    "scrapy.core.downloader.handlers.http11:_LenientHTTP11ClientProtocol.request",
    "scrapy.core.downloader.handlers.http11:_ScrapyAgent._get_agent",
    "scrapy.core.downloader.handlers.http11:_BindAddressAgent._requestWithEndpoint",
    "scrapy.core.downloader.handlers.http11:_TunnelingAgent._getEndpoint",
    "scrapy.core.downloader.handlers.http11:_ScrapyProxyAgent.request",
    "scrapy.core.downloader:Downloader._process_queue",
    "scrapy.core.downloader:Downloader._latercall",
    "scrapy.core.downloader:Downloader.get_slot_key",
    "scrapy.core.downloader:Slot.latercall",
    "scrapy.core.downloader:Slot.lastseen",
    "scrapy.core.engine:_Slot.close",
    "scrapy.utils.reactor:CallLaterOnce.schedule",
    "scrapy.utils._download_handlers:wrap_twisted_exceptions",
    "twisted.internet._sslverify:ClientTLSOptions.clientConnectionForTLS",
    "twisted.internet.ssl:CertificateOptions._makeTLSConnection",
    "twisted.internet.ssl:CertificateOptions._makeContext",
    "scrapy.utils._download_handlers:make_response",
    "twisted.web._newclient:HTTPParser.CONNECTION_CONTROL_HEADERS",
    "twisted.web._newclient:HTTPClientParser.NO_BODY_CODES",
    "twisted.web._newclient:HTTP11ClientProtocol._finishResponse",
    "twisted.web._newclient:HTTP11ClientProtocol._giveUp",
    "twisted.web._newclient:HTTP11ClientProtocol._currentRequest",
    "twisted.web._newclient:Request.writeTo",
    "twisted.web.client:HTTPConnectionPool._factory",
    "twisted.web.client:HTTPConnectionPool._newConnection",
    "twisted.web.client:_RetryingHTTP11ClientProtocol.request",
    "OpenSSL._util:lib.X509_verify_cert_error_string",
)
"""`module:dotted.name`, each read or overridden by this room."""

PARAMETERS = {
    "scrapy.core.downloader.handlers.http11:_ScrapyAgent.__init__": (
        "contextFactory",
        "bindAddress",
        "pool",
        "maxsize",
        "warnsize",
        "fail_on_dataloss",
        "crawler",
        "tls_verbose_logging",
    ),
    "scrapy.core.downloader.handlers.http11:_ScrapyAgent._get_agent": ("request", "timeout"),
    "twisted.internet._sslverify:ClientTLSOptions.__init__": ("createConnection", "hostname"),
}
"""Parameters that are passed by name, or in this order."""

ATTRIBUTES = {
    "scrapy.core.downloader.handlers._base_http:BaseHttpDownloadHandler.__init__": (
        "_default_maxsize",
        "_default_warnsize",
        "_fail_on_dataloss",
        "_tls_verbose_logging",
    ),
    "scrapy.core.downloader.handlers.http11:HTTP11DownloadHandler.__init__": ("_pool", "_factory", "_bind_address", "_crawler"),
    "scrapy.core.downloader.handlers.http11:_BindAddressAgent._requestWithEndpoint": ("_endpointFactory", "_bindAddress"),
    "scrapy.core.downloader:Downloader.__init__": ("slots", "total_concurrency", "per_slot_settings", "_delay", "_jitter"),
    "scrapy.core.engine:ExecutionEngine.__init__": ("_slot", "downloader"),
    "scrapy.core.engine:_Slot.__init__": ("nextcall",),
    "twisted.internet._sslverify:ClientTLSOptions.__init__": ("_hostnameASCII", "_hostnameIsDnsName"),
    "twisted.web.client:Agent._init": ("_endpointFactory",),
    "twisted.web.client:_AgentBase.__init__": ("_reactor", "_pool"),
    "twisted.web.client:_HTTP11ClientFactory.__init__": ("_quiescentCallback",),
    "twisted.web.client:_RetryingHTTP11ClientProtocol.__init__": ("_clientProtocol", "_newConnection"),
}
"""Attributes of instances, with a function that names them."""


def missing(
    *,
    names: Iterable[str] = NAMES,
    parameters: Mapping[str, Iterable[str]] = MappingProxyType(PARAMETERS),
    attributes: Mapping[str, Iterable[str]] = MappingProxyType(ATTRIBUTES),
) -> tuple[str, ...]:
    """The names, parameters and attributes that moved, as they are spelled above."""
    gone = [name for name in names if _find(name) is None]
    for name, wanted in parameters.items():
        function = _find(name)
        have = inspect.signature(function).parameters if callable(function) else {}
        gone += [f"{name}({parameter})" for parameter in wanted if parameter not in have]
    for name, wanted in attributes.items():
        code = getattr(inspect.unwrap(function), "__code__", None) if callable(function := _find(name)) else None
        gone += [f"{name}: {attribute}" for attribute in wanted if code is None or attribute not in code.co_names]
    return tuple(gone)


def check() -> None:
    """Raise UnsuitableScrapyError when something moved."""
    if gone := missing():
        raise UnsuitableScrapyError(gone)


def _find(name: str) -> object | None:
    module, _, path = name.partition(":")
    try:
        found: object = import_module(module)
        for part in path.split("."):
            found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
    except (ImportError, AttributeError):
        return None
    return found if found is not None else name  # a class attribute whose default is None is there
