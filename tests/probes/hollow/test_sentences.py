"""Each kind of test that cannot fail, beside a twin that can: one change of code makes the difference."""

from __future__ import annotations

import textwrap

import pytest

# name: (reason, line of the finding, the test that cannot fail, its twin that can)
PAIRS = {
    "no assertion": (
        "no-assertion",
        1,
        """
        def test(model):
            print(model.predict([1]))
        """,
        """
        def test(model):
            assert model.predict([1]) == [2]
        """,
    ),
    "only a plot": (
        "no-assertion",
        2,
        """
        import matplotlib.pyplot as plt
        def test():
            plt.plot([1, 2])
            plt.show()
        """,
        """
        import matplotlib.pyplot as plt
        def test():
            lines = plt.plot(load())
            assert len(lines) == 1
        """,
    ),
    "assert True": ("constant-assertion", 2, "def test():\n    assert True", "def test(x):\n    assert x"),
    "assert 1": ("constant-assertion", 2, "def test():\n    assert 1", "def test(x):\n    assert x == 1"),
    "assert text": ("constant-assertion", 2, "def test():\n    assert 'it ran'", "def test(x):\n    assert 'it' in x"),
    "assert f-string": ("constant-assertion", 1, "def test(x): assert f'v {x}'", "def test(x): assert x == f'{x}'"),
    "assert not False": (
        "constant-assertion",
        2,
        "def test():\n    assert not False",
        "def test(x):\n    assert not x",
    ),
    "accuracy is a share": (
        "tautology",
        3,
        """
        def test(model):
            accuracy = model.evaluate()
            assert 0 <= accuracy <= 1
        """,
        """
        def test(model):
            accuracy = model.evaluate()
            assert 0.8 <= accuracy <= 1
        """,
    ),
    "length is not negative": (
        "tautology",
        2,
        "def test(df):\n    assert len(df) >= 0",
        "def test(df):\n    assert len(df) > 0",
    ),
    "x == x": ("tautology", 2, "def test(x):\n    assert x == x", "def test(x, y):\n    assert x == y"),
    "constructor is not None": (
        "tautology",
        4,
        """
        from model import Model
        def test():
            model = Model()
            assert model is not None
        """,
        """
        from model import find_model
        def test():
            model = find_model()
            assert model is not None
        """,
    ),
    "assertion swallowed": (
        "swallowed",
        4,
        """
        def test(x):
            try:
                assert x > 1
            except AssertionError as error:
                print(error)
        """,
        """
        def test(x):
            try:
                assert x > 1
            except ValueError as error:
                print(error)
        """,
    ),
    "swallowed by Exception": (
        "swallowed",
        4,
        """
        def test(x):
            try:
                assert x > 1
            except Exception:
                pass
        """,
        """
        def test(x):
            try:
                assert x > 1
            except Exception:
                raise
        """,
    ),
    "swallowed by a bare except": (
        "swallowed",
        4,
        """
        def test(x):
            try:
                assert x > 1
            except:
                return
        """,
        """
        import pytest
        def test(x):
            try:
                assert x > 1
            except:
                pytest.fail("x")
        """,
    ),
    "suppressed": (
        "swallowed",
        3,
        """
        from contextlib import suppress
        def test(x):
            with suppress(AssertionError):
                assert x > 1
        """,
        """
        from contextlib import suppress
        def test(x):
            with suppress(KeyError):
                assert x > 1
        """,
    ),
    "tuple": (
        "tuple-assertion",
        2,
        "def test(x):\n    assert (x == 1, 'x is not 1')",
        "def test(x):\n    assert x == 1, 'x is not 1'",
    ),
    "early return": (
        "unreachable",
        2,
        "def test(x):\n    return\n    assert x == 1",
        "def test(x):\n    if x is None:\n        return\n    assert x == 1",
    ),
    "sys.exit": (
        "unreachable",
        3,
        "import sys\ndef test(x):\n    sys.exit(0)\n    assert x == 1",
        "import sys\ndef test(x):\n    sys.exit(int(x != 1))",
    ),
    "empty loop": (
        "empty-loop",
        2,
        "def test(f):\n    for case in []:\n        assert f(case)",
        "def test(f):\n    for case in [1, 2]:\n        assert f(case)",
    ),
    "while False": (
        "empty-loop",
        2,
        "def test(x):\n    while False:\n        assert x",
        "def test(x):\n    while x:\n        assert x.step()",
    ),
    "if False": (
        "unreachable",
        2,
        "def test(x):\n    if False:\n        assert x",
        "def test(x):\n    if x:\n        assert x.step()",
    ),
    "skip at the end": (
        "always-skips",
        4,
        """
        import pytest
        def test(model):
            model.fit()
            pytest.skip("no threshold yet")
        """,
        """
        import pytest
        def test(model):
            if model is None:
                pytest.skip("no model")
            assert model.fit()
        """,
    ),
    "skip at the start": (
        "always-skips",
        3,
        "import pytest\ndef test(x):\n    pytest.skip('later')\n    assert x",
        "import pytest\ndef test(x):\n    pytest.importorskip('later')\n    assert x",
    ),
    "own mock": (
        "own-mock",
        5,
        """
        from unittest.mock import Mock
        def test():
            model = Mock()
            model.predict.return_value = 5
            assert model.predict([1]) == 5
        """,
        """
        from unittest.mock import Mock
        from model import evaluate
        def test():
            model = Mock()
            model.predict.return_value = 5
            assert evaluate(model) == 5
        """,
    ),
    "bad fixture is bad": (
        "own-data",
        5,
        """
        import pandas as pd, pytest
        @pytest.fixture
        def bad(): return pd.DataFrame({"age": [-1]})
        def test(bad):
            assert (bad["age"] < 0).any()
        """,
        """
        import pandas as pd, pytest
        from clean import clean
        @pytest.fixture
        def bad(): return pd.DataFrame({"age": [-1]})
        def test(bad):
            assert (clean(bad)["age"] >= 0).all()
        """,
    ),
    "warning instead of failure": (
        "warns-only",
        4,
        """
        import warnings
        def test(drift):
            if drift > 0.2:
                warnings.warn("drift")
        """,
        """
        import pytest
        def test(drift):
            if drift > 0.2:
                pytest.fail("drift")
        """,
    ),
    "exit code unread": (
        "unread-result",
        3,
        "import subprocess\ndef test():\n    subprocess.run(['train'])",
        "import subprocess\ndef test():\n    subprocess.run(['train'], check=True)",
    ),
    "help unread": (
        "unread-result",
        4,
        """
        from click.testing import CliRunner
        def test():
            runner = CliRunner()
            runner.invoke(main, ["--help"])
        """,
        """
        from click.testing import CliRunner
        def test():
            result = CliRunner().invoke(main, ["train"])
            assert result.exit_code == 0
        """,
    ),
    "status unread": (
        "unread-result",
        3,
        "import requests\ndef test():\n    requests.get('http://localhost')",
        "import requests\ndef test():\n    requests.get('http://localhost').raise_for_status()",
    ),
    "comparison unread": ("unread-result", 2, "def test(x):\n    x == 3", "def test(x):\n    assert x == 3"),
    "allclose unread": (
        "unread-result",
        3,
        "import numpy as np\ndef test(a, b):\n    np.allclose(a, b)",
        "import numpy as np\ndef test(a, b):\n    np.testing.assert_allclose(a, b)",
    ),
    "mock assertion not called": (
        "not-called",
        6,
        """
        from unittest.mock import Mock
        def alert(send): send("drift")
        def test():
            send = Mock()
            alert(send)
            send.assert_called_once
        """,
        """
        from unittest.mock import Mock
        def alert(send): send("drift")
        def test():
            send = Mock()
            alert(send)
            send.assert_called_once()
        """,
    ),
    "mock pseudo-assertion": (
        "not-called",
        6,
        """
        from unittest.mock import Mock
        def alert(send): send("drift")
        def test():
            send = Mock()
            alert(send)
            send.called_once()
        """,
        """
        from unittest.mock import Mock
        def alert(send): send("drift")
        def test():
            send = Mock()
            alert(send)
            assert send.called
        """,
    ),
    "nested function never called": (
        "never-called",
        2,
        "def test(x):\n    def check():\n        assert x",
        "def test(x):\n    def check():\n        assert x\n    check()",
    ),
    "lambda never called": (
        "never-called",
        3,
        "import pytest\ndef test(x):\n    check = lambda: pytest.fail('x')",
        "import pytest\ndef test(x):\n    check = lambda: pytest.fail('x')\n    x or check()",
    ),
    "generator": (
        "generator-test",
        1,
        "def test(x):\n    assert x\n    yield",
        "def test(x):\n    assert list(item for item in x)",
    ),
    "empty parametrize": (
        "empty-parametrize",
        2,
        "import pytest\n@pytest.mark.parametrize('x', [])\ndef test(x, f):\n    assert f(x)",
        "import pytest\n@pytest.mark.parametrize('x', [1])\ndef test(x, f):\n    assert f(x)",
    ),
    "assertTrue(True)": (
        "constant-assertion",
        4,
        """
        import unittest
        class T(unittest.TestCase):
            def test(self):
                self.assertTrue(True)
        """,
        """
        import unittest
        class T(unittest.TestCase):
            def test(self):
                self.assertTrue(load())
        """,
    ),
    "assertEqual(x, x)": (
        "tautology",
        5,
        """
        import unittest
        class T(unittest.TestCase):
            def test(self):
                x = load()
                self.assertEqual(x, x)
        """,
        """
        import unittest
        class T(unittest.TestCase):
            def test(self):
                x = load()
                self.assertEqual(x, load())
        """,
    ),
    "expected exception raised by the test": (
        "self-raised",
        3,
        """
        import pytest
        def test():
            with pytest.raises(Exception):
                assert False
        """,
        """
        import pytest
        def test(f):
            with pytest.raises(ValueError):
                f()
                assert False
        """,
    ),
    "empty raises": (
        "empty-block",
        3,
        "import pytest\ndef test():\n    with pytest.raises(ValueError):\n        ...",
        "import pytest\ndef test(f):\n    with pytest.raises(ValueError):\n        f()",
    ),
    "result returned": (
        "returned-result",
        2,
        "def test(x):\n    return x == 1",
        "def test(x):\n    assert x == 1\n    return None",
    ),
    "or true": ("tautology", 2, "def test(x):\n    assert x or True", "def test(x, y):\n    assert x or y"),
    "always skipped": (
        "always-skips",
        2,
        "import pytest\n@pytest.mark.skip(reason='slow')\ndef test(x):\n    assert x",
        "import pytest, sys\n@pytest.mark.skipif(sys.platform == 'win32', reason='paths')\ndef test(x):\n    assert x",
    ),
}


