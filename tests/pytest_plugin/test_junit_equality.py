"""The JUnit files of one run, or of several jobs, give the same score as the run itself."""

from datetime import UTC, date, datetime

import pytest

from mlscore import pipeline
from mlscore.collect.junit import read_junit
from mlscore.core.codec import encode
from mlscore.project.load import load_config

# Every outcome there is, figures, several ids, parameters with awkward names, classes, reruns and subtests.
TELLING = """
import unittest

@pytest.mark.mlscore("data-1", "monitor-2")
@pytest.mark.parametrize("kind", ["plain", "a b", "x::y[0]", "<&\\">", "\\x07", "ü"])
def test_many(kind, mlscore_evidence):
    mlscore_evidence("length", len(kind), unit="letters", threshold=6)
    mlscore_evidence("nothing", None)
    assert kind

@pytest.mark.mlscore("data-2")
def test_fails(mlscore_evidence):
    mlscore_evidence("auc", 0.5, threshold=0.8)
    assert str(1) == "2", "first line\\nsecond line"

@pytest.mark.mlscore("data-3")
def test_error_in_setup(no_such_fixture):
    pass

@pytest.fixture
def breaks():
    yield
    raise OSError("disk full")

@pytest.mark.mlscore("data-4")
def test_error_in_teardown(breaks):
    assert os.getcwd() != ""

@pytest.mark.mlscore("data-5")
def test_fails_and_error_in_teardown(breaks):
    assert str(1) == "2"

@pytest.mark.mlscore("data-6")
@pytest.mark.skip(reason="no GPU")
def test_skipped():
    pass

@pytest.mark.mlscore("data-7")
@pytest.mark.xfail(reason="bug 3")
def test_xfailed():
    assert str(1) == "2"

class TestModel:
    pytestmark = pytest.mark.mlscore("model-1")

    @pytest.mark.xfail(reason="bug 3")
    def test_xpassed(self):
        assert os.getcwd() != ""

    @pytest.mark.xfail(reason="bug 3", strict=True)
    @pytest.mark.mlscore("model-2")
    def test_strict_xpassed(self):
        assert os.getcwd() != ""

    @pytest.mark.xfail(reason="hangs", run=False)
    @pytest.mark.mlscore("model-3")
    def test_not_executed(self):
        pass

@pytest.mark.mlscore("model-4")
class Case(unittest.TestCase):
    def test_unittest(self):
        self.assertNotEqual(os.getcwd(), "")

    def test_subtests(self):
        for n in range(2):
            with self.subTest(n=n):
                self.assertEqual(n, 0)

@pytest.mark.mlscore("model-5")
def test_subtest_skipped(subtests):
    with subtests.test():
        pytest.skip("not this one")
    assert os.getcwd() != ""

@pytest.mark.mlscore("model-6")
def test_subtest_fails(subtests):
    with subtests.test():
        assert str(1) == "2"

tries = []

@pytest.mark.flaky(reruns=3)
@pytest.mark.mlscore("model-7")
def test_flaky(mlscore_evidence):
    tries.append(1)
    mlscore_evidence("tries", len(tries))
    assert len(tries) == 3

more = []

@pytest.mark.flaky(reruns=1)
@pytest.mark.mlscore("infra-1")
def test_rerun_then_skipped():
    more.append(1)
    if len(more) == 2:
        pytest.skip("enough")
    assert str(1) == "2"

@pytest.mark.asyncio
@pytest.mark.mlscore("infra-2")
async def test_asyncio():
    assert os.getcwd() != ""

def test_monitoring_without_a_mark():
    assert os.getcwd() != ""

def test_monitor_7_by_name():
    assert os.getcwd() != ""
"""
SKIPPED = """
pytestmark = pytest.mark.mlscore("infra-3")
pytest.skip("no data here", allow_module_level=True)
@pytest.mark.parametrize("n", [1, 2])
def test_later(n):
    assert n
"""
OTHER = """
pytestmark = pytest.mark.mlscore("infra-4", "data-1")
def test_one():
    assert os.getcwd() != ""
def test_two():
    assert os.getcwd() != ""
"""


@pytest.fixture
def suite(project):
    project.write("tests/unit/test_telling.py", TELLING)
    project.write("tests/unit/test_skipped.py", SKIPPED)
    project.write("tests/slow/test_other.py", OTHER)
    return project


def from_junit(project, *files):
    """The report that the JUnit files give."""
    config = load_config(project.path, environ={}, today=date.today())
    gathered, diagnostics = read_junit(files, config, base=project.path)
    return encode(pipeline.run(config, gathered, now=datetime.now(UTC), diagnostics=diagnostics))


def essence(report):
    run = {key: value for key, value in report["run"].items() if key != "kind"}
    return {"run": run, **{key: report[key] for key in ("score", "items", "gate", "unplaced", "diagnostics", "next")}}


