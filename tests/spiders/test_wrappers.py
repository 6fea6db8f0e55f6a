"""Link wrappers: what is inside comes out to the letter, and what only looks like one stays as it is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Uri
from spiders.example.answers import ByTarget, Static
from spiders.wrappers import DEEPEST, unwrapped
from tests.doors import rows_of, scrapy
from tests.kept import select
from tests.world import World, citing, source

SENDABLE = st.text(alphabet="abcXYZ019-._~:/?[]@!$&'()*+,;=%\\^`{|}", max_size=40)


def encoded(uri: str) -> str:
    return quote(uri, safe="")


def proofpoint(uri: str) -> str:
    """The letters of version 2: an encoded address whose own `-` and `_` are encoded as well."""
    return encoded(uri).replace("-", "%2D").replace("_", "%5F").replace("%2F", "_").replace("%", "-")


def bing(uri: str) -> str:
    return base64.urlsafe_b64encode(uri.encode()).decode().rstrip("=")


SERVICES: dict[str, Callable[[str], str]] = {
    "google": lambda uri: f"https://www.google.com/url?q={encoded(uri)}&sa=D&source=editors&usg=AOv",
    "google of a country": lambda uri: f"https://www.google.co.uk/url?sa=t&rct=j&url={encoded(uri)}&usg=x",
    "outlook": lambda uri: f"https://eur01.safelinks.protection.outlook.com/?url={encoded(uri)}&data=05%7C01&reserved=0",
    "outlook in an app": lambda uri: f"https://nam12.safelinks.protection.outlook.com/ap/w-59584e83/?url={encoded(uri)}&data=1",
    "facebook": lambda uri: f"https://l.facebook.com/l.php?u={encoded(uri)}&h=AT0&s=1",
    "facebook on a phone": lambda uri: f"https://lm.facebook.com/l.php?u={encoded(uri)}",
    "instagram": lambda uri: f"https://l.instagram.com/?u={encoded(uri)}&e=AT",
    "threads": lambda uri: f"https://l.threads.net/?u={encoded(uri)}&e=AT",
    "youtube": lambda uri: f"https://www.youtube.com/redirect?event=video_description&redir_token=x&q={encoded(uri)}",
    "linkedin": lambda uri: f"https://www.linkedin.com/redir/redirect?url={encoded(uri)}&urlhash=x",
    "linkedin's warning": lambda uri: f"https://www.linkedin.com/safety/go?url={encoded(uri)}&trk=x",
    "reddit": lambda uri: f"https://out.reddit.com/t3_x?url={encoded(uri)}&token=x",
    "slack": lambda uri: f"https://slack-redir.net/link?url={encoded(uri)}",
    "duckduckgo": lambda uri: f"https://duckduckgo.com/l/?uddg={encoded(uri)}&rut=x",
    "bing": lambda uri: f"https://www.bing.com/ck/a?!&&p=x&ptn=3&u=a1{bing(uri)}&ntb=1",
    "tumblr": lambda uri: f"https://t.umblr.com/redirect?z={encoded(uri)}&t=x",
    "vk": lambda uri: f"https://vk.com/away.php?to={encoded(uri)}",
    "steam": lambda uri: f"https://steamcommunity.com/linkfilter/?u={encoded(uri)}",
    "proofpoint 1": lambda uri: f"https://urldefense.proofpoint.com/v1/url?u={encoded(uri)}&k=x",
    "proofpoint 2": lambda uri: f"https://urldefense.proofpoint.com/v2/url?u={proofpoint(uri)}&d=x&c=y",
    "proofpoint 3": lambda uri: f"https://urldefense.com/v3/__{uri}__;!!abc$",
    "href.li": lambda uri: f"https://href.li/?{uri}",
}


@pytest.mark.parametrize("service", SERVICES)
@given(rest=SENDABLE)
def test_what_is_inside_comes_out_to_the_letter(service: str, rest: str) -> None:
    """Any address: parameters, their order, escapes and plus signs are those that were wrapped."""
    rest = rest.replace("__", "_x").replace("*", "x") if service == "proofpoint 3" else rest
    uri = f"https://source.example/{rest}"
    assert unwrapped(Uri(SERVICES[service](uri))) == uri


@pytest.mark.parametrize(
    ("wrapper", "inside"),
    [
        ("https://www.google.com/url?q=https://a.example/?x=1&y=2", "https://a.example/?x=1"),
        ("https://www.google.com/url?q=https%3A%2F%2Fa.example%2Fb%23part", "https://a.example/b"),
        ("https://www.google.com/url?q=https%3A%2F%2Fa.example%2Fa%20b%C3%A9", "https://a.example/a%20b%C3%A9"),
        ("https://www.google.com/url?q=https%3A%2F%2Fa.example%2F%2541", "https://a.example/%41"),
        ("https://www.google.com/url?q=https%3A%2F%2Fa.example%2F%E9%3Fx%3D%FF", "https://a.example/%E9?x=%FF"),
        ("https://www.google.com/url?q=https%3A%2F%2Fa.example%2F%25E9+b", "https://a.example/%E9+b"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_-E9-255F&d=x", "https://a.example/%E9%5F"),
        ("https://www.google.com/url?sa=t&amp;q=https%3A%2F%2Fa.example%2F&amp;usg=1", "https://a.example/"),
        ("https://www.google.com/url?q=first&q=https%3A%2F%2Fa.example%2F", None),
        ("https://urldefense.com/v3/__https:/a.example/b__;!!x$", "https://a.example/b"),
        ("https://urldefense.com/v3/__https://a.example/?x=1&y=2__;!!x$", "https://a.example/?x=1&y=2"),
    ],
)
def test_as_the_service_would_read_it(wrapper: str, inside: str | None) -> None:
    """A parameter ends at the next `&`, is decoded once, and its fragment is left out like that of any target. What can't be
    sent as it is stays encoded, in whatever encoding it was."""
    assert unwrapped(Uri(wrapper)) == inside


def test_wrappers_around_wrappers() -> None:
    """A mail that quotes a mail: all of them come off, up to a bound, and one that wraps itself ends nothing."""
    inner = uri = "https://source.example/a?b=c"
    for service in ("google", "facebook", "outlook", "slack", "reddit")[:DEEPEST]:
        uri = SERVICES[service](uri)
    assert unwrapped(Uri(uri)) == inner
    deeper = SERVICES["google"](uri)
    assert unwrapped(Uri(deeper)) == SERVICES["google"](inner)


@pytest.mark.parametrize(
    "uri",
    [
        "https://www.google.com/search?q=https%3A%2F%2Fa.example%2F",
        "https://www.google.com/url",
        "https://www.google.com/url?q=",
        "https://www.google.com/url?q=words",
        "https://www.google.com/url?q=javascript%3Aalert(1)",
        "https://www.google.com/url?q=%2Fsearch%3Fx",
        "https://www.google.com/url?q=https%3A%2F%2F",
        "https://notgoogle.com/url?q=https%3A%2F%2Fa.example%2F",
        "https://google.com.evil.example/url?q=https%3A%2F%2Fa.example%2F",
        "https://www.google.evil.example/url?q=https%3A%2F%2Fa.example%2F",
        "https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fa.example%2F",
        "https://www.facebook.com/l.php/x?u=https%3A%2F%2Fa.example%2F",
        "https://urldefense.com/v3/__https://a.example/*x__;Iw!!y$",
        "https://urldefense.com/v3/short",
        "https://www.bing.com/ck/a?u=a1@@@",
        "https://www.bing.com/ck/a?u=a1_w",
        "https://href.li/",
        "https://t.example/Ab1",
        "https://[::1",
    ],
)
def test_what_is_no_wrapper_stays(uri: str) -> None:
    """Searches, look-alikes, empty or broken ones, what leads to no page, and short addresses."""
    assert unwrapped(Uri(uri)) is None


def test_both_addresses_are_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is asked for is the address inside, its host and not the wrapper's; the link keeps the wrapper. Of a short address
    that redirects both are on the way to the capture."""
    inside, ended = "https://source.example/a?b=c+d", "https://source.example/long"
    wrapper = SERVICES["google"](inside)
    hosts = {
        "paper.example": {"/a": Static(body=citing("Wrapped", [("wrapped", wrapper), ("short", "https://t.example/Ab1")]))},
        "source.example": {"/a?b=c+d": source("The source"), "/long": source("The long one")},
        "t.example": {"/Ab1": Static(status=301, headers=(("Location", ended),))},
    }
    place = tmp_path_factory.mktemp("wrapped")
    with World.serving(place, {host: ByTarget(answers=answers) for host, answers in hosts.items()}) as world:
        file = world.config("wrapped", articles=[{"url": "https://paper.example/a"}])
        assert scrapy("-a", f"config={file}").code == 0
        assert world.asked("source.example").count("/a?b=c+d") == 1
        assert not [asked for asked in world.web.asked if "google" in asked.host]
        root = world.collection("wrapped")
    wrapped, short = rows_of(root)
    assert (wrapped["href"], wrapped["target"], wrapped["target_from"]) == (wrapper, inside, "href")
    assert (wrapped["state"], wrapped["kind"], short["state"]) == ("kept", "web", "kept")
    (link,) = select(root, "SELECT target FROM link WHERE href = ?", wrapper)
    assert link["target"] == wrapper
    (row,) = select(root, "SELECT target, capture_uri, hops FROM provenance WHERE anchor = 'short'")
    assert (row["target"], row["capture_uri"]) == ("https://t.example/Ab1", ended)
    assert "https://t.example/Ab1" in row["hops"]
    assert ended in row["hops"]
