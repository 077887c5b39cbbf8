"""The README's block: replaced where it is, appended once where it is not, and nothing else touched."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.errors import UsageError
from mlscore.report import Page
from mlscore.report.readme import END, START, render, update_readme

LINES = st.lists(
    st.sampled_from(["# Title", "", "text é 表", "```", f"`{START}`", "\x0b", "\u2028", " - a | b"]), max_size=8
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def prose(draw):
    """Lines with all kinds of ends, the last perhaps without one, perhaps after a byte-order mark."""
    text = "".join(line + draw(ENDS) for line in draw(LINES))
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", "the last line"]))


def test_blocks(reports, snapshot):
    assert {name: update_readme("", report) for name, report in reports.items()} == snapshot


@given(prose())
def test_without_markers_the_block_is_appended_once(reports, before):
    after = update_readme(before, reports["failing"])
    assert after.startswith(before)
    assert after.rstrip("\r\n").endswith(END)
    assert update_readme(after, reports["failing"]) == after


@given(prose(), prose(), prose(), ENDS, ENDS, st.sampled_from(["", "  ", "\t"]))
@settings(max_examples=60)
def test_with_markers_only_what_is_between_them_changes(reports, before, old, after, start_end, end_end, indent):
    before, old = (t + start_end if t and not t.endswith(("\n", "\r")) else t for t in (before, old.strip("\ufeff")))
    head, tail = f"{before}{indent}{START}{start_end}", f"{indent}{END}{end_end}{after.strip(chr(0xFEFF))}"
    once = update_readme(head + old + tail, reports["failing"])
    assert once.startswith(head)
    assert once.endswith(tail)
    assert "1.5 of 7" in once
    assert update_readme(once, reports["failing"]) == once
    other = update_readme(once, reports["good"])
    assert "7 of 7" in other
    assert update_readme(other, reports["failing"]) == once


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_block_has_the_files_line_ends(reports, end):
    after = update_readme(f"# Title{end}", reports["good"])
    assert set(re.findall(r"\r\n|\r|\n", after)) == {end}
    assert after.startswith(f"# Title{end}{end}{START}{end}{end}**ML Test Score: 7 of 7.**")
    assert after.endswith(f"{end}{END}{end}")


def test_a_byte_order_mark_stays_in_front(reports):
    assert update_readme("\ufeff", reports["good"]).startswith(f"\ufeff{START}\n")
    assert update_readme(f"\ufeff{START}\n{END}\n", reports["good"]).startswith(f"\ufeff{START}\n\n**")


def test_a_missing_last_line_end_stays_missing_behind_the_block(reports):
    assert update_readme(f"{START}\n{END}", reports["good"]).endswith(END)


@pytest.mark.parametrize(
    "text",
    [
        f"{START}\n",
        f"text\n{END}\n",
        f"{END}\n{START}\n",
        f"{START}\n{START}\n{END}\n",
        f"{START}\n{END}\n{END}\n",
        f"{START}\n{END}\n{START}\n{END}\n",
        f"{START}{END}\n",
        f"see {START} here\n{END}\n",
    ],
)
def test_broken_markers_are_named(reports, text, snapshot):
    with pytest.raises(UsageError) as caught:
        update_readme(text, reports["good"], where="README.md")
    assert str(caught.value) == snapshot


def test_a_score_that_is_not_valid_is_not_shown(reports):
    block = update_readme("", reports["broken"])
    assert "**ML Test Score: score not valid** (1 collection error (tests/monitor/test\\_monitor.py))" in block
    assert "of 7" not in block


def test_a_partial_run_says_so(reports):
    assert "> partial run: -k schema; not reached: infra-3" in update_readme("", reports["partial"])


def test_the_block_does_not_change_with_time_or_commit(reports):
    block = update_readme("", reports["good"])
    assert "2026" not in block
    assert "3f2c1ab" not in block


def test_hostile_text_leaves_the_block_whole(hostile_report, reports):
    once = update_readme("# Title\n", hostile_report)
    assert once.count(START) == once.count(END) == 1
    assert update_readme(once, hostile_report) == once
    assert update_readme(once, reports["good"]) == update_readme("# Title\n", reports["good"])


def test_the_page_brings_the_text_and_the_name(reports):
    assert render(reports["good"], Page(before="# Title\n")) == update_readme("# Title\n", reports["good"])
    with pytest.raises(UsageError, match=r"docs/README\.md"):
        render(reports["good"], Page(before=START, destination="docs/README.md"))
