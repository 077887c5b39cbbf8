"""What one test does, as far as its text tells: the calls, the words, and what each assertion compares."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from mlscore.core.placement_words import words_of
from mlscore.probes.suite.module import Function, Module
from mlscore.probes.suite.reader import StaticTest, Suite

_LONG_STRING = 60
_HELPER_DEPTH = 2
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
    """A call: its dotted name with imports resolved, its last part, the words of what it is called on and with."""

    dotted: str
    last: str
    base: frozenset[str]
    args: frozenset[str]
    looped: bool
    strings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One assertion, as the comparison it makes.

    `left` and `right` are the words of each side, those of the variables' makers included; `near` are the words that
    stand in the assertion itself. A side that is a number has it in `left_number` or `right_number`.
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

    @property
    def words(self) -> frozenset[str]:
        """The words of both sides."""
        return self.left | self.right | self.near


@dataclass(slots=True)
class Facts:
    """One test's facts. `own` fields are the test's body; `around` adds fixtures, setUp and helpers it calls."""

    test: StaticTest
    section: str | None
    name: frozenset[str]
    said: frozenset[str]
    phrase: str
    calls: list[Call] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    words: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    fixtures: frozenset[str] = frozenset()
    raises: bool = False
    around: list[Call] = field(default_factory=list)
    around_words: frozenset[str] = frozenset()
    params: frozenset[str] = frozenset()
    param_names: frozenset[str] = frozenset()
    builds_data: bool = False
    own_models: bool = False

    def called(self, *lasts: str) -> bool:
        """Whether the test itself calls a function of one of these names."""
        return any(c.last in lasts for c in self.calls)

    def called_anywhere(self, *lasts: str) -> bool:
        """Whether the test, its fixtures or its helpers call a function of one of these names."""
        return self.called(*lasts) or any(c.last in lasts for c in self.around)

    def says(self, *phrases: str) -> bool:
        """Whether one of these phrases stands in the test's name, class, docstring or comments, plurals folded."""
        return any(f" {p} " in self.phrase for p in phrases)


