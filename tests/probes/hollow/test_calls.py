"""Other people's libraries: which calls assert, which results somebody must read, which names promise enough."""

from __future__ import annotations

import pytest

from mlscore.probes.hollow.known import promises, promises_first, words

HEAD = """
import asyncio, doctest, great_expectations as gx, hypothesis.stateful, jsonschema, os, pytest, py_compile, requests, runpy
import subprocess, sys, unittest, warnings
import chex, deepchecks.tabular, evidently, httpx, pandera.pandas as pa, pydantic, quality_kit, torch, torch.testing
import numpy as np
import numpy.testing as npt
import pandas as pd
import polars.testing
import tensorflow as tf
from click.testing import CliRunner
from fastapi.testclient import TestClient
from numpy.testing import assert_array_equal as same
from pandera.typing import DataFrame
from sklearn.utils.estimator_checks import check_estimator
from unittest.mock import Mock, patch
SCHEMA = pa.DataFrameSchema({})
class Rows(pa.DataFrameModel):
    a: int
class Config(pydantic.BaseModel):
    lr: float
"""
ASSERTING = [
    "npt.assert_allclose(x, 1)", "np.testing.assert_equal(x, 1)", "same(x, 1)", "pd.testing.assert_frame_equal(x, y)",
    "polars.testing.assert_series_equal(x, y)", "torch.testing.assert_close(x, y)", "torch.autograd.gradcheck(x, y)",
    "tf.debugging.assert_near(x, y)", "tf.test.assert_equal_graph_def(x, y)", "chex.assert_shape(x, (1,))",
    "check_estimator(x)", "jsonschema.validate(x, y)", "subprocess.check_call(['a'])", "subprocess.check_output(['a'])",
    "subprocess.run(['a'], check=True)", "subprocess.run(['a'], **x)",
    "p = subprocess.run(['a'])\n    p.check_returncode()", "requests.get('u').raise_for_status()",
    "r = httpx.get('u')\n    r.raise_for_status()", "SCHEMA.validate(x)", "SCHEMA(x)", "Rows.validate(x)", "Rows(x)",
    "DataFrame[Rows](x)", "s = pa.DataFrameSchema({})\n    s.validate(x, lazy=True)", "x.pipe(SCHEMA.validate)",
    "assert gx.from_pandas(x).expect_column_to_exist('a').success",
    "assert deepchecks.tabular.Suite('s').run(x).passed()", "pytest.raises(KeyError, x.pop)", "pytest.fail('x')",
    "py_compile.compile('a.py', doraise=True)", "hypothesis.stateful.run_state_machine_as_test(x)",
    "doctest.DebugRunner().run(x)", "doctest.testmod(x, raise_on_error=True)", "assert doctest.testmod(x).failed == 0",
    "m = Mock()\n    y(m)\n    m.assert_called()", "assert subprocess.call(['a']) == 0", "assert os.system('a') == 0",
    "assert CliRunner().invoke(x).exit_code == 0", "assert TestClient(x).get('/').status_code == 200",
    "quality_kit.assert_fresh(x)", "quality_kit.check(x)", "quality_kit.Suite(x).validate()",
    "quality_kit.expect(x).to_be_fresh()", "x.should.equal(3)", "x.validator.run()", "x.assert_valid()", "x.verify()",
    "Mock(side_effect=AssertionError)", "asyncio.run(asyncio.wait_for(x, 3))", "torch.use_deterministic_algorithms(True)",
    "patch('a.b', side_effect=RuntimeError).start()", "check_model(x)",
]  # fmt: skip
SILENT = {
    "unread-result": [
        "subprocess.run(['a'])", "subprocess.run(['a'], check=False)", "subprocess.call(['a'])", "os.system('a')",
        "p = subprocess.Popen(['a'])\n    p.wait()",
        "p = subprocess.run(['a'], capture_output=True)\n    print(p.stdout)", "requests.get('u')",
        "r = requests.post('u')\n    print(r.json())", "CliRunner().invoke(x, ['a'])",
        "runner = CliRunner()\n    result = runner.invoke(x)\n    print(result.output)", "TestClient(x).get('/')",
        "client = TestClient(x)\n    print(client.get('/').json())", "np.allclose(x, y)", "x.equals(y)",
        "isinstance(x, int)", "hasattr(x, 'fit')", "os.path.exists('a')",
        "gx.from_pandas(x).expect_column_to_exist('a')", "pytest.raises(KeyError)", "pytest.warns(UserWarning)",
        "pytest.approx(x)", "x == y", "x > 3", "not x", "x and y", "x in y", "doctest.testmod(x)", "pytest.main(['a'])",
    ],
    "no-assertion": [
        "x.fit(y)", "print(x)", "torch.nn.Linear(2, 2)(x)", "pd.read_csv('a').describe()", "np.random.seed(3)",
        "deepchecks.tabular.Suite('s').run(x).save_as_html()", "evidently.Report([]).run(x, y)", "SCHEMA.columns",
        "pd.DataFrame(x).plot()", "import quality_kit", "x", "x.shape", "len(x)", "[a for a in x]", "pass", "...", "'text'",
    ],
    "not-called": ["x.assert_called_once", "Mock().called_once", "Mock().called_once_with(3)", "(x > 0).all"],
    "warns-only": ["if x:\n        warnings.warn('x')"],
    "returned-result": ["return x == 3", "return x", "return np.allclose(x, y)"],
}  # fmt: skip
UNSURE = [
    "quality_kit.go(x)", "quality_kit.Kit(x).go()", "kit = quality_kit.Kit(x)\n    kit.go()", "runpy.run_path('a.py')",
    "exec(x)", "eval(x)", "getattr(quality_kit, 'go')(x)", "Config(lr=x)", "Config.parse_obj(x)", "surprise_helper(x)",
]  # fmt: skip


