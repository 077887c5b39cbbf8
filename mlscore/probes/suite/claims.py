"""One function read in order: its calls, and what each of its assertions compares."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from mlscore.core.placement_words import words_of
from mlscore.probes.suite.module import Module
from mlscore.probes.suite.vocabulary import stem

LONG_STRING = 60
READS_DATA = re.compile(r"(read|scan)_(csv|parquet|json|table|excel|sql|feather|delta)|load_dataset|from_csv")
_LINKS = 40
"""A variable carries at most this many words of what it was made from: enough to tell a metric from a path."""

_COMPARISONS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_UNITTEST = {
    "assertEqual": "==", "assertEquals": "==", "assertNotEqual": "!=", "assertLess": "<", "assertLessEqual": "<=",
    "assertGreater": ">", "assertGreaterEqual": ">=", "assertIn": "in", "assertNotIn": "not in", "assertIs": "is",
    "assertIsNot": "is not", "assertIsInstance": "isinstance", "assertAlmostEqual": "~", "assertAlmostEquals": "~",
    "assertCountEqual": "==", "assertListEqual": "==", "assertDictEqual": "==", "assertSetEqual": "==",
    "assertTupleEqual": "==", "assertSequenceEqual": "==", "assertMultiLineEqual": "==", "assertIsNone": "is",
    "assertIsNotNone": "is not", "assertTrue": "true", "assertFalse": "true", "assertRegex": "in",
}  # fmt: skip
_CLOSE = re.compile(r"assert_?(array|frame|series|index|allclose|almost|close|equal|shape|tensors|trees|arrays)\w*")
_CLOSE_CALLS = frozenset({"allclose", "array_equal", "isclose", "approx", "equal", "array_equiv", "equals"})


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its dotted name with imports resolved, its last part, the words of what it is called on and with.

    `target` are the words of its first two arguments by position and of `url`: where a request goes.
    """

    dotted: str
    last: str
    base: frozenset[str]
    args: frozenset[str]
    looped: bool
    strings: tuple[str, ...]
    target: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """One assertion, as the comparison it makes.

    `left` and `right` are the words of each side, those of the variables' makers included; `near` are the words that
    stand in the assertion itself. A side that is a number has it in `left_number` or `right_number`; `difference` says
    that the left side subtracts, `flag` that one side is True, False or None, which is no known value.
    """

    op: str
    left: frozenset[str]
    right: frozenset[str]
    near: frozenset[str]
    left_number: float | None = None
    right_number: float | None = None
    left_constant: bool = False
    right_constant: bool = False
    calls: frozenset[str] = frozenset()
    negated: bool = False
    difference: bool = False
    flag: bool = False

    @property
    def words(self) -> frozenset[str]:
        """The words of both sides."""
        return self.left | self.right | self.near


@lru_cache(maxsize=65536)
def stems(text: str) -> frozenset[str]:
    """The words of an identifier or string, plurals folded."""
    return frozenset(stem(w) for w in words_of(text))


_CONTRARY = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}


def _fails(body: list[ast.stmt]) -> bool:
    """Whether a branch ends the test as failed: it raises, or calls `pytest.fail` or `self.fail`."""
    last = body[-1]
    if isinstance(last, ast.Raise):
        return True
    return (
        isinstance(last, ast.Expr)
        and isinstance(last.value, ast.Call)
        and isinstance(last.value.func, ast.Attribute)
        and last.value.func.attr == "fail"
    )


