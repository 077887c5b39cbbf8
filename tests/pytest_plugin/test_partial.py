"""A run of a part of the suite says so, says why and which items it did not reach, and leaves the gate unjudged."""

import pytest

pytestmark = pytest.mark.mlscore("doors-1")

PASSES = "    assert os.getcwd() != ''\n"
FAILS = "    assert str(1) == '2'\n"


def marked(item, name="x", body=PASSES, extra=""):
    return f"{extra}@pytest.mark.mlscore('{item}')\ndef test_{name}():\n{body}"


@pytest.fixture
def suite(project):
    """Two folders of marked tests, and an unmarked test."""
    project.write(
        "tests/data/test_a.py", marked("data-1", "schema") + marked("data-2", "useful", extra="@pytest.mark.slow\n")
    )
    project.write("tests/model/test_b.py", marked("model-1", "spec") + "def test_other():\n    pass\n")
    project.configure("", 'markers = ["slow"]')
    return project


def test_a_whole_run_is_not_partial(suite):
    for args in ([], ["tests"], ["tests/data", "tests/model"], ["."]):
        scored = suite.score(*args)
        assert scored.run.partial == [], args
        assert scored.run.unreached == []
        assert scored.gate["passed"] is True
        assert scored.code == 0


@pytest.mark.parametrize(
    ("args", "reason", "unreached"),
    [
        (["-n", "2", "-k", "schema"], "deselected by -k 'schema'", ["data-2", "model-1"]),
        (["-n", "2", "--ignore=tests/model"], "left out by --ignore=tests/model", ["model-1"]),
        (["-n", "2", "tests/data"], "not among the arguments: tests/data", ["model-1"]),
        (["-k", "schema or other"], "deselected by -k 'schema or other'", ["data-2", "model-1"]),
        (["-m", "not slow"], "deselected by -m 'not slow'", ["data-2"]),
        (
            ["--deselect", "tests/data/test_a.py::test_useful"],
            "deselected by --deselect tests/data/test_a.py::test_useful",
            ["data-2"],
        ),
        (["--ignore=tests/model"], "left out by --ignore=tests/model", ["model-1"]),
        (["--ignore-glob=*/mod*"], "left out by --ignore-glob=*/mod*", ["model-1"]),
        (["tests/data"], "not among the arguments: tests/data", ["model-1"]),
        (["tests/model/test_b.py"], "not among the arguments: tests/model/test_b.py", ["data-1", "data-2"]),
        (
            ["tests/model", "tests/data/test_a.py::test_schema"],
            "not among the arguments: tests/model tests/data/test_a.py::test_schema",
            ["data-2"],
        ),
    ],
)
def test_what_leaves_marked_tests_out(suite, args, reason, unreached):
    scored = suite.score(*args)
    assert scored.run.partial == [reason]
    assert scored.run.unreached == unreached
    for item in unreached:
        assert scored.outcome(item) == ("not run", reason)
    assert scored.gate["passed"] is None
    assert scored.code == 0
    assert reason in " ".join(scored.output.split())


def test_unreached_items_come_in_the_rubrics_order(suite):
    suite.write("tests/a/test_first.py", marked("monitor-7", "m") + marked("model-2", "n"))
    assert suite.score("-k", "other").run.unreached == ["data-1", "data-2", "model-1", "model-2", "monitor-7"]


def test_in_addopts_counts_as_well(suite):
    suite.configure("", 'addopts = ["-m", "not slow"]\nmarkers = [\'slow\']')
    assert suite.score().run.partial == ["deselected by -m 'not slow'"]


def test_a_part_without_marked_tests_outside_is_whole(suite):
    suite.write("elsewhere/test_c.py", "def test_unmarked():\n    assert True  # says mlscore\n")
    assert suite.score("tests").run.partial == []
    assert suite.score("-k", "not other").run.partial == []


