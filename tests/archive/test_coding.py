"""Content codings: what can be decoded is, what can't is named, and nothing grows beyond its limit."""

from __future__ import annotations

import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.warc.http import decode

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMIT = 1_000_000
TEXT = b"The quick brown fox jumps over the lazy dog. " * 40


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


CODERS = {
    b"gzip": gzip.compress,
    b"x-gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
    b"zstd": zstd.compress,
}


@pytest.mark.parametrize("name", CODERS)
def test_every_coding_is_undone(name: bytes) -> None:
    """Each coding gives back what went in, also in pieces of one byte and under a name in capitals."""
    coded = CODERS[name](TEXT)
    assert decode([name], [coded], limit=LIMIT).data == TEXT
    whole = decode([name.upper()], (coded[at : at + 1] for at in range(len(coded))), limit=LIMIT)
    assert (whole.data, whole.problem) == (TEXT, None)


def test_deflate_may_be_raw() -> None:
    """`deflate` without its zlib wrapper is read too, as some servers send it."""
    coded = raw_deflate(TEXT)
    whole = decode([b"deflate"], (coded[at : at + 1] for at in range(len(coded))), limit=LIMIT)
    assert (whole.data, whole.problem) == (TEXT, None)


@pytest.mark.parametrize("codings", [[b"gzip", b"br"], [b"gzip, br"], [b"identity", b"gzip , identity", b"br"]])
def test_codings_in_a_row(codings: list[bytes]) -> None:
    """Several codings are undone from the last to the first; identity is none."""
    assert decode(codings, [brotli.compress(gzip.compress(TEXT))], limit=LIMIT).data == TEXT


def test_no_coding_is_no_change() -> None:
    """Without a coding the data comes through."""
    assert decode([], [b"a", b"b"], limit=LIMIT).data == b"ab"


@pytest.mark.parametrize("name", CODERS)
def test_an_empty_body_is_no_problem(name: bytes) -> None:
    """A head that names a coding over no body at all (HEAD, 304) is fine."""
    found = decode([name], [], limit=LIMIT)
    assert (found.data, found.problem) == (b"", None)


def test_an_unknown_coding_gives_the_data_as_it_came() -> None:
    """A coding that nobody knows is named, and what it would have been applied to is given."""
    found = decode([b"sdch"], [TEXT], limit=LIMIT)
    assert found.data == TEXT
    assert "'sdch'" in (found.problem or "")


@pytest.mark.parametrize("name", CODERS)
def test_cut_data_gives_what_there_is(name: bytes) -> None:
    """A stream that is cut gives a beginning of the data, and the cut is named."""
    text = bytes(range(256)) * 1000 + TEXT * 100
    coded = CODERS[name](text)
    found = decode([name], [coded[: len(coded) * 3 // 4]], limit=LIMIT)
    assert text.startswith(found.data)
    assert "ends before its end" in (found.problem or "")


@pytest.mark.parametrize("name", CODERS)
def test_damage_is_named(name: bytes) -> None:
    """What is not the coding at all gives nothing, and says so."""
    found = decode([name], [b"<html>not coded at all</html>"], limit=LIMIT)
    assert found.problem
    assert name.decode() in found.problem or "deflate" in found.problem


@pytest.mark.parametrize("name", CODERS)
def test_a_bomb_ends_at_the_limit(name: bytes) -> None:
    """Exactly `limit` bytes of a bomb come out, and the limit is named."""
    found = decode([name], [CODERS[name](bytes(5_000_000))], limit=LIMIT)
    assert found.data == bytes(LIMIT)
    assert str(LIMIT) in (found.problem or "")


def test_a_bomb_inside_a_coding_ends_too() -> None:
    """A coding in the middle of a row can't grow without limit either."""
    found = decode([b"br", b"gzip"], [gzip.compress(bytes(50_000_000))], limit=LIMIT)
    assert found.problem


def test_exactly_the_limit_is_no_problem() -> None:
    """Data as large as the limit is whole."""
    found = decode([b"gzip"], [gzip.compress(bytes(LIMIT))], limit=LIMIT)
    assert (len(found.data), found.problem) == (LIMIT, None)


def test_members_and_frames_follow_each_other() -> None:
    """Gzip members and zstd frames in a row are one text; garbage behind a member is ignored."""
    assert decode([b"gzip"], [gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0"], limit=LIMIT).data == b"one two"
    assert decode([b"zstd"], [zstd.compress(b"one ") + zstd.compress(b"two")], limit=LIMIT).data == b"one two"


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.sampled_from([*CODERS, b"x", b""]), st.integers(0, 100))
def test_decoding_always_ends(data: bytes, name: bytes, limit: int) -> None:
    """Any bytes under any coding give at most `limit` bytes, and never an exception."""
    assert len(decode([name], [data, data], limit=limit).data) <= limit
