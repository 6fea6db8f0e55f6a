"""Chromium without a window, as a reader's browser: pages from files, no network, and every complaint of its console.

    with browsing() as browser:
        with looking(browser, page, width=320) as seen: …

Who has no Chromium gets one sentence (`missing`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def chromium() -> str | None:
    """Where an installed Chromium lies."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str | None:
    """Why nothing can be looked at here."""
    return None if chromium() else "no Chromium is installed (Debian: chromium): the report is not looked at in a browser"


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser for the length of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(kw_only=True)
class Seen:
    """A page that is open: what it has asked for besides itself, and what the console said."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def note_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def note_message(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)


@contextmanager
def looking(browser: Browser, path: Path, *, width: int = 1200, height: int = 900, **options: Any) -> Iterator[Seen]:
    """A page of a report, opened as a person opens a file."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
    try:
        seen = Seen(page=context.new_page())
        seen.page.on("request", seen.note_request)
        seen.page.on("console", seen.note_message)
        seen.page.goto(path.resolve().as_uri())
        yield seen
    finally:
        context.close()
