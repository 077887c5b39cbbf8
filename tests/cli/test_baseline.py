"""`mlscore baseline`: a broken baseline stops those who judge by it, and nobody else."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.mlscore("doors-3")

SUITE = """
import pytest

@pytest.mark.mlscore("data-1")
def test_schema(tmp_path):
    assert not list(tmp_path.iterdir())
"""


@pytest.fixture
def broken(write):
    """A project with a test and a baseline that was cut off."""
    write("test_a.py", SUITE)
    return write("mlscore-baseline.json", '{"schema": "mlscore-baseline/1"')


@pytest.mark.parametrize("args", [("score", "--no-tests"), ("hook",), ("baseline", "show")])
def test_who_judges_by_it_stops(mlscore, broken, args):
    done = mlscore(*args)
    assert done.code == 2
    assert done.err == (
        "mlscore: mlscore-baseline.json:1: the JSON ends too early; write it again: mlscore baseline write\n"
    )


def test_next_runs_the_suite_all_the_same(mlscore, broken):
    done = mlscore("next")
    assert done.code == 0
    assert done.out.startswith("The total is ")


def test_writing_replaces_it_and_says_so(mlscore, broken):
    done = mlscore("baseline", "write")
    assert done.code == 0
    assert done.out.startswith("wrote mlscore-baseline.json: verified ")
    assert "replaced a baseline that could not be used: mlscore-baseline.json:1: the JSON ends too early\n" in done.err
    again = mlscore("baseline", "write")
    assert again.code == 0
    assert "replaced" not in again.err
    assert mlscore("score").code == 0


def test_statements_are_written_beside_it(mlscore, broken, write):
    write("docs/a.md", "# Done\n")
    attested = ("attest", "data-6", "--owner", "ml-platform", "--what", "x", "--link", "docs/a.md")
    assert mlscore(*attested).code == 0
    waived = ("waive", "data-5", "--reason", "planned", "--note", "x", "--author", "ml-platform")
    assert mlscore(*waived).code == 0
    assert mlscore("init", "--yes", "--ci", "none").code == 0


def test_the_first_baseline_is_not_said_to_be_missing(project, write):
    write("test_a.py", SUITE)
    command = [sys.executable, "-m", "mlscore", "baseline", "write"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8", check=True)
    assert "1 passed" in done.stderr
    assert "no baseline" not in done.stderr
