"""The settings of exact capture are Scrapy's, and every component that they name is there."""

from __future__ import annotations

from scrapy.settings import default_settings
from scrapy.utils.misc import load_object

from pipelines.capture.policy import CapturePolicy
from pipelines.capture.settings import FIXED, limits


def test_every_setting_is_one_of_scrapys() -> None:
    """No setting is misspelled or gone from Scrapy."""
    known = set(dir(default_settings))
    assert {key for key in {**FIXED, **limits(CapturePolicy())} if key not in known} == set()


def test_every_component_can_be_loaded() -> None:
    """Handlers, middlewares, extensions and exceptions are importable names."""
    named = [str(FIXED["TWISTED_REACTOR"]), str(FIXED["DUPEFILTER_CLASS"])]
    for key in ("DOWNLOAD_HANDLERS", "DOWNLOADER_MIDDLEWARES", "EXTENSIONS"):
        value = FIXED[key]
        assert isinstance(value, dict)
        named += [part for pair in value.items() for part in pair if isinstance(part, str) and "." in part]
    exceptions = FIXED["RETRY_EXCEPTIONS"]
    assert isinstance(exceptions, list)
    named += exceptions
    assert len(named) > 15
    for name in named:
        assert load_object(name) is not None


def test_other_schemes_have_no_handler() -> None:
    """Only http and https are fetched."""
    handlers = FIXED["DOWNLOAD_HANDLERS"]
    assert isinstance(handlers, dict)
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}
    assert set(handlers) >= set(default_settings.DOWNLOAD_HANDLERS_BASE)


def test_numbers_of_a_policy_become_settings() -> None:
    """Each number of a policy arrives at the setting that means it."""
    policy = CapturePolicy(size_limit=1, time_limit=2.0, redirects=3, retries=4, delay=5.0, concurrent_per_host=6)
    assert limits(policy) == {
        "DOWNLOAD_MAXSIZE": 1,
        "DOWNLOAD_TIMEOUT": 2.0,
        "REDIRECT_MAX_TIMES": 3,
        "RETRY_TIMES": 4,
        "DOWNLOAD_DELAY": 5.0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 6,
    }
