"""Sound tests close to what is accused: each can fail, so each is left in peace."""

from __future__ import annotations

import pytest

HEAD = """
import copy, datetime, functools, json, math, pytest
import numpy as np
import model
from click.testing import CliRunner
from app import cli
from model import Model, Sized, f, train
def comparer():
    return np.testing.assert_allclose
def partial_comparer():
    return functools.partial(np.testing.assert_allclose, rtol=1e-3)
def own(a):
    assert a == 3
def partial_own():
    return functools.partial(own)
class Check:
    def __call__(self, a):
        assert a == 3
def obj():
    return Check()
def lam():
    return lambda a: own(a)
def schema_of():
    import pandera as pa
    return pa.DataFrameSchema({})
@pytest.fixture
def comparing():
    return np.testing.assert_allclose
@pytest.fixture
def comparing_partly():
    return functools.partial(np.testing.assert_allclose, rtol=1)
@pytest.fixture
def schema():
    import pandera as pa
    return pa.DataFrameSchema({})
@pytest.fixture
def recorder():
    calls = []
    yield calls.append
    assert len(calls) == 1
"""
MODEL = """
class Model:
    def __init__(self):
        self.x = 1
    def predict(self, x):
        return x
class Sized:
    def __len__(self):
        return 0
def f(x=1):
    return x + 1
def train(x):
    return Model()
"""
SOUND = [
    "check = comparer()\ncheck(f(), 2)",
    "check = partial_comparer()\ncheck(f(), 2)",
    "check = partial_own()\ncheck(f())",
    "check = obj()\ncheck(f())",
    "check = lam()\ncheck(f())",
    "partial_comparer()(f(), 2)",
    "schema = schema_of()\nschema(f())",
    "schema = schema_of()\nschema.validate(f())",
    "a, b = [], []\ntrain(a)\nassert a == [1]",
    "a, b = 0, 0\nfor i in f():\n    a += i\nassert a == 3",
    "left, right = f(1), f(1)\nassert left == right",
    "seen, errors = [], []\nmodel.f(errors.append)\nassert not errors",
    "n, m = 0, 1\ndef bump():\n    nonlocal n\n    n += 1\nmodel.f(bump)\nassert n == 1",
    "cfg = {'a': 1, 'b': f()}\ntrain(cfg)\nassert cfg['a'] == 2",
    "cfg = {'a': 1, 'b': f()}\nassert cfg['b'] == 2",
    "cfg = {'a': 1, **f()}\nassert cfg['a'] == 2",
    "cfg = {'a': 1}\ncfg.update(f())\nassert cfg['a'] == 2",
    "assert json.loads(f()) == {'a': 1}",
    "with pytest.raises(TypeError):\n    json.dumps(Model())",
    "with pytest.raises(ValueError):\n    json.loads(f())",
    "assert copy.deepcopy(Model()).x == 1",
    "m = Model()\nassert copy.copy(m).x == m.x",
    "assert json.dumps({'a': f()}) == '{}'",
    "assert math.isclose(f(), 2)",
    "assert datetime.date.today() > f()",
    "x = [f(i) for i in range(3)]\nassert x == [1, 2, 3]",
    "results = [f(i) for i in (1, 2)]\nassert len(set(results)) == 2",
    "results = {f(i): i for i in range(3)}\nassert len(results) == 3",
    "r = {f(1), f(2)}\nassert len(r) == 2",
    "m = mocker.patch('model.f', return_value=3)\nassert train(1).x == 1",
    "m = mocker.patch('model.f', side_effect=[1, 2])\ntrain(1)\nassert model.f() == 2",
    "m = mocker.patch('model.f')\nm.return_value = 3\ntrain(1)\nassert m.call_args == ((1,),)",
    "m = mocker.patch('model.f')\nm.side_effect = lambda a: train(a)\nassert model.f(1) == 3",
    "mocker.patch('model.helper', return_value=3)\nassert model.f() == 3",
    "spy = mocker.spy(model, 'f')\ntrain(1)\nassert spy.call_count == 1",
    "monkeypatch.setattr(model, 'f', train)\nassert model.f() == 3",
    "monkeypatch.setattr(model.Model, 'predict', lambda s, x: 3)\nassert Model().predict(1) == 3",
    "out = tmp_path / 'o'\nout.mkdir()\nmodel.save(out)\nassert (out / 'm').exists()",
    "out = tmp_path / 'o'\nout.mkdir()\nModel().predict(out)\nassert out.exists()",
    "out = tmp_path / 'o'\nout.touch()\nmodel.f(out)\nassert not out.exists()",
    "out = tmp_path / 'o'\nout.touch()\nassert f(out) and out.exists()",
    "out = tmp_path / 'o'\nassert not out.exists()\nmodel.f(out)\nassert out.exists()",
    "a, b = f()\nassert a == b",
    "a, b = f()\nassert a is not None and b > 3",
    "try:\n    a, b = f()\nexcept ValueError:\n    pytest.fail('x')",
    "assert Sized()",
    "s = Model()\ns.run = f()\nassert s.run",
    "class Local(Model):\n    def __bool__(self):\n        return f()\nassert Local()",
    "assert f'{f()}' == '2'",
    "assert len(f'{f()}') == 2",
    "assert f(1).std() == 0",
    "assert w.std() >= 0 and w.mean() > 3",
    "assert abs(f()) <= 1",
    "assert max(f()) >= 0",
    "assert max(f(), 1) == 1",
    "assert min(f(), 1) < 1",
    "assert max(0, f()) > 0",
    "assert np.argmax(f()) == 3",
    "assert len(f().head(5)) == 5",
    "assert len(f().head(5)) >= 1",
    "assert f() % 2 == 0",
    "assert int(f()) % 10 in (0, 5)",
    "assert (p == p.copy()).all()",
    "assert 'a' in {'a': 1}[f()]",
    "assert f() in {'a': 1}",
    "assert 'a' not in {k: 1 for k in f()}",
    "assert 3 in [f(), f()]",
    "assert 1 in [True, f()]",
    "assert all(f(x) == f(x) for x in w)",
    "assert np.all(f() == 2)",
    "assert all(f() == 2)",
    "assert any(c == 2 for c in f())",
    "assert callable(model.registry['x'])",
    "assert callable(Model().hook)",
    "assert hasattr(train(1), 'fitted_')",
    "assert not hasattr(model, 'old_name')",
    "assert not hasattr(Model(), 'y')",
    "runner = CliRunner()\nresult = runner.invoke(cli, ['x'], catch_exceptions=False)\nassert result.exit_code == 0",
    "assert CliRunner().invoke(cli, [], catch_exceptions=False).exit_code == 0",
]
WITH_FIXTURES = {
    "comparing": "comparing(f(), 2)",
    "comparing_partly": "comparing_partly(f(), 2)",
    "schema": "schema(f())",
    "recorder": "model.f(recorder)",
    "requests_mock": "model.f()\nassert requests_mock.called_once",
    "mocker": "mocker.patch('model.f', side_effect=AssertionError('not now'))\ntrain(1)",
    "monkeypatch": "m = monkeypatch\nmodel.f.side_effect = AssertionError('not now')\ntrain(m)",
}


