"""A suite split over jobs, by files, node ids or -k: together their JUnit files say what one run says."""

import random
import sys
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore import pipeline
from mlscore.collect.junit import read_junit
from mlscore.core.codec import encode
from mlscore.project.load import load_config

pytestmark = pytest.mark.mlscore("doors-1")

GATE = "[tool.mlscore]\nfail-under = 1\n"
PASSES = "    assert os.getcwd() != ''\n"
FIRST = "@pytest.mark.mlscore('data-1')\n"
SECOND = f"@pytest.mark.mlscore('data-2')\ndef test_b():\n{PASSES}"
TWO = "@pytest.mark.parametrize('n', [1, 2])\n"


@pytest.fixture
def suite(project, monkeypatch):
    # Files that change within a second must not be taken from a cache.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    project.configure(GATE)
    project.write("tests/test_b.py", SECOND)
    return project


def merged(project, *jobs):
    """The report of the JUnit files that one run per list of arguments wrote."""
    files = []
    for number, args in enumerate(jobs):
        project.score(f"--junitxml={number}.xml", *args)
        files.append(f"{number}.xml")
    config = load_config(project.path, environ={}, today=date.today())
    gathered, diagnostics = read_junit(files, config, base=project.path)
    return encode(pipeline.run(config, gathered, now=datetime.now(UTC), diagnostics=diagnostics))


def essence(report):
    """What must be the same, whatever the order in which tests ran, and when."""
    items = []
    for item in report["items"]:
        evidence = [{key: value for key, value in e.items() if key != "at"} for e in item["evidence"]]
        items.append({**item, "evidence": sorted(evidence, key=lambda e: e["source"]["name"])})
    run = {key: report["run"][key] for key in ("tests", "marked", "partial", "unreached", "errors", "interrupted")}
    return {"items": items, "run": run, "score": report["score"], "gate": report["gate"]}


# Tests of one file that are not there, not once, or not to be run when pytest looks.
ELUSIVE = {
    "skipped parameters": f"{FIRST}{TWO}@pytest.mark.skipif(os.sep != '', reason='x')\ndef test_a(n):\n{PASSES}",
    "xfailed parameters": f"{FIRST}{TWO}@pytest.mark.xfail(reason='x')\ndef test_a(n):\n    assert n == 0\n",
    "generated and skipped": (
        f"def pytest_generate_tests(metafunc):\n    metafunc.parametrize('n', [1, 2])\n"
        f"{FIRST}@pytest.mark.skip\ndef test_a(n):\n{PASSES}"
    ),
    "a fixture that skips": (
        f"@pytest.fixture(params=[1, 2])\ndef n(request):\n    pytest.skip('x')\n{FIRST}def test_a(n):\n{PASSES}"
    ),
    "a class of parameters, skipped": (
        f"{FIRST}{TWO}class TestA:\n    @pytest.mark.skip\n    def test_a(self, n):\n        assert n\n"
    ),
    "under a condition": f"import sys\nif sys.version_info < (3,):\n    {FIRST}    def test_a():\n    {PASSES}",
    "deleted": f"{FIRST}def test_a():\n{PASSES}del test_a\n",
    "no parameters": f"{FIRST}@pytest.mark.parametrize('a', [])\ndef test_a(a):\n{PASSES}",
    "a class under a condition": (
        f"if os.sep == '':\n    class TestA:\n        {FIRST}        def test_a(self):\n            assert os.getcwd()\n"
    ),
}


@pytest.mark.parametrize("text", ELUSIVE.values(), ids=ELUSIVE.keys())
@pytest.mark.parametrize("others", ["tests/test_b.py", "tests/test_b.py::test_b"])
def test_what_one_job_found_outlives_what_another_guessed(suite, text, others):
    suite.write("tests/test_a.py", text)
    suite.write("tests/test_c.py", SECOND.replace("test_b", "test_c"))
    whole = suite.score()
    assert (whole.code, whole.gate["passed"]) == (1, False)
    report = merged(suite, ["tests/test_a.py", "tests/test_c.py"], [others])
    assert essence(report) == essence(whole.report)
    # What no job reaches is still told.
    rest = merged(suite, ["tests/test_a.py"], [others])
    assert rest["run"]["unreached"] == ["data-2"]
    assert rest["gate"]["passed"] is None


