"""Values as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.configuration import units


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        *(("0", 0), ("0 s", 0), ("60 s", 60), ("60s", 60), ("1.5 min", 90), ("2 hours", 7200), ("1 h", 3600)),
        *(("7 days", 604800), ("1 day", 86400), ("2 weeks", 1209600), ("250 ms", 0.25), (" 1 Second ", 1)),
    ],
)
def test_durations(written: str, seconds: float) -> None:
    """A number and a unit, singular or plural, short or long; 0 needs none."""
    assert units.duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("written", "size"),
    [("0", 0), ("1 B", 1), ("200 MB", 200_000_000), ("1.5 kB", 1500), ("1 GiB", 1 << 30), ("2mib", 2 << 20), ("1 TB", 10**12)],
)
def test_sizes(written: str, size: int) -> None:
    """MB counts in thousands, MiB in 1024s."""
    assert units.size(written) == size


@pytest.mark.parametrize("written", ["60", "-1 s", "s", "1 s 2 s", "1,5 s", "٣ s", "1 MB", "", "1e3 s", "inf s"])
def test_no_duration(written: str) -> None:
    """A number without a unit, a unit without a number and everything odd is refused with the units there are."""
    with pytest.raises(ValueError, match="ms, s, min, h, days, weeks"):
        units.duration(written)


@given(st.text(max_size=20))
def test_a_reader_says_yes_or_value_error(written: str) -> None:
    """No text makes a reader fail in another way than by a ValueError with words."""
    said = []
    for read in (
        *(units.duration, units.size, units.iso_date, units.url, units.domain, units.host_glob, units.network),
        *(units.proxy, units.endpoint, units.address_and_port, units.count, units.yes_or_no, units.text),
    ):
        try:
            read(written)
        except ValueError as error:
            said.append(str(error))
    assert all(said)


@pytest.mark.parametrize(
    "written",
    [
        "https://a.example/?b=2&a=%7e",
        "http://a.example/?x=&&y",
        "https://a.example/../x/./y;z,(1)'*!$|^#:~:text=x",
        "https://[2001:db8::1]:8443/",
        "HTTPS://A.Example/",
    ],
)
def test_urls_are_verbatim(written: str) -> None:
    """A URL comes back letter by letter, with its odd parts."""
    assert units.url(written) == written


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2021-08-27", "2021-08-27"),
        ("2021-08-27 18:30:00", "2021-08-27T18:30:00"),
        ("2021-08-27T18:30:00-04:00", "2021-08-27T18:30:00-04:00"),
        ("20210827", "2021-08-27"),
    ],
)
def test_dates(written: str, iso: str) -> None:
    """Dates and date-times of ISO 8601 have one spelling."""
    assert units.iso_date(written) == iso


def test_domains_stand_for_what_is_below_them() -> None:
    """`*.centcom.mil` and `CENTCOM.mil.` say the same as `centcom.mil`."""
    assert {units.domain(name) for name in ("*.centcom.mil", "CENTCOM.mil.", "centcom.mil")} == {"centcom.mil"}


@pytest.mark.parametrize("written", ["", " ", "a\0b", "a\ud800b"])
def test_no_path(written: str) -> None:
    """A name that no system takes is refused before it is tried."""
    with pytest.raises(ValueError, match=r"empty|null|half a letter"):
        units.path(written)
