"""What a marked test's outcome is, over its phases, marks, reruns and subtests, and what the report says of it."""

import pytest

FAILS = "    assert str(1) == '2'\n"
PASSES = "    assert os.getcwd() != ''\n"


def outcome_of(project, body, *args, **options):
    project.write("test_a.py", body)
    scored = project.score(*args, **options)
    return scored.outcome("data-1")


@pytest.mark.parametrize(
    ("body", "outcome", "summary"),
    [
        (f"def test_x():\n{PASSES}", "passed", ""),
        (f"def test_x():\n{FAILS}", "failed", "AssertionError: assert '1' == '2'"),
        ("def test_x():\n    raise ValueError('no data')\n", "failed", "ValueError: no data"),
        ("def test_x():\n    pytest.fail('too low')\n", "failed", "Failed: too low"),
        ("def test_x(nothing):\n    pass\n", "error", "error in setup: fixture 'nothing' not found"),
        (
            "@pytest.fixture\ndef f():\n    raise OSError('no file')\ndef test_x(f):\n    pass\n",
            "error",
            "error in setup: OSError: no file",
        ),
        (
            f"@pytest.fixture\ndef f():\n    yield\n    raise OSError('no file')\ndef test_x(f):\n{PASSES}",
            "error",
            "error in teardown: OSError: no file",
        ),
        (
            f"@pytest.fixture\ndef f():\n    yield\n    raise OSError('no file')\ndef test_x(f):\n{FAILS}",
            "failed",
            "AssertionError: assert '1' == '2'",
        ),
        ("@pytest.mark.skip(reason='no GPU')\ndef test_x():\n    pass\n", "skipped", "no GPU"),
        ("@pytest.mark.skipif(True, reason='no GPU')\ndef test_x():\n    pass\n", "skipped", "no GPU"),
        ("def test_x():\n    pytest.skip('no data here')\n", "skipped", "no data here"),
        (f"def test_x():\n{PASSES}    pytest.skip('at the end')\n", "skipped", "at the end"),
        ("@pytest.fixture\ndef f():\n    pytest.skip('no data')\ndef test_x(f):\n    pass\n", "skipped", "no data"),
        (f"@pytest.mark.xfail(reason='bug 3')\ndef test_x():\n{FAILS}", "skipped", "xfailed: bug 3"),
        (f"@pytest.mark.xfail(reason='bug 3', strict=True)\ndef test_x():\n{FAILS}", "skipped", "xfailed: bug 3"),
        (f"@pytest.mark.xfail\ndef test_x():\n{FAILS}", "skipped", "xfailed"),
        ("def test_x():\n    pytest.xfail('bug 3')\n", "skipped", "xfailed: bug 3"),
        (
            f"@pytest.mark.xfail(reason='bug 3')\ndef test_x():\n{PASSES}",
            "skipped",
            "passed, but its xfail mark tolerates failure: it cannot fail",
        ),
        (f"@pytest.mark.xfail(strict=True)\ndef test_x():\n{PASSES}", "failed", "[XPASS(strict)]"),
        (
            f"@pytest.mark.xfail(run=False, reason='hangs')\ndef test_x():\n{FAILS}",
            "skipped",
            "not executed, as its xfail mark asks: hangs",
        ),
    ],
)
def test_one_test(project, body, outcome, summary):
    found = outcome_of(project, f'import pytest\npytestmark = pytest.mark.mlscore("data-1")\n{body}')
    assert found[0] == outcome
    assert found[1].startswith(summary)
    assert bool(found[1]) is bool(summary)


def test_an_expected_failure_that_fails_otherwise(project):
    marks = "@pytest.mark.xfail(raises=KeyError)\n@pytest.mark.mlscore('data-1')\n"
    body = f"{marks}def test_x():\n    raise ValueError('no')\n"
    assert outcome_of(project, body) == ("failed", "ValueError: no")


def test_runxfail_judges_the_test_itself(project):
    body = f"@pytest.mark.xfail\n@pytest.mark.mlscore('data-1')\ndef test_x():\n{PASSES}"
    assert outcome_of(project, body, "--runxfail") == ("passed", "")


