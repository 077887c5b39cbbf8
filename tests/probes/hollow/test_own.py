"""Checks of nothing but what the test itself wrote, and the many ways in which the world comes in."""

from __future__ import annotations

import pytest

HEAD = """
import io
import numpy as np
import pandas as pd
import pytest
from unittest import mock
from unittest.mock import MagicMock, Mock, create_autospec, patch
import project
import project.model
from project.model import Model, clean, train
"""
OWN = {
    "own-data": [
        "df = pd.DataFrame({'a': [1, None]})\nassert df['a'].isna().sum() == 1",
        "df = pd.DataFrame({'a': [1, None]})\ndf['b'] = df['a'] * 2\nassert list(df.columns) == ['a', 'b']",
        "df = pd.DataFrame({'a': [1, None]}).dropna()\nassert len(df) == 1",
        "a = np.arange(6).reshape(2, 3)\nassert a.shape == (2, 3)",
        "rows = [{'a': 1}, {'a': 2}]\nassert all(row['a'] > 0 for row in rows)",
        "rows = []\nrows.append(1)\nassert len(rows) == 1",
        "for n in [1, 2]:\n    assert n in {1, 2, 3}",
        "assert np.isclose(np.mean([1, 2]), 1.5)",
        "assert (np.random.rand(4) < 2).all()",
        "names = ['b', 'a']\nnames.sort()\nassert names == ['a', 'b']",
        "a = pd.Series(['x']).str.upper()\nassert a.iloc[0] == 'X'",
    ],
    "own-mock": [
        "m = Mock(return_value=3)\nassert m() == 3",
        "m = MagicMock()\nm.predict.return_value = [1]\nassert m.predict(load()) == [1]",
        "m = mock.Mock()\nm('a')\nm.assert_called_once_with('a')",
        "m = create_autospec(Model)\nm.fit.return_value = 3\nassert m.fit(1) == 3",
        "model = Model()\nmodel.predict = Mock(return_value=2)\nassert model.predict(1) == 2",
        "with patch.object(project.model, 'train', return_value=3):\n    assert project.model.train(1) == 3",
        "with patch('project.model.train', return_value=3):\n    assert project.model.train(1) == 3",
        "with patch('project.model.train') as m:\n    m.return_value = 3\n    assert m() == 3",
    ],
}  # fmt: skip
WORLD = [
    "df = pd.DataFrame({'a': [1, None]})\nclean(df)\nassert df['a'].isna().sum() == 0",
    "df = clean(pd.DataFrame({'a': [1, None]}))\nassert df['a'].isna().sum() == 0",
    "df = pd.DataFrame({'a': [1]})\nassert df.pipe(clean).shape == (1, 1)",
    "df = pd.DataFrame({'a': [1]})\nassert df['a'].map(clean).sum() == 1",
    "df = pd.DataFrame({'a': [1]})\nassert df['a'].apply(lambda v: clean(v)).sum() == 1",
    "df = pd.DataFrame({'a': [1]})\nassert df.project.summary() == 3",
    "df = pd.DataFrame({'a': [1]})\nassert df.clean_names().shape == (1, 1)",
    "df = pd.DataFrame({'a': [1]})\nmodel = Model()\nmodel.data = df\nmodel.fit()\nassert len(df) == 2",
    "df = pd.DataFrame({'a': [1]})\nview = df\nclean(view)\nassert len(df) == 2",
    "df = pd.DataFrame({'a': [1]})\nclean(data=[df])\nassert len(df) == 2",
    "df = pd.DataFrame({'a': [1]})\ndf['b'] = clean(1)\nassert df['b'].sum() == 3",
    "df = pd.DataFrame({'a': [1]})\nrun = lambda: clean(df)\nrun()\nassert len(df) == 2",
    "df = pd.DataFrame({'a': [1]})\n\ndef run():\n    clean(df)\nrun()\nassert len(df) == 2",
    "df = pd.read_csv('a.csv')\nassert len(df) == 2",
    "a = np.load('a.npy')\nassert a.shape == (2,)",
    "heard = []\ntrain(1, heard.append)\nassert heard == [1]",
    "heard = []\nif clean(1):\n    heard.append(1)\nassert heard == [1]",
    "heard = []\nfor row in clean(1):\n    heard.append(1)\nassert len(heard) == 3",
    "heard = []\ntry:\n    clean(1)\nexcept ValueError:\n    heard.append(1)\nassert len(heard) == 1",
    "weights = np.zeros(3)\ntrain(weights)\nassert weights.sum() > 0",
    "project.seed(3)\nassert np.random.rand() == 0.3",
    "m = Mock(return_value=3)\nassert train(m) == 3",
    "m = Mock()\ntrain(1, callback=m)\nm.assert_called_once()",
    "m = Mock()\ntrain(1, callback=m)\nassert m.call_count == 2",
    "m = Mock()\nmodel = Model(m)\nmodel.fit()\nassert m.called",
    "m = Mock()\nm(train(1))\nm.assert_called_once_with(3)",
    "m = Mock(side_effect=clean)\nassert m(1) == 3",
    "m = Mock(wraps=clean)\nassert m(1) == 3",
    "model = Model()\nmodel.load = Mock(return_value=2)\nassert model.predict(1) == 2",
    "with patch('project.model.load', return_value=3):\n    assert train(1) == 3",
    "with patch('project.model.load') as m:\n    train(1)\nm.assert_called_once()",
    "with patch('project.model.train', return_value=3):\n    assert train(1) == 3",
    "with patch.object(project.model, 'load', return_value=3):\n    assert project.model.train(1) == 3",
    "assert project.np_alias([1]) == 1",
    "assert Model().columns == ['a']",
    "assert np.allclose(train([1]), train([1]))",
    "assert pd.DataFrame(train([1])).shape == (1, 1)",
]


