"""A crontab with our line in it: what cron and the shell make of the line, and that nobody else's line is touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spiders.crontab import command, put, quoted, remove, written
from spiders.schedule import Period, Schedule, When
from tests.scheduled import PATHS, as_crons_run, as_shell_splits

CONFIG = Path("/home/ana/sources.yml")
TUESDAY = When(period=Period.WEEK, hour=4, minute=17, weekday=2, day=9)
OURS = Schedule(command=("/opt/footnotary",), config=CONFIG, when=TUESDAY, logs=Path("/home/ana/c/logs"))
MARK, JOB = "# footnotary: /home/ana/sources.yml", "17 4 * * 2 /opt/footnotary crawl --config /home/ana/sources.yml"

FOREIGN = st.sampled_from(
    [
        "",
        "MAILTO=ana@example.org",
        "0 5 * * * tar -cf a.tar ~/texts",
        "# a comment",
        "#   a comment that is indented",
        "# footnotary: /home/ana/sources.yml.old",
        "# footnotary: /home/ana/other.yml",
        "17 4 * * 2 /opt/footnotary crawl --config /home/ana/other.yml",
        "17 4 * * 2 /opt/footnotary crawl --config /home/ana/sources.yml.old",
        "\t",
        "é\r",
        "\udcff",
    ]
) | st.text(st.characters(exclude_characters="\n"), max_size=20)
ANY = FOREIGN | st.sampled_from([MARK, JOB, f"#{JOB}", f"nice {JOB}"])


def crontabs(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(lines, max_size=8).map(lambda found: "".join(f"{line}\n" for line in found))


@settings(max_examples=80, deadline=None)
@given(program=PATHS, config=PATHS)
@example(program=r"/a\%b", config=r"/\\%\%%\'")
@example(program="/it's 100% $HOME", config="/`id`")
def test_every_cron_and_the_shell_give_the_words_back(program: str, config: str) -> None:
    """Whatever a path has in it, the command that cron hands to the shell is split into exactly the words that were meant."""
    schedule = replace(OURS, command=(program, "-m", "spiders.cli"), config=Path(config))
    for handed in as_crons_run(command(schedule)):
        assert as_shell_splits(handed) == list(schedule.argv)


@settings(max_examples=200)
@given(word=st.text(max_size=20))
def test_a_quoted_word_is_one_line_of_the_same_letters(word: str) -> None:
    """Quoting loses nothing and adds only quotes and backslashes; plain words stay as they are."""
    assert sorted(quoted(word).replace("\\", "").replace("'", "").replace('"', "")) == sorted(
        word.replace("\\", "").replace("'", "").replace('"', "")
    )
    assert quoted("/opt/a-b_c.d/e") == "/opt/a-b_c.d/e"


def test_the_line_as_it_stands() -> None:
    """The mark, two remarks, and the line with five fields and absolute paths."""
    lines = written(OURS).splitlines()
    assert (lines[0], lines[-1]) == (MARK, JOB)
    assert len(lines) == 4
    assert all(line.startswith("#   ") for line in lines[1:-1])
    assert "/home/ana/c/logs" in lines[1]


@pytest.mark.parametrize(("period", "fields"), [("day", "17 4 * * *"), ("week", "17 4 * * 2"), ("month", "17 4 9 * *")])
def test_the_five_fields(period: str, fields: str) -> None:
    """Each period names its day in the field that is meant for it."""
    schedule = replace(OURS, when=replace(TUESDAY, period=Period(period)))
    assert written(schedule).splitlines()[-1].startswith(f"{fields} /opt/footnotary ")


def test_a_log_gets_both_streams() -> None:
    """With a log the output and the errors are appended to it, and the remark says so."""
    schedule = replace(OURS, log=Path("/var/log/it's.log"))
    assert command(schedule) == f"""{command(OURS)} >>'/var/log/it'"'"'s.log' 2>&1"""
    assert "It appends to /var/log/it's.log what it prints" in written(schedule)


def test_a_line_that_cron_would_cut_is_refused() -> None:
    """A path may be long, but not so long that some cron runs half of it."""
    fits = len(command(replace(OURS, config=Path("/"))))
    assert written(replace(OURS, config=Path("/" + "x" * (999 - fits))))
    with pytest.raises(ValueError, match="longer than cron reads"):
        written(replace(OURS, config=Path("/" + "x" * (1000 - fits))))


@given(crontab=crontabs(FOREIGN))
def test_what_others_wrote_stays_byte_for_byte(crontab: str) -> None:
    """The line comes at the end of what is there, and taking it out gives back what was there."""
    assert put(OURS, into=crontab) == crontab + written(OURS)
    assert remove(CONFIG, of=put(OURS, into=crontab)) == crontab
    assert remove(CONFIG, of=crontab) == crontab


@given(before=crontabs(FOREIGN), after=crontabs(FOREIGN))
def test_a_new_line_stands_where_the_old_one_stood(before: str, after: str) -> None:
    """Another hour, command or log replaces what is there, and the lines around it stay."""
    older = replace(OURS, command=("/old/python", "-m", "spiders.cli"), when=replace(TUESDAY, hour=5), log=Path("/l"))
    assert put(OURS, into=before + written(older) + after) == before + written(OURS) + after


@given(crontab=crontabs(ANY))
def test_twice_is_like_once(crontab: str) -> None:
    """Whatever has been done to our lines by hand: putting again changes nothing, and taking out leaves none of them."""
    once = put(OURS, into=crontab)
    assert put(OURS, into=once) == once
    assert once.count(written(OURS)) == 1
    assert remove(CONFIG, of=once) == remove(CONFIG, of=crontab)
    assert MARK not in remove(CONFIG, of=once).split("\n")


def test_a_line_that_was_changed_by_hand_is_still_ours() -> None:
    """Another hour and a `nice` before it: it is replaced and taken out; a line that was made a comment stays."""
    by_hand = written(OURS).replace("17 4 * * 2", "5 5 * * 5 nice -n 19")
    assert put(OURS, into=by_hand) == written(OURS)
    off = written(OURS).replace(JOB, f"# {JOB}")
    assert remove(CONFIG, of=off) == f"# {JOB}\n"


@pytest.mark.parametrize("job", ["0 5 * * * backup", f"{JOB}.old", JOB.replace("ana", "ben"), ""])
def test_a_foreign_line_below_our_mark_stays(job: str) -> None:
    """Somebody deleted our line and not the mark: the next job is not ours, even if its path begins like ours."""
    assert remove(CONFIG, of=f"{MARK}\n{job}\n0 6 * * * tidy\n") == f"{job}\n0 6 * * * tidy\n"


def test_a_crontab_without_a_last_line_end_gets_one() -> None:
    """Else our mark would be a part of the last line."""
    assert put(OURS, into="0 5 * * * backup") == f"0 5 * * * backup\n{written(OURS)}"
