"""Where certainty ends: what only looks certain is weak, and what the test itself has made is certain."""

from __future__ import annotations

import pytest

HEAD = """
import os, statistics
import numpy as np
import pandas as pd
import torch
import unittest
from abc import ABC
from collections import UserDict
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import Mock, patch
from click.testing import CliRunner
import model
from elsewhere import imported, wrapped_base
from model import Fancy, load, plain
class Plain:
    def run(self):
        return 1
class Child(Plain, ABC):
    pass
@dataclass
class Record:
    name: str
class Sized:
    def __len__(self):
        return 0
class Heir(Sized):
    pass
class Truth:
    __bool__ = load
class Mapping_(dict):
    pass
class Wrapped(wrapped_base.Thing):
    pass
class Loaded(UserDict):
    pass
class Net(torch.nn.Module):
    pass
"""
MODEL = (
    "class Fancy:\n    def __init__(self):\n        self.size = 3\n    def __len__(self):\n        return self.size\n"
    "@cache\ndef load():\n    return 1\ndef plain():\n    return 1\n"
)


def verdict(judge, body, args="x, y, tmp_path, mocker, monkeypatch"):
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    finding = judge(f"{HEAD}\ndef test({args}):\n{lines}\n", "test", {"model.py": MODEL})
    return None if finding is None else (str(finding.verdict), finding.reason)


@pytest.mark.parametrize(
    "body",
    [
        "assert (x == x).all()", "assert np.all(x == x)", "assert all(x == x)", "assert any(x == x)",
        "assert (x == x).all().all()", "assert bool((x == x).all())", "assert np.array_equal(x, x)",
        "assert np.allclose(x, x)", "assert torch.equal(x, x)", "assert (np.abs(x) >= 0).all()",
        "assert (x ** 2 >= 0).all()",
        "same = x\nassert (same <= x).all()", "assert (x == x).any()",
    ],
)  # fmt: skip
def test_only_nan_would_fail_it(judge, body):
    assert verdict(judge, body) == ("weak", "only-nan")


@pytest.mark.parametrize(
    "body", ["assert (x.isna().sum() >= 0).all()", "assert x.equals(x)", "assert np.array_equal(x, x, equal_nan=True)"]
)
def test_counts_and_comparisons_that_know_nan_are_certain(judge, body):
    assert verdict(judge, body) == ("hollow", "tautology")


@pytest.mark.parametrize("body", ["assert (x == y).all()", "assert (x >= 0).all()", "assert (x == x.copy()).all()"])
def test_comparisons_of_arrays_can_fail(judge, body):
    assert verdict(judge, body) is None


@pytest.mark.parametrize(
    "body",
    [
        "assert x.std() >= 0", "assert np.std(x) >= 0", "assert torch.var(x) >= 0", "assert statistics.stdev(x) >= 0",
        "assert np.abs(x).min() >= 0", "assert np.min(np.abs(x)) >= 0", "assert (x ** 2).sum() >= 0",
        "assert np.linalg.norm(x) >= 0", "assert abs(x).mean() >= 0", "assert x % 2 in (0, 1)", "assert 0 <= x.var()",
    ],
)  # fmt: skip
def test_bounds_that_only_nan_breaks(judge, body):
    assert verdict(judge, body) == ("weak", "loose-bound")


@pytest.mark.parametrize(
    "body",
    [
        "assert x.std() > 0", "assert x.std() >= 0.5", "assert np.abs(x).min() >= 0.1", "assert x.min() >= 0",
        "assert np.abs(x).max() <= 1", "assert x % 3 in (0, 1)", "assert int(x) % 2 in (0,)",
        "assert 'a%d' % x in ('a1', 'a2')",
        "assert int(x) % y in (0, 1)", "assert int(x) % 3 < 2",
    ],
)  # fmt: skip
def test_bounds_that_can_be_broken(judge, body):
    assert verdict(judge, body) is None