def source(body, args=""):
    return f"{HEAD}def test({args}):\n" + "".join(f"    {line}\n" for line in body.split("\n"))


@pytest.mark.parametrize(("reason", "body"), [(reason, body) for reason in OWN for body in OWN[reason]])
def test_own(judge, reason, body):
    finding = judge(source(body), "test")
    assert finding is not None
    assert (finding.verdict, finding.reason) in {("hollow", reason), ("hollow", "constant-assertion")}


@pytest.mark.parametrize("body", WORLD)
def test_world(judge, body):
    assert judge(source(body), "test") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("monkeypatch.setattr(project.model, 'train', lambda x: 3)\nassert project.model.train(1) == 3", "hollow"),
        ("monkeypatch.setattr('project.model.train', lambda x: 3)\nassert project.model.train(1) == 3", "hollow"),
        ("monkeypatch.setattr(project.model, 'load', lambda x: 3)\nassert project.model.train(1) == 3", None),
        ("monkeypatch.setattr(project.model, 'train', clean)\nassert project.model.train(1) == 3", None),
    ],
)
def test_monkeypatch(judge, body, expected):
    finding = judge(source(body, "monkeypatch"), "test")
    assert (None if finding is None else finding.verdict) == expected


def test_own_data_beside_code_that_runs_is_only_weak(judge):
    finding = judge(source("df = pd.DataFrame({'a': [1]})\ntrain(3)\nassert df.shape == (1, 1)"), "test")
    assert (finding.verdict, finding.reason) in {("weak", "own-data"), ("weak", "unknown-helper")}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("return pd.DataFrame({'a': [-1]})", "hollow"),
        ("frame = pd.DataFrame({'a': [-1]})\n    yield frame", "hollow"),
        ("return clean(pd.DataFrame({'a': [-1]}))", None),
        ("return pd.read_csv('a.csv')", None),
        ("frame = pd.DataFrame({'a': [-1]})\n    clean(frame)\n    return frame", None),
    ],
)
def test_fixture_of_own_data(judge, made, expected):
    text = f"{HEAD}@pytest.fixture\ndef bad():\n    {made}\ndef test(bad):\n    assert (bad['a'] < 0).all()\n"
    finding = judge(text, "test")
    assert (None if finding is None else finding.verdict) == expected


def test_fixture_of_own_data_that_is_given_to_the_code(judge):
    text = f"{HEAD}@pytest.fixture\ndef bad():\n    return pd.DataFrame({{'a': [-1]}})\n"
    assert judge(text + "def test(bad):\n    clean(bad)\n    assert (bad['a'] < 0).all()\n", "test") is None


@pytest.mark.parametrize(
    ("values", "expected"), [("[0.5, 0.7]", "hollow"), ("[clean(1)]", None), ("project.LIMITS", None)]
)
def test_literal_parameters(judge, values, expected):
    text = f"{HEAD}@pytest.mark.parametrize('limit', {values})\ndef test(limit):\n    assert 0 < limit < 1\n"
    finding = judge(text, "test")
    assert (None if finding is None else finding.verdict) == expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("raise ValueError('x')", "self-raised"),
        ("assert False", None),
        ("1 / 0", "self-raised"),
        ("{}['a']", "self-raised"),
        ("int('abc')", "self-raised"),
        ("clean(1)", None),
        ("clean(1)\n        raise ValueError", "self-raised"),
        ("clean(1)\n        pytest.fail('no error')", None),
        ("raise project.Odd('x')", None),
    ],
)
def test_expected_errors(judge, block, expected):
    text = f"{HEAD}def test():\n    with pytest.raises(ValueError):\n        {block}\n"
    finding = judge(text, "test")
    assert (None if finding is None else finding.reason) == expected


def test_class_written_in_the_test(judge):
    stub = "class Stub:\n    def predict(self, rows):\n        return [1] * len(rows)\n"
    assert judge(source(f"{stub}assert Stub().predict([1, 2]) == [1, 1]"), "test").verdict == "hollow"
    assert judge(source(f"{stub}assert train(Stub()) == 3"), "test") is None
    calling = stub.replace("[1] * len(rows)", "clean(rows)")
    assert judge(source(f"{calling}assert Stub().predict([1, 2]) == [1, 1]"), "test") is None