@pytest.mark.parametrize("family", ["xunit1", "xunit2", "legacy"])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_one_file(suite, family, workers):
    scored = suite.score("--junitxml=j.xml", "-o", f"junit_family={family}", *workers)
    assert len({e["outcome"] for i in scored.report["items"] for e in i["evidence"]}) == 4
    assert essence(from_junit(suite, "j.xml")) == essence(scored.report)


@pytest.mark.parametrize(
    "args",
    [
        ["-k", "not flaky and not two"],
        ["-m", "not xfail"],
        ["-x"],
        ["tests/slow"],
        ["tests/unit/test_telling.py::test_many", "tests/slow/test_other.py::test_one"],
        ["--ignore=tests/slow"],
    ],
)
def test_a_partial_run(suite, args):
    scored = suite.score("--junitxml=j.xml", *args)
    assert scored.run.partial
    assert essence(from_junit(suite, "j.xml")) == essence(scored.report)


def test_an_interrupted_run(suite):
    suite.write(
        "tests/unit/test_zz.py", '@pytest.mark.mlscore("monitor-1")\ndef test_z():\n    raise KeyboardInterrupt\n'
    )
    scored = suite.score("--junitxml=j.xml", subprocess=True)
    assert scored.run.interrupted == "interrupted from the keyboard"
    assert essence(from_junit(suite, "j.xml")) == essence(scored.report)


def test_a_run_with_a_collection_error(suite):
    suite.write("tests/unit/test_broken.py", "import nothing_of_this_name\n")
    scored = suite.score("--junitxml=j.xml")
    assert scored.run.errors == ["tests/unit/test_broken.py"]
    assert essence(from_junit(suite, "j.xml")) == essence(scored.report)


def test_a_run_with_a_crash(suite):
    suite.write("tests/slow/test_c.py", 'import os\n@pytest.mark.mlscore("infra-7")\ndef test_c():\n    os._exit(1)\n')
    scored = suite.score("--junitxml=j.xml", "-n", "1")
    assert scored.outcome("infra-7")[0] == "error"
    assert essence(from_junit(suite, "j.xml")) == essence(scored.report)


def test_in_ci_the_proof_travels_along(suite, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    scored = suite.score("--junitxml=j.xml", "tests/slow", "--ignore=tests/unit")
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert scored.item("infra-4")["level"] == "automated"
    assert essence(from_junit(suite, "j.xml")) == essence(scored.report)


def test_without_any_test(project):
    scored = project.score("--junitxml=j.xml")
    assert essence(from_junit(project, "j.xml")) == essence(scored.report)


@pytest.mark.parametrize(
    "jobs",
    [
        (["tests/unit"], ["tests/slow"]),
        (["--ignore=tests/unit"], ["--ignore=tests/slow"]),
        (["-k", "many or two"], ["-k", "not (many or two)"]),
        (["-m", "xfail or skip"], ["-m", "not (xfail or skip)"]),
        (["tests/slow/test_other.py::test_one"], ["--deselect=tests/slow/test_other.py::test_one"]),
    ],
)
def test_several_jobs_are_as_one_run(suite, jobs):
    whole = suite.score("--junitxml=whole.xml").report
    files = []
    for number, args in enumerate(jobs):
        scored = suite.score(f"--junitxml={number}.xml", *args)
        assert scored.run.partial
        files.append(f"{number}.xml")
    merged = from_junit(suite, *files)
    assert merged["run"]["partial"] == []
    assert timeless(merged) == timeless(whole)
    assert timeless(from_junit(suite, *reversed(files))) == timeless(whole)


def timeless(report):
    """A report's essence without the moments at which its tests ran, which differ from job to job."""
    found = essence(report)
    for item in found["items"]:
        item["evidence"] = [{k: v for k, v in e.items() if k != "at"} for e in item["evidence"]]
    found["unplaced"] = sorted(found["unplaced"], key=lambda u: u["id"])
    found["diagnostics"] = sorted(found["diagnostics"], key=str)
    return found


def test_a_job_that_is_missing_leaves_the_rest_partial(suite):
    suite.score("--junitxml=0.xml", "tests/unit")
    report = from_junit(suite, "0.xml")
    assert report["run"]["partial"] == ["not among the arguments: tests/unit"]
    assert report["run"]["unreached"] == ["data-1", "infra-4"]
    assert report["gate"]["passed"] is None


def test_a_plain_junit_file_of_pytest_gives_the_same_verdicts(suite):
    suite.write("tests/slow/test_other.py", OTHER)
    scored = suite.score("tests/slow")
    suite.pytest("--junitxml=j.xml", "tests/slow")
    plain = from_junit(suite, "j.xml")
    assert [(i["id"], i["level"], i["verdict"]) for i in plain["items"] if i["level"] != "none"] == [
        (i["id"], i["level"], i["verdict"]) for i in scored.report["items"] if i["level"] != "none"
    ]
    assert plain["diagnostics"][0]["code"] == "foreign-junit"
