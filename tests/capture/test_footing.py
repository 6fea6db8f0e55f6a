"""The private names that exact capture stands on are there, and it is said in words when they are not."""

from __future__ import annotations

import pytest

from pipelines.capture import footing
from pipelines.capture.errors import UnsuitableScrapyError


def test_nothing_has_moved() -> None:
    """Every private name and parameter of Scrapy, Twisted and pyOpenSSL that we use is where it was."""
    assert footing.missing() == ()
    footing.check()


@pytest.mark.parametrize(
    "name",
    [
        "scrapy.core.downloader.handlers.http11:NoSuchHandler",
        "scrapy.no_such_module:Anything",
        "twisted.web._newclient:HTTP11ClientProtocol._noSuchMethod",
        "OpenSSL._util:lib.no_such_function",
    ],
)
def test_a_name_that_moved_is_named(name: str) -> None:
    """A class, module, method or function that is gone is reported by its name."""
    assert footing.missing(names=[name], parameters={}, attributes={}) == (name,)


def test_a_parameter_that_moved_is_named() -> None:
    """A parameter that is gone is reported with its function."""
    function = "scrapy.core.downloader.handlers.http11:_ScrapyAgent._get_agent"
    parameters = {function: ("request", "patience"), "a.b:c": ("d",)}
    assert footing.missing(names=[], parameters=parameters, attributes={}) == (f"{function}(patience)", "a.b:c(d)")


def test_an_attribute_that_moved_is_named() -> None:
    """An attribute that no instance gets any more is reported with the function that used to set it."""
    function = "twisted.web.client:_RetryingHTTP11ClientProtocol.__init__"
    attributes = {function: ("_newConnection", "_patience"), "a.b:c": ("d",)}
    assert footing.missing(names=[], parameters={}, attributes=attributes) == (f"{function}: _patience", "a.b:c: d")


def test_the_error_is_a_sentence() -> None:
    """The error names what is missing and what to do."""
    assert str(UnsuitableScrapyError(("a:b", "c:d"))) == (
        "the installed Scrapy or Twisted does not fit, it lacks a:b, c:d: install the pinned versions"
    )