@pytest.mark.parametrize(
    "text", [ELUSIVE[key] for key in ("under a condition", "deleted", "a class under a condition")]
)
def test_a_file_opened_for_one_test_is_known_whole(suite, text):
    suite.write("tests/test_a.py", text + SECOND)
    whole = suite.score()
    assert whole.gate["passed"] is False
    assert essence(merged(suite, ["tests/test_a.py::test_b"], ["tests/test_b.py"])) == essence(whole.report)


@pytest.mark.parametrize("place", ["conftest.py", "tests/conftest.py", "tests/deep/conftest.py"])
@pytest.mark.parametrize(
    "code",
    [
        "collect_ignore = [{0!r}]",
        "def pytest_ignore_collect(collection_path):\n    return True if {1!r} in str(collection_path) else None",
    ],
)
def test_what_a_conftest_ignores_is_left_out_by_no_job(suite, place, code):
    path = "tests/deep/test_a.py"
    relative = path.removeprefix(place.removesuffix("conftest.py"))
    suite.write(place, code.format(relative, "test_a"))
    suite.write(path, f"{FIRST}def test_a():\n{PASSES}")
    suite.write("tests/deep/test_c.py", SECOND.replace("test_b", "test_c"))
    whole = suite.score()
    assert whole.evidence("data-1") == []
    report = merged(suite, ["tests/test_b.py"], ["tests/deep/test_c.py"])
    assert essence(report) == essence(whole.report)


def test_a_conftest_that_nobody_enters_is_read(suite):
    suite.write("tests/deep/conftest.py", 'collect_ignore = ["test_a.py"]\n')
    suite.write("tests/deep/test_a.py", f"{FIRST}def test_a():\n{PASSES}")
    assert suite.score("tests/test_b.py").run.partial == []


def test_a_conftest_that_decides_otherwise_is_not_read(suite):
    suite.write("tests/conftest.py", 'collect_ignore = ["test_a.py"]\nif os.sep:\n    collect_ignore.clear()\n')
    suite.write("tests/test_a.py", f"{FIRST}def test_a():\n{PASSES}")
    assert suite.score("tests/test_b.py").run.unreached == ["data-1"]


@pytest.mark.parametrize("workers", [(), pytest.param(("-n", "1"), marks=pytest.mark.slow)])
def test_sets_of_parameters_in_several_jobs(suite, workers):
    suite.write("tests/test_a.py", f"{FIRST}{TWO}def test_a(n):\n    assert n == 1\n{SECOND}")
    whole = suite.score()
    jobs = [[f"tests/test_a.py::test_a[{n}]", *workers] for n in (1, 2)]
    rest = ["tests/test_b.py", "tests/test_a.py::test_b"]
    assert essence(merged(suite, *jobs, rest)) == essence(whole.report)
    lacking = merged(suite, jobs[0], rest)
    assert lacking["run"]["unreached"] == ["data-1"]
    assert lacking["gate"]["passed"] is None


def test_a_class_that_no_job_opens_is_left_out(suite):
    inner = f"    class TestInner:\n        {FIRST}        def test_a(self):\n            assert os.getcwd()\n"
    suite.write(
        "tests/test_a.py", f"{SECOND}class TestA:\n{inner}    def test_other(self):\n        assert os.getcwd()\n"
    )
    for closed in ([], ["tests/test_a.py::TestA::test_other"]):
        report = merged(suite, ["tests/test_a.py::test_b", *closed], ["tests/test_b.py"])
        assert report["run"]["unreached"] == ["data-1"], closed
    opened = merged(suite, ["tests/test_a.py::test_b"], ["tests/test_b.py"], ["tests/test_a.py::TestA"])
    assert opened["run"]["partial"] == []
    assert opened["gate"]["passed"] is not None


def test_last_failed_tells_of_parameters_that_it_passes_over(project):
    project.write("test_a.py", f"{FIRST}{TWO}def test_a(n):\n    assert n == 1\n")
    project.score(cache=True)
    scored = project.score("--lf", cache=True)
    assert [outcome for _, outcome, _ in scored.evidence("data-1")] == ["not run", "failed"]
    assert scored.run.partial == ["left out by --last-failed"]


# -- any suite, any split ----------------------------------------------------------------------------------------------

