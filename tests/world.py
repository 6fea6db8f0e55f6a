"""A web of a test's own, served on loopback in a thread, and the configurations that crawl it.

    with World.serving(folder, {"wire.example": ByTarget(answers={"/a": page("A", "Words.")})}) as world:
        file = world.config("one", articles=[{"url": "https://wire.example/a"}])

Its hosts are reached by `network.connect_to` and trusted by `network.ca_bundle`, as a user would name a test web of his own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from spiders.example.answers import Handler, Static
from spiders.example.web import ExampleWeb
from tests.example.serving import serving

LIMITS = {"delay": "0 s", "time": "10 s", "retries": 0}
FILLER = "The rest of this paragraph says at some length what everybody knows, so that nobody takes it for a caption."


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The web, and the folder in which configurations and collections of the test lie."""

    web: ExampleWeb
    folder: Path

    @classmethod
    @contextmanager
    def serving(cls, folder: Path, hosts: Mapping[str, Handler]) -> Iterator[World]:
        """The hosts for the length of the block, over HTTP and HTTPS."""
        with serving(hosts) as web:
            (folder / "authority.pem").write_bytes(web.ca_pem)
            yield cls(web=web, folder=folder)

    def config(self, name: str, **keys: Any) -> Path:
        """A file NAME.yml whose collection is `collections/NAME` beside it. JSON is YAML."""
        network = {"connect_to": dict(self.web.connect_to), "ca_bundle": "authority.pem"} | keys.pop("network", {})
        limits = LIMITS | keys.pop("limits", {})
        file = self.folder / f"{name}.yml"
        file.write_text(
            json.dumps({"collection": f"collections/{name}", "limits": limits, "network": network} | keys, indent=1)
        )
        return file

    def collection(self, name: str) -> Path:
        """Where the crawl of `config(name)` keeps what it gets."""
        return self.folder / "collections" / name

    def asked(self, host: str) -> list[str]:
        """What was asked of a host, robots.txt apart, in order: the targets as they stood in the request lines."""
        return [asked.target for asked in list(self.web.asked) if asked.host == host and asked.path != "/robots.txt"]


def html(title: str, *paragraphs: str) -> bytes:
    """A page of some paragraphs, which are HTML already."""
    body = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>{escape(title)}</title></head>\n"
        f"<body><article><h1>{escape(title)}</h1>\n{body}</article></body></html>\n"
    ).encode()


def page(title: str, *paragraphs: str) -> Static:
    """The same, as a server answers it."""
    return Static(body=html(title, *paragraphs))


def citing(title: str, links: Sequence[tuple[str, str]]) -> bytes:
    """An article with a paragraph for each link (anchor, href)."""
    said = (f"They say that <a href='{escape(href)}'>{escape(anchor)}</a> has it so. {FILLER}" for anchor, href in links)
    return html(title, *said)


def source(words: str) -> Static:
    """A page that an article may cite."""
    return page(words, f"{words} stands here. {FILLER}", FILLER)