@lru_cache(maxsize=65536)
def stems(text: str) -> frozenset[str]:
    """The words of an identifier or string, plurals folded."""
    return frozenset(stem(w) for w in words_of(text))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its plural `s`; accents folded, so that Spanish words have one spelling."""
    if not word.isascii():
        word = word.translate(_ACCENTS)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "is", "us", "as")) else word


_ACCENTS = str.maketrans("áéíóúüñàèìòùçâêîôû", "aeiouunaeioucaeiou")


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


class _Reader:
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
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.env[node.name] = stems(node.name)
            self.body(node.body)
            return
        if isinstance(node, ast.ClassDef):
            self.body(node.body)
            return
        if isinstance(node, ast.Assert):
            self.expression(node.test)
            self.claim(node.test)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                looped = isinstance(node, ast.While)
                self.loops += looped
                self.expression(child)
                self.loops -= looped
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self.bind(target, self.terms(node.value))
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            self.bind(node.target, self.terms(node.value))
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.bind(node.target, self.terms(node.iter))
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
                self.claim(_contrary(node.test), negated=True)
            self.body(node.body)
            self.body(node.orelse)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self.expression(item.context_expr)
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, self.terms(item.context_expr))
            self.body(node.body)
        elif isinstance(node, ast.Try):
            self.body(node.body)
            for handler in node.handlers:
                self.body(handler.body)
            self.body(node.orelse)
            self.body(node.finalbody)

    def bind(self, target: ast.expr, terms: frozenset[str]) -> None:
        if isinstance(target, ast.Name):
            merged = self.env.get(target.id, frozenset()) | terms
            self.env[target.id] = merged if len(merged) <= _LINKS else terms
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self.bind(element, terms)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, terms)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            self.bind(target.value, terms)

    def expression(self, node: ast.expr) -> None:
        """Note the calls and strings of an expression; comprehensions count as loops."""
        if isinstance(node, ast.Lambda):
            self.expression(node.body)
            return
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            for generator in node.generators:
                self.expression(generator.iter)
                self.bind(generator.target, self.terms(generator.iter))
                for condition in generator.ifs:
                    self.expression(condition)
            self.loops += 1
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                self.expression(part)
            self.loops -= 1
            return
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and 0 < len(node.value) <= _LONG_STRING:
                self.strings.add(node.value)
            return
        if isinstance(node, ast.Name):
            self.names.add(node.id)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child)
            elif isinstance(child, ast.keyword):
                self.expression(child.value)
        if isinstance(node, ast.Call):
            self.call(node)
        elif isinstance(node, ast.NamedExpr):
            self.bind(node.target, self.terms(node.value))

    def call(self, node: ast.Call) -> None:
        dotted = self.module.dotted(node.func) or ""
        last = node.func.attr if isinstance(node.func, ast.Attribute) else dotted.rpartition(".")[2]
        base = self.terms(node.func.value) if isinstance(node.func, ast.Attribute) else frozenset()
        values = [*node.args, *(k.value for k in node.keywords)]
        args = frozenset().union(*(self.terms(v) for v in values)) if values else frozenset()
        keywords = frozenset().union(*(stems(k.arg) for k in node.keywords if k.arg)) if node.keywords else frozenset()
        strings = tuple(v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))
        self.calls.append(Call(dotted, last, base, args | keywords, self.loops > 0, strings))
        if last in ("raises", "assertRaises", "assertRaisesRegex", "warns"):
            self.raises = True
        if last in ("DataFrame", "Series", "from_dict", "from_records", "make_classification", "make_regression"):
            self.builds_data = True
        if last in ("append", "extend", "add", "update", "insert") and isinstance(node.func, ast.Attribute):
            self.bind(node.func.value, args)
        self.asserting_call(node, last)

    def asserting_call(self, node: ast.Call, last: str) -> None:
        args = node.args
        if last in _UNITTEST:
            op = _UNITTEST[last]
            if op == "true" and args:
                self.claim(args[0], negated=last == "assertFalse")
            elif len(args) >= 2:
                self.pair(op, args[0], args[1])
            elif args:
                self.add(Claim(op, self.terms(args[0]), frozenset(), self.near(args[0])))
        elif _CLOSE.fullmatch(last) and len(args) >= 2:
            self.pair("~", args[0], args[1])
        elif last.startswith("assert_called") or last in ("assert_any_call", "assert_has_calls", "assert_not_called"):
            self.add(Claim("mock", self.terms(node.func), frozenset(), frozenset()))
        elif last.startswith("assert") and args:
            words = frozenset().union(*(self.terms(a) for a in args))
            self.add(Claim("call", words | stems(last), frozenset(), stems(last)))

    def claim(self, node: ast.expr, negated: bool = False) -> None:
        """Split an asserted expression into the comparisons that it makes."""
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self.claim(value, negated)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            self.claim(node.operand, not negated)
        elif isinstance(node, ast.Compare):
            left = node.left
            for op, right in zip(node.ops, node.comparators, strict=True):
                self.pair(_COMPARISONS[type(op)], left, right)
                left = right
        elif isinstance(node, ast.Call):
            self.claim_of_call(node, negated)
        else:
            self.add(Claim("true", self.terms(node), frozenset(), self.near(node), negated=negated))

    def claim_of_call(self, node: ast.Call, negated: bool) -> None:
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        args = node.args
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if last in ("isinstance", "hasattr", "issubclass", "callable"):
            self.add(Claim("isinstance", self.terms(node), frozenset(), self.near(node)))
        elif last in ("all", "any") and len(args) == 1 and isinstance(args[0], ast.GeneratorExp | ast.ListComp):
            self.claim(args[0].elt, negated)
        elif last in ("all", "any", "item", "bool") and isinstance(inner, ast.Compare | ast.Call | ast.BinOp | ast.UnaryOp):
            self.claim(inner, negated)
        elif last in ("all", "any", "bool") and len(args) == 1:
            self.claim(args[0], negated)
        elif last in ("apply", "map", "applymap") and args and isinstance(args[0], ast.Lambda):
            # `column.apply(lambda v: v in (0, 1))`: what is asserted of each value is asserted of the column.
            before = len(self.claims)
            self.bind_arguments(args[0], self.terms(node.func))
            self.claim(args[0].body, negated)
            words = self.near(node)
            self.claims[before:] = [replace(c, near=c.near | words) for c in self.claims[before:]]
        elif last in _CLOSE_CALLS and len(args) >= 2:
            self.pair("~", args[0], args[1])
        elif last in _CLOSE_CALLS and inner is not None and args:
            self.pair("~", inner, args[0])
        elif last in ("exists", "is_file", "is_dir", "isfile", "isdir"):
            self.add(Claim("exists", self.terms(node), frozenset(), self.near(node)))
        else:
            self.add(
                Claim("true", self.terms(node), frozenset(), self.near(node), calls=frozenset({last}), negated=negated)
            )

    def bind_arguments(self, node: ast.Lambda, terms: frozenset[str]) -> None:
        for argument in node.args.args:
            self.env[argument.arg] = terms

    def pair(self, op: str, left: ast.expr, right: ast.expr) -> None:
        calls = frozenset(
            n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")
            for side in (left, right)
            for n in ast.walk(side)
            if isinstance(n, ast.Call)
        )
        self.add(
            Claim(
                op, self.terms(left), self.terms(right), self.near(left) | self.near(right), self.number(left),
                self.number(right), self.constant(left), self.constant(right), calls,
            )
        )  # fmt: skip

    def add(self, claim: Claim) -> None:
        self.claims.append(claim)

    def number(self, node: ast.expr) -> float | None:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.number(node.operand)
            return -inner if inner is not None else None
        if isinstance(node, ast.Name) and node.id in self.module.constants:
            node = self.module.constants[node.id]
        if isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", "") == "approx":
            node = node.args[0]
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return float(node.value)
        return None

    def constant(self, node: ast.expr) -> bool:
        """Whether an expression is a literal, an upper-case name, or built of such."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return node.id.isupper()
        if isinstance(node, ast.Attribute):
            return node.attr.isupper()
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return all(self.constant(e) for e in node.elts)
        if isinstance(node, ast.Dict):
            return all(self.constant(v) for v in node.values)
        if isinstance(node, ast.UnaryOp):
            return self.constant(node.operand)
        if isinstance(node, ast.BinOp):
            return self.constant(node.left) and self.constant(node.right)
        if isinstance(node, ast.Call):
            last = getattr(node.func, "attr", getattr(node.func, "id", ""))
            return last in ("approx", "array", "Timestamp", "date", "datetime", "timedelta", "DataFrame", "Series", "set",
                            "tensor", "as_tensor") and all(self.constant(a) for a in node.args)  # fmt: skip
        return False

    def near(self, node: ast.expr) -> frozenset[str]:
        """The words that stand in an expression itself."""
        found: set[str] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                found |= stems(part.id)
            elif isinstance(part, ast.Attribute):
                found |= stems(part.attr)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) <= _LONG_STRING:
                found |= stems(part.value)
        return frozenset(found)

    def terms(self, node: ast.expr) -> frozenset[str]:
        """The words of an expression and of what its variables were made from."""
        found: set[str] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                found |= stems(part.id)
                known = self.env.get(part.id)
                if known is not None:
                    found |= known
                elif part.id in self.module.constants and part.id not in ("pytestmark",):
                    found |= self.constant_terms(part.id)
            elif isinstance(part, ast.Attribute):
                found |= stems(part.attr)
            elif isinstance(part, ast.keyword) and part.arg:
                found |= stems(part.arg)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) <= _LONG_STRING:
                found |= stems(part.value)
        return frozenset(found)

    def constant_terms(self, name: str) -> frozenset[str]:
        value = self.module.constants[name]
        self.env[name] = stems(name)
        self.env[name] = frozenset(list(self.near(value))[: 2 * _LINKS]) | stems(name)
        return self.env[name]


