"""What a pytest command line and its configuration select."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

FILES = {"tests/test_a.py": "", "tests/unit/test_b.py": "", "src/pkg/tests/test_c.py": "", "data/x": ""}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pytest", {"paths": ("",)}),
        ("pytest tests", {"paths": ("tests",)}),
        ("pytest ./tests/ src", {"paths": ("tests", "src")}),
        ("cd tests && pytest", {"paths": ("tests",)}),
        ("cd tests && pytest unit ../src", {"paths": ("tests/unit", "src")}),
        ("cd tests/unit && cd .. && pytest", {"paths": ("tests",)}),
        ("pytest $PWD/tests", {"paths": ("tests",)}),
        ("pytest tests/test_a.py::test_x", {"paths": ("tests/test_a.py::test_x",)}),
        ("pytest tests/*.py", {"paths": ("tests/*.py",)}),
        ("pytest tests/{unit,e2e}", {"paths": ("tests/unit", "tests/e2e")}),
        ("pytest --pyargs pkg.tests", {"paths": ("src/pkg/tests",)}),
        ("pytest -m slow", {"markexpr": "slow"}),
        ("pytest -mslow", {"markexpr": "slow"}),
        ("pytest -m 'not slow' -m fast", {"markexpr": "fast"}),
        ("pytest -k 'a or b'", {"keyword": "a or b"}),
        ("pytest -xvsk a tests", {"keyword": "a", "paths": ("tests",)}),
        ("pytest --ignore=tests/unit --ignore src", {"ignored": ("tests/unit", "src")}),
        ("pytest --ignore-glob='*/slow_*'", {"ignored_globs": ("*/slow_*",)}),
        ("pytest --deselect tests/test_a.py::test_x", {"deselected": ("tests/test_a.py::test_x",)}),
        ("pytest -n 4 --dist loadfile -p no:cacheprovider -o log_cli=true tests", {"paths": ("tests",)}),
        ("pytest --cov src tests", {"paths": ("tests",)}),
        ("pytest --cov=src --cov-report xml tests", {"paths": ("tests",)}),
        ("pytest --cov --cov-report=xml", {"paths": ("",)}),
        ("pytest --maxfail 3 --tb short -rA -W error --junitxml out.xml", {"paths": ("",)}),
        ("pytest --unknown-option value tests", {"paths": ("tests",)}),
        ("pytest --run-slow tests", {"paths": ("tests",)}),
        ("pytest -- tests", {"paths": ("tests",)}),
        ("pytest -n $(nproc) --cov=$SRC", {"paths": ("",)}),
        ("A='-m slow'; pytest $A", {"markexpr": "slow"}),
        ("A='-m slow'; pytest \"$A\"", {"markexpr": " slow"}),
        ("ARGS=(-m 'not slow' tests); pytest \"${ARGS[@]}\"", {"markexpr": "not slow", "paths": ("tests",)}),
        ("pytest ${ARGS:-tests}", {"paths": ("tests",)}),
    ],
)  # fmt: skip
def test_selection(follow, command, expected):
    (lead,) = follow(command, FILES)
    assert lead.why_not is None
    assert {key: getattr(lead.selection, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("pytest --collect-only", "runs no test"),
        ("pytest --version", "runs no test"),
        ("pytest --fixtures -v", "runs no test"),
        ("pytest --suppress-tests-failed-exit-code tests", "failure swallowed by `--suppress-tests-failed-exit-code`"),
        ("pytest $ARGS", "not in the repository"),
        ("pytest tests/$SUITE", "not in the repository"),
        ('pytest -m "$MARK"', "depends on a value"),
        ("pytest --ignore=$X", "depends on a value"),
        ("pytest /elsewhere/tests", "not known to lie in the repository"),
        ("pytest ../outside", "not known to lie in the repository"),
        ("pytest @args.txt", "in a file"),
        ("cd nowhere && pytest", "no folder of the repository"),
        ("cd $SOMEWHERE && pytest", "folder it runs in is not known"),
    ],
)
def test_what_does_not_count(follow, command, why):
    (lead,) = follow(command, FILES)
    assert why in lead.why_not


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "{}"\n'),
        ("pytest.ini", "[pytest]\naddopts = {}\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = -q {}\n"),
    ],
)
def test_a_configuration_may_swallow_failures(follow, path, text):
    (lead,) = follow("pytest", {path: text.format("--suppress-tests-failed-exit-code")})
    assert lead.why_not == "failure swallowed by `--suppress-tests-failed-exit-code`"
    (lead,) = follow("pytest", {path: text.format("--suppress-no-test-exit-code")})
    assert lead.why_not is None


def test_the_suites_own_options_are_kept(follow):
    (lead,) = follow("pytest --runslow --cov=src --own=3 tests", FILES)
    assert (lead.selection.options, lead.selection.paths) == (("--own", "--runslow"), ("tests",))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-m \'not slow\'"\ntestpaths = ["tests"]\n'),
        ("pyproject.toml", '[tool.pytest]\naddopts = ["-m", "not slow"]\ntestpaths = ["tests"]\n'),
        ("pytest.ini", "[pytest]\naddopts = -q\n    -m 'not slow'\ntestpaths =\n    tests\n"),
        (".pytest.ini", "[pytest]\naddopts = -m 'not slow'\ntestpaths = tests\n"),
        ("tox.ini", "[tox]\n[pytest]\naddopts=-m 'not slow'\ntestpaths=tests\n"),
        ("setup.cfg", "[metadata]\nname = x\n[tool:pytest]\naddopts = -m 'not slow'\ntestpaths = tests\n"),
        ("pytest.toml", '[pytest]\naddopts = ["-m", "not slow"]\ntestpaths = ["tests"]\n'),
    ],
)
def test_the_configuration_counts(follow, path, text):
    (lead,) = follow("pytest", {**FILES, path: text})
    assert (lead.selection.markexpr, lead.selection.paths) == ("not slow", ("tests",))
    (lead,) = follow("pytest -m slow src", {**FILES, path: text})
    assert (lead.selection.markexpr, lead.selection.paths) == ("slow", ("src",))


INI = {"pytest.ini": "[pytest]\naddopts = -m 'not slow'\ntestpaths = tests\n"}


@pytest.mark.parametrize(
    ("command", "files", "markexpr", "paths"),
    [
        ("pytest -o addopts=''", INI, None, ("tests",)),
        ("pytest -c other.ini", {**INI, "other.ini": "[pytest]\naddopts = -m fast\n"}, "fast", ("",)),
        ("cd tests && pytest", INI, "not slow", ("tests",)),
        ("pytest tests/unit", {**INI, "tests/unit/pytest.ini": "[pytest]\n"}, None, ("tests/unit",)),
        ("cd data && pytest ../tests/unit", {**INI, "tests/pytest.ini": "[pytest]\naddopts = -k x\n"}, None, ("tests/unit",)),
        ("pytest", {"pytest.ini": "[pytest]\ntestpaths = gone\n"}, None, ("",)),
        ("PYTEST_ADDOPTS='-m gpu' pytest", INI, "gpu", ("tests",)),
        ("PYTEST_ADDOPTS='-m gpu' pytest -m cpu", INI, "cpu", ("tests",)),
        ("pytest", {"pyproject.toml": "[broken"}, None, ("",)),
        ("pytest", {"pyproject.toml": "[tool.other]\n", "setup.cfg": "[tool:pytest]\naddopts = -m a\n"}, "a", ("",)),
    ],
)  # fmt: skip
def test_which_configuration_counts(follow, command, files, markexpr, paths):
    (lead,) = follow(command, {**FILES, **files})
    assert (lead.selection.markexpr, lead.selection.paths) == (markexpr, paths)