@pytest.mark.parametrize(
    "body",
    [
        "assert int(x) % 2 in (0, 1)", "assert len(x) % 3 in [0, 1, 2]", "assert int(x) % 2 < 2", "assert int(x) % 2 <= 1",
        "assert 'a' in {'a': load()}", "row = {'a': load(), **y}\nassert 'a' in row", "assert 3 in [load(), 3]",
        "assert len([load(), load()]) == 2",
        "both = (load(), x)\nassert len(both) == 2", "assert len({'a': x, 'b': y}) == 2",
        "found = [load() for _ in range(3)]\nassert len(found) == 3", "assert len([x, y]) > 1",
        "assert isinstance(f'{x}', str)",
    ],
)  # fmt: skip
def test_what_the_test_has_just_made(judge, body):
    assert verdict(judge, body) == ("hollow", "tautology")


@pytest.mark.parametrize(
    "body",
    [
        "assert 'b' in {'a': load()}", "assert x in {'a': load()}", "assert 1 in {True: load()}",
        "assert 'a' not in {**x}",
        "row = {'a': load()}\nload(row)\nassert 'a' in row", "row = {'a': load()}\nrow.pop(x)\nassert 'a' in row",
        "assert len({x, y}) == 2", "assert len([*x, y]) == 2", "assert len({x: 1, y: 2}) == 2",
        "assert len({'a': x, **y}) == 2",
        "both = [load(), x]\nboth.extend(x)\nassert len(both) == 2", "assert len([a for a in range(3) if load(a)]) == 3",
        "assert len([a for a in x]) == 3", "both = [x]\nload(both)\nassert len(both) == 1",
        "both = [x]\nboth = load()\nassert len(both) == 1", "assert {'a': load()}['a'] == 1",
    ],
)  # fmt: skip
def test_what_the_code_may_have_changed(judge, body):
    assert verdict(judge, body) is None


@pytest.mark.parametrize("made", ["Plain()", "Child()", "Record(x)", "Net()"])
def test_object_without_a_truth_of_its_own(judge, made):
    assert verdict(judge, f"assert {made}", "x") == ("hollow", "tautology")
    assert verdict(judge, f"thing = {made}\nassert thing", "x") == ("hollow", "tautology")


@pytest.mark.parametrize(
    "made", ["Sized()", "Heir()", "Truth()", "Mapping_()", "Wrapped()", "Loaded()", "Fancy()", "imported()", "plain()"]
)
def test_object_that_may_be_false(judge, made):
    assert verdict(judge, f"assert {made}", "x") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("assert f'{x}'", ("weak", "formatted-text")),
        ("assert f'value {x}'", ("hollow", "constant-assertion")),
        ("assert callable(plain)", ("hollow", "tautology")),
        ("assert callable(load)", ("weak", "only-callable")),
        ("assert callable(imported)", ("weak", "only-callable")),
        ("assert callable(x.run)", None),
        ("assert hasattr(Plain(), 'run')", ("weak", "only-hasattr")),
        ("assert hasattr(model, 'load')", ("weak", "only-hasattr")),
        ("assert hasattr(load(), 'run')", None),
        ("assert hasattr(x, 'coef_')", None),
    ],
)
def test_questions_about_names(judge, body, expected):
    assert verdict(judge, body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "p = tmp_path / 'a'\np.write_text(load())\nassert p.exists()",
        "p = tmp_path / 'a' / 'b'\np.mkdir(parents=True)\nassert p.is_dir()",
        "p = Path(x) / 'a'\np.write_bytes(b'1')\nn = 3\nassert p.is_file()",
        "p = tmp_path.joinpath('a')\np.touch()\nassert os.path.exists(p)",
    ],
)
def test_file_that_the_test_has_written(judge, body):
    assert verdict(judge, body) == ("hollow", "own-data")


