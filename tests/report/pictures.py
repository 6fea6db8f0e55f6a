"""Pictures of the report: `python -m tests.report.pictures`, or `make pictures`, when its looks have changed on purpose.

The worked example is crawled into a folder that goes away, and its page is shown on a desktop, on a phone and on paper.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.doors import crawl_example
from tests.report.browser import browsing, looking, missing

PICTURES = Path(__file__).with_name("pictures")


def main() -> int:
    """Make all pictures, or say why not."""
    if problem := missing():
        sys.stderr.write(problem + "\n")
        return 2
    with tempfile.TemporaryDirectory() as place, browsing() as browser:
        report = crawl_example(Path(place)).collection / "report"
        take(browser, next(path for path in report.glob("*.html") if path.name != "index.html"))
    return 0


def take(browser: Browser, page: Path) -> None:
    """The three pictures of one page."""
    PICTURES.mkdir(exist_ok=True)
    with looking(browser, page, width=1100, height=1000) as seen:
        seen.page.screenshot(path=PICTURES / "desktop.png")
    with looking(browser, page, width=390, height=1000) as seen:
        seen.page.evaluate("document.getElementById('article').scrollIntoView()")
        seen.page.screenshot(path=PICTURES / "phone.png")
    with looking(browser, page, width=794, height=1123) as seen:
        seen.page.emulate_media(media="print")
        seen.page.evaluate("document.getElementById('sources').scrollIntoView()")
        seen.page.screenshot(path=PICTURES / "print.png")


if __name__ == "__main__":
    sys.exit(main())
