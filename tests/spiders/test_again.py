"""A crawl again: what an earlier run has kept is not kept twice, what changed is, and what got worse is said."""

from __future__ import annotations

import json
import sqlite3

from tests.kept import record_at, select
from tests.weeks import ARTICLE, TARGETS, Weeks

SAME = dict.fromkeys(TARGETS, ("unchanged", 200)) | {"dead": ("unchanged", 404), "lost": ("no target", None)}


def runs(weeks: Weeks) -> list[str]:
    return [row["run_id"] for row in select(weeks.collection, "SELECT run_id FROM run ORDER BY date")]


def captures(weeks: Weeks, number: int) -> list[sqlite3.Row]:
    """The captures of one run, chains and configurations left out."""
    sql = "SELECT * FROM capture WHERE run_id = ? AND type != 'resource'"
    return select(weeks.collection, sql, runs(weeks)[number - 1])


def size(weeks: Weeks, number: int) -> int:
    """Bytes of the files of one run."""
    return sum(path.stat().st_size for path in weeks.collection.glob(f"*/*-{runs(weeks)[number - 1]}.warc.gz"))


def test_in_the_first_run_nothing_is_unchanged(weeks: Weeks) -> None:
    """Everything is captured, and a page that was never there is no reason to end with anything but 0."""
    first = weeks.each[0]
    assert (first.ended.code, first.ended.err) == (0, "")
    assert first.outcomes() == {name: ("captured", status) if status else (said, None) for name, (said, status) in SAME.items()}


def test_what_an_earlier_run_kept_is_unchanged(weeks: Weeks) -> None:
    """The second run says so of every source that came with the same bytes, error pages too, and ends with 0 in silence."""
    second = weeks.each[1]
    assert (second.ended.code, second.ended.out, second.ended.err) == (0, "", "")
    assert second.outcomes() == SAME
    assert [row["state"] for row in second.rows] == [row["state"] for row in weeks.each[0].rows]


def test_unchanged_bytes_are_not_kept_twice(weeks: Weeks) -> None:
    """The second run writes revisits of the first and few bytes; the long page alone is more than all of its files."""
    first = {row["record_id"]: row for row in captures(weeks, 1)}
    second = captures(weeks, 2)
    with_bodies = [row for row in second if row["entity_size"]]
    assert len(with_bodies) > 10
    for row in with_bodies:
        original = first[row["refers_to"]]
        assert (row["type"], row["refers_to_uri"], row["refers_to_date"]) == ("revisit", original["uri"], original["date"])
        assert (row["payload_digest"], row["entity_size"]) == (original["payload_digest"], original["entity_size"])
        record = record_at(weeks.collection, row["file"], row["offset"], row["length"])
        assert record.body == b""
        assert record.get("WARC-Refers-To") == f"<{row['refers_to']}>"
    assert size(weeks, 2) < size(weeks, 1) / 4


def test_the_text_of_what_is_unchanged_is_not_extracted_again(weeks: Weeks) -> None:
    """The second run's attempts lead to the extractions of the first."""
    sql = "SELECT anchor, extraction_id FROM provenance WHERE run_id = ?"
    first, second = ({row[0]: row[1] for row in select(weeks.collection, sql, run)} for run in runs(weeks)[:2])
    assert first == second
    assert first["steady"]


def test_only_what_changed_is_kept_anew(weeks: Weeks) -> None:
    """In the third run the new edition is a response, and what did not change still is not."""
    found = {row["uri"]: row["type"] for row in captures(weeks, 3)}
    assert found["https://edited.example/a"] == "response"
    assert found[TARGETS["steady"]] == found[ARTICLE] == "revisit"
    assert weeks.each[2].outcomes() == SAME | {
        "edited": ("captured", 200),
        "gone": ("captured", 404),
        "down": ("unreachable", None),
        "shy": ("robots", None),
    }


def test_what_got_worse_is_said_line_by_line(weeks: Weeks) -> None:
    """Three sources were kept and are not any more: 1, and a sentence for each with what to do; the others say nothing."""
    third = weeks.each[2].ended
    assert third.code == 1
    lines = third.err.splitlines()
    assert [line.partition(" was kept and now is ")[0] for line in lines] == [
        f"{ARTICLE}, citation {list(TARGETS).index(name) + 1} ({TARGETS[name]})" for name in ("gone", "down", "shy")
    ]
    assert all(": " in line.partition(" was kept and now is ")[2] for line in lines)


def test_worse_is_said_once(weeks: Weeks) -> None:
    """The next run compares with that one: nothing is worse than last time."""
    assert (weeks.later.code, weeks.later.err) == (0, "")


def test_what_got_better_is_said_too(weeks: Weeks) -> None:
    """The source that lets us in again is one line on standard output, and no table is printed."""
    number = list(TARGETS).index("shy") + 1
    assert weeks.strict.out == f"{ARTICLE}, citation {number} ({TARGETS['shy']}) was not kept and now is kept\n"


def test_strict_and_late_are_findings(weeks: Weeks) -> None:
    """`--strict` names what needs a person, `--max-age` how old the last good run is: one sentence each, and exit code 1."""
    assert weeks.strict.code == 1
    late, findings = weeks.strict.err.splitlines()
    assert ": the last good run before this one ended 20" in late
    assert late.endswith(" UTC, over 1 ms ago")
    wanted = [str(list(TARGETS).index(name) + 1) for name in ("gone", "down", "dead")] + [str(len(TARGETS) + 1)]
    assert findings == f"4 citations need a person (--strict): {', '.join(sorted(wanted, key=int))}"


def test_each_run_has_its_log(weeks: Weeks) -> None:
    """Scrapy's log of each run lies in the collection under the run's name, from the start of the crawl to its end."""
    assert sorted(path.stem for path in (weeks.collection / "logs").glob("*.log")) == runs(weeks)
    for path in (weeks.collection / "logs").glob("*.log"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert "INFO: Scrapy " in lines[0]
        assert lines[-1].endswith("INFO: Spider closed (finished)")


def test_each_run_has_its_own_attempts(weeks: Weeks) -> None:
    """What became of a citation is on record for every run, and none is written over."""
    found = select(weeks.collection, "SELECT run_id, outcome FROM provenance WHERE anchor = 'gone' ORDER BY attempted_at")
    assert [row["run_id"] for row in found] == runs(weeks)
    assert [row["outcome"] for row in found] == ["captured", "unchanged", "captured", "unchanged", "unchanged"]


def test_the_way_over_a_redirect_is_kept_each_time(weeks: Weeks) -> None:
    """A redirect without a body is a response in every run, and leads to the page that did not change."""
    found = select(weeks.collection, "SELECT hops FROM provenance WHERE anchor = 'moved'")
    assert len(found) == 5
    for row in found:
        assert [hop["status"] for hop in json.loads(row["hops"])] == [301, 200]