def test_a_long_message_is_cut(project):
    body = "@pytest.mark.mlscore('data-1')\ndef test_x():\n    raise ValueError('x' * 1000 + '\\nsecond line')\n"
    outcome, summary = outcome_of(project, body)
    assert outcome == "failed"
    assert len(summary) == 160
    assert summary.endswith("x…")


class TestSkippedModules:
    BODY = (
        "pytestmark = pytest.mark.mlscore('data-1')\n"
        "{skip}\n"
        f"def test_x():\n{PASSES}"
        f"class TestY:\n    def test_y(self):\n        assert os.getcwd() != ''\n"
    )

    @pytest.mark.parametrize(
        ("skip", "reason"),
        [
            ("pytest.skip('needs a GPU', allow_module_level=True)", "needs a GPU"),
            ("pytest.importorskip('no_such_module_at_all')", "could not import 'no_such_module_at_all'"),
        ],
    )
    @pytest.mark.parametrize("workers", [(), ("-n", "2")])
    def test_its_marked_tests_count_as_skipped(self, project, skip, reason, workers):
        project.write("test_a.py", self.BODY.format(skip=skip))
        project.write("test_b.py", f"def test_other():\n{PASSES}")
        scored = project.score(*workers)
        assert scored.code == 0
        found = scored.evidence("data-1")
        assert [(n, o) for n, o, _ in found] == [
            ("test_a.py::TestY::test_y", "skipped"),
            ("test_a.py::test_x", "skipped"),
        ]
        assert all(s.startswith(f"its module was skipped: {reason}") for _, _, s in found)
        assert scored.run.partial == []


class TestReruns:
    FLAKY = (
        "tries = []\n"
        "@pytest.mark.mlscore('data-1')\n"
        "def test_x(mlscore_evidence):\n"
        "    tries.append(1)\n"
        "    mlscore_evidence('figure ' + str(len(tries)), len(tries))\n"
        "    {at_last}\n"
        "    assert len(tries) == 9\n"
    )

    @pytest.mark.parametrize("workers", [(), ("-n", "1")])
    def test_the_last_attempt_counts(self, project, workers):
        project.write("test_a.py", self.FLAKY.format(at_last="if len(tries) == 3: return"))
        scored = project.score("--reruns=4", *workers)
        assert scored.outcome("data-1") == ("passed", "passed after 2 reruns")
        (row,) = [line for line in scored.output.splitlines() if " data-1 " in line]
        assert "test_x · passed after 2 reruns" in row
        assert [v["name"] for v in scored.item("data-1")["evidence"][0]["values"]] == ["figure 3"]
        assert scored.run.tests == 1

    def test_when_every_attempt_fails(self, project):
        project.write("test_a.py", self.FLAKY.format(at_last=""))
        outcome, summary = project.score("--reruns=1").outcome("data-1")
        assert outcome == "failed"
        assert summary == "failed after 1 rerun: assert 2 == 9"

    def test_skipped_at_last(self, project):
        project.write("test_a.py", self.FLAKY.format(at_last="if len(tries) == 2: pytest.skip('enough')"))
        assert project.score("--reruns=2").outcome("data-1") == ("skipped", "skipped after 1 rerun: enough")

    def test_a_property_stands_once(self, project):
        project.write("test_a.py", self.FLAKY.format(at_last="if len(tries) == 3: return"))
        project.score("--reruns=4", "--junitxml=j.xml")
        text = (project.path / "j.xml").read_text(encoding="utf-8")
        assert text.count('<property name="mlscore"') == 1 + text.count("<testcase")


needs_subtests = pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="pytest has no subtests fixture before 9")


