"""How a state looks: a word, a sign and a class, so that no colour is needed to tell one from another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archive.outputs.report.markup import Markup, el
from archive.outputs.table import Row, State

SIGNS = {State.KEPT: "✓", State.NOT_THE_SOURCE: "≠", State.NOT_KEPT: "✕", State.NO_LINK: "∅"}
CLASSES = {State.KEPT: "kept", State.NOT_THE_SOURCE: "other", State.NOT_KEPT: "lost", State.NO_LINK: "nolink"}
MEANS = {
    State.KEPT: "the answer is whole, says that it is what was asked for, and can be read",
    State.NOT_THE_SOURCE: "bytes are kept, but they are an error page, a part, or nothing that can be read",
    State.NOT_KEPT: "nothing came, and the record says why",
    State.NO_LINK: "the article has lost where this one points",
}
GRAVITY = (State.KEPT, State.NO_LINK, State.NOT_THE_SOURCE, State.NOT_KEPT)
"""Of several citations in one sentence the gravest gives the sentence its colour."""


def gravest(states: Iterable[State]) -> State:
    """The state that a person should look at first."""
    return max(states, key=GRAVITY.index)


def chip(state: State, number: int | None = None) -> Markup:
    """The sign of a state and its word, with the number of a citation before them."""
    named = f"{number} " if number is not None else ""
    return el("span", f"{named}{SIGNS[state]} {state}", class_=f"chip {CLASSES[state]}")


def legend(rows: Sequence[Row]) -> Markup:
    """Each state with its count and what it means."""
    counts = Counter(State(row.state) for row in rows)
    items = (
        el("li", el("b", str(counts[state]), class_="count"), chip(state), el("span", MEANS[state], class_="means"))
        for state in State
    )
    return el("ul", *items, class_="legend")
