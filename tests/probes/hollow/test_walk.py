"""Control flow: which assertions are reached, which are swallowed, which tests leave early."""

from __future__ import annotations

import textwrap

import pytest

HEAD = """
import contextlib, logging, os, pytest, subprocess, sys, unittest, warnings
import numpy as np
log = logging.getLogger()
"""


def reason(judge, body, head=HEAD, args="x"):
    source = f"{head}def test({args}):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    finding = judge(source, "test")
    return None if finding is None else finding.reason


CHECKS = {
    "assert x": "AssertionError",
    "np.testing.assert_allclose(x, 1)": "AssertionError",
    "raise ValueError(x)": "ValueError",
    "subprocess.run(['a'], check=True)": "CalledProcessError",
    "x.raise_for_status()": "HTTPError",
    "pytest.fail('x')": "Failed",
    "sys.exit(3)": "SystemExit",
}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("handler", ["pass", "print(1)", "log.error('x')", "return", "pytest.skip('x')",
                                     "warnings.warn('x')", "traceback.print_exc()", "y = 1", "continue"])  # fmt: skip
def test_handler_that_swallows(judge, check, handler):
    body = f"for _ in range(3):\n    try:\n        {check}\n    except BaseException:\n        {handler}"
    assert reason(judge, body, HEAD + "import traceback\n") == "swallowed"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "handler", ["raise", "assert False", "pytest.fail('x')", "raise RuntimeError", "sys.exit(1)", "os._exit(1)",
                "if x:\n            raise", "assert x.y"]
)  # fmt: skip
def test_handler_that_fails(judge, check, handler):
    assert reason(judge, f"try:\n    {check}\nexcept BaseException:\n        {handler}") is None


@pytest.mark.parametrize(("check", "kind"), CHECKS.items())
@pytest.mark.parametrize("caught", ["AssertionError", "Exception", "ValueError", "HTTPError", "SystemExit",
                                    "(KeyError, OSError)", "subprocess.CalledProcessError",
                                    "pytest.fail.Exception"])  # fmt: skip
def test_handlers_catch_by_class(judge, check, kind, caught):
    catches = {
        "AssertionError": {"AssertionError"},
        "Exception": {"AssertionError", "ValueError", "CalledProcessError", "HTTPError"},
        "ValueError": {"ValueError"},
        "HTTPError": {"HTTPError"},
        "SystemExit": {"SystemExit"},
        "(KeyError, OSError)": {"HTTPError"},
        "subprocess.CalledProcessError": {"CalledProcessError"},
        "pytest.fail.Exception": {"Failed"},
    }[caught]
    expected = "swallowed" if kind in catches else None
    assert reason(judge, f"try:\n    {check}\nexcept {caught}:\n    pass") == expected
    suppressed = f"with contextlib.suppress({caught.strip('()')}):\n    {check}"
    assert reason(judge, suppressed) == expected


def test_first_matching_handler_decides(judge):
    first = "try:\n    assert x\nexcept AssertionError:\n    raise\nexcept Exception:\n    pass"
    assert reason(judge, first) is None
    second = "try:\n    assert x\nexcept AssertionError:\n    pass\nexcept Exception:\n    raise"
    assert reason(judge, second) == "swallowed"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("try:\n    x.run()\nexcept Exception:\n    pass\nelse:\n    assert x", None),
        ("try:\n    x.run()\nexcept Exception:\n    pass\nfinally:\n    assert x", None),
        ("try:\n    x.run()\nfinally:\n    x.close()\nassert x", None),
        ("try:\n    assert x\nfinally:\n    return", "swallowed"),
        ("try:\n    assert x\nfinally:\n    x.close()", None),
        ("ok = True\ntry:\n    assert x\nexcept AssertionError:\n    ok = False\nassert ok", None),
        (
            "failures = []\ntry:\n    assert x\nexcept AssertionError as e:\n    failures.append(e)\nassert not failures",
            None,
        ),
        (
            "try:\n    try:\n        assert x\n    except KeyError:\n        pass\nexcept AssertionError:\n    pass",
            "swallowed",
        ),
        (
            "try:\n    try:\n        assert x\n    except AssertionError:\n        raise\nexcept KeyError:\n    pass",
            None,
        ),
        ("try:\n    import torch\nexcept ImportError:\n    pytest.skip('x')\nassert torch.ones(1).sum() == x", None),
        ("try:\n    assert x\nexcept* AssertionError:\n    pass", "swallowed"),
        ("with contextlib.suppress(Exception), open('a'):\n    assert x", "swallowed"),
        ("with contextlib.suppress():\n    assert x", None),
    ],
)
def test_try_statements(judge, body, expected):
    assert reason(judge, body) == expected


