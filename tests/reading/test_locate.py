"""Places in the extraction's text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.model import Quote
from pipelines.reading.locate import PlacedText, normalised, quoted
from pipelines.reading.sentences import Span


def test_white_space_does_not_tell() -> None:
    """A run is found whatever white space the extractor put in or took out, and is quoted as the text has it."""
    text = "Start.\nThe group\n  has lost four\nemirs , it says."
    place = PlacedText(text).find("The group has lost four emirs, it says.")
    assert place is not None
    quote = place.quote(19, 29)
    assert quote == Quote(exact="four emirs", prefix="Start. The group has lost ", suffix=" , it says.", start=28, end=38)


def test_the_search_goes_forward() -> None:
    """Of two equal runs the second is found behind the first, when each is long enough to be sure of."""
    line = "The same long line stands here twice, word for word."
    placed = PlacedText(f"{line}\nbetween\n{line}\n")
    starts = [(found := placed.find(line)) and found.quote(0, len(line)) for _ in range(2)]
    assert [quote and quote.start for quote in starts] == [0, len(line) + 9]
    assert placed.find("between") is not None


def test_what_does_not_stand_there() -> None:
    """Words that the text lacks have no place, and neither has nothing."""
    placed = PlacedText("Some words.")
    assert placed.find("Other words.") is None
    assert placed.find("  ") is None


def test_quoted_without_a_place() -> None:
    """A quotation without position has at most 32 code points on each side."""
    quote = quoted("x" * 50 + " here " + "y" * 50, Span(51, 55))
    assert quote == Quote(exact="here", prefix="x" * 31 + " ", suffix=" " + "y" * 31)


@given(st.lists(st.text(alphabet="ab. é😀", min_size=1, max_size=8), max_size=12), st.data())
def test_positions_point_at_their_quotation(words: list[str], data: st.DataObject) -> None:
    """For any stretch of a run that stands in the text, the text between the positions is the quotation."""
    run = " ".join(words)
    text = "Before. " + data.draw(st.sampled_from(["\n", "  ", " \n\n "])).join(words) + " after"
    place = PlacedText(text).find(run)
    if place is not None:
        start = data.draw(st.integers(0, len(run)))
        quote = place.quote(start, data.draw(st.integers(start, len(run))))
        assert quote is None or normalised(text[quote.start : quote.end]) == quote.exact != ""
