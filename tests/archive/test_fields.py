"""Named fields: one line each, read back equal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.warc.fields import Fields, date_text, dump, one_line, parse, parse_date
from tests.archive.samples import DATES, WORDS


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(WORDS, st.text())))
def test_any_value_comes_back(pairs: list[tuple[str, str]]) -> None:
    """Any text, line breaks and lone surrogates too, is read back equal, and every field is one line of UTF-8."""
    block = dump(pairs)
    assert parse(block).pairs == tuple(pairs)
    assert block.decode("utf-8").count("\r\n") == len(pairs) == len(block.splitlines())


@pytest.mark.parametrize(
    "value", ["a\nb", "a\rb", " lead", "trail ", "\t", "\x00", "\x85", "\u2028", "UTF-8''x", "\ud800", "a\x7f%"]
)
def test_what_a_line_cannot_hold_is_spelled_as_rfc_8187(value: str) -> None:
    """A value with breaks, controls or white space at its ends is percent-encoded under `name*`."""
    assert dump([("reason", value)]).startswith(b"reason*: UTF-8''")
    assert parse(dump([("reason", value)])).get("reason") == value


def test_uris_stand_as_they_are() -> None:
    """A URI with percent signs is not encoded once more: other tools read `via`."""
    assert dump([("via", "http://a.example/?a=%7e&b=é")]) == "via: http://a.example/?a=%7e&b=é\r\n".encode()


def test_none_is_left_out() -> None:
    """A field without a value is no line; an empty value is one."""
    assert dump([("a", None), ("b", "")]) == b"b: \r\n"
    assert parse(b"b: \r\n").get("b") == ""


def test_blocks_of_others_are_read() -> None:
    """Folded lines, bare LF, colon-less lines and bad UTF-8 do not hinder reading."""
    fields = parse(b"via: http://a/\n folded\nnonsense\r\nX:caf\xe9\r\n\r\n")
    assert fields.pairs == (("via", "http://a/ folded"), ("X", "caf\ufffd"))


def test_names_have_no_case() -> None:
    """Fields are found by name in any case, all in order."""
    fields = Fields((("WARC-Protocol", "a"), ("warc-protocol", "b")))
    assert fields.get("WARC-PROTOCOL") == "a"
    assert fields.all("Warc-Protocol") == ("a", "b")
    assert fields.all("x") == ()


@pytest.mark.parametrize(
    ("value", "expected"), [("12", 12), ("0", 0), ("-1", None), ("1.5", None), ("²", None), ("", None), ("x", None)]
)
def test_numbers(value: str, expected: int | None) -> None:
    """A number is decimal digits and nothing else."""
    assert Fields((("n", value),)).number("N") == expected


def test_digests() -> None:
    """Only our own spelling of a digest is one of ours."""
    own = "sha256:" + "0a" * 32
    assert Fields((("d", own),)).digest("d") == own
    for other in ("sha1:XYZ", own.upper(), own + "0", "sha256:xyz", ""):
        assert Fields((("d", other),)).digest("d") is None


@given(DATES)
def test_dates_come_back(at: datetime) -> None:
    """An instant keeps its microseconds."""
    assert parse_date(date_text(at)) == at


def test_dates_are_utc() -> None:
    """An instant of another zone is written in UTC."""
    at = datetime(2027, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert date_text(at) == "2026-12-31T23:00:00.000000Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016", datetime(2016, 1, 1, tzinfo=UTC)),
        ("2016-03", datetime(2016, 3, 1, tzinfo=UTC)),
        ("2016-03-11", datetime(2016, 3, 11, tzinfo=UTC)),
        ("2016-03-11T23:24Z", datetime(2016, 3, 11, 23, 24, tzinfo=UTC)),
        ("2016-03-11t23:24:25z", datetime(2016, 3, 11, 23, 24, 25, tzinfo=UTC)),
        ("2016-03-11T23:24:25.123456789Z", datetime(2016, 3, 11, 23, 24, 25, 123456, tzinfo=UTC)),
        ("2016-03T23:24Z", None),
        ("2016-13-01", None),
        ("2016-03-11T25:00:00Z", None),
        ("2016-03-11T23:24:25", None),
        ("2016-03-11T23:24:25+01:00", None),
        ("20160311", None),
        ("blue monday", None),
        ("", None),
    ],
)
def test_dates_of_the_standard(text: str, expected: datetime | None) -> None:
    """Every precision that WARC 1.1 allows is read, and nothing else."""
    assert parse_date(text) == expected


@given(st.text())
def test_header_values_are_one_line(value: str) -> None:
    """Whatever the value, a header stays one line of UTF-8, and a value without oddities stays as it is."""
    line = one_line(value)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert line.encode().decode() == line
    assert one_line("http://a.example/?q=%7e é") == "http://a.example/?q=%7e é"


@pytest.mark.parametrize("value", ["\ud800", "a\u2029b", "\x1cx", "\u3000x"])
def test_header_values_lose_no_oddity(value: str) -> None:
    """What a header can't hold is percent-encoded, not dropped."""
    assert "%" in one_line(value)