def read_facts(suite: Suite, test: StaticTest, section: str | None) -> Facts:
    """The facts of one test; `section` is where its conventions place it."""
    module = suite.modules[test.path]
    node = test.node
    arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs) if a.arg != "self"]
    reader = _Reader(module, {name: stems(name) | _kind(suite, module, name) for name in arguments})
    reader.body(node.body)
    comments = _comments(module, node)
    title = " ".join(stem(w) for w in words_of(" ".join((*test.classes, test.name))))
    doc = " ".join(stem(w) for w in words_of((test.docstring or "")[:600]))
    remarks = " ".join(stem(w) for w in words_of(comments))
    facts = Facts(
        test=test,
        section=section,
        name=frozenset(title.split()),
        said=frozenset((title + " " + doc + " " + remarks).split()),
        phrase=f" {title} / {doc} / {remarks} ",
        calls=reader.calls,
        claims=reader.claims,
        words=frozenset().union(*(stems(n) for n in reader.names)) if reader.names else frozenset(),
        strings=frozenset(s.lower() for s in reader.strings),
        fixtures=frozenset(arguments) - _parameter_names(test),
        raises=reader.raises,
        builds_data=reader.builds_data,
        params=_parameters(test),
        param_names=_parameter_names(test),
    )
    _look_around(suite, module, test, reader, facts)
    return facts


