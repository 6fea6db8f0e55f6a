"""Secrets out, every other byte as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spiders.configuration.redact import REDACTED, redacted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("proxy: http://u:p@h:1", "proxy: http://REDACTED@h:1"),
        ("proxy: http://u:p@ss@h:1/x@y", "proxy: http://REDACTED@h:1/x@y"),
        ("proxy: 'HTTP://token@h'", "proxy: 'HTTP://REDACTED@h'"),
        ("# proxy: http://u:p@h:1", "# proxy: http://REDACTED@h:1"),
        ("#password: hunter2", "#password: REDACTED"),
        ("# api_key = abc def", "# api_key = REDACTED"),
        ('{proxy_password: "a, b", x: y}', "{proxy_password: REDACTED, x: y}"),
        ("password: 'it''s long', x: y", "password: REDACTED, x: y"),
        ('password: "a\\"b, c" # d', "password: REDACTED # d"),
        ("password: 'ab'cd", "password: REDACTED"),
        ("collection: /home/anna/kabul", "collection: REDACTED/kabul"),
        ("  - file: ~/my drafts, old/a.txt  # in /srv/x", "  - file: REDACTED/a.txt  # in /srv/x"),
        (
            '{"file": "/srv/a/b.html", "url": "https://a.example/x/y"}',
            '{"file": "REDACTED/b.html", "url": "https://a.example/x/y"}',
        ),
        ("{file: /srv/a/b.html, url: https://a.example/x/y}", "{file: REDACTED/b.html, url: https://a.example/x/y}"),
        ("network: {ca_bundle: /etc/ssl/ca.pem}", "network: {ca_bundle: REDACTED/ca.pem}"),
        ("access-token:\thunter2\r\nx: y", "access-token:\tREDACTED\r\nx: y"),
    ],
)
def test_taken_out(text: str, kept: str) -> None:
    """Users and passwords of URLs, what follows a name of a secret, in comments too, and folders of this machine."""
    assert redacted(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "url: https://social.example/@user/1",
        "operator: Archive desk <archive@example.org>",
        "url: https://a.example/?token=abc",
        "words: [password, secret, token]",
        "file: drafts/article.txt",
        "profile: /a/b",
        "words: [file, /a/b]",
        "secret:\nx: y",
    ],
)
def test_left_alone(text: str) -> None:
    """An address, a handle in a path, a query, a relative path and the bare words are no secrets."""
    assert redacted(text) == text


@given(
    st.lists(
        st.sampled_from(["http://", "u:p", "@", "password", ":", " ", "\n", "'", '"', "x", "/", "#", ",", "}", "\\"]),
        max_size=30,
    )
)
@settings(max_examples=2000)
@example(["password", ":", "'", "'", "http://"])
@example(["password", ":", " ", '"', "x", '"', " ", "#", "x"])
@example(["password", ":", " ", "'", "x", "'", "'", "x", "'", ",", "x"])
def test_lines_stay(parts: list[str]) -> None:
    """Whatever is taken out, the number of lines is the same, and doing it twice changes nothing."""
    text = "".join(parts)
    once = redacted(text)
    assert once.count("\n") == text.count("\n")
    assert redacted(once) == once
    assert "http://u:p@" not in once
    assert REDACTED in once or once == text
