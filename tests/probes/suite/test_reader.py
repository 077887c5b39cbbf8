"""Suites read without running them: the same node ids as pytest's own collection, and what each test carries."""

import re
import textwrap
import time

import pytest

TRICKY = '''
import sys
import unittest
from unittest import IsolatedAsyncioTestCase, TestCase

import pytest

pytestmark = [pytest.mark.whole_file]


@pytest.fixture
def test_data():
    return [1]


@pytest.fixture(name="test_renamed")
def make_it():
    return 2


def test_plain():
    def test_nested():
        pass


def helper():
    pass


def test_twice():
    pass


def test_twice():  # noqa
    """The last one."""


async def test_async():
    pass


@pytest.mark.parametrize("x", [1, 2])
def test_parametrised(x):
    pass


if sys.version_info > (3,):
    def test_conditional():
        pass

try:
    import json
except ImportError:
    pass
else:
    def test_in_else():
        pass


def test_opted_out():
    pass


test_opted_out.__test__ = False


class Base:
    def test_inherited(self):
        pass

    def test_overridden(self):
        pass


@pytest.mark.on_class
class TestChild(Base):
    pytestmark = pytest.mark.in_class

    def test_overridden(self):
        """Child's."""

    def test_own(self):
        pass

    def helper(self):
        pass

    @staticmethod
    def test_static():
        pass

    @property
    def test_property(self):
        return 1

    @pytest.fixture
    def test_fixture(self):
        return 1

    class TestInner:
        def test_inner(self):
            pass

    class Inner:
        def test_not_collected(self):
            pass


class TestWithInit:
    def __init__(self):
        pass

    def test_never(self):
        pass


class TestOff:
    __test__ = False

    def test_never(self):
        pass


class NotATest:
    def test_never(self):
        pass


class CaseBase(unittest.TestCase):
    def test_base(self):
        pass


class ThingsCase(CaseBase):
    def setUp(self):
        pass

    def test_unit(self):
        pass

    def check_unit(self):
        pass


class AsyncThings(IsolatedAsyncioTestCase):
    async def test_await(self):
        pass
'''


def ids(suite):
    return {test.id for test in suite.tests}


def by_pytest(pytester):
    """The node ids of a real collection, without parameters."""
    result = pytester.runpytest_inprocess("--collect-only", "-q", "-p", "no:cacheprovider", "-W", "ignore")
    return {re.sub(r"\[.*\]$", "", line) for line in result.outlines if "::" in line and " " not in line}


def test_the_same_ids_as_pytest_collects(pytester, suite_of):
    files = {
        "tests/test_tricky.py": TRICKY,
        "tests/helpers.py": "def test_x(): pass\n",
        "more_test.py": "def test_m(): pass\n",
    }
    for name, source in files.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    found = ids(suite_of(files))
    assert found == by_pytest(pytester)
    assert len(found) == 16
    assert "tests/test_tricky.py::TestChild::TestInner::test_inner" in found


@pytest.mark.parametrize(
    "settings",
    [
        "[pytest]\npython_files = check_*.py\npython_classes = Check\npython_functions = check_*\n",
        "[pytest]\ntestpaths = inner\n",
        "[pytest]\ntestpaths = in*\n",
        "[pytest]\ntestpaths = nowhere\n",
        "[pytest]\nnorecursedirs = inner\n",
    ],
)
def test_the_same_ids_as_pytest_collects_with_settings(pytester, suite_of, settings):
    source = "class CheckA:\n    def check_m(self): pass\ndef check_f(): pass\ndef test_f(): pass\n"
    files = {
        "pytest.ini": settings,
        "check_top.py": source,
        "test_top.py": source,
        "inner/check_low.py": source,
        "inner/test_low.py": source,
    }
    for name, text in files.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = ids(suite_of(files))
    assert found == by_pytest(pytester)
    assert found


