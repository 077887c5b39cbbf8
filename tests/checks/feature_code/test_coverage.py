"""Coverage data: whether tests execute a feature function, and whether marked ones do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from mlscore.checks.feature_code.coverage import Data, Place, judge, location, read_coverage
from mlscore.checks.feature_code.forms import Form, load_feature
from mlscore.checks.feature_code.marked import Marked, find_marked
from mlscore.checks.feature_code.report import Executed
from mlscore.errors import InputError

FEATURES = """def used(x):
    y = x + 1
    return y


def unused(x):
    y = x + 2
    return y


def unmarked(x):
    y = x + 3
    return y


one_line = lambda x: x
"""
TESTS = """import pytest
from covered_features import used, unmarked

@pytest.mark.mlscore("data-7")
def test_used():
    assert used(1) == 2

def test_other():
    assert unmarked(1) == 4

@pytest.mark.mlscore("data-7")
class TestMore:
    def test_inside(self):
        assert used(2) == 3
"""
RUN = """import coverage, sys
data = coverage.Coverage(data_file=".coverage", config_file=False)
data.start()
import covered_features, test_covered
for name in ("test_used", "test_other"):
    if {contexts}:
        data.switch_context(f"tests/test_covered.py::{{name}}|run")
    getattr(test_covered, name)()
