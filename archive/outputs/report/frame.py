"""What every page of a report has around it: its head, its style, and a policy that lets nothing run and nothing be fetched."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from archive.outputs.report.markup import Content, Markup, el, joined, line

STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
"""Content Security Policy Level 3: the one style by its digest, and nothing else."""


def page(title: str, *content: Content, header: Content, footer: Content) -> str:
    """A whole document."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", line(title)),  # no element can stand in it that would isolate
        el("style", Markup(STYLE)),
    )
    skip = el("a", "Skip to the content", href="#content", class_="skip")
    main = el("main", joined(*content), id="content", tabindex="-1")
    body = el("body", skip, el("header", header), main, el("footer", footer))
    return "<!DOCTYPE html>\n" + el("html", head, body, lang="en") + "\n"


def section(heading: str, *content: Content, name: str) -> Markup:
    """A part of a page under its heading, a landmark of its own."""
    return el("section", el("h2", heading, id=name), *content, aria_labelledby=name)
