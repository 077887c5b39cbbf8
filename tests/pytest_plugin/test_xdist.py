"""Distributed runs: the same score whatever the distribution, also when workers crash."""

import pytest

pytestmark = pytest.mark.mlscore("doors-1")

SUITE = """
@pytest.mark.mlscore("data-1")
@pytest.mark.parametrize("n", range(4))
def test_many(n, mlscore_evidence):
    mlscore_evidence("n", n)
    assert n < 9

@pytest.mark.mlscore("data-2")
def test_bad():
    assert str(1) == "2"

@pytest.mark.mlscore("data-3")
@pytest.mark.skip(reason="later")
def test_skipped():
    pass

@pytest.mark.xdist_group("one")
@pytest.mark.mlscore("model-1")
def test_grouped():
    assert os.getcwd() != ""

def test_unmarked():
    pass
"""


def essence(report):
    """What must be the same, whatever ran where."""
    items = []
    for item in report["items"]:
        evidence = [{k: v for k, v in e.items() if k != "at"} for e in item["evidence"]]
        items.append({**item, "evidence": evidence})
    return report["score"], items, report["run"], report["gate"], report["diagnostics"]


@pytest.mark.parametrize("distribution", ["load", "loadscope", "loadfile", "loadgroup", "worksteal", "no"])
def test_the_same_as_in_one_process(project, distribution):
    project.write("tests/test_a.py", SUITE)
    project.write("tests/test_b.py", SUITE.replace("data-1", "data-4"))
    alone = project.score("tests")
    spread = project.score("tests", "-n", "2", "--dist", distribution)
    assert essence(spread.report) == essence(alone.report)
    assert spread.code == alone.code == 1


def test_each_worker_runs_everything(project):
    project.write("test_a.py", SUITE)
    scored = project.score("-n", "2", "--dist", "each")
    assert len(scored.evidence("data-1")) == 4
    assert scored.outcome("data-2")[0] == "failed"
    assert scored.run.partial == []


def test_findings_come_in_the_order_of_the_files_whoever_was_first(project):
    project.write(
        "test_a.py",
        "import time\n@pytest.fixture\ndef late():\n    time.sleep(0.5)\n"
        "@pytest.mark.mlscore('data-1')\ndef test_a(late):\n    pass\n",
    )
    project.write("test_b.py", "@pytest.mark.mlscore('data-2')\ndef test_b():\n    pass\n")
    found = [d["location"]["path"] for d in project.score("-n", "2").report["diagnostics"] if d["code"] == "hollow"]
    assert found == ["test_a.py", "test_b.py"]


def test_the_gate_decides_the_exit_status(project):
    project.write("test_a.py", '@pytest.mark.mlscore("data-1")\ndef test_x():\n    assert os.getcwd() != ""\n')
    assert project.score("-n", "2").code == 0
    assert project.score("-n", "2", "--mlscore-fail-under=1").code == 1


def test_a_crashed_worker_is_an_error_of_the_item(project):
    project.write(
        "test_a.py",
        "import os\n"
        '@pytest.mark.mlscore("data-1")\ndef test_a():\n    assert os.getcwd() != ""\n'
        '@pytest.mark.mlscore("data-2")\ndef test_b():\n    os._exit(1)\n'
        '@pytest.mark.mlscore("data-3")\ndef test_c():\n    assert os.getcwd() != ""\n',
    )
    scored = project.score("-n", "1", "--junitxml=j.xml")
    assert scored.code == 1
    assert scored.outcome("data-1")[0] == "passed"
    outcome, summary = scored.outcome("data-2")
    assert outcome == "error"
    assert "crashed while running" in summary
    assert scored.outcome("data-3")[0] == "passed"


def test_a_crash_that_a_rerun_mends_is_no_error(project):
    project.write(
        "test_a.py",
        "import os, pathlib\n"
        '@pytest.mark.mlscore("data-2")\ndef test_b():\n'
        "    flag = pathlib.Path(__file__).with_name('flag')\n"
        "    if not flag.exists():\n        flag.touch()\n        os._exit(1)\n"
        "    assert os.getcwd() != ''\n",
    )
    assert project.score("-n", "1", "--reruns=1").outcome("data-2")[0] == "passed"


def test_no_test_at_all(project):
    project.write("test_a.py", "")
    scored = project.score("-n", "2")
    assert scored.code == 1
    assert scored.run.tests == 0


def test_all_deselected(project):
    project.write("test_a.py", '@pytest.mark.mlscore("data-1")\ndef test_x():\n    assert os.getcwd() != ""\n')
    scored = project.score("-n", "2", "-k", "nothing")
    assert scored.outcome("data-1") == ("not run", "deselected by -k 'nothing'")
    assert scored.gate["passed"] is False


def test_our_own_failure_on_a_worker(project):
    project.write(
        "conftest.py",
        "import os\n"
        "from mlscore.pytest_plugin.recorder import Teller\n"
        "def fail(*args):\n    raise RuntimeError('a bug of ours')\n"
        "if 'PYTEST_XDIST_WORKER' in os.environ:\n    Teller._tell = fail\n",
    )
    project.write("test_a.py", '@pytest.mark.mlscore("data-1")\ndef test_x():\n    assert os.getcwd() != ""\n')
    scored = project.score("-n", "1", "-v")
    assert scored.code == 3
    assert "mlscore: internal error: RuntimeError: a bug of ours" in scored.output
    assert "in fail" in scored.output
    assert "1 passed" in scored.output
