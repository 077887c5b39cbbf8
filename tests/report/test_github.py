"""The job summary and the workflow commands of GitHub Actions."""

from dataclasses import replace

import pytest

from mlscore.core.evidence import Diagnostic, Location, Severity
from mlscore.core.report import GateResult, RuleResult
from mlscore.report import Page
from mlscore.report.github import render, workflow_commands
from mlscore.report.markdown import render_markdown


def test_the_summary_is_the_markdown(report):
    assert render(report, Page()) == render_markdown(report)


def test_workflow_commands(report, snapshot):
    assert workflow_commands(report) == snapshot


def command(reports, *, rule=None, diagnostic=None, below=""):
    report = replace(
        reports["good"],
        gate=GateResult(False, (rule,) if rule else ()),
        diagnostics=(diagnostic,) if diagnostic else (),
    )
    return workflow_commands(report, below=below)


def test_a_rule_names_its_place_and_what_would_meet_it(reports):
    rule = RuleResult("fail-under", False, "1 < 2", to_meet="one more", origin="pyproject.toml:12")
    line = "::error file=pyproject.toml,line=12,title=mlscore gate::fail-under: 1 < 2; to meet it: one more\n"
    assert command(reports, rule=rule) == line
    assert command(reports, rule=rule, below="models/eta/").startswith(
        "::error file=models/eta/pyproject.toml,line=12,"
    )


@pytest.mark.parametrize(
    "origin", [None, "option --mlscore-fail-under", "environment MLSCORE_FAIL_UNDER", "pyproject.toml:0"]
)
def test_a_rule_without_a_file_has_no_place(reports, origin):
    rule = RuleResult("fail-under", False, "1 < 2", origin=origin)
    assert command(reports, rule=rule) == "::error title=mlscore gate::fail-under: 1 < 2\n"


def test_a_rule_that_was_not_judged_is_a_warning_and_one_that_is_met_is_silent(reports):
    assert command(reports, rule=RuleResult("ratchet", None, "new ruler")).startswith(
        "::warning title=mlscore gate::ratchet"
    )
    assert command(reports, rule=RuleResult("ratchet", True, "fine")) == ""


def test_a_hollow_test_is_a_warning_at_its_line(reports):
    found = Diagnostic(Severity.WARNING, "hollow", "no assertion", Location("tests/test_a.py", 3), "assert something")
    assert command(reports, diagnostic=found) == (
        "::warning file=tests/test_a.py,line=3,title=mlscore hollow::no assertion; assert something\n"
    )


def test_other_severities(reports):
    assert (
        command(reports, diagnostic=Diagnostic(Severity.ERROR, "junit", "cut off"))
        == "::error title=mlscore junit::cut off\n"
    )
    assert command(reports, diagnostic=Diagnostic(Severity.INFO, "note", "well")) == ""


def test_everything_is_escaped(reports):
    found = Diagnostic(Severity.WARNING, "a:b,c%", "50 %\n::error::two\r\nthree", Location("a,b:c%.py", 1))
    assert command(reports, diagnostic=found) == (
        "::warning file=a%2Cb%3Ac%25.py,line=1,title=mlscore a%3Ab%2Cc%25::50 %25%0A::error::two%0Athree\n"
    )


def test_hostile_text_makes_no_command_of_its_own(hostile_report, reports):
    lines = workflow_commands(hostile_report).split("\n")
    assert len(lines) == len(workflow_commands(reports["failing"]).split("\n"))
    for line in lines[:-1]:
        assert line.startswith(("::error ", "::warning "))
        assert line.isprintable()