@pytest.mark.parametrize("body", ASSERTING)
def test_asserting(judge, body):
    head = HEAD + "from onnx.checker import check_model\n" if "check_model" in body else HEAD
    assert judge(f"{head}def test(x, y):\n    {body}\n", "test") is None


@pytest.mark.parametrize(("reason", "body"), [(reason, body) for reason in SILENT for body in SILENT[reason]])
def test_silent(judge, reason, body):
    finding = judge(f"{HEAD}def test(x, y):\n    {body}\n", "test")
    assert finding is not None
    assert (finding.verdict, finding.reason) == ("hollow", reason)


@pytest.mark.parametrize("body", UNSURE)
def test_out_of_sight(judge, body):
    finding = judge(f"{HEAD}from company import surprise_helper\ndef test(x, y):\n    {body}\n", "test")
    assert finding is not None
    assert finding.verdict == "weak"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("self.assertTrue(x)", None),
        ("self.assertEqual(x, 1)", None),
        ("self.assertAlmostEqual(x, 1)", None),
        ("self.assertRaises(KeyError, x)", None),
        ("with self.assertRaises(KeyError):\n            x.pop()", None),
        ("with self.assertLogs():\n            x.pop()", None),
        ("self.fail('x')", None),
        ("self.assertAllClose(x, 1)", None),
        ("self.assertFalse(False)", "constant-assertion"),
        ("self.assertEqual(1, 1)", "constant-assertion"),
        ("self.assertIs(x, x)", "tautology"),
        ("self.assertIn(x, [x])", "tautology"),
        ("self.assertGreaterEqual(len(x), 0)", "tautology"),
        ("self.assertLess(-1, len(x))", "tautology"),
        ("self.assertIsNotNone(Other())", "tautology"),
        ("self.assertIsInstance(Other(), Other)", "tautology"),
        ("self.assertTrue", "not-called"),
        ("self.assertRaises(KeyError)", "unread-result"),
        ("self.skipTest('x')", "always-skips"),
        ("self.assertTrue(x, 'message')", None),
        ("self.assertTrue(x, 3)", "misused-assertion"),
        ("self.assertTrue(3, 3)", "constant-assertion"),
        ("with self.subTest(1):\n            self.assertTrue(x)", None),
        ("with self.subTest(1):\n            print(x)", "no-assertion"),
        ("self.helper(x)", None),
        ("self.other(x)", "no-assertion"),
    ],
)
def test_unittest(judge, body, expected):
    source = (
        "import unittest\nclass Other:\n    pass\nclass T(unittest.TestCase):\n"
        "    def helper(self, x):\n        self.assertEqual(x, 3)\n"
        f"    def other(self, x):\n        print(x)\n    def test(self):\n        x = load()\n        {body}\n"
    )
    finding = judge(source, "T.test")
    assert (None if finding is None else finding.reason) == expected


@pytest.mark.parametrize("base", ["kit.ModelTests", "transformers.testing.ModelTesterMixin, unittest.TestCase"])
def test_method_of_a_base_class_out_of_sight(judge, base):
    source = (
        f"import kit, transformers.testing, unittest\nclass T({base}):\n    def test(self):\n        self.run_all()\n"
    )
    assert judge(source, "T.test").verdict == "weak"
    source = source.replace("run_all", "check_all")
    assert judge(source, "T.test") is None


@pytest.mark.parametrize(
    "name", ["check_schema", "assertSame", "verify", "validate_all", "ensureSorted", "expect_rows"]
)
def test_names_that_promise_a_check(name):
    assert promises(name)
    assert promises_first(name)


@pytest.mark.parametrize(
    "name", ["fit", "predict", "cross_validate", "check_random_state", "checkout", "raiser", "failover", "x"]
)
def test_names_that_promise_nothing(name):
    assert not promises(name)
    assert not promises_first(name)


def test_words_of_a_name():
    assert words("assert_sameRows2") == ("assert", "same", "rows", "2")
    assert words("HTTPCheck") == ("http", "check")
    assert words("") == ()
