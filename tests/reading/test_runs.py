"""Runs: the words of a page between its borders, and the links in them."""

from __future__ import annotations

import pytest

from pipelines.reading.dom import parse
from pipelines.reading.grams import Grams, words_of
from pipelines.reading.runs import cut


def runs(html: str) -> list[str]:
    return [run.text for run in cut(parse(html)).runs]


def anchors(html: str) -> list[tuple[str, str, int]]:
    return [(anchor.href, anchor.text, anchor.blocks) for anchor in cut(parse(html)).anchors]


def test_borders() -> None:
    """Blocks and line breaks end a run, inline elements don't; white space collapses across them."""
    html = "<div>One <b>bold</b>\n  <i> word</i><p>Two<br>Three</p>tail<ul><li>a<li>b</ul></div>"
    assert runs(html) == ["One bold word", "Two", "Three", "tail", "a", "b"]


def test_what_is_not_read() -> None:
    """Scripts, styles, forms' fields and templates hold no words of the page; a shadow tree does."""
    html = "<p>a<script>x</script>b<style>y</style><select><option>z</select>c</p><template>t</template>"
    assert runs(html) == ["abc"]
    assert runs("<x-p><template shadowrootmode=open><p>in</p></template></x-p>") == ["in"]


def test_unprinted_characters_are_left_out() -> None:
    """As the extractor leaves them out, a soft hyphen or a joiner would hide the place of a run."""
    assert runs("<p>har\u00adbor\u200b re\u200cport\u00a0x</p>") == ["harbor report x"]


def test_anchors_have_offsets() -> None:
    """A link knows its words in its run."""
    found = cut(parse("<p> The  <a href=x>  report </a>says <a href=y>so</a>.</p>"))
    assert [(a.href, a.run.text[a.start : a.end].strip()) for a in found.anchors] == [("x", "report"), ("y", "so")]
    assert found.runs[0].text == "The report says so."


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<a href=x><h3>Head</h3><p>More words</p></a>", [("x", "Head", 2)]),
        ("<a href=x><img></a><p>Words</p>", [("x", "", 1)]),
        ("<p>a <a href=x>b <a href=y>c</a> d</p>", [("x", "b ", 1), ("y", "c", 1)]),
        ("<a name=n>no link</a><a href=''>lost</a>", [("", "lost", 1)]),
        ("<map><area href=x></map><p>y</p>", [("x", "", 1)]),
        ("<p><a href=x>open", [("x", "open", 1)]),
    ],
)
def test_links_of_every_shape(html: str, expected: list[tuple[str, str, int]]) -> None:
    """Cards count the runs they reach over, a link in a link ends the outer one, `area` is a link, `a name` is none."""
    assert anchors(html) == expected


def test_density() -> None:
    """The share of a run that is link."""
    half, card = cut(parse("<p>four<a href=x>four</a></p><a href=y><p>all</p><p>too</p></a>")).runs[:2]
    assert (half.density, card.density) == (0.5, 1.0)


def test_share_of_a_text() -> None:
    """A run that was taken has nearly all its sequences in the text, one that was left has none; a short one is a line."""
    grams = Grams("The report was given to the Assembly on Monday.\nRead more\nIt runs to ninety pages.")
    assert grams.share("The report was given to the Assembly on Monday") == 1.0
    assert 0.4 < grams.share("The report was given to the Assembly, the king said") < 0.7
    assert grams.share("Nobody in the Council would say whether") == 0.0
    assert (grams.share("read more"), grams.share("on Monday"), grams.share("—")) == (1.0, 0.0, 0.0)


def test_scripts_without_spaces_are_counted_by_characters() -> None:
    """One wrong clause must not cost a whole Japanese paragraph."""
    assert words_of("気象庁は13日、xy") == ["気", "象", "庁", "は", "13", "日", "xy"]
    assert 0.5 < Grams("気象庁は地震があったと発表した。").share("気象庁は地震がなかったと発表した") < 1.0
