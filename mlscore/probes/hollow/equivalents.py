"""Asserting calls written as the expression that they assert: `self.assertEqual(a, b)` is `a == b`."""

from __future__ import annotations

import ast
from typing import TypeVar

Placed = TypeVar("Placed", bound=ast.expr)

_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "assertEqual": ast.Eq, "assertEquals": ast.Eq, "assertListEqual": ast.Eq, "assertDictEqual": ast.Eq,
    "assertTupleEqual": ast.Eq, "assertSetEqual": ast.Eq, "assertSequenceEqual": ast.Eq, "assertCountEqual": ast.Eq,
    "assertItemsEqual": ast.Eq, "assertMultiLineEqual": ast.Eq, "assertAlmostEqual": ast.Eq, "assertAllClose": ast.Eq,
    "assertAllEqual": ast.Eq, "assertNDArrayNear": ast.Eq, "assertNotEqual": ast.NotEq, "assertIs": ast.Is,
    "assertIsNot": ast.IsNot, "assertIn": ast.In, "assertNotIn": ast.NotIn, "assertGreater": ast.Gt,
    "assertGreaterEqual": ast.GtE, "assertLess": ast.Lt, "assertLessEqual": ast.LtE,
    "eq_": ast.Eq, "assert_equal": ast.Eq, "assert_array_equal": ast.Eq, "assert_allclose": ast.Eq,
    "assert_almost_equal": ast.Eq, "assert_array_almost_equal": ast.Eq, "assert_frame_equal": ast.Eq,
    "assert_series_equal": ast.Eq, "assert_index_equal": ast.Eq, "assert_extension_array_equal": ast.Eq,
    "assert_close": ast.Eq, "assert_trees_all_close": ast.Eq, "assert_trees_all_equal": ast.Eq, "assert_in": ast.In,
    "assert_is": ast.Is, "assertDataFrameEqual": ast.Eq, "assert_df_equality": ast.Eq,
}  # fmt: skip
_TRUTHS = frozenset({"assertTrue", "assert_", "ok_", "assert_true", "failUnless"})
_FALSITIES = frozenset({"assertFalse", "assert_false", "failIf"})
_NONES: dict[str, type[ast.cmpop]] = {
    "assertIsNone": ast.Is, "assertIsNotNone": ast.IsNot, "assert_is_none": ast.Is, "assert_is_not_none": ast.IsNot,
}  # fmt: skip
# They do their work as a context manager or on a callable; as a bare statement with an exception alone they do nothing.
EXPECTING = frozenset(
    {"assertRaises", "assertRaisesRegex", "assertRaisesRegexp", "assertWarns", "assertWarnsRegex", "assertLogs",
     "assertNoLogs", "raises", "warns", "deprecated_call", "assert_raises", "assert_warns"}
)  # fmt: skip


def asserted(name: str, call: ast.Call) -> ast.expr | None:
    """The expression that the call asserts, or None when there is no such simple one."""
    args = call.args
    if any(isinstance(argument, ast.Starred) for argument in args):
        return None
    if name in _COMPARISONS and len(args) >= 2:
        return _placed(ast.Compare(left=args[0], ops=[_COMPARISONS[name]()], comparators=[args[1]]), call)
    if name in _TRUTHS and args:
        return args[0]
    if name in _FALSITIES and args:
        return _placed(ast.UnaryOp(op=ast.Not(), operand=args[0]), call)
    if name in _NONES and args:
        none = _placed(ast.Constant(value=None), call)
        return _placed(ast.Compare(left=args[0], ops=[_NONES[name]()], comparators=[none]), call)
    if name == "assertIsInstance" and len(args) >= 2:
        func = _placed(ast.Name(id="isinstance", ctx=ast.Load()), call)
        return _placed(ast.Call(func=func, args=args[:2], keywords=[]), call)
    return None


def misused(name: str, call: ast.Call) -> bool:
    """`assertTrue(x, 3)`: the second argument is a message, and somebody took it for the expected value."""
    if name not in _TRUTHS | _FALSITIES or len(call.args) < 2:
        return False
    second = call.args[1]
    return isinstance(second, ast.Constant) and not isinstance(second.value, str) and second.value is not None


def does_nothing(name: str, call: ast.Call) -> bool:
    """Whether a bare statement of this call only makes a context manager that nobody enters."""
    if name not in EXPECTING:
        return False
    callable_from = 2 if name.endswith(("Regex", "Regexp")) else 1
    return len(call.args) <= callable_from


def _placed(node: Placed, where: ast.expr) -> Placed:
    return ast.copy_location(node, where)