def test_run_from_a_folder_below_the_root(suite, monkeypatch):
    suite.configure("", 'testpaths = ["tests"]\nmarkers = ["slow"]')
    monkeypatch.chdir(suite.path / "tests" / "data")
    assert suite.score().run.unreached == ["model-1"]


def test_testpaths_are_the_whole_suite(suite):
    suite.write("examples/test_d.py", marked("infra-1"))
    suite.configure("", 'testpaths = ["tests"]\nmarkers = ["slow"]')
    assert suite.score("tests").run.partial == []
    assert suite.score("tests/data").run.unreached == ["model-1"]


def test_a_project_within_the_project_is_another_suite(suite):
    suite.write("examples/shop/tests/test_d.py", marked("infra-1"))
    (suite.path / "examples" / "shop" / "pyproject.toml").write_text("[tool.mlscore]\n", encoding="utf-8")
    assert suite.score("tests").run.partial == []


def test_a_root_above_which_pytest_finds_no_settings(project):
    # Without settings of its own, pytest takes the folder of its argument for its root.
    (project.path / "pyproject.toml").write_text("[project]\nname = 'demo'\n", encoding="utf-8")
    project.write("tests/a/test_a.py", marked("data-1"))
    project.write("tests/b/test_b.py", marked("data-2"))
    scored = project.score("tests/a")
    assert scored.evidence("data-1") == [("tests/a/test_a.py::test_x", "passed", "")]
    assert scored.run.unreached == ["data-2"]
    assert scored.item("data-1")["evidence"][0]["location"]["path"] == "tests/a/test_a.py"


def test_one_set_of_parameters(project):
    project.write(
        "test_a.py",
        "@pytest.mark.mlscore('data-1')\n@pytest.mark.parametrize('n', [1, 2])\ndef test_x(n):\n    assert n == 1\n",
    )
    scored = project.score("test_a.py::test_x[1]")
    assert scored.run.unreached == ["data-1"]
    assert "some of its parameters are not among the arguments" in scored.run.partial[0]
    assert scored.gate["passed"] is None
    assert project.score("test_a.py::test_x").run.partial == []


def test_packages_by_name(suite, monkeypatch):
    for name in ("data", "model"):
        (suite.path / "tests" / name / "__init__.py").touch()
    (suite.path / "tests" / "__init__.py").touch()
    monkeypatch.syspath_prepend(suite.path)
    assert suite.score("--pyargs", "tests.data", subprocess=True).run.unreached == ["model-1"]


class TestLastFailed:
    def test_leaves_files_and_tests_out(self, project):
        project.write("test_a.py", marked("data-1", "good") + marked("data-2", "bad", FAILS))
        project.write("test_b.py", marked("data-3"))
        first = project.score(cache=True)
        assert first.run.partial == []
        scored = project.score("--lf", cache=True)
        assert scored.run.unreached == ["data-1", "data-3"]
        assert set(scored.run.partial) <= {"left out by --last-failed", "deselected by --last-failed"}
        assert scored.outcome("data-2")[0] == "failed"

    def test_without_failures_runs_everything(self, project):
        project.write("test_a.py", marked("data-1"))
        assert project.score(cache=True).code == 0
        assert project.score("--lf", cache=True).run.partial == []

    def test_failed_first_leaves_nothing_out(self, project):
        project.write("test_a.py", marked("data-1", "good") + marked("data-2", "bad", FAILS))
        project.score(cache=True)
        assert project.score("--ff", cache=True).run.partial == []

    def test_stepwise(self, project):
        project.write("test_a.py", marked("data-1", "a") + marked("data-2", "b", FAILS) + marked("data-3", "c"))
        first = project.score("--sw", cache=True)
        assert first.run.unreached == ["data-3"]
        assert "Test failed, continuing from this test next run." in first.run.interrupted
        second = project.score("--sw", cache=True)
        assert second.outcome("data-1") == ("not run", "deselected by --stepwise")


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_stopped_at_the_first_failure(project, workers):
    project.write("test_a.py", marked("data-1", "a") + marked("data-2", "b", FAILS) + marked("data-3", "c"))
    scored = project.score("-x", *workers)
    assert scored.code == (2 if workers else 1)
    assert scored.run.interrupted == "stopping after 1 failures"
    assert scored.outcome("data-1")[0] == "passed"
    assert scored.outcome("data-2")[0] == "failed"
    assert scored.outcome("data-3") == ("not run", "stopping after 1 failures")
    assert scored.run.partial == ["stopping after 1 failures"]
    assert scored.gate["passed"] is False