def test_finding_points_at_the_handler_that_swallows(judge):
    source = "def test(x):\n    try:\n        assert x\n    except KeyError:\n        raise\n"
    source += "    except Exception:\n        pass\n"
    assert str(judge(source, "test").location) == "tests/test_it.py:6"


def test_helper_that_swallows(judge):
    helper = (
        "def check(x):\n    try:\n        assert x\n    except AssertionError:\n        return False\n    return True\n"
    )
    assert judge(f"{helper}def test(x):\n    check(x)\n", "test").reason == "swallowed"
    assert judge(f"{helper}def test(x):\n    assert check(x)\n", "test") is None
    asserting = "def check(x):\n    assert x\n"
    swallowing = "def test(x):\n    try:\n        check(x)\n    except AssertionError:\n        pass\n"
    assert judge(asserting + swallowing, "test").reason == "swallowed"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return\nassert x", "unreachable"),
        ("if x:\n    return\nassert x", None),
        ("if x:\n    return\nelse:\n    return\nassert x", "unreachable"),
        ("if x:\n    return\nelse:\n    assert x\n", None),
        ("if True:\n    return\nassert x", "unreachable"),
        ("if False:\n    return\nassert x", None),
        ("if not 1:\n    assert x", "unreachable"),
        ("if x and False:\n    assert x", "unreachable"),
        ("if x or True:\n    pass\nelse:\n    assert x", "unreachable"),
        ("while True:\n    x.fit()\nassert x", "unreachable"),
        ("while True:\n    if x.run():\n        break\nassert x", None),
        ("while x:\n    assert x\n", None),
        ("while 0:\n    assert x\n", "empty-loop"),
        ("for _ in ():\n    assert x", "empty-loop"),
        ("for _ in {}:\n    assert x", "empty-loop"),
        ("for _ in '':\n    assert x", "empty-loop"),
        ("for _ in range(0):\n    assert x", "empty-loop"),
        ("for _, _ in enumerate([]):\n    assert x", "empty-loop"),
        ("for _, _ in {}.items():\n    assert x", "empty-loop"),
        ("for _, _ in zip([], x):\n    assert x", "empty-loop"),
        ("for _ in list():\n    assert x", "empty-loop"),
        ("cases = []\nfor c in cases:\n    assert x(c)", "empty-loop"),
        ("cases = []\ncases += x\nfor c in cases:\n    assert x(c)", None),
        ("cases = []\nx.fill(cases)\nfor c in cases:\n    assert x(c)", None),
        ("for c in [1]:\n    continue\n    assert x(c)", "unreachable"),
        ("for c in [1]:\n    if c:\n        continue\n    assert x(c)", None),
        ("for c in x:\n    print(c)\nelse:\n    assert x", None),
        ("with open('a') as f:\n    return\nassert x", "unreachable"),
        ("with pytest.raises(KeyError):\n    x['a']\nassert x", None),
        ("raise unittest.SkipTest('x')", "always-skips"),
        ("raise pytest.skip.Exception('x')", "always-skips"),
        ("pytest.xfail('x')\nassert x", "always-skips"),
        ("if x:\n    pytest.skip('x')\nelse:\n    pytest.skip('y')", "always-skips"),
        ("if x:\n    assert x.y\n    return\npytest.skip('x')", None),
        ("return pytest.skip('x')", "always-skips"),
        ("exit(0)\nassert x", None),
        ("os._exit(0)\nassert x", "unreachable"),
        ("if x.bad:\n    sys.exit('bad')", None),
        ("match x:\n    case 1:\n        assert x.y", None),
        ("if __name__ == '__main__':\n    assert x", "unreachable"),
        ("def inner():\n    return\nassert x", None),
        ("def inner():\n    assert x\nreturn inner", None),
        ("def inner():\n    assert x\nx.callback = inner", None),
        ("def inner():\n    assert x\nd = {'a': inner}\nd['a']()", None),
        ("def inner():\n    print(x)\ninner()", "no-assertion"),
        ("def inner():\n    inner()\n    assert x\n", "never-called"),
        ("async def inner():\n    assert x\ninner()", "never-called"),
        ("class Watcher:\n    def on_end(self):\n        assert x\nx.fit(Watcher())", None),
        ("@x.register\ndef inner():\n    assert x", None),
        ("[pytest.fail('a') for a in x if a]", None),
        ("x.y and pytest.fail('a')", None),
        ("x.map(lambda a: pytest.fail('a'))", None),
        ("raise NotImplementedError", None),
        ("raise x", None),
    ],
)
def test_reachable_or_not(judge, body, expected):
    assert reason(judge, body) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from typing import TYPE_CHECKING\ndef test(x):\n    if TYPE_CHECKING:\n        assert x", "unreachable"),
        ("import typing\ndef test(x):\n    if typing.TYPE_CHECKING:\n        assert x", "unreachable"),
        ("SLOW = False\ndef test(x):\n    if SLOW:\n        assert x", "unreachable"),
        ("SLOW = False\nSLOW = load()\ndef test(x):\n    if SLOW:\n        assert x", None),
        ("import os\nSLOW = os.environ.get('A')\ndef test(x):\n    if SLOW:\n        assert x", None),
        (
            "SLOW = False\ndef switch():\n    global SLOW\n    SLOW = True\ndef test(x):\n    if SLOW:\n        assert x",
            None,
        ),
        ("CASES = []\ndef test(x):\n    for c in CASES:\n        assert x", "empty-loop"),
        ("CASES = []\nCASES.append(1)\ndef test(x):\n    for c in CASES:\n        assert x", None),
        ("CASES = []\nfill(CASES)\ndef test(x):\n    for c in CASES:\n        assert x", None),
        ("from cases import CASES\ndef test(x):\n    for c in CASES:\n        assert x", None),
        ("async def test(x):\n    assert await x.run()", None),
        ("async def test(x):\n    await x.fit()", "no-assertion"),
        ("async def check(x):\n    assert x\nasync def test(x):\n    await check(x)", None),
        ("async def check(x):\n    assert x\nasync def test(x):\n    check(x)", "never-called"),
        ("def test(x):\n    yield x\n    assert x", "generator-test"),
        ("def rows(x):\n    yield x\ndef test(x):\n    assert list(rows(x)) == [1]", None),
        ("def test(x):\n    def rows():\n        yield x\n    assert list(rows()) == [1]", None),
    ],
)
def test_around_the_function(judge, source, expected):
    finding = judge(source, "test")
    assert (None if finding is None else finding.reason) == expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("pytest.raises(KeyError)", None),
        ("pytest.warns(UserWarning)", None),
        ("pytest.deprecated_call()", None),
        ("np.testing.assert_raises(KeyError)", None),
        ("np.errstate(all='raise')", None),
        ("np.errstate(all='ignore')", "no-assertion"),
        ("open('a')", "no-assertion"),
        ("contextlib.nullcontext()", "no-assertion"),
        ("warnings.catch_warnings(record=True)", "no-assertion"),
        ("pytest.raises(KeyError) if x else contextlib.nullcontext()", None),
        ("x or pytest.raises(KeyError)", None),
    ],
)
def test_context_managers(judge, context, expected):
    assert reason(judge, f"with {context}:\n    x.fit()") == expected


def test_context_manager_given_as_parameter(judge):
    mark = "@pytest.mark.parametrize('n, expectation', [(1, {}), (2, None)])\n"
    body = "def test(n, expectation, x):\n    with expectation:\n        x.fit(n)\n"
    assert judge("import pytest\n" + mark.format("pytest.raises(ValueError)") + body, "test") is None


def test_warnings_turned_into_errors(judge):
    body = "with warnings.catch_warnings():\n    warnings.simplefilter({})\n    x.fit()"
    assert reason(judge, body.format("'error'")) is None
    assert reason(judge, body.format("'ignore'")) == "no-assertion"