data.stop()
data.save()
data.json_report(outfile="coverage.json", show_contexts=True)
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Two projects whose tests ran with coverage, with and without contexts."""
    made = {}
    for contexts in (True, False):
        folder = tmp_path_factory.mktemp("project")
        (folder / "covered_features.py").write_text(FEATURES, encoding="utf-8")
        (folder / "tests").mkdir()
        (folder / "tests" / "test_covered.py").write_text(TESTS, encoding="utf-8")
        command = [sys.executable, "-c", RUN.format(contexts=contexts)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(folder / "tests")])}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        made[contexts] = folder
    return made


def of(folder, name, marked=None, data=None):
    namespace = {}
    source = folder / "covered_features.py"
    exec(compile(FEATURES, str(source), "exec"), namespace)
    place = location(load_feature(namespace[name], Form.PANDAS, ()))
    return judge(place, data or read_coverage(None, folder), marked or find_marked(folder, "data-7"))


@pytest.mark.parametrize("file", [".coverage", "coverage.json"])
def test_which_functions_marked_tests_execute(recorded, file):
    data = read_coverage(file, recorded[True])
    used, unused, unmarked = (of(recorded[True], name, data=data) for name in ("used", "unused", "unmarked"))
    assert (used.executed, used.lines, used.hit) == (Executed.YES, 2, 2)
    assert used.says == "2 of 2 lines executed by 1 test marked data-7"
    assert used.tests == ("tests/test_covered.py::test_used|run",)
    assert (unused.executed, unused.says, unused.hit) == (Executed.NO, "no test executes it", 0)
    assert (unmarked.executed, unmarked.says) == (Executed.UNMARKED, "executed by 1 test, none of them marked data-7")
    assert of(recorded[True], "one_line", data=data).executed is Executed.UNKNOWN


@pytest.mark.parametrize("file", [".coverage", "coverage.json"])
def test_without_contexts_execution_is_all_that_is_known(recorded, file):
    data = read_coverage(file, recorded[False])
    used, unused = (of(recorded[False], name, data=data) for name in ("used", "unused"))
    assert used.executed is Executed.YES
    assert "does not tell by which tests" in used.says
    assert unused.executed is Executed.NO


def test_without_marked_tests_it_is_not_known(recorded):
    found = of(recorded[True], "used", marked=Marked("data-7"))
    assert (found.executed, found.says) == (
        Executed.UNKNOWN,
        "2 of 2 lines executed by 1 test, but no test is marked data-7",
    )


def test_lines_that_only_an_import_executes_count_for_nothing(tmp_path):
    place = Place(str(tmp_path / "a.py"), (2, 3))
    (tmp_path / "a.py").write_text(FEATURES, encoding="utf-8")
    data = Data({"a.py": {1: (), 2: ()}}, True, time.time() + 5, ".coverage", tmp_path)
    found = judge(place, data, Marked("data-7", frozenset({("t.py", "test_a")})))
    assert (found.executed, found.says) == (Executed.NO, "it is executed outside of tests alone")


def test_a_file_that_no_test_imports(recorded, tmp_path):
    data = Data({"other.py": {1: ()}}, False, time.time() + 5, ".coverage", recorded[True])
    found = of(recorded[True], "used", data=data)
    assert found.executed is Executed.NO
    assert found.says == "covered_features.py is not in .coverage: no test imports it"


def test_data_of_another_machine(recorded):
    data = read_coverage(None, recorded[True])
    elsewhere = {f"/builds/shop/{name.rpartition('/')[2]}": lines for name, lines in data.files.items()}
    found = of(recorded[True], "used", data=Data(elsewhere, True, data.changed, ".coverage", recorded[True]))
    assert found.executed is Executed.YES


def test_data_older_than_the_code_are_not_judged(recorded):
    data = read_coverage(None, recorded[True])
    old = Data(data.files, True, data.changed - 3600, ".coverage", recorded[True])
    found = of(recorded[True], "used", data=old)
    assert (found.executed, found.says) == (
        Executed.UNKNOWN, ".coverage is older than covered_features.py; run the tests again",
    )  # fmt: skip


def test_code_from_elsewhere_is_not_judged(recorded, tmp_path):
    from sklearn.preprocessing import StandardScaler

    data = read_coverage(None, recorded[True])
    place = location(load_feature(StandardScaler(), Form.AUTO, ()))
    assert judge(place, data, Marked("data-7")).says == "its code is not in the project"
    assert judge(location(load_feature(len, Form.PANDAS, ())), data, Marked("data-7")).executed is Executed.UNKNOWN


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"files": {"a": 3}}', b"SQLite format 3\0 and no more", b"\xff\xfe"]
)
def test_files_that_are_no_coverage_data(tmp_path, content):
    (tmp_path / "c").write_bytes(content)
    with pytest.raises(InputError, match="c: this is no coverage data"):
        read_coverage("c", tmp_path)


def test_no_data(tmp_path):
    assert read_coverage(None, tmp_path) is None
    assert judge(None, None, Marked("data-7")).executed is Executed.UNKNOWN


# ---- marked tests


def test_marks_are_found_without_running(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(TESTS + "raise SystemExit\n", encoding="utf-8")
    (tmp_path / "tests" / "test_b.py").write_text(
        "import pytest\npytestmark = [pytest.mark.mlscore('data-7')]\ndef test_x(): ...\n", encoding="utf-8"
    )
    (tmp_path / "tests" / "test_c.py").write_text("this is mlscore('data-7') no Python (", encoding="utf-8")
    (tmp_path / "tests" / "test_d.py").write_text(
        "import pytest\n@pytest.mark.mlscore('data-1')\ndef test_data_7(): 'data-7'\n", encoding="utf-8"
    )
    assert find_marked(tmp_path, "data-7").tests == {
        ("tests/test_a.py", "test_used"), ("tests/test_a.py", "TestMore"), ("tests/test_b.py", ""),
    }  # fmt: skip


MARKED = Marked(
    "data-7", frozenset({("tests/test_a.py", "test_x"), ("tests/test_a.py", "TestA"), ("tests/test_b.py", "")})
)


@pytest.mark.parametrize(
    ("context", "has"),
    [
        ("tests/test_a.py::test_x|run", True),
        ("tests/test_a.py::test_x[1-a]|setup", True),
        ("tests/test_a.py::test_xy|run", False),
        ("tests/test_a.py::TestA::test_y|run", True),
        ("tests/test_a.py::TestB::test_x|run", False),
        ("tests/test_b.py::test_z|run", True),
        ("sub/tests/test_a.py::test_x", True),
        ("tests/test_c.py::test_x|run", False),
        ("test_a.test_x", True),
        ("tests.test_a.test_x", True),
        ("tests.test_a.TestA.test_y", True),
        ("tests.test_a.test_y", False),
        ("tests.test_b.test_z", True),
        ("", False),
    ],
)
def test_contexts_are_told_apart(context, has):
    assert MARKED.has(context) is has


def test_coverage_in_the_report(recorded, schema, monkeypatch):
    from mlscore.checks.feature_code.check import check_feature_code
    from mlscore.checks.feature_code.results import feature_code_result

    source = "def unused(df):\n    price = df['price']\n    return price * 2\n"
    path = recorded[True] / "more_features.py"
    path.write_text(source, encoding="utf-8")
    namespace = {}
    exec(compile(source, str(path), "exec"), namespace)
    lines = {"more_features.py": {"executed_lines": [1], "contexts": {"1": [""]}}}
    (recorded[True] / "more.json").write_text(json.dumps({"files": lines}), encoding="utf-8")
    report = check_feature_code(
        namespace["unused"],
        schema=schema,
        examples=3,
        root=recorded[True],
        coverage="more.json",
        off={"fresh-process": "x"},
    )
    result = feature_code_result(report)
    assert report.functions[0].violations == ()
    assert not result.passed
    assert result.findings == ("unused: tests: no test executes it",)
    assert [(one.name, one.value, one.threshold) for one in result.values][2] == ("functions executed by tests", 0, 1)