def judged(judge, source):
    source = textwrap.dedent(source).lstrip("\n")
    return judge(source, "T.test" if "class T" in source else "test")


@pytest.mark.parametrize("name", PAIRS)
def test_hollow(judge, name):
    reason, line, hollow, _ = PAIRS[name]
    finding = judged(judge, hollow)
    assert finding is not None
    assert (finding.verdict, finding.reason) == ("hollow", reason)
    assert str(finding.location) == f"tests/test_it.py:{line}"
    assert finding.message


@pytest.mark.parametrize("name", PAIRS)
def test_twin_can_fail(judge, name):
    assert judged(judge, PAIRS[name][3]) is None


WEAK = {
    "xfail without strict": ("xfail-non-strict", "import pytest\n@pytest.mark.xfail\ndef test(x):\n    assert x"),
    "helper out of sight": ("unknown-helper", "from company_kit import run_suite\ndef test(x):\n    run_suite(x)"),
    "decorator out of sight": ("unknown-decorator", "from kit import wrapped\n@wrapped\ndef test(x):\n    print(x)"),
    "benchmark alone": ("benchmark-only", "def test(benchmark, model):\n    benchmark(model.predict, [1])"),
    "help printed": (
        "help-smoke",
        "import subprocess\ndef test():\n    assert subprocess.run(['train', '--help']).returncode == 0",
    ),
    "misused message": (
        "misused-assertion",
        "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertTrue(len(load()), 3)",
    ),
    "fuzzing alone": (
        "fuzz-only",
        "from hypothesis import given, strategies as st\n@given(st.integers())\ndef test(x):\n    int(x)",
    ),
    "loose bound": ("loose-bound", "def test(model):\n    accuracy = model.evaluate()\n    assert accuracy > 0"),
    "only not None": ("only-not-none", "from model import train\ndef test():\n    assert train() is not None"),
    "list of answers": ("comprehension", "def test(xs):\n    assert [x > 1 for x in xs]"),
    "fixture asserts": (
        "fixture-asserts",
        "import pytest\n@pytest.fixture\ndef data():\n    rows = load()\n    assert rows\n    return rows\n"
        "def test(data):\n    print(data)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WEAK)
def test_doubtful_is_weak_and_keeps_its_points(judge, name):
    reason, source = WEAK[name]
    finding = judged(judge, source)
    assert finding is not None
    assert (finding.verdict, finding.reason) == ("weak", reason)