def test_what_a_test_carries(suite_of):
    suite = suite_of({"tests/test_tricky.py": TRICKY})
    tests = {test.id.removeprefix("tests/test_tricky.py::"): test for test in suite.tests}
    own = tests["TestChild::test_own"]
    assert [m.name for m in own.marks] == ["whole_file", "on_class", "in_class"]
    assert own.classes == ("TestChild",)
    assert own.qualname == "TestChild.test_own"
    assert tests["TestChild::test_inherited"].qualname == "Base.test_inherited"
    assert tests["TestChild::test_overridden"].docstring == "Child's."
    assert tests["test_twice"].docstring == "The last one."
    line = TRICKY.split("\n").index("async def test_async():") + 1
    assert str(tests["test_async"].location) == f"tests/test_tricky.py:{line}"


def test_under_a_folder_or_a_file(suite_of):
    files = {
        "tests/a/test_a.py": "def test_a(): pass\n",
        "tests/b/test_b.py": "def test_b(): pass\n",
        "tests/b/odd.py": "def test_odd(): pass\n",
    }
    assert ids(suite_of(files, under=("tests/a",))) == {"tests/a/test_a.py::test_a"}
    assert ids(suite_of(files, under=("tests/b/",))) == {"tests/b/test_b.py::test_b"}
    assert ids(suite_of(files, under=("tests/b/odd.py",))) == {"tests/b/odd.py::test_odd"}


def test_files_that_cannot_be_parsed_are_told_and_the_rest_is_read(suite_of):
    suite = suite_of(
        {
            "test_old.py": "def test_a():\n    print 'x'\n",
            "test_latin.py": "# coding: latin-1\ndef test_l(): assert 'ñ'\n".encode("latin-1"),
            "test_bytes.py": b"def test_b(): assert '\xff'\n",
            "test_bom.py": b"\xef\xbb\xbfdef test_bom(): pass\r\n",
            "test_empty.py": "",
            "test_good.py": "def test_good(): pass\n",
        }
    )
    assert ids(suite) == {"test_latin.py::test_l", "test_bom.py::test_bom", "test_good.py::test_good"}
    assert [str(d.location) for d in suite.diagnostics] == ["test_bytes.py:1", "test_old.py:2"]


def test_names_with_spaces_and_other_letters(suite_of):
    assert ids(suite_of({"pruebas año/test_ñ b.py": "def test_á(): pass\n"})) == {"pruebas año/test_ñ b.py::test_á"}


def test_symbolic_links_are_not_followed(suite_of, tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/loop").symlink_to(tmp_path / "tests")
    assert ids(suite_of({"tests/test_a.py": "def test_a(): pass\n"})) == {"tests/test_a.py::test_a"}


def test_nothing_of_the_suite_is_executed(suite_of, tmp_path):
    witness = tmp_path / "witness"
    suite = suite_of({"test_a.py": f"open({str(witness)!r}, 'w')\nraise SystemExit\ndef test_a(): pass\n"})
    assert ids(suite) == {"test_a.py::test_a"}
    assert not witness.exists()


def test_each_file_is_read_and_parsed_once(suite_of, monkeypatch):
    from mlscore.probes.suite import reader

    parsed = []
    real = reader.parse_module
    monkeypatch.setattr(reader, "parse_module", lambda path, *rest: parsed.append(path) or real(path, *rest))
    suite_of(
        {"tests/conftest.py": "", "tests/test_a.py": "def test_a(): pass\n", "other/conftest.py": "", "app.py": ""}
    )
    assert parsed == ["tests/conftest.py", "tests/test_a.py"]


def test_a_thousand_files_in_a_few_seconds(suite_of, rubric_ids):
    from mlscore.core.placement import Conventions
    from mlscore.probes.suite.suggest import suggest

    body = textwrap.dedent(
        """
        import numpy as np
        from shop.features import clean

        def test_clean_{n}():
            assert clean("A b") == "a b"

        def test_other_{n}(tmp_path):
            path = tmp_path / "x.txt"
            path.write_text("1")
            assert path.read_text() == "1"
            for i in range(3):
                assert np.isfinite(i)
        """
    )
    suite_files = {f"tests/p{n % 20}/test_{n}.py": body.replace("{n}", str(n)) for n in range(1000)}
    begin = time.process_time()
    suite = suite_of(suite_files)
    found = suggest(suite, conventions=Conventions(), rubric_ids=rubric_ids)
    assert time.process_time() - begin < 8
    assert len(found) == 2000
    assert sum(s.item == "data-7" for s in found) == 1000
