"""`mlscore rubric` and `explain`: what else is wrong with a project does not keep them from showing a rubric."""

import pytest

pytestmark = pytest.mark.mlscore("doors-3")

OWN = """\
schema = "mlscore-rubric/1"
extends = "ml-test-score"
id = "own"
version = "1"
drop = ["data-6"]
"""
ATTESTATION = """\
[[attestation]]
item = "data-6"
owner = "ml-platform"
date = 2020-01-02
what = "x"
link = "."
"""


@pytest.fixture
def broken(write):
    """A project whose gate, reports and attestations are all wrong."""
    write("mlscore.toml", 'fail-under = 8\nreport = "jsn"\n')
    write("mlscore.attestations.toml", ATTESTATION)
    write("mlscore-baseline.json", "{")
    return write("own.toml", OWN)


def test_a_named_rubric_is_shown_whatever_the_project(mlscore, broken):
    assert mlscore("config", "show").code == 2
    done = mlscore("rubric", "show", "own.toml")
    assert (done.code, done.err) == (0, "")
    assert "(own 1)" in done.out
    assert "data-7" in done.out
    assert "data-6" not in done.out
    assert mlscore("rubric", "show", "ml-test-score-2016").code == 0


def test_a_rubric_is_named_relative_to_where_one_stands(mlscore, broken, project, monkeypatch):
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")
    assert "(own 1)" in mlscore("rubric", "show", "../own.toml").out
    assert "(own 1)" in mlscore("rubric", "show", "own.toml", "--path", project).out


def test_the_projects_rubric_is_shown_whatever_its_gate(mlscore, broken, write):
    write("mlscore.toml", 'fail-under = 8\nrubric = "own.toml"\n')
    assert "(own 1)" in mlscore("rubric", "show").out
    assert mlscore("explain", "data-7").code == 0
    assert 'the rubric "own" has no item "data-6"' in mlscore("explain", "data-6").err
    # A misspelt key may be the rubric's.
    write("mlscore.toml", 'rubic = "own.toml"\n')
    assert 'did you mean "rubric"?' in mlscore("rubric", "show").err


@pytest.mark.parametrize("name", ["nope", "nope.toml"])
def test_a_rubric_that_is_not_there_is_called_as_it_was_given(mlscore, broken, name):
    shown = mlscore("rubric", "show", name)
    assert shown.code == 2
    assert shown.err.startswith("mlscore: argument NAME: ")
    assert f'"{name}"' in shown.err
    explained = mlscore("explain", "data-1", "--rubric", name)
    assert explained.err == shown.err.replace("argument NAME", "option --rubric")


def test_explaining_a_section_names_its_items(mlscore):
    done = mlscore("explain", "infra")
    assert done.code == 2
    assert done.err.startswith('mlscore: "infra" is a section, not an item; its items are infra-1, infra-2')


def test_a_result_that_cannot_be_is_refused_before_anything_runs(mlscore, project):
    for args in (("next",), ("rubric", "list"), ("explain", "data-1")):
        done = mlscore(*args, "--report", "jsn")
        assert (done.code, done.out) == (2, "")
        assert 'has no form "jsn"' in done.err
    assert mlscore("next", "--no-tests", "--report", "json:").code == 2


def test_a_report_that_cannot_be_is_refused_before_the_suite_runs(mlscore, write, project):
    write("test_a.py", "def test_a(tmp_path):\n    open('ran', 'w').close()\n    assert not tmp_path.is_file()\n")
    done = mlscore("score", "--report", "jsn")
    assert done.code == 2
    assert 'there is no report type "jsn"; did you mean "json"?' in done.err
    assert not (project / "ran").exists()