@pytest.mark.parametrize(
    "body",
    [
        "p = tmp_path / 'a'\nassert p.exists()", "p = tmp_path / 'a'\nload(p)\nassert p.exists()",
        "p = tmp_path / 'a'\np.write_text('1')\nload(p)\nassert p.exists()",
        "p = tmp_path / 'a'\np.write_text('1')\nq = load(p)\nassert p.exists()",
        "p = tmp_path / 'a'\np.touch()\nassert p.is_dir()", "p = tmp_path / 'a'\np.mkdir()\nassert p.is_file()",
        "p = tmp_path / 'a'\nq = tmp_path / 'b'\nq.touch()\nassert p.exists()",
        "p = load(tmp_path)\np.write_text('1')\nassert p.exists()",
        "p = tmp_path / 'a'\np.touch()\nfor a in load():\n    a.run()\nassert p.exists()",
    ],
)  # fmt: skip
def test_file_that_the_code_may_have_touched(judge, body):
    assert verdict(judge, body) is None


@pytest.mark.parametrize(
    "body",
    [
        "mocker.patch('model.plain', return_value=3)\nassert model.plain() == 3",
        "m = mocker.patch('model.plain')\nm.return_value = 3\nassert model.plain() == 3",
        "with patch('model.plain') as m:\n    m.return_value = 3\n    assert model.plain() == 3",
        "with patch('model.plain', return_value=3):\n    got = model.plain()\nassert got == 3",
        "patch('model.plain', return_value=3).start()\nassert model.plain() == 3",
        "model.plain = Mock(return_value=3)\nassert model.plain() == 3",
    ],
)
def test_answer_that_the_test_has_patched_in(judge, body):
    assert verdict(judge, body, "mocker") == ("hollow", "own-mock")


@pytest.mark.parametrize(
    "body",
    [
        "with patch('model.plain', return_value=3):\n    load()\nassert model.plain() == 3",
        "with patch('model.plain') as m:\n    m.return_value = 3\nassert model.plain() == 3",
        "with patch('model.plain') as m:\n    m.return_value = load()\n    assert model.plain() == 3",
        "p = patch('model.plain', return_value=3)\nassert model.plain() == 3",
        "got = model.plain()\nmocker.patch('model.plain', return_value=3)\nassert got == 3",
        "got = model.plain()\nmodel.plain = Mock(return_value=3)\nassert got == 3",
        "mocker.patch('model.plain', return_value=3)\nmocker.stopall()\nassert model.plain() == 3",
        "if load():\n    mocker.patch('model.plain', return_value=3)\nassert model.plain() == 3",
        "mocker.patch('model.plain', return_value=3)\nassert model.load() == 3",
        "with patch('model.plain', autospec=True) as m:\n    assert model.plain() == m.return_value",
        "with patch('model.plain', return_value=model.plain()):\n    assert model.plain() == 3",
    ],
)
def test_patch_that_is_not_in_force(judge, body):
    assert verdict(judge, body, "mocker") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("CliRunner().invoke(x, ['a'], catch_exceptions=False)", ("weak", "raising-only")),
        ("runner = CliRunner()\nrunner.invoke(x, catch_exceptions=y)", ("weak", "raising-only")),
        ("runner = CliRunner(catch_exceptions=False)\nrunner.invoke(x)", ("weak", "raising-only")),
        ("CliRunner().invoke(x, ['a'])", ("hollow", "unread-result")),
        ("CliRunner().invoke(x, ['a'], catch_exceptions=True)", ("hollow", "unread-result")),
        ("a, b = plain()", ("weak", "unpacking-only")),
        ("(a, b), [c] = model.plain()", ("weak", "unpacking-only")),
        ("a, b = plain()\nassert True", ("hollow", "constant-assertion")),
        ("a, b = plain()\nprint(a)", ("hollow", "no-assertion")),
        ("a, *b = plain()", ("hollow", "no-assertion")),
        ("a, b = 1, 2", ("hollow", "no-assertion")),
        ("a, b = np.histogram(x)", ("hollow", "no-assertion")),
        ("a, b = divmod(x, y)", ("hollow", "no-assertion")),
        ("a, b = plain()\nassert plain() == 1", None),
    ],
)
def test_calls_that_may_only_raise(judge, body, expected):
    assert verdict(judge, body, "x, y") == expected