ITEMS = ("data-1", "data-2", "model-1", "infra-1", "monitor-1")
MARKS = ("", "@pytest.mark.skip(reason='x')\n", "@pytest.mark.xfail(reason='x')\n", "@pytest.mark.skipif(not os.sep)\n")
BODIES = ("assert os.getcwd()", "assert os.getcwd() == ''", "pytest.skip('now')", "assert one")
FRAMES = ("{}", "{}", "if os.sep:\n{}", "if not os.sep:\n{}", "class TestIt:\n{}", "{}del {name}\n")


@st.composite
def some_test(draw, name):
    """One test as its lines."""
    item = draw(st.sampled_from((*ITEMS, "")))
    mark = draw(st.sampled_from(MARKS)).replace("not os.sep", "not os.sep, reason='x'")
    parameters = draw(st.sampled_from((None, None, "", "1", "0, 1", "1, 2, 3")))
    frame = draw(st.sampled_from(FRAMES))
    body = draw(st.sampled_from(BODIES)).replace("one", "one" if parameters is not None else "name")
    names = [*(["self"] if "class" in frame else []), *(["one"] if parameters is not None else [])]
    lines = [f"@pytest.mark.mlscore('{item}')"] if item else []
    lines += mark.splitlines()
    lines += [f"@pytest.mark.parametrize('one', [{parameters}])"] if parameters is not None else []
    lines += [f"def {name}({', '.join(names)}):", f"    {'name = 1; ' if 'name' in body else ''}{body}"]
    indent = "    " if "\n{}" in frame else ""
    return frame.format("".join(f"{indent}{line}\n" for line in lines), name=name)


@st.composite
def suites(draw):
    """Files of tests; the first holds a test that runs, so that the gate has a run to judge."""
    files = {"tests/test_0.py": [SECOND]}
    for number in range(draw(st.integers(1, 3))):
        count = draw(st.integers(1, 3))
        path = f"tests/{draw(st.sampled_from(('', 'deep/')))}test_{number}_.py"
        files[path] = [draw(some_test(f"test_{'abc'[n]}{number}")) for n in range(count)]
    return files


def splits(files, ids, seed):
    """Arguments for jobs that together leave nothing out."""
    chance = random.Random(seed)
    paths = sorted(files)
    shuffled = chance.sample(ids, len(ids))
    cut = chance.randint(0, len(paths))
    yield "files", [paths[:cut], paths[cut:]]
    # A file of which nobody names a test may hold some for all that pytest is asked: whoever splits by ids names it.
    silent = [path for path in paths if not any(i.startswith(f"{path}::") for i in ids)]
    cut = chance.randint(0, len(ids))
    yield "node ids", [shuffled[:cut] + silent, shuffled[cut:]]
    word = chance.choice(["a", "b1", "1", "deep", "0 or c"])
    yield "-k", [["-k", word], ["-k", f"not ({word})"]]
    yield "one from each", [[paths[0]], [f"--ignore={paths[0]}"]]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(files=suites(), seed=st.integers(0, 1000))
def test_any_split_that_leaves_nothing_out_is_as_one_run(suite, files, seed):
    for path in (suite.path / "tests").rglob("test_*.py"):
        path.unlink()
    for path, parts in files.items():
        suite.write(path, "".join(parts))
    whole = suite.score()
    listed = suite.pytest("--collect-only", "-q").stdout.lines
    ids = [line for line in listed if "::" in line]
    assert whole.gate["passed"] is not None
    for kind, jobs in splits(files, ids, seed):
        report = merged(suite, *[job for job in jobs if job])
        assert essence(report) == essence(whole.report), (kind, jobs)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(files=suites(), seed=st.integers(0, 1000))
def test_a_split_that_leaves_a_marked_test_out_says_so(suite, files, seed):
    for path in (suite.path / "tests").rglob("test_*.py"):
        path.unlink()
    for path, parts in files.items():
        suite.write(path, "".join(parts))
    ids = [line for line in suite.pytest("--collect-only", "-q").stdout.lines if "::" in line]
    ids.remove("tests/test_0.py::test_b")
    jobs = [ids[: len(ids) // 2], ids[len(ids) // 2 :]]
    report = merged(suite, *[job for job in jobs if job] or [["-k", "nothing"]])
    assert "data-2" in report["run"]["unreached"]
    assert report["gate"]["passed"] is not True
