"""The report as Markdown: complete, bounded, and with no structure but its own."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from mlscore.core.evidence import Diagnostic, Outcome, Severity
from mlscore.core.report import Unplaced
from mlscore.report import Page
from mlscore.report.markdown import MARKER, code, html_text, render, render_markdown, text

OWN_HTML = {"<br>", "<code>", "</code>", "<sub>", "</sub>"}
OWN_BLOCK = re.compile(r"<details><summary>[^<>]*</summary>\n|</details>\n|<!-- mlscore -->\n")


def parsed(markdown):
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def inline(tokens):
    return [child for token in tokens for child in (token.children or ())]


def plain(markdown):
    """What a reader sees of some inline Markdown, but for zero-width spaces."""
    shown = "".join(
        t.content for t in inline(parsed("x " + markdown)) if t.type in ("text", "code_inline", "text_special")
    )
    return shown.removeprefix("x ").replace("\u200b", "")


def test_reports(report, snapshot):
    assert render_markdown(report) == snapshot


def test_a_bot_finds_its_comment_by_the_first_line(report):
    assert render_markdown(report).startswith(f"{MARKER}\n\n## ")
    assert MARKER == "<!-- mlscore -->"


def test_every_item_is_in_the_details_of_its_section(reports):
    report = reports["failing"]
    shown = render_markdown(report)
    for section in report.score.sections:
        details = shown.partition(f"<details><summary>{section.title}:")[2].partition("</details>")[0]
        for item in report.section_items(section.id):
            row = next(line for line in details.splitlines() if f"**{item.id}**" in line)
            assert f"| {item.level} | {item.verdict.value} |" in row


def test_what_a_row_tells(reports):
    shown = render_markdown(reports["failing"])
    assert "rmse 38.2 minutes (threshold 40.5), rows 336776" in shown
    assert "automated by `.github/workflows/ci.yml:31` → `Makefile:12`" in shown
    assert "attested by `team-privacy` passed, the deletion drill (holds until 2026-09-09, 100 days left)" in shown
    assert "waived until 2026-09-01 (planned): after the move, ml-platform" in shown
    assert "*missing:* no live CI workflow runs it" in shown
    assert '`@pytest.mark.mlscore("data-3")`, or attest it' in shown


def test_nothing_that_earned_nothing_is_said_to_be_automated(make):
    report = make.report([make.case("infra-7", outcome=Outcome.SKIPPED), make.case("data-1", outcome=Outcome.HOLLOW)])
    assert "automated by" not in render_markdown(report)


def test_the_gate_says_what_would_meet_it_and_where_it_was_written(reports):
    shown = render_markdown(reports["failing"])
    assert "**❌ Gate not met** (production)" in shown
    line = (
        "- ❌ **fail-under**: total 1.5 &lt; 2.5 (verified). To meet it: points: 0.5 more in model, 1 more in monitor"
    )
    assert f"{line} (`pyproject.toml:12`)" in shown
    assert "**✅ Gate met** (production)" in render_markdown(reports["good"])
    assert "Gate" not in render_markdown(reports["empty"]).replace("**❌ Gate not met**", "")


def test_a_score_that_is_not_valid_is_not_headed_as_one(reports):
    shown = render_markdown(reports["broken"])
    assert "## ❌ ML Test Score: score not valid\n\n**1 collection error (tests/monitor/test\\_monitor.py).**" in shown
    assert "What to do next" not in shown


def test_a_partial_run_says_so(reports):
    assert "> ⚠️ partial run: -k schema; not reached: infra-3, infra-4, monitor-2" in render_markdown(reports["partial"])


def test_many_warnings_and_much_evidence_are_counted(make, reports):
    many = tuple(replace(reports["failing"].diagnostics[0], message=f"warning {n}") for n in range(25))
    assert "- and 5 more: the JSON report has them all" in render_markdown(replace(reports["good"], diagnostics=many))
    cases = [make.case("data-1", f"test_{n}") for n in range(10)]
    assert "<br>and 4 more |" in render_markdown(make.report(cases))


def test_what_is_good_to_know_stands_below_the_items(reports):
    told = tuple(Diagnostic(Severity.INFO, "git", f"note {n}", help="fetch <b>") for n in range(7))
    shown = render_markdown(replace(reports["good"], diagnostics=told))
    assert "**Good to know**\n\n- note 0: fetch &lt;b&gt;\n- note 1" in shown
    assert "- note 4: fetch &lt;b&gt;\n- and 2 more: the JSON report has them all\n\n<sub>" in shown
    assert "Warnings" not in shown


def test_a_comment_stays_within_what_github_takes(make):
    long = make.rewritten(make.report([make.case("data-1", summary="x" * 1000)]), lambda text: text)
    whole = render_markdown(long)
    assert "x" * 299 + "…" in whole
    assert "x" * 300 not in whole
    without_evidence = render_markdown(long, most=len(whole) - 1)
    assert "**data-1**" in without_evidence
    assert "test_data_1" not in without_evidence
    without_items = render_markdown(long, most=len(without_evidence) - 1)
    assert "**data-1** A schema" not in without_items
    assert "The items did not fit here: the JSON report has them." in without_items


def test_a_huge_report_fits_by_itself(make, reports):
    huge = make.rewritten(reports["failing"], lambda text: text if len(text) < 12 else text * 300)
    assert len(render_markdown(huge)) <= 60_000


def test_hostile_text_makes_no_structure(hostile_report, reports):
    tokens = parsed(render_markdown(hostile_report))
    usual = parsed(render_markdown(reports["failing"]))
    assert [t.type for t in tokens if t.type.endswith("_open")] == [t.type for t in usual if t.type.endswith("_open")]
    for token in tokens:
        if token.type == "html_block":
            assert OWN_BLOCK.fullmatch(token.content)
    for child in inline(tokens):
        assert child.type not in ("link_open", "image", "s_open")
        if child.type == "html_inline":
            assert child.content in OWN_HTML


@pytest.mark.parametrize("style", [text, code])
def test_foreign_text_reads_as_it_is(make, style):
    for foreign in make.hostile:
        flat = " ".join(foreign.split())
        if flat.isprintable() and flat:
            assert plain(style(flat)) == flat


def test_mentions_and_issues_are_not_linked():
    assert text("thanks @team, see #12") == "thanks `@team`, see #&#8203;12"
    assert code("@team") == "`@team`"
    assert html_text("@team <b>") == "&#64;&#8203;team &#60;b&#62;"


def test_code_without_text_is_nothing():
    assert code(" \n") == ""


def test_evidence_without_a_place(make):
    report = make.report([replace(make.case("data-1", proofs=()), location=None)])
    assert "| `tests/data/test_data.py::test_data_1` passed |" in render_markdown(report)


def test_the_page_does_not_matter(reports):
    assert render(reports["good"], Page(destination="x.md")) == render_markdown(reports["good"])


def test_tests_that_name_no_item_are_listed_with_a_suggestion(make, reports):
    row = "| `tests/test_data.py::test_shape` | data | data-1 | the file's name |"
    assert row in render_markdown(reports["failing"])
    several = tuple(Unplaced(f"test_a.py::test_{n}", "data", None, "") for n in range(35))
    shown = render_markdown(make.report(unplaced=several))
    assert "<summary>35 tests without an item: nothing is earned</summary>" in shown
    assert shown.count("| `test_a.py::test_") == 30
    assert "and 5 more" in shown