CASES = {
    "unittest.TestCase": ("hollow", "never-awaited"),
    "Base": ("hollow", "never-awaited"),
    "unittest.IsolatedAsyncioTestCase": None,
    "django.test.TestCase": None,
    "Base, wrapped_base.Awaiting": None,
    "Running": None,
    "unittest.TestCase, metaclass=Meta": None,
}


@pytest.mark.parametrize("bases", CASES)
def test_async_test_of_a_class(judge, bases):
    source = (
        f"{HEAD}import django.test\nclass Base(unittest.TestCase):\n    pass\n"
        "class Running(Base):\n    def run(self, result=None):\n        pass\n"
        f"class T({bases}):\n    async def test(self):\n        self.assertEqual(load(), 1)\n"
    )
    finding = judge(source, "T.test", {"model.py": MODEL})
    assert (None if finding is None else (finding.verdict, finding.reason)) == CASES[bases]


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ("@patch('model.plain')", "never-awaited"),
        ("@pytest.mark.slow", "never-awaited"),
        ("@pytest.mark.asyncio", None),
        ("@run_it", None),
    ],
)
def test_async_test_of_a_class_with_a_decorator(judge, decorator, expected):
    source = (
        f"{HEAD}import pytest\nfrom elsewhere import run_it\nclass T(unittest.TestCase):\n"
        f"    {decorator}\n    async def test(self, m=None):\n        self.assertEqual(load(), 1)\n"
    )
    finding = judge(source, "T.test", {"model.py": MODEL})
    assert (None if finding is None else finding.reason) == expected


def test_async_test_of_a_class_where_warnings_are_errors(judge):
    source = f"{HEAD}class T(unittest.TestCase):\n    async def test(self):\n        self.assertEqual(load(), 1)\n"
    settings = {"pytest.ini": "[pytest]\nfilterwarnings = error\n"}
    assert judge(source, "T.test", settings) is None


def test_async_function_is_left_to_pytest(judge):
    # Without a plugin that awaits it, it fails (from pytest 8.4) or is skipped, and earns nothing either way.
    assert judge("async def test(x):\n    assert x.run() == 3", "test") is None


SETUP = "import pytest, model\n@pytest.fixture(autouse=True)\ndef watch({args}):\n{body}\n"
BODIES = {
    "    assert model.load()\n    yield": "hollow",
    "    assert model.load()": "hollow",
    "    if not model.load():\n        raise RuntimeError\n    yield 1": "hollow",
    "    yield\n    assert model.load()": "weak",
    "    try:\n        yield\n    finally:\n        assert model.load()": "weak",
    "    assert model.load()\n    yield\n    assert model.load()": "weak",
    "    def later():\n        assert model.load()\n    request.addfinalizer(later)": "weak",
    "    def explode(*_):\n        raise AssertionError\n    monkeypatch.setattr(model, 'send', explode)": "weak",
    "    monkeypatch.setattr(model, 'send', lambda: pytest.fail('sent'))": "weak",
    "    with pytest.raises(KeyError):\n        yield": "weak",
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("test", ["assert True", "model.load()"])
def test_fixture_that_nobody_asked_for(judge, body, test):
    conftest = SETUP.format(args="request, monkeypatch", body=body)
    finding = judge(
        f"import model\ndef test():\n    {test}\n", "test", {"tests/conftest.py": conftest, "model.py": MODEL}
    )
    assert finding.verdict == BODIES[body]
    assert (finding.reason == "fixture-asserts") is (BODIES[body] == "weak")
