"""Bounds that a figure keeps whatever the code under test computes: a count is never negative, an accuracy is a share."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .known import words
from .modules import External, Function
from .static import UNKNOWN, count, is_builtin, static

if TYPE_CHECKING:
    from .scope import Scope

MAX_DEPTH = 8
_LARGEST_DIVISOR = 100
_SHARES = frozenset(
    {
        "accuracy_score", "balanced_accuracy_score", "precision_score", "recall_score", "f1_score", "fbeta_score",
        "jaccard_score", "roc_auc_score", "average_precision_score", "brier_score_loss", "hamming_loss", "zero_one_loss",
        "top_k_accuracy_score", "ndcg_score",
    }
)  # fmt: skip
_ERRORS = frozenset(
    {
        "mean_squared_error", "mean_absolute_error", "root_mean_squared_error", "median_absolute_error", "log_loss",
        "mean_absolute_percentage_error", "mean_squared_log_error", "max_error",
    }
)  # fmt: skip
_SHARE_WORDS = frozenset(
    {"accuracy", "acc", "precision", "recall", "f1", "auc", "auroc", "sensitivity", "specificity", "iou", "jaccard"}
)
_SHARE_PLURALS = frozenset({"accuracies", "precisions", "recalls", "aucs", "accs"})
_ERROR_WORDS = frozenset({"mse", "rmse", "mae", "mape", "rmsle"})
# A difference of two accuracies may be negative, a threshold is not a measurement.
_NOT_MEASURED = frozenset(
    {
        "diff", "difference", "delta", "gap", "drop", "change", "gain", "improvement", "increase", "decrease", "lift",
        "threshold", "min", "minimum", "count", "n", "num", "loss", "percent", "pct", "margin", "vs", "neg", "trend",
        "slope", "fn", "func", "function", "matthews", "log",
    }
)  # fmt: skip
_CLOCKS = frozenset({"time.time", "time.perf_counter", "time.monotonic", "time.process_time", "timeit.default_timer"})
_COUNTS = frozenset({"a length", "a count", "a size"})
# Of NaN, or of nothing at all, they are NaN.
_SPREADS = frozenset({"std", "var", "nanstd", "nanvar", "norm", "stdev", "pstdev", "variance", "pvariance"})
_SPREAD_ROOTS = frozenset({"numpy", "torch", "statistics", "scipy"})
_SUMMARIES = frozenset({"min", "max", "mean", "sum", "median", "amin", "amax", "nanmin", "nanmax"})
_TRANSPARENT = frozenset({"float", "int", "round"})


@dataclass(frozen=True, slots=True)
class Interval:
    """Closed bounds; `what` says of what, "" for a literal; `weak` when the bound rests on a name that may mislead.

    `remainders` are all the values there are, for the remainder of a division.
    """

    low: float
    high: float
    what: str = ""
    weak: bool = False
    remainders: frozenset[int] = frozenset()

    @property
    def counts(self) -> bool:
        """Whether the figure is a count, which is never NaN."""
        return self.what in _COUNTS


def interval(expr: ast.expr, scope: Scope, depth: int = 0) -> Interval | None:
    """The bounds of a figure, or None when nothing is certain about it."""
    if depth > MAX_DEPTH:
        return None
    value = static(expr, scope)
    if value is not UNKNOWN:
        figure = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
        return Interval(value, value) if figure else None
    match expr:
        case ast.Name(id=name):
            return _of_name(name, scope, depth)
        case ast.Attribute(attr="size" | "ndim"):
            return Interval(0, math.inf, "a size")
        case ast.Attribute(attr=attr):
            return named(attr)
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return Interval(0, math.inf, "a size")
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return named(key)
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(power))) if power % 2 == 0 and power > 0:
            return Interval(0, math.inf, "an even power")
        case ast.BinOp(left=ast.Call(func=clock), op=ast.Sub()):
            symbol = scope.symbol(clock)
            if isinstance(symbol, External) and symbol.dotted in _CLOCKS:
                return Interval(0, math.inf, "an elapsed time")
            return None
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return _remainder(left, static(right, scope), scope)
        case ast.Call():
            return _of_call(expr, scope, depth)
        case ast.NamedExpr(value=inner):
            return interval(inner, scope, depth + 1)
        case _:
            return None


def _remainder(left: ast.expr, divisor: object, scope: Scope) -> Interval | None:
    """The remainder of a whole number; of anything else it is only likely to be whole."""
    if not isinstance(divisor, int) or isinstance(divisor, bool) or not 0 < divisor <= _LARGEST_DIVISOR:
        return None
    if isinstance(left, ast.Constant | ast.JoinedStr):
        return None
    whole = isinstance(left, ast.Call) and is_builtin(left.func, scope, frozenset({"int", "len"}))
    return Interval(0, divisor - 1, "a remainder", not whole, frozenset(range(divisor)))


def _of_name(name: str, scope: Scope, depth: int) -> Interval | None:
    home = scope.home(name)
    if home is None:
        return None
    value = home.value(name)
    by_name = named(name)
    if value is None:
        if name in home.iterated:
            return _of_item(home.iterated[name])
        # Assigned several times, in branches or by unpacking: the name alone speaks; a parameter may be anything.
        if name in home.params or by_name is None:
            return None
        return replace(by_name, weak=True) if _is_own_metric(home.unpacked.get(name), home) else by_name
    known = interval(value, home, depth + 1)
    if known is None and isinstance(value, ast.BinOp) and not _is_share(value):
        return None
    return known or by_name


def _is_own_metric(value: ast.expr | None, scope: Scope) -> bool:
    """Whether a figure comes out of a metric of the project, which is then the code under test."""
    symbol = scope.symbol(value.func) if isinstance(value, ast.Call) else None
    return isinstance(symbol, Function) and named(symbol.node.name) is not None


def _is_share(value: ast.BinOp) -> bool:
    """Whether an expression is one thing divided by another, as an accuracy counted by hand is."""
    parts = (value.left, value.right)
    return isinstance(value.op, ast.Div) and not any(isinstance(part, ast.BinOp) for part in parts)


def _of_item(iterated: ast.expr) -> Interval | None:
    """Bounds of the items of a collection named after a metric."""
    match iterated:
        case ast.Call(func=ast.Attribute(value=value, attr="items" | "values")):
            return _of_item(value)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            found = words(name)
            if not _SHARE_PLURALS.isdisjoint(found):
                return Interval(0, 1, "a share")
            return Interval(0, 1, "most metrics", weak=True) if "metrics" in found else None
        case _:
            return None


def _of_call(call: ast.Call, scope: Scope, depth: int) -> Interval | None:
    func = call.func
    if is_builtin(func, scope, frozenset({"len"})):
        length = count(call.args[0], scope) if call.args else None
        if length is None and call.args and (most := _at_most(call.args[0], scope)) is not None:
            return Interval(0, most, "a length", weak=True)
        return Interval(0, math.inf, "a length") if length is None else Interval(length, length, "a length")
    if is_builtin(func, scope, frozenset({"abs"})):
        return Interval(0, math.inf, "an absolute value")
    if is_builtin(func, scope, _TRANSPARENT) and call.args:
        return interval(call.args[0], scope, depth + 1)
    if is_builtin(func, scope, frozenset({"min", "max"})) and len(call.args) == 2:
        return _limited(call, scope, depth)
    symbol = scope.symbol(func)
    last = symbol.last if isinstance(symbol, External) else func.attr if isinstance(func, ast.Attribute) else ""
    if isinstance(symbol, External):
        if last in _SHARES:
            return Interval(0, 1, "a share")
        if last in _ERRORS:
            return Interval(0, math.inf, "an error measure")
        if symbol.root in {"numpy", "math", "torch"} and last in {"abs", "absolute", "fabs"}:
            return Interval(0, math.inf, "an absolute value")
        if symbol.root in _SPREAD_ROOTS and last in _SPREADS:
            return Interval(0, math.inf, "a spread", weak=True)
        if symbol.root == "numpy" and last in {"argmax", "argmin"}:
            return Interval(0, math.inf, "a position", weak=True)
        if symbol.root == "numpy" and last in _SUMMARIES and call.args:
            return _summary(call.args[0], last, scope, depth)
        if symbol.root in {"numpy"} and last in {"float64", "float32", "round"} and call.args:
            return interval(call.args[0], scope, depth + 1)
    if isinstance(symbol, Function):
        # The project's own metric is code under test: a range check of it is thin, but it can fail.
        found = named(symbol.node.name)
        return None if found is None else replace(found, weak=True)
    if isinstance(func, ast.Attribute) and symbol is None:
        if last in {"abs"} and not call.args:
            return Interval(0, math.inf, "an absolute value")
        if last in {"argmax", "argmin"}:
            return Interval(0, math.inf, "a position", weak=True)
        if last in {"nunique"}:
            return Interval(0, math.inf, "a count")
        if last in {"item", "numpy"} and not call.args:
            return interval(func.value, scope, depth + 1)
        if last in {"sum"} and _is_null_mask(func.value):
            return Interval(0, math.inf, "a count")
        if last in _SPREADS:
            return Interval(0, math.inf, "a spread", weak=True)
        if last in _SUMMARIES:
            return _summary(func.value, last, scope, depth)
        if last == "get" and call.args and isinstance(call.args[0], ast.Constant):
            return named(str(call.args[0].value))
        found = named(last)
        return None if found is None else replace(found, weak=True)
    return None


def _at_most(items: ast.expr, scope: Scope) -> int | None:
    """How many rows `head(n)` and its kin can leave."""
    match items:
        case ast.Call(func=ast.Attribute(attr="head" | "tail" | "nlargest" | "nsmallest"), args=[number, *_]):
            most = static(number, scope)
            return most if isinstance(most, int) and not isinstance(most, bool) and most >= 0 else None
        case _:
            return None


def _limited(call: ast.Call, scope: Scope, depth: int) -> Interval | None:
    """`max(0, x)` and `min(1, x)`: NaN passes only when it comes first."""
    first, second = (interval(argument, scope, depth + 1) for argument in call.args)
    choose = max if isinstance(call.func, ast.Name) and call.func.id == "max" else min
    one, other = first or Interval(-math.inf, math.inf), second or Interval(-math.inf, math.inf)
    if first is None and second is None:
        return None
    low, high = choose(one.low, other.low), choose(one.high, other.high)
    return Interval(low, high, "a limited value", one.weak or other.weak or first is None)


def _summary(items: ast.expr, how: str, scope: Scope, depth: int) -> Interval | None:
    """The least, greatest or mean of figures with bounds keeps them, unless there are none, or one of them is NaN."""
    bounds = interval(items, scope, depth + 1)
    if bounds is None or not bounds.what or bounds.remainders:
        return None
    return replace(bounds, high=math.inf if how == "sum" else bounds.high, low=max(bounds.low, 0), weak=True)


def _is_null_mask(expr: ast.expr) -> bool:
    match expr:
        case ast.Call(func=ast.Attribute(attr="isna" | "isnull" | "duplicated" | "notna" | "notnull")):
            return True
        case ast.Call(func=ast.Attribute(value=value, attr="sum")):
            return _is_null_mask(value)
        case _:
            return False


def named(name: str) -> Interval | None:
    """The bounds that a name promises: `val_accuracy` is a share, `rmse` is not negative."""
    found = words(name.replace("F1", "f1").replace("AUC", "Auc"))
    joined = {*found, *(f"{a}{b}" for a, b in pairwise(found))}
    if not _NOT_MEASURED.isdisjoint(found):
        return None
    if not _SHARE_WORDS.isdisjoint(joined):
        return Interval(0, 1, "a share")
    if not _ERROR_WORDS.isdisjoint(joined):
        return Interval(0, math.inf, "an error measure")
    return None