def test_a_failure_of_the_very_last_test_stops_nothing(project):
    project.write("test_a.py", marked("data-1", "a") + marked("data-2", "b", FAILS))
    run = project.score("-x").run
    assert (run.interrupted, run.partial) == (None, [])


def test_an_interrupt_from_the_keyboard(project):
    project.write(
        "test_a.py",
        marked("data-1", "a") + marked("data-2", "b", "    raise KeyboardInterrupt\n") + marked("data-3", "c"),
    )
    scored = project.score(subprocess=True)
    assert scored.code == pytest.ExitCode.INTERRUPTED
    assert scored.run.interrupted == "interrupted from the keyboard"
    assert scored.outcome("data-1")[0] == "passed"
    assert scored.outcome("data-2") == scored.outcome("data-3") == ("not run", "interrupted from the keyboard")
    assert scored.gate["passed"] is False
    head = " ".join(scored.output.partition("= ML Test Score =")[2].split()).partition("Features and data")[0]
    assert head.count("interrupted from the keyboard") == 1
    assert "! not reached: data-2, data-3" in head


def test_an_interrupt_in_a_worker(project):
    project.write("test_a.py", marked("data-1", "a", "    raise KeyboardInterrupt\n"))
    scored = project.score("-n", "1")
    assert scored.code == pytest.ExitCode.INTERRUPTED
    assert scored.run.interrupted == "worker gw0 was interrupted from the keyboard"


def test_pytest_exit_with_status_0_does_not_meet_the_gate(project):
    project.write(
        "test_a.py", marked("data-1", "a") + marked("data-2", "b", "    pytest.exit('enough', returncode=0)\n")
    )
    scored = project.score()
    assert scored.run.interrupted == "pytest.exit: enough"
    assert scored.gate["passed"] is False
    assert scored.code == 1


def test_what_a_plugin_takes_out_without_telling(project):
    project.write("conftest.py", "def pytest_collection_modifyitems(items):\n    del items[0]\n")
    project.write("test_a.py", marked("data-1", "a") + marked("data-2", "b"))
    assert project.score().outcome("data-1") == ("not run", "deselected by a plugin or a conftest")


class TestPolicy:
    """`-k` on a suite whose whole would meet the gate, and whose part would not."""

    @pytest.fixture
    def scored(self, suite):
        def run(settings, *args):
            suite.configure(f"[tool.mlscore.gate]\nmust-have = ['data-1', 'model-1']\n{settings}", 'markers = ["slow"]')
            return suite.score(*args)

        return run

    def test_the_whole_meets_it(self, scored):
        assert scored("").code == 0

    def test_by_default_it_is_not_judged_and_says_so(self, scored):
        run = scored("", "-k", "schema")
        assert run.code == 0
        assert run.gate["passed"] is None
        assert run.gate["reason"] == "a partial run is not judged: deselected by -k 'schema'"
        assert "NOT JUDGED" in run.output.upper()

    def test_it_can_be_judged_all_the_same(self, scored):
        run = scored("partial = 'judge'", "-k", "schema")
        assert (run.code, run.gate["passed"]) == (1, False)

    def test_it_can_be_a_failure(self, scored):
        run = scored("partial = 'fail'", "-k", "schema or spec")
        assert (run.code, run.gate["passed"]) == (1, False)

    def test_strict_makes_it_a_failure(self, scored):
        run = scored("", "-k", "schema or spec", "--mlscore-strict")
        assert (run.code, run.gate["passed"]) == (1, False)
