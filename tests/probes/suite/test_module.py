"""Parsed files: encodings, files that Python cannot parse, imports, fixtures and marks."""

import ast

import pytest

from mlscore.core.evidence import Diagnostic
from mlscore.core.placement import Mark
from mlscore.probes.suite.module import Module, marks_of, parse_module


def parsed(text):
    module = parse_module("test_a.py", text, None)
    assert isinstance(module, Module)
    return module


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def test_a():\n    print 'hello'\n", "Python 2"),
        ("try:\n    pass\nexcept A, e:\n    pass\n", "Python 2"),
        ("def test_a(:\n", "invalid syntax"),
        ("def test_a():\n", "expected an indented block"),
        ("x = '\0'", "null"),
    ],
)
def test_files_python_cannot_parse_are_told_with_their_line(text, reason):
    problem = parse_module("tests/test_a.py", text, None)
    assert isinstance(problem, Diagnostic)
    assert reason in problem.message
    assert problem.location.path == "tests/test_a.py"
    assert problem.help


def test_another_declared_encoding_is_read():
    raw = "# -*- coding: latin-1 -*-\ndef test_año():\n    assert 'ñ'\n".encode("latin-1")
    module = parse_module("test_a.py", None, raw)
    assert list(module.functions) == ["test_año"]


def test_bytes_in_no_declared_encoding_are_told():
    assert isinstance(parse_module("test_a.py", None, b"x = '\xff'\n"), Diagnostic)
    assert isinstance(parse_module("test_a.py", None, None), Diagnostic)


def test_an_invalid_escape_in_somebodys_test_warns_nobody(recwarn):
    parsed("x = '\\d'\n")
    assert not recwarn.list


def test_imports_and_dotted_names():
    module = parsed(
        "import numpy as np\nimport os.path\nfrom a.b import c as d\nfrom . import e\nnp.x.y(); d(); e(); os.path.z()\n"
    )
    calls = [module.dotted(n.func) for n in ast.walk(module.tree) if isinstance(n, ast.Call)]
    assert sorted(calls) == ["..e", "a.b.c", "numpy.x.y", "os.path.z"]


def test_fixtures_are_no_functions():
    module = parsed(
        "import pytest, pytest_asyncio\n"
        "@pytest.fixture\ndef test_data(): ...\n"
        "@pytest.fixture(name='renamed', scope='session')\ndef test_other(): ...\n"
        "@pytest_asyncio.fixture\nasync def test_async(): ...\n"
        "def test_real(): ...\n"
    )
    assert set(module.fixtures) == {"test_data", "renamed", "test_async"}
    assert set(module.functions) == {"test_real"}


def marks(source):
    module = parsed(source)
    return marks_of(module, next(iter(module.functions.values())).decorator_list)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pytest\n@pytest.mark.slow\ndef test_a(): ...", [Mark("slow")]),
        ("from pytest import mark\n@mark.m('a', k=1)\ndef test_a(): ...", [Mark("m", ("a",), {"k": 1})]),
        ("import pytest as pt\n@pt.mark.m(-1, [2])\ndef test_a(): ...", [Mark("m", (-1, [2]))]),
        ("import pytest\nITEM = 'data-1'\n@pytest.mark.m(ITEM)\ndef test_a(): ...", [Mark("m", ("data-1",))]),
        ("import pytest\n@pytest.mark.m(f())\ndef test_a(): ...", [Mark("m", (...,))]),
        ("import pytest\n@pytest.mark.m(*x)\ndef test_a(): ...", [Mark("m", (...,))]),
        ("import pytest\nslow = pytest.mark.m('x')\n@slow\ndef test_a(): ...", [Mark("m", ("x",))]),
        ("import mock\n@mock.patch('a')\ndef test_a(): ...", []),
    ],
)
def test_marks(source, expected):
    assert marks(source) == expected


def test_marks_of_single_parameter_sets():
    found = marks(
        "import pytest\n"
        "@pytest.mark.parametrize('x', [1, pytest.param(2, marks=[pytest.mark.mlscore('data-1'), pytest.mark.slow])])\n"
        "def test_a(x): ..."
    )
    assert [m.name for m in found] == ["parametrize", "mlscore", "slow"]