def _contrary(node: ast.expr) -> ast.expr:
    """The comparison that holds where a simple one does not; anything else as it is."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _CONTRARY:
        return ast.Compare(node.left, [_CONTRARY[type(node.ops[0])]()], node.comparators)
    return node


def _is_figures(node: ast.expr) -> bool:
    """Whether an expression is a list of several numbers written out: made-up data."""
    return (
        isinstance(node, ast.List)
        and len(node.elts) > 1
        and all(isinstance(e, ast.Constant) and isinstance(e.value, int | float) for e in node.elts)
    )


def _is_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


class FunctionReader:
    """Walks one function in order and keeps, for each variable, the words of what it was made from."""

    def __init__(self, module: Module, env: dict[str, frozenset[str]]) -> None:
        self.module = module
        self.env = env
        self.calls: list[Call] = []
        self.claims: list[Claim] = []
        self.strings: set[str] = set()
        self.raises = False
        self.builds_data = False
        self.loops = 0
        self.names: set[str] = set()

    def body(self, statements: list[ast.stmt]) -> None:
        """Read statements in order."""
        for statement in statements:
            self._statement(statement)

    def decorator(self, node: ast.expr) -> None:
        """Read a decorator: its calls alone."""
        self._expression(node)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.env[node.name] = stems(node.name)
            self.body(node.body)
            return
        if isinstance(node, ast.ClassDef):
            self.body(node.body)
            return
        if isinstance(node, ast.Assert):
            self._expression(node.test)
            self._claim(node.test)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                looped = isinstance(node, ast.While)
                self.loops += looped
                self._expression(child)
                self.loops -= looped
        if isinstance(node, ast.Assign):
            self.builds_data |= _is_figures(node.value)
            for target in node.targets:
                self._bind(target, self._terms(node.value))
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            self._bind(node.target, self._terms(node.value))
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._bind(node.target, self._terms(node.iter))
            self.loops += 1
            self.body(node.body)
            self.loops -= 1
            self.body(node.orelse)
        elif isinstance(node, ast.While):
            self.loops += 1
            self.body(node.body)
            self.loops -= 1
        elif isinstance(node, ast.If):
            if _fails(node.body):
                # `if accuracy < 0.5: raise AssertionError(...)` asserts the contrary.
                self._claim(_contrary(node.test), negated=True)
            self.body(node.body)
            self.body(node.orelse)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self._expression(item.context_expr)
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, self._terms(item.context_expr))
            self.body(node.body)
        elif isinstance(node, ast.Try):
            self.body(node.body)
            for handler in node.handlers:
                self.body(handler.body)
            self.body(node.orelse)
            self.body(node.finalbody)

    def _bind(self, target: ast.expr, terms: frozenset[str]) -> None:
        if isinstance(target, ast.Name):
            merged = self.env.get(target.id, frozenset()) | terms
            self.env[target.id] = merged if len(merged) <= _LINKS else terms
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self._bind(element, terms)
        elif isinstance(target, ast.Starred | ast.Subscript | ast.Attribute):
            self._bind(target.value, terms)

    def _expression(self, node: ast.expr) -> None:
        """Note the calls and strings of an expression; comprehensions count as loops."""
        if isinstance(node, ast.Lambda):
            self._expression(node.body)
            return
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            for generator in node.generators:
                self._expression(generator.iter)
                self._bind(generator.target, self._terms(generator.iter))
                for condition in generator.ifs:
                    self._expression(condition)
            self.loops += 1
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                self._expression(part)
            self.loops -= 1
            return
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and 0 < len(node.value) <= LONG_STRING:
                self.strings.add(node.value)
            return
        if isinstance(node, ast.Name):
            self.names.add(node.id)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._expression(child)
            elif isinstance(child, ast.keyword):
                self._expression(child.value)
        if isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.NamedExpr):
            self._bind(node.target, self._terms(node.value))

    def _call(self, node: ast.Call) -> None:
        dotted = self.module.dotted(node.func) or ""
        last = node.func.attr if isinstance(node.func, ast.Attribute) else dotted.rpartition(".")[2]
        base = self._terms(node.func.value) if isinstance(node.func, ast.Attribute) else frozenset()
        values = [*node.args, *(k.value for k in node.keywords)]
        args = frozenset().union(*(self._terms(v) for v in values)) if values else frozenset()
        keywords = frozenset().union(*(stems(k.arg) for k in node.keywords if k.arg)) if node.keywords else frozenset()
        strings = tuple(v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))
        where = [*node.args[:2], *(k.value for k in node.keywords if k.arg == "url")]
        target = frozenset().union(*(self._terms(v) for v in where)) if where else frozenset()
        self.calls.append(Call(dotted, last, base, args | keywords, self.loops > 0, strings, target))
        if last in ("raises", "assertRaises", "assertRaisesRegex", "warns"):
            self.raises = True
        if last in ("DataFrame", "Series", "from_dict", "from_records", "make_classification", "make_regression"):
            self.builds_data = True
        if last in ("append", "extend", "add", "update", "insert") and isinstance(node.func, ast.Attribute):
            self._bind(node.func.value, args)
        self._asserting_call(node, last)

    def _asserting_call(self, node: ast.Call, last: str) -> None:
        args = node.args
        if last in _UNITTEST:
            op = _UNITTEST[last]
            if op == "true" and args:
                self._claim(args[0], negated=last == "assertFalse")
            elif len(args) >= 2:
                self._pair(op, args[0], args[1])
            elif args:
                self._add(Claim(op, self._terms(args[0]), frozenset(), self._near(args[0])))
        elif _CLOSE.fullmatch(last) and len(args) >= 2:
            self._pair("~", args[0], args[1])
        elif last.startswith("assert_called") or last in ("assert_any_call", "assert_has_calls", "assert_not_called"):
            self._add(Claim("mock", self._terms(node.func), frozenset(), frozenset()))
        elif last.startswith("assert") and args:
            words = frozenset().union(*(self._terms(a) for a in args))
            self._add(Claim("call", words | stems(last), frozenset(), stems(last)))

    def _claim(self, node: ast.expr, negated: bool = False) -> None:
        """Split an asserted expression into the comparisons that it makes."""
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self._claim(value, negated)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            self._claim(node.operand, not negated)
        elif isinstance(node, ast.Compare):
            left = node.left
            for op, right in zip(node.ops, node.comparators, strict=True):
                self._pair(_COMPARISONS[type(op)], left, right)
                left = right
        elif isinstance(node, ast.Call):
            self._claim_of_call(node, negated)
        else:
            self._add(Claim("true", self._terms(node), frozenset(), self._near(node), negated=negated))

    def _claim_of_call(self, node: ast.Call, negated: bool) -> None:
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        args = node.args
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if last in ("isinstance", "hasattr", "issubclass", "callable"):
            self._add(Claim("isinstance", self._terms(node), frozenset(), self._near(node)))
        elif last in ("all", "any") and len(args) == 1 and isinstance(args[0], ast.GeneratorExp | ast.ListComp):
            self._claim(args[0].elt, negated)
        elif last in ("all", "any", "item", "bool") and isinstance(
            inner, ast.Compare | ast.Call | ast.BinOp | ast.UnaryOp
        ):
            self._claim(inner, negated)
        elif last in ("all", "any", "bool") and len(args) == 1:
            self._claim(args[0], negated)
        elif last in ("apply", "map", "applymap") and args and isinstance(args[0], ast.Lambda):
            # `column.apply(lambda v: v in (0, 1))`: what is asserted of each value is asserted of the column.
            before = len(self.claims)
            self._bind_arguments(args[0], self._terms(node.func))
            self._claim(args[0].body, negated)
            words = self._near(node)
            self.claims[before:] = [replace(c, near=c.near | words) for c in self.claims[before:]]
        elif last in _CLOSE_CALLS and len(args) >= 2:
            self._pair("!=" if negated else "~", args[0], args[1])
        elif last in _CLOSE_CALLS and inner is not None and args:
            self._pair("!=" if negated else "~", inner, args[0])
        elif last in ("issubset", "issuperset") and inner is not None and args:
            self._pair("in", *((inner, args[0]) if last == "issubset" else (args[0], inner)))
        elif last in ("exists", "is_file", "is_dir", "isfile", "isdir"):
            self._add(Claim("exists", self._terms(node), frozenset(), self._near(node)))
        else:
            self._add(
                Claim(
                    "true", self._terms(node), frozenset(), self._near(node), calls=frozenset({last}), negated=negated
                )
            )

    def _bind_arguments(self, node: ast.Lambda, terms: frozenset[str]) -> None:
        for argument in node.args.args:
            self.env[argument.arg] = terms

    def _pair(self, op: str, left: ast.expr, right: ast.expr) -> None:
        calls = frozenset(
            n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")
            for side in (left, right)
            for n in ast.walk(side)
            if isinstance(n, ast.Call)
        )
        minus = any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub) for n in ast.walk(left))
        self._add(
            Claim(
                op, self._terms(left), self._terms(right), self._near(left) | self._near(right), self._number(left),
                self._number(right), self._constant(left), self._constant(right), calls,
                difference=minus, flag=_is_flag(left) or _is_flag(right),
            )
        )  # fmt: skip

    def _add(self, claim: Claim) -> None:
        self.claims.append(claim)

    def _number(self, node: ast.expr) -> float | None:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._number(node.operand)
            return -inner if inner is not None else None
        if isinstance(node, ast.Name) and node.id in self.module.constants:
            node = self.module.constants[node.id]
        if isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", "") == "approx":
            node = node.args[0]
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return float(node.value)
        return None

    def _constant(self, node: ast.expr) -> bool:
        """Whether an expression is a literal, an upper-case name, or built of such."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return node.id.isupper()
        if isinstance(node, ast.Attribute):
            return node.attr.isupper()
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return all(self._constant(e) for e in node.elts)
        if isinstance(node, ast.Dict):
            return all(self._constant(v) for v in node.values)
        if isinstance(node, ast.UnaryOp):
            return self._constant(node.operand)
        if isinstance(node, ast.BinOp):
            return self._constant(node.left) and self._constant(node.right)
        if isinstance(node, ast.Call):
            last = getattr(node.func, "attr", getattr(node.func, "id", ""))
            return last in ("approx", "array", "Timestamp", "date", "datetime", "timedelta", "DataFrame", "Series", "set",
                            "tensor", "as_tensor") and all(self._constant(a) for a in node.args)  # fmt: skip
        return False

    def _near(self, node: ast.expr) -> frozenset[str]:
        """The words that stand in an expression itself."""
        found: set[str] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                found |= stems(part.id)
            elif isinstance(part, ast.Attribute):
                found |= stems(part.attr)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) <= LONG_STRING:
                found |= stems(part.value)
        return frozenset(found)

    def _terms(self, node: ast.expr) -> frozenset[str]:
        """The words of an expression and of what its variables were made from."""
        found: set[str] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                found |= stems(part.id)
                known = self.env.get(part.id)
                if known is not None:
                    found |= known
                elif part.id in self.module.constants and part.id not in ("pytestmark",):
                    found |= self._constant_terms(part.id)
            elif isinstance(part, ast.Attribute):
                found |= stems(part.attr)
                if READS_DATA.fullmatch(part.attr):
                    # A table read from a file is one whatever its variable is called.
                    found.add("df")
            elif isinstance(part, ast.keyword) and part.arg:
                found |= stems(part.arg)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) <= LONG_STRING:
                found |= stems(part.value)
        return frozenset(found)

    def _constant_terms(self, name: str) -> frozenset[str]:
        value = self.module.constants[name]
        self.env[name] = stems(name)
        self.env[name] = frozenset(list(self._near(value))[: 2 * _LINKS]) | stems(name)
        return self.env[name]
