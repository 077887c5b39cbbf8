"""The terminal's report: what each telling report looks like, and what holds for every report on every screen."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mlscore.core.evidence import Diagnostic, Outcome, Severity
from mlscore.core.report import ProjectFacts, RunFacts, Unplaced
from mlscore.report import Page
from mlscore.report.screen import Screen
from mlscore.report.terminal import render, render_terminal

SGR = re.compile(r"\x1b\[[0-9;]*m")


def plain(report, width=80, *, unicode=True):
    return render_terminal(report, width=width, color=False, unicode=unicode)


def test_every_report_at_80_columns(report, snapshot):
    assert plain(report) == snapshot


@pytest.mark.parametrize("width", [20, 40, 120])
@pytest.mark.parametrize("name", ["failing", "broken"])
def test_narrow_and_wide(reports, name, width, snapshot):
    assert plain(reports[name], width) == snapshot


@pytest.mark.parametrize("name", ["failing", "workshop-eleven", "partial"])
def test_ascii(reports, name, snapshot):
    shown = plain(reports[name], unicode=False)
    assert shown.isascii()
    assert shown == snapshot


@pytest.mark.parametrize(("name", "width"), [("failing", 80), ("good", 120), ("thirds", 40), ("broken", 80)])
def test_colors(reports, name, width, snapshot):
    assert render_terminal(reports[name], width=width, color=True, unicode=True) == snapshot


def test_one_screen(reports):
    assert len(plain(reports["good"]).splitlines()) <= 45
    assert len(plain(reports["failing"]).splitlines()) <= 66


def test_what_helps_is_said_once_below_the_warnings_it_helps_with(reports):
    hollow = Diagnostic(Severity.WARNING, "hollow", "a.py::test_a cannot fail", help="assert on a result")
    stale = Diagnostic(Severity.ERROR, "attestation-expired", "it expired", help="renew it")
    told = (
        hollow,
        replace(hollow, message="a.py::test_b cannot fail"),
        stale,
        replace(stale, message="odd", help=None),
    )
    shown = plain(replace(reports["good"], diagnostics=told)).splitlines()
    first = shown.index(" ✗ it expired")
    assert shown[first : first + 6] == [
        " ✗ it expired",
        "   → renew it",
        " ✗ odd",
        " ! a.py::test_a cannot fail",
        " ! a.py::test_b cannot fail",
        "   → assert on a result",
    ]


def test_what_is_good_to_know_stands_last_a_line_each(reports):
    told = tuple(Diagnostic(Severity.INFO, "git", f"note {n} {'x' * 200}", help="fetch") for n in range(5))
    shown = plain(replace(reports["good"], diagnostics=(*told, Diagnostic(Severity.INFO, "no-band", "11 in none"))))
    last = shown.splitlines()[-5:]
    assert last[0] == ""
    assert [line[:9] for line in last[1:4]] == [" · note 0", " · note 1", " · note 2"]
    assert all(len(line) == 80 and line.endswith("…") for line in last[1:4])
    assert last[4] == "   and 2 more notes (all of them: --report json)"
    assert "11 in none" not in shown


def test_the_total_reads_as_verified_with_its_band_and_what_binds(reports):
    shown = plain(reports["failing"])
    assert "1.5 of 7  First steps" in shown
    assert "The first steps to production are made; more is needed." in shown
    assert "verified · practised 2.5 (Reasonably tested) · binding: Monitoring" in shown


def test_every_item_has_its_level_verdict_and_source(reports):
    report = reports["failing"]
    for width in (60, 80, 120):
        shown = plain(report, width)
        for item in report.items:
            row = next(line for line in shown.splitlines() if f" {item.id} " in line)
            assert f" {item.level} " in row
            assert f" {item.verdict.value}" in row
    shown = plain(report, 120)
    assert "team-privacy · 100 days left" in shown
    assert "ml-platform · expired 2026-05-01" in shown
    assert "test_each_carrier" in shown
    assert "waived until 2026-09-01 (planned)" in shown
    assert "test_monitor.py:77" in shown


def test_what_earned_the_automated_half_and_what_is_missing_for_it(reports):
    shown = plain(reports["failing"])
    assert "automated by: .github/workflows/ci.yml:31 → Makefile:12 (11 items)" in shown
    assert "manual because: no live CI workflow runs it (model-3)" in shown


def test_a_failing_gate_says_what_would_meet_each_rule(reports):
    shown = plain(reports["failing"])
    for rule in reports["failing"].gate.rules:
        assert (f"{rule.id}: " in shown) is (rule.passed is False)
        if rule.to_meet:
            assert f"→ {rule.to_meet}" in shown
    assert "✗ gate not met (production, 4 rules)" in shown


def test_warnings_and_next_steps_stand_below(reports):
    shown = plain(reports["failing"], 120)
    assert "! the attestation of model-1 expires on 2026-06-13, in 12 days  pyproject.toml:28" in shown
    assert "tests/monitor/test_monitor.py::test_no_nan: 0 <= share <= 1 holds for every share" in shown
    assert "1 monitor-3  +1    make its failing tests pass" in shown
    assert shown.count("\n 4 ") == 0


def test_many_warnings_are_counted(reports):
    shown = plain(reports["hollow"])
    assert "and 3 more warnings" in shown
    assert shown.count("no assertion  tests/data") + shown.count("tests/data/test_data.py::test_") >= 4


def test_a_score_that_is_not_valid_is_not_printed_as_one(reports):
    shown = plain(reports["broken"])
    assert "✗ score not valid: 1 collection error (tests/monitor/test_monitor.py)" in shown
    assert "it is no score" in shown
    assert "Research" not in shown
    assert "What to do next" not in shown


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (RunFacts("pytest", tests=0), "no test ran"),
        (RunFacts("junit", tests=0), "no test ran"),
        (RunFacts("pytest", tests=3, interrupted="KeyboardInterrupt"), "the run broke off: KeyboardInterrupt"),
        (
            RunFacts("pytest", tests=3, errors=("a.py", "b.py", "c.py", "d.py")),
            "4 collection errors (a.py, b.py, c.py and 1 more)",
        ),
    ],
)
def test_why_a_score_is_not_valid(make, run, reason):
    assert f"score not valid: {reason}" in plain(make.report(make.all_items(), run=run), 120)


def test_statements_alone_need_no_test_run(make):
    report = make.report(statements=[make.statement("data-5")], run=RunFacts("statements"))
    assert "not valid" not in plain(report)


def test_a_partial_run_says_what_it_did_not_reach(reports):
    shown = plain(reports["partial"])
    assert "! partial run: -k schema; not reached: infra-3, infra-4, monitor-2, monitor-3" in shown
    assert "! gate not judged: the run is partial (1 rule)" in shown


def test_the_one_reason_of_a_partial_run_is_not_repeated_on_every_row(make):
    def shown(*reasons):
        evidence = [make.case(f"data-{n}", None, Outcome.NOT_RUN, why) for n, why in enumerate(reasons, 1)]
        run = RunFacts("pytest", tests=1, partial=tuple(dict.fromkeys(reasons)), unreached=("data-1", "data-2"))
        return plain(make.report(evidence, run=run))

    assert shown("deselected by -k 'a'", "deselected by -k 'a'").count("deselected by -k 'a'") == 1
    assert "test_data.py::test_data_1\n" in shown("deselected by -k 'a'", "deselected by -k 'a'")
    assert "test_data_2 · left out" in shown("deselected by -k 'a'", "left out")


def test_a_total_in_no_band_says_so(reports):
    assert "11 of 14  A total of 11 lies in no band of ml-test-score-2016" in plain(reports["workshop-eleven"])


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (ProjectFacts("flights"), "flights"),
        (ProjectFacts("flights", "3f2c1ab90d4e"), "flights @ 3f2c1ab"),
        (ProjectFacts("flights", "3f2c1ab90d4e", dirty=True), "flights @ 3f2c1ab+"),
    ],
)
def test_the_project_and_its_commit(reports, facts, shown):
    first = plain(replace(reports["good"], project=facts)).splitlines()[0]
    assert first.split("  ")[-1].strip() == shown


def test_a_practised_total_in_the_same_band_does_not_repeat_it(make):
    rubric = make.rubric()
    evidence = [make.case(i.id) for s in rubric.sections for i in rubric.items_of(s.id)[:4]]
    failed = [make.case("data-5", outcome=Outcome.FAILED), *(make.case(f"{s.id}-5") for s in rubric.sections[1:])]
    shown = plain(make.report([*evidence, *failed]))
    assert "4 of 7  Strong" in shown
    assert "verified · practised 5 · binding: Features and data" in shown


def test_exact_points_are_never_rounded(reports):
    assert "7/3 of 3" in plain(reports["thirds"])
    assert "+2/3" in plain(reports["thirds"])


def test_several_pieces_of_evidence_are_counted(make):
    report = make.report([make.case("data-1", "test_a"), make.case("data-1", "test_b"), make.case("data-1", "test_c")])
    assert "test_data.py::test_a +2" in plain(report)


def test_figures_of_a_test_are_shown_where_there_is_room(reports):
    assert "test_beats_the_mean · rmse 38.2 minutes (threshold 40.5), ro" in plain(reports["failing"], 99)
    assert "test_beats_the_mean · rmse 38.2 minutes (…" in plain(reports["failing"])


def test_every_band_has_its_color(make):
    for keep, code in ((0, "41"), (1, "41"), (2, "43"), (3, "42"), (5, "42"), (7, "46")):
        rubric = make.rubric()
        evidence = [make.case(i.id) for s in rubric.sections for i in rubric.items_of(s.id)[:keep]]
        shown = render_terminal(make.report(evidence), width=80, color=True, unicode=True)
        assert re.search(rf"\x1b\[1;3[07];{code}m  {keep} of 7  \x1b", shown)


def test_colors_are_never_the_only_sign(report):
    """Without colours nothing is lost: the same words in the same order, but for the tile around the total."""
    for width in (40, 80, 120):
        colored = SGR.sub("", render_terminal(report, width=width, color=True, unicode=True)).split()
        assert sorted(colored) == sorted(plain(report, width).split())


def test_the_page_says_how_to_render(reports):
    report = reports["good"]
    assert render(report, Page(Screen(40, color=False, unicode=False))) == plain(report, 40, unicode=False)


def test_a_width_below_the_least_is_the_least(reports):
    assert plain(reports["good"], 3) == plain(reports["good"], 20)


@given(width=st.integers(20, 140), color=st.booleans(), unicode=st.booleans(), data=st.data())
@settings(max_examples=60)
def test_no_line_is_wider_than_the_screen(reports, make, width, color, unicode, data):
    report = data.draw(st.sampled_from(list(reports.values())))
    if data.draw(st.booleans()):
        evil = "".join(data.draw(st.lists(st.sampled_from(make.hostile), max_size=4)))
        report = make.rewritten(report, lambda text: f"{text}{evil}{text}")
    shown = render_terminal(report, width=width, color=color, unicode=unicode)
    lines = SGR.sub("", shown).split("\n") if color else shown.split("\n")
    assert all(cell_len(line) <= width for line in lines)
    assert unicode or shown.isascii()


def test_hostile_text_moves_no_cursor_and_starts_no_command(hostile_report):
    for color in (False, True):
        shown = render_terminal(hostile_report, width=80, color=color, unicode=True)
        bare = SGR.sub("", shown) if color else shown
        for line in bare.split("\n"):
            assert line.replace("\u200c", "").replace("\u200d", "").isprintable()
            assert not line.lstrip().startswith(("::", "##"))


def test_a_title_that_is_a_command_is_disarmed(make):
    rubric = make.rubric(title="::error::pwned")
    shown = plain(make.report(rubric=rubric))
    assert shown.startswith("|::error::pwned")


def test_an_outcome_that_is_not_passed_shows_why(make):
    report = make.report([make.case("infra-7", "test_rollback", Outcome.SKIPPED, "needs a registry")])
    assert "test_infra.py::test_rollback · needs a registry" in plain(report, 99)
    assert "test_rollback · needs a registry" in plain(report)


def test_tests_that_name_no_item_are_listed_with_a_suggestion(make, reports):
    assert "1 test names no item and earns nothing: test_data.py::test_shape (data-1?)" in plain(reports["failing"])
    several = tuple(Unplaced(f"a.py::test_{n}", "data", None, "") for n in range(5))
    shown = plain(make.report(unplaced=several), 132)
    assert "5 tests name no item and earn nothing: a.py::test_0, a.py::test_1, a.py::test_2 and 2 more" in shown