class TestSubtests:
    @needs_subtests
    def test_a_failing_subtest_fails_the_test(self, project):
        body = (
            "@pytest.mark.mlscore('data-1')\n"
            "def test_x(subtests):\n"
            "    for n in range(3):\n"
            "        with subtests.test(n=n):\n"
            "            assert n != 1, 'one is wrong'\n"
        )
        outcome, summary = outcome_of(project, body)
        assert outcome == "failed"
        assert summary.startswith("AssertionError: one is wrong")

    @needs_subtests
    def test_subtests_that_pass_or_skip_leave_it_passed(self, project):
        body = (
            "@pytest.mark.mlscore('data-1')\n"
            "def test_x(subtests):\n"
            "    for n in range(3):\n"
            "        with subtests.test(n=n):\n"
            "            if n == 1:\n                pytest.skip('not this one')\n"
            "            assert n != 1\n"
        )
        project.write("test_a.py", body)
        scored = project.score()
        assert scored.outcome("data-1") == ("passed", "")
        assert scored.run.tests == 1

    def test_of_unittest(self, project):
        body = (
            "import unittest\n"
            "class TestIt(unittest.TestCase):\n"
            "    @pytest.mark.mlscore('data-1')\n"
            "    def test_x(self):\n"
            "        for n in range(3):\n"
            "            with self.subTest(n=n):\n"
            "                self.assertNotEqual(n, 1)\n"
        )
        assert outcome_of(project, body) == ("failed", "AssertionError: 1 == 1")

    @needs_subtests
    @pytest.mark.parametrize("workers", [(), ("-n", "1")])
    def test_with_reruns_the_last_attempt_counts(self, project, workers):
        body = (
            "tries = []\n"
            "@pytest.mark.mlscore('data-1')\n"
            "def test_x(subtests):\n"
            "    tries.append(1)\n"
            "    with subtests.test():\n"
            "        assert len(tries) == {when}\n"
        )
        project.write("test_a.py", body.format(when=2))
        assert project.score("--reruns=1", *workers).outcome("data-1") == ("passed", "passed after 1 rerun")
        project.write("test_a.py", body.format(when=3))
        assert project.score("--reruns=1", *workers).outcome("data-1")[0] == "failed"


def test_a_conftest_that_changes_a_report_is_believed(project):
    project.write(
        "conftest.py",
        "@pytest.hookimpl(wrapper=True, tryfirst=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    report = yield\n"
        "    if report.when == 'call':\n"
        "        report.outcome = 'failed'\n"
        "        report.longrepr = 'leaked memory'\n"
        "    return report\n",
    )
    body = f"@pytest.mark.mlscore('data-1')\ndef test_x():\n{PASSES}"
    assert outcome_of(project, body) == ("failed", "leaked memory")


def test_what_ran_is_counted(project):
    project.write(
        "test_a.py",
        f"def test_a():\n{PASSES}def test_b():\n{FAILS}def test_c(nothing):\n    pass\n"
        f"@pytest.mark.skip\ndef test_d():\n    pass\n@pytest.mark.xfail\ndef test_e():\n{FAILS}"
        f"@pytest.mark.xfail(run=False)\ndef test_f():\n    pass\n"
        f"@pytest.mark.mlscore('data-1')\ndef test_g():\n{PASSES}@pytest.mark.mlscore('data-1')\n"
        "def test_h():\n    pytest.skip()\n",
    )
    run = project.score().run
    assert (run.kind, run.tests, run.marked) == ("pytest", 5, 1)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio\n")])
def test_of_asyncio(project, workers, mode, mark):
    project.write(
        "test_a.py",
        f"{mark}@pytest.mark.mlscore('data-1')\nasync def test_x():\n{PASSES}"
        f"{mark}@pytest.mark.mlscore('data-2')\nasync def test_y():\n{FAILS}",
    )
    scored = project.score("-o", f"asyncio_mode={mode}", *workers)
    assert scored.outcome("data-1") == ("passed", "")
    assert scored.outcome("data-2")[0] == "failed"


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_with_import_mode_importlib(project, workers):
    for folder in ("a", "b"):
        project.write(f"{folder}/test_same.py", f"@pytest.mark.mlscore('data-1')\ndef test_x():\n{PASSES}")
    scored = project.score("--import-mode=importlib", *workers)
    assert [name for name, _, _ in scored.evidence("data-1")] == ["a/test_same.py::test_x", "b/test_same.py::test_x"]