def judged(judge, args, body):
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return judge(f"{HEAD}\ndef test({args}):\n{lines}\n", "test", {"model.py": MODEL})


@pytest.mark.parametrize("body", SOUND)
def test_sound(judge, body):
    assert judged(judge, "x, w, p, tmp_path, mocker, monkeypatch", body) is None


@pytest.mark.parametrize("fixture", WITH_FIXTURES)
def test_sound_by_a_fixture(judge, fixture):
    assert judged(judge, fixture, WITH_FIXTURES[fixture]) is None


def test_checks_that_an_enumeration_holds(judge):
    source = (
        "import enum, functools\nfrom model import f\ndef is_three(x):\n    assert x == 3\ndef shows(x):\n    print(x)\n"
        "class Rule(enum.Enum):\n    ONE = enum.member(functools.partial({}))\n"
        "    def apply(self, x):\n        self.value(x)\ndef test():\n    Rule.ONE.apply(f())\n"
    )
    assert judge(source.format("is_three"), "test", {"model.py": MODEL}) is None
    assert judge(source.format("shows"), "test", {"model.py": MODEL}).verdict == "hollow"


def test_helper_looked_up_by_a_fixed_name(judge):
    source = (
        "import unittest\nfrom model import f\nclass T(unittest.TestCase):\n    def _three(self, x):\n        {}\n"
        "    def test(self):\n        getattr(self, '_three')(f())\n"
    )
    assert judge(source.format("self.assertEqual(x, 3)"), "T.test", {"model.py": MODEL}) is None
    assert judge(source.format("print(x)"), "T.test", {"model.py": MODEL}).verdict == "hollow"