def _look_around(suite: Suite, module: Module, test: StaticTest, reader: _Reader, facts: Facts) -> None:
    """Add what fixtures, setUp methods, decorators and helpers of the same file do."""
    around: list[Call] = []
    words: set[str] = set()
    waiting: list[tuple[Module, Function, int]] = []
    done: set[int] = {id(test.node)}
    if test.classes and test.classes[-1] in module.classes:
        for statement in module.classes[test.classes[-1]].body:
            if isinstance(statement, ast.FunctionDef) and statement.name in ("setUp", "setup_method", "setUpClass", "setup"):
                waiting.append((module, statement, 1))
    names = [*facts.fixtures, *(c.last for c in reader.calls)]
    for mark in test.marks:
        if mark.name == "usefixtures":
            names += [a for a in mark.args if isinstance(a, str)]
    waiting += _found(suite, module, names, 1)
    while waiting:
        where, function, depth = waiting.pop()
        if id(function) in done:
            continue
        done.add(id(function))
        inner = _reader_of(where, function)
        around += inner.calls
        words |= frozenset().union(*(stems(n) for n in inner.names)) if inner.names else frozenset()
        facts.raises |= inner.raises and function.name in {c.last for c in reader.calls}
        if function.name in {c.last for c in reader.calls} and inner.claims and not facts.claims:
            # The helper asserts on the test's behalf.
            facts.claims = list(inner.claims)
        if depth < _HELPER_DEPTH:
            arguments = [a.arg for a in function.args.args]
            waiting += _found(suite, where, [*arguments, *(c.last for c in inner.calls)], depth + 1)
    for decorator in test.node.decorator_list:
        outer = _Reader(module, {})
        outer.expression(decorator)
        around += [c for c in outer.calls if "mark" not in c.dotted]
    facts.around = around
    facts.own_models = any(
        c.last in module.classes and _predicts(module.classes[c.last]) for c in (*reader.calls, *around)
    )
    facts.around_words = frozenset(words)


def _reader_of(module: Module, function: Function) -> _Reader:
    """The reading of a fixture or helper, kept with its module: many tests share one."""
    kept = module.readings.get(id(function))
    if isinstance(kept, _Reader):
        return kept
    reader = _Reader(module, {a.arg: stems(a.arg) for a in function.args.args})
    module.readings[id(function)] = reader
    reader.body(function.body)
    return reader


_READS_DATA = re.compile(r"(read|scan)_(csv|parquet|json|table|excel|sql|feather|delta)|load_dataset|from_csv")


def reads_a_table(call: Call) -> bool:
    """Whether a call reads data from a file or a store, by pandas' names or by a name such as `load_requests`."""
    if _READS_DATA.fullmatch(call.last):
        return not call.args & {"tmp"}
    words = stems(call.last)
    return bool(words & {"load", "read", "fetch", "cargar", "leer"} and words & _TABLES and not words & {"path", "config"})


_TABLES = frozenset(
    "data dataset df frame request log row train training validation valid test holdout review table sample datos".split()
)


def _kind(suite: Suite, module: Module, name: str) -> frozenset[str]:
    """ "df" for a fixture that reads a table, so that its name need not say it."""
    for where, function, _ in _found(suite, module, [name], 1):
        if any(reads_a_table(c) for c in _reader_of(where, function).calls):
            return frozenset({"df"})
    return frozenset()


def _predicts(cls: ast.ClassDef) -> bool:
    """Whether a class of the test file itself plays a model."""
    return any(isinstance(s, ast.FunctionDef) and s.name in ("predict", "predict_proba", "__call__") for s in cls.body)


def _found(suite: Suite, module: Module, names: list[str], depth: int) -> list[tuple[Module, Function, int]]:
    found: list[tuple[Module, Function, int]] = []
    for name in names:
        if name in module.functions:
            found.append((module, module.functions[name], depth))
            continue
        for where in _fixture_files(suite, module):
            if name in where.fixtures:
                found.append((where, where.fixtures[name], depth))
                break
    return found


def _fixture_files(suite: Suite, module: Module) -> list[Module]:
    """The module itself and the conftest files above it, nearest first."""
    files = [module]
    folder = module.path
    while folder:
        folder = folder.rpartition("/")[0]
        conftest = suite.modules.get(f"{folder}/conftest.py" if folder else "conftest.py")
        if conftest is not None and conftest is not module:
            files.append(conftest)
    return files


def _parameters(test: StaticTest) -> frozenset[str]:
    """The words of `parametrize`'s literal arguments: names of slices, columns, groups."""
    found: set[str] = set()
    for mark in test.marks:
        if mark.name == "parametrize":
            for text in _texts(mark.args):
                if len(text) <= _LONG_STRING:
                    found |= stems(text)
    return frozenset(found)


def _parameter_names(test: StaticTest) -> frozenset[str]:
    """The arguments that `parametrize` fills: known values, like constants."""
    found: set[str] = set()
    for mark in test.marks:
        if mark.name == "parametrize" and mark.args:
            for text in _texts(mark.args[0]):
                found |= {name.strip() for name in text.split(",")}
    return frozenset(found)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple | set | frozenset):
        return [text for one in value for text in _texts(one)]
    return []


def _comments(module: Module, node: Function) -> str:
    """The comments inside a test and right above it; a `#` inside a string may slip in, which harms nothing."""
    lines = module.lines()
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    top = first
    while top > 0 and lines[top - 1].lstrip().startswith("#"):
        top -= 1
    found = [line.partition("#")[2] for line in lines[top : node.end_lineno] if "#" in line]
    return " / ".join(found)[:600]
