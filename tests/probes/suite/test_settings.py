"""pytest's settings, read from the file pytest would take them from."""

import pytest

from mlscore.probes.suite.settings import SuiteSettings, read_settings
from mlscore.project.tree import Tree


@pytest.fixture
def settings_of(tmp_path):
    def read(files):
        for name, text in files.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_settings(Tree(tmp_path))

    return read


def test_defaults_are_pytests(settings_of):
    settings = settings_of({})
    assert settings == SuiteSettings()
    assert settings.is_test_file("tests/test_a.py")
    assert settings.is_test_file("a_test.py")
    assert not settings.is_test_file("tests/tests_a.py")
    assert not settings.is_test_file("tests/conftest.py")
    assert settings.is_test_class("TestA")
    assert not settings.is_test_class("ATest")
    assert settings.is_test_function("test_a")
    assert settings.is_test_function("testing")
    assert not settings.is_test_function("check_a")


INI = "testpaths = a b\npython_files = check_*.py\n    *_spec.py\npython_classes = *Spec\npython_functions = check_ it_*\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\n" + INI),
        (".pytest.ini", "[pytest]\n" + INI),
        ("tox.ini", "[tox]\nenvlist = py\n[pytest]\n" + INI),
        ("setup.cfg", "[metadata]\nname = x\n[tool:pytest]\n" + INI),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\ntestpaths = ["a", "b"]\npython_files = ["check_*.py", "*_spec.py"]\n'
            'python_classes = "*Spec"\npython_functions = ["check_", "it_*"]\n',
        ),
        (
            "pyproject.toml",
            '[tool.pytest]\ntestpaths = ["a", "b"]\npython_files = ["check_*.py", "*_spec.py"]\n'
            'python_classes = ["*Spec"]\npython_functions = ["check_", "it_*"]\n',
        ),
        (
            "pytest.toml",
            '[pytest]\ntestpaths = ["a", "b"]\npython_files = ["check_*.py", "*_spec.py"]\n'
            'python_classes = ["*Spec"]\npython_functions = ["check_", "it_*"]\n',
        ),
    ],
)
def test_each_file_pytest_reads(settings_of, name, text):
    settings = settings_of({name: text})
    assert settings.testpaths == ("a", "b")
    assert settings.origin == name
    assert settings.is_test_file("x/check_a.py")
    assert settings.is_test_file("x/a_spec.py")
    assert not settings.is_test_file("x/test_a.py")
    assert settings.is_test_class("FlightSpec")
    assert not settings.is_test_class("TestFlight")
    assert settings.is_test_function("check_a")
    assert settings.is_test_function("it_works")
    assert not settings.is_test_function("test_a")


def test_the_first_file_wins_and_an_empty_pytest_ini_counts(settings_of):
    settings = settings_of({"pytest.ini": "", "pyproject.toml": '[tool.pytest.ini_options]\ntestpaths = ["x"]\n'})
    assert settings.origin == "pytest.ini"
    assert settings.testpaths == ()


def test_files_without_the_section_are_passed_over(settings_of):
    files = {
        "pyproject.toml": '[project]\nname = "x"\n',
        "tox.ini": "[tox]\n",
        "setup.cfg": "[tool:pytest]\ntestpaths = t\n",
    }
    assert settings_of(files).testpaths == ("t",)


def test_patterns_with_a_slash_match_the_path(settings_of):
    settings = settings_of({"pytest.ini": "[pytest]\npython_files = unit/*.py\n"})
    assert settings.is_test_file("tests/unit/a.py")
    assert not settings.is_test_file("tests/other/a.py")


def test_folders_that_are_not_entered(settings_of):
    settings = settings_of({})
    assert not settings.is_recursed("build/lib/test_a.py")
    assert not settings.is_recursed(".hidden/test_a.py")
    assert settings.is_recursed("tests/builder/test_a.py")
    settings = settings_of({"pytest.ini": "[pytest]\nnorecursedirs = legacy tests/old\n"})
    assert not settings.is_recursed("tests/legacy/test_a.py")
    assert not settings.is_recursed("tests/old/test_a.py")
    assert settings.is_recursed("build/test_a.py")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.pytest"),
        ("pytest.ini", "testpaths = a\n"),
        ("pytest.ini", b"[pytest]\ntestpaths = \xff\n"),
        ("setup.cfg", "[tool:pytest\n"),
    ],
)
def test_a_file_that_cannot_be_read_gives_defaults_and_says_so(settings_of, name, text):
    settings = settings_of({name: text})
    assert settings.testpaths == ()
    (problem,) = settings.diagnostics
    assert problem.location.path == name
    assert name in problem.message
    assert problem.help