@pytest.mark.parametrize("name", ["assert_called_once", "assert_not_called", "assert_awaited"])
def test_assertion_of_a_mock_that_is_asserted_without_a_call(judge, name):
    assert judged(judge, "send", f"f(send)\nassert send.{name}").reason == "not-called"
    assert judged(judge, "send", f"f(send)\nsend.{name}()") is None


@pytest.mark.parametrize(
    "body",
    [
        "assert json.loads(json.dumps({'a': 1})) == {'a': 1}",
        "assert math.sqrt(16) == 4",
        "a, b = datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)\nassert b > a",
        "a, b = np.array([1]), np.array([1])\nassert (a == b).mean() == 1",
    ],
)
def test_libraries_on_own_data(judge, body):
    assert judged(judge, "", body).reason == "own-data"


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("a = max(0.0, min(1.0, f()))\nassert 0 <= a <= 1", "hollow"),
        ("assert max(f(), 0) >= 0", "weak"),
        ("assert np.argmax(f()) >= 0", "weak"),
        ("assert len(f().head(5)) <= 5", "weak"),
        ("a, b = f()\nassert a is not None", "weak"),
        ("cfg = {'a': 1, 'b': f()}\nassert cfg['a'] == 1", "hollow"),
    ],
)
def test_values_that_are_limited_or_written_out(judge, body, verdict):
    assert judged(judge, "", body).verdict == verdict


@pytest.mark.parametrize(
    ("helpers", "body"),
    [
        ("import pytest\nraises = pytest.raises\n", "with helpers.raises(KeyError):\n        model.f()"),
        ("import pytest\nraises = pytest.raises\n", "with raises(KeyError):\n        model.f()"),
        ("import numpy as np\nraises = np.testing.assert_allclose\n", "raises(model.f(), 3)"),
        ("from elsewhere.testing import raises\n", "with raises(KeyError):\n        model.f()"),
    ],
)
def test_assertion_of_a_library_under_a_name_of_its_own(judge, helpers, body):
    source = f"import helpers, model\nfrom helpers import raises\ndef test():\n    {body}\n"
    assert judge(source, "test", {"tests/helpers.py": helpers, "model.py": MODEL}) is None


def test_assertion_that_a_silent_library_passes_on(judge):
    head = "import model\nfrom scipy._lib._array_api import xp_assert_close\n"
    source = f"{head}def test():\n    xp_assert_close(model.f(), 3)\n"
    assert judge(source, "test", {"model.py": MODEL}) is None


def test_data_library_that_is_the_project_under_test(judge):
    source = "import pandas as pd\ndef test():\n    assert len(pd.Series([1, 2])) == 2\n"
    compiled = {"pandas/__init__.py": "from pandas._libs import Series\n"}
    assert judge(source, "test", compiled, "pandas/tests/test_it.py") is None


@pytest.mark.parametrize("made", ["pd.Series([1, 2])", "json.loads('[1, 2]')"])
def test_data_library_that_is_another_project(judge, made):
    source = f"import json\nimport pandas as pd\ndef test():\n    assert len({made}) == 2\n"
    assert judge(source, "test").reason == "own-data"
