"""What a crawl of the worked example comes to: its citations in order, with what becomes of each on a first run.

`target` is the URL as cited, without its fragment; `redirects` counts the hops to `final`, where the answer with `status`
comes from (None: no answer is kept for the page). `verdict` is what the bytes truly are, empty where there are none. A
robots.txt that can't be read refuses its pages, so that a host with a bad certificate ends as `robots` too. `claim` is a
quotation or figure of the citing sentence, and `holds` whether the source has it so.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.model import Context, Outcome

WIRE_LIST = "https://wire.example/2023/08/24/list-of-names"
INSPECTOR = "https://inspector.example/reports/2023-q2/"
UNIVERSITY = "https://university.example/papers/view"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One citation of the example's article."""

    ordinal: int
    anchor: str
    target: str | None
    context: Context = Context.BODY
    kind: str = "web"
    outcome: Outcome = Outcome.CAPTURED
    status: int | None = 200
    redirects: int = 0
    final: str | None = None
    verdict: str = "source"
    fragment: str = ""
    claim: str = ""
    holds: bool = True

    @property
    def href(self) -> str:
        """The link as the article writes it."""
        return (self.target or "") + self.fragment


CITATIONS = (
    Expected(
        ordinal=1,
        context=Context.CAPTION,
        anchor="Sel Mission Photograph Collection",
        target="https://library.example/photos/sel-bridge-7741",
    ),
    Expected(
        ordinal=2,
        anchor="The accord signed in Ondar in March",
        target="https://wire.example/2023/03/09/sel-accord-signed",
    ),
    Expected(
        ordinal=3,
        anchor="blamed the foreign observers",
        target="https://broadcast.example/evening/2023-08-29/varn",
        claim="counting the trucks and not the men in them",
    ),
    Expected(
        ordinal=4,
        anchor="Ash Column",
        target="http://thinktank.example/ash-column",
        redirects=4,
        final="https://thinktank.example/profiles/ash-column/",
    ),
    Expected(
        ordinal=5,
        anchor="broke away from the Sel Front in 2019",
        target="https://encyclopedia.example/wiki/Ash_Column",
        fragment="#:~:text=broke%20away%20from%20the%20Sel%20Front",
    ),
    Expected(
        ordinal=6,
        anchor="three commanders",
        target="https://courier.example/world/three-commanders-in-two-winters",
        status=410,
        verdict="not found",
    ),
    Expected(
        ordinal=7,
        anchor="the Special Inspector's quarterly report",
        target=INSPECTOR,
        kind="official figures",
        claim="2,847",
        holds=False,
    ),
    Expected(
        ordinal=8,
        anchor="an understanding that nobody wrote down",
        target="https://gazette.example/2023/05/19/the-handshake-at-low-esker",
        verdict="paywall",
    ),
    Expected(
        ordinal=9,
        anchor="“The line is quiet, but not calm,”",
        target="https://mission.example/reporting/monthly/2023-06.html",
        kind="official figures",
        claim="The line is quiet, but not calm",
        holds=False,
    ),
    Expected(
        ordinal=10,
        anchor="several hundred prisoners",
        target="https://prisons.example/bulletin/2023/07/castle-road",
        status=403,
        verdict="block page",
    ),
    Expected(ordinal=11, anchor="a network of grain and fuel dealers", target=f"{UNIVERSITY}?id=88&lang=en"),
    Expected(ordinal=12, anchor="the debts that families owe each other", target=f"{UNIVERSITY}?lang=en&id=88"),
    Expected(
        ordinal=13,
        anchor="policemen who were dismissed",
        target="https://tribune.example/inland/dismissed-policemen",
        verdict="block page",
    ),
    Expected(
        ordinal=14,
        anchor="leaflets",
        target="https://social.example/@ashcolumn/109284417",
        outcome=Outcome.ROBOTS,
        status=None,
        verdict="",
    ),
    Expected(
        ordinal=15,
        anchor="An intelligence estimate made public in July",
        target="https://intelligence.example/estimates/2023-07-sel-basin.pdf",
        kind="intelligence estimate",
        claim="12 to 30 months",
    ),
    Expected(
        ordinal=16,
        anchor="“clerks with rifles”",
        target="https://ministry.example/press/2023/statement-0614.html",
        redirects=1,
        final="https://ministry.example/",
        verdict="moved to home",
        claim="clerks with rifles",
        holds=False,
    ),
    Expected(
        ordinal=17,
        anchor="river councils",
        target="https://councils.example/meetings/2023-08",
        outcome=Outcome.ROBOTS,
        status=None,
        verdict="",
    ),
    Expected(
        ordinal=18,
        anchor="According to the head of the Joint Stabilization Command",
        target="https://command.example/statements/2023-08-22-warning-line",
        kind="military statement",
        claim="May 14",
    ),
    Expected(
        ordinal=19,
        anchor="saying",
        target="https://command.example/transcripts/2023-08-22-briefing",
        kind="military statement",
        claim="at least four attacks were stopped because both sides called the same number",
    ),
    Expected(ordinal=20, anchor="a list of names", target="http://short.example/8fKq", redirects=2, final=WIRE_LIST),
    Expected(
        ordinal=21,
        anchor="“shopping list”",
        target="https://wire.example/story?id=5512",
        redirects=1,
        final=WIRE_LIST,
        claim="shopping list",
    ),
    Expected(
        ordinal=22,
        anchor="inquiry",
        target="https://parliament.example/committees/defence/inquiry-27",
        verdict="soft not found",
    ),
    Expected(
        ordinal=23,
        anchor="a toll on fuel",
        target=None,
        fragment="#",
        outcome=Outcome.NO_TARGET,
        status=None,
        verdict="",
    ),
    Expected(ordinal=24, anchor="the same report", target=INSPECTOR, kind="official figures"),
    Expected(
        ordinal=25,
        anchor="debated it in July",
        target="https://parliament.example/hansard?d=2023-07-04&&q=%7esel&page=",
    ),
    Expected(
        ordinal=26,
        context=Context.NOTE,
        anchor="Courier's report",
        target="https://courier.example/world/brother-aske-shot-in-pell",
        status=404,
        verdict="not found",
    ),
    Expected(
        ordinal=27,
        context=Context.NOTE,
        anchor="Radio Pell",
        target="https://radio.example/interviews/aske",
        outcome=Outcome.UNREACHABLE,
        status=None,
        verdict="",
    ),
    Expected(
        ordinal=28,
        context=Context.NOTE,
        anchor="a broadcast of 1998",
        target="https://broadcast.example/archive/1998/the-last-convoy.htm",
    ),
    Expected(
        ordinal=29,
        context=Context.NOTE,
        anchor="displacement tables",
        target="https://statistics.example/tables/displacement.html",
        kind="official figures",
        verdict="truncated",
    ),
    Expected(
        ordinal=30,
        context=Context.NOTE,
        anchor="veterans' association",
        target="https://veterans.example/memory/",
        outcome=Outcome.UNREACHABLE,
        status=None,
        verdict="",
    ),
)

LINKS_BY_CONTEXT = {
    Context.CAPTION: 1,
    Context.BODY: 24,
    Context.NOTE: 5,
    Context.FOOTER: 16,
}
"""How many of the article's links stand where, as far as people would agree without a definition at hand."""
