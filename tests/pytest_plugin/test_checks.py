"""Configured checks as pytest items: selected, run, reported and scored as tests are."""

from __future__ import annotations

import pytest

PASSED = '[[tool.mlscore.check]]\nuse = "toy"\nname = "{name}"\nsay = "{say}"\n{more}'
TEST = "@pytest.mark.mlscore('data-2')\ndef test_gain():\n    assert os.getpid() > 1\n"


def configured(**checks):
    return "".join(PASSED.format(name=name, say=say, more="") for name, say in checks.items())


@pytest.fixture
def checked(project, toy):
    def run(*args, text=None, **checks):
        project.configure(configured(**checks) if text is None else text)
        return project.score(*args)

    return run


def item(scored, id_):
    return next(i for i in scored.report["items"] if i["id"] == id_)


@pytest.mark.parametrize("args", [(), ("-n", "2")])
@pytest.mark.parametrize(
    ("say", "verified", "outcome", "summary"),
    [
        ("passed", 0.5, "passed", "said passed"),
        ("failed", 0, "failed", "said failed"),
        ("hollow", 0, "hollow", "it accepts everything (said hollow)"),
        ("error", 0, "error", "data.csv: the data is away; fetch it"),
        ("crash", 0, "error", 'the check "toy" failed inside (ZeroDivisionError: by zero)'),
    ],
)
def test_a_check_is_evidence(checked, project, args, say, verified, outcome, summary):
    project.write("tests/test_a.py", TEST)
    scored = checked(*args, one=say)
    found = item(scored, "data-1")
    (evidence,) = found["evidence"]
    assert (found["verified"], evidence["outcome"], evidence["summary"]) == (verified, outcome, summary)
    assert evidence["source"] == {"kind": "check", "name": "mlscore::data-1::one"}
    assert evidence["location"] == {"path": "pyproject.toml", "line": 7}
    assert item(scored, "data-2")["verified"] == 0.5
    assert scored.report["run"]["tests"] == 2


def test_its_figures_and_findings_are_shown(checked):
    scored = checked(one="failed")
    (evidence,) = item(scored, "data-1")["evidence"]
    assert evidence["values"] == [{"name": "violations", "value": 3, "unit": "rows", "threshold": 0}]
    scored.result.stdout.fnmatch_lines(
        ["*said failed*", "*violations 3 rows (limit 0 rows)*", "*age: 3 rows are negative*"]
    )
    assert "Traceback" not in scored.result.stdout.str()
    assert scored.result.ret == 1


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("-k", "gain"), "deselected"),
        (("-m", "slow"), "deselected"),
        (("--deselect", "mlscore::data-1"), "deselected"),
        (("tests/test_a.py",), "not among the arguments"),
        (("tests/test_a.py::test_gain",), "not among the arguments"),
    ],
)
def test_what_a_run_leaves_out_is_not_run(checked, project, args, reason):
    project.write("tests/test_a.py", TEST)
    scored = checked(*args, one="passed")
    (evidence,) = item(scored, "data-1")["evidence"]
    assert evidence["outcome"] == "not run"
    assert reason in evidence["summary"]
    assert "data-1" in scored.report["run"]["unreached"]
    assert scored.report["run"]["partial"]


@pytest.mark.parametrize(
    "args", [("-k", "data-1"), ("-k", "toy"), ("-k", "one"), ("-k", "mlscore"), ("tests",), (".",)]
)
def test_what_a_run_selects_is_run(checked, project, args):
    project.write("tests/test_a.py", TEST)
    assert item(checked(*args, one="passed"), "data-1")["verified"] == 0.5


def test_without_a_score_there_are_no_checks(project, toy):
    project.configure(configured(one="failed"))
    project.write("tests/test_a.py", TEST)
    project.pytest().assert_outcomes(passed=1)


def test_checks_alone_are_a_run(checked):
    scored = checked(one="passed")
    assert scored.result.ret == 0
    assert scored.report["run"]["tests"] == 1


def test_they_are_listed_when_tests_are_collected(project, toy):
    project.configure(configured(one="passed"))
    result = project.pytest("--mlscore", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["mlscore::data-1::one"])


def test_a_faulty_configuration_is_a_usage_error(project, toy):
    project.configure('[[tool.mlscore.check]]\nuse = "toy"\nsay = "nothing"\n')
    result = project.pytest("--mlscore")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(['*pyproject.toml:9: "say" does not know "nothing"*'])


@pytest.mark.parametrize("say", ["passed", "failed", "hollow", "error"])
def test_junit_files_tell_the_same(checked, project, say):
    from mlscore.cli import run

    project.write("tests/test_a.py", TEST)
    here = checked("--junitxml=a.xml", one=say)
    target = project.path / "again.json"
    run(["score", str(project.path), "--junit", str(project.path / "a.xml"), "--report", f"json:{target}"])
    import json

    again = json.loads(target.read_text(encoding="utf-8"))
    assert again["items"] == here.report["items"]
    assert again["score"] == here.report["score"]


WORKFLOW = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n      - run: {run}\n"


@pytest.mark.parametrize(
    ("run", "missing"),
    [
        ("pytest --mlscore", None),
        ("pytest --mlscore tests", None),
        ("mlscore score", None),
        ("mlscore check", None),
        ("mlscore check data-1 --report json", None),
        ("mlscore check data", None),
        ("pytest", "it asks for no score"),
        ("pytest --mlscore tests/test_a.py", "it runs `tests/test_a.py` alone"),
        ("pytest --mlscore -m slow", "deselected by -m 'slow'"),
        ("pytest --mlscore -k gain", "deselected by -k 'gain'"),
        ("mlscore check data-5", "it runs other checks"),
        ("mlscore check || true", "does not count"),
        ("make lint", "no CI workflow runs `pytest --mlscore` or `mlscore check`"),
    ],
)
def test_what_ci_runs_makes_it_automated(checked, project, run, missing):
    project.write("tests/test_a.py", TEST)
    workflow = project.path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(WORKFLOW.format(run=run), encoding="utf-8")
    found = item(checked(one="passed"), "data-1")
    assert found["level"] == ("manual" if missing else "automated")
    if missing:
        assert missing in " ".join(found["evidence"][0]["missing"])
    if run.startswith("mlscore check"):
        assert item(checked(one="passed"), "data-2")["level"] == "manual"


def test_pytest_s_configuration_may_ask_for_the_score_in_ci(checked, project):
    workflow = project.path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(WORKFLOW.format(run="pytest"), encoding="utf-8")
    project.configure(configured(one="passed"), pytest_options="mlscore = true\n")
    assert item(project.score(), "data-1")["level"] == "automated"
