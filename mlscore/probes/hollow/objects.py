"""What is certain of an object: the class that made it, that it is not None, that it is true, that it is a mock."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .known import MOCK_CLASSES, promises, words
from .modules import Class, External, Function, Module, each
from .static import UNKNOWN, is_builtin, static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scope import Scope

MAX_DEPTH = 8
_ESTIMATOR_ROOTS = frozenset({"sklearn", "xgboost", "lightgbm", "catboost", "imblearn"})
_ESTIMATOR_METHODS = frozenset(
    {"fit", "predict", "predict_proba", "transform", "fit_transform", "fit_predict", "score"}
)
_ARRAY_MAKERS = frozenset(
    {
        "array", "asarray", "zeros", "ones", "full", "empty", "arange", "linspace", "eye", "zeros_like", "ones_like",
        "rand", "randn", "randint", "tensor", "from_numpy", "concatenate", "stack", "vstack", "hstack", "default_rng",
        "load", "mean", "abs", "dot", "concat", "to_datetime", "date_range", "get_dummies",
    }
)  # fmt: skip
_ARRAY_ROOTS = frozenset({"numpy", "pandas", "polars"})
_NEVER_NONE_BUILTINS = frozenset(
    {
        "len", "str", "int", "float", "bool", "list", "tuple", "dict", "set", "frozenset", "sorted", "range", "open", "abs",
        "sum", "zip", "map", "filter", "enumerate", "repr", "type", "isinstance", "hasattr", "callable", "any", "all",
        "round", "iter", "reversed", "bytes", "object",
    }
)  # fmt: skip
_RESULT_TYPES = {
    "list": "list", "tuple": "tuple", "dict": "dict", "set": "set", "str": "str", "int": "int", "float": "float",
    "len": "int", "sorted": "list", "repr": "str", "bool": "bool",
}  # fmt: skip
# Functions whose None means "not there": a test that it is there says something.
_SEARCH_WORDS = frozenset(
    {"find", "search", "match", "fullmatch", "get", "lookup", "latest", "first", "last", "query", "locate", "resolve",
     "one", "select", "parse", "exists", "environ", "getenv", "pop", "which", "scalar"}
)  # fmt: skip
# Bases whose objects are true unless a subclass says otherwise.
_BASES_WITHOUT_TRUTH = frozenset(
    {
        "abc.ABC", "typing.Generic", "typing.Protocol", "torch.nn.Module", "torch.nn.modules.module.Module",
        "pydantic.BaseModel", "sklearn.base.BaseEstimator", "sklearn.base.TransformerMixin",
        "sklearn.base.ClassifierMixin", "sklearn.base.RegressorMixin",
    }
)  # fmt: skip
_ALWAYS_TRUE_CLASSES = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath"})


def class_of(expr: ast.expr, scope: Scope, depth: int = 0) -> Class | External | None:
    """The class an expression was constructed from, through the names of this function; None when not certain."""
    if depth > MAX_DEPTH:
        return None
    match expr:
        case ast.Name(id=name):
            home = scope.home(name)
            value = home.value(name) if home is not None else None
            return class_of(value, home, depth + 1) if home is not None and value is not None else None
        case ast.NamedExpr(value=value):
            return class_of(value, scope, depth + 1)
        case ast.Call():
            made = scope.instance_of(expr)
            if isinstance(made, Class) and _makes_others(made, scope):
                return None
            if made is None and _reads_frame(expr, scope):
                return External("pandas.DataFrame", scope.module.path)
            return made
        case _:
            return None


def builtin_type(expr: ast.expr, scope: Scope) -> str | None:
    """The builtin type that an expression is certainly of: a conversion, a comprehension, a text put together."""
    match expr:
        case ast.Name(id=name):
            home = scope.home(name)
            value = home.value(name) if home is not None else None
            return builtin_type(value, home) if home is not None and value is not None else None
        case ast.Call(func=ast.Name(id=name) as func) if is_builtin(func, scope, frozenset(_RESULT_TYPES)):
            return _RESULT_TYPES[name]
    return {ast.ListComp: "list", ast.List: "list", ast.Dict: "dict", ast.DictComp: "dict", ast.JoinedStr: "str"}.get(
        type(expr)
    )


def _makes_others(cls: Class, scope: Scope) -> bool:
    """Whether calling the class may yield something else than an instance of it."""
    if any(keyword.arg == "metaclass" for keyword in cls.node.keywords) or cls.node.decorator_list:
        return any(keyword.arg == "metaclass" for keyword in cls.node.keywords)
    return scope.project.method(cls, "__new__") is not None


def _reads_frame(call: ast.Call, scope: Scope) -> bool:
    symbol = scope.symbol(call.func)
    chunked = any(keyword.arg in {"chunksize", "iterator", "squeeze"} for keyword in call.keywords)
    return (
        isinstance(symbol, External)
        and symbol.dotted in {"pandas.read_csv", "pandas.read_parquet", "pandas.read_feather", "pandas.read_pickle"}
        and symbol.last not in {"read_pickle"}
        and not chunked
    )


def never_none(expr: ast.expr, scope: Scope, depth: int = 0) -> str | None:
    """Why an expression cannot be None, as a noun phrase, or None: it may be."""
    if depth > MAX_DEPTH:
        return None
    match expr:
        case ast.Name(id=name):
            home = scope.home(name)
            if home is not None and name not in home.nested and name not in home.imports:
                value = home.value(name)
                return never_none(value, home, depth + 1) if value is not None else None
            return defined(expr, scope)
        case ast.Attribute():
            return defined(expr, scope)
        case ast.Call():
            return _never_none_call(expr, scope)
        case ast.List() | ast.Dict() | ast.Set() | ast.Tuple() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return "a collection written in the test"
        case ast.JoinedStr() | ast.Lambda() | ast.Compare() | ast.GeneratorExp():
            return "the value of such an expression"
        case ast.NamedExpr(value=value):
            return never_none(value, scope, depth + 1)
        case _:
            return None


def _never_none_call(call: ast.Call, scope: Scope) -> str | None:
    func = call.func
    if class_of(call, scope) is not None:
        return "a constructor's result"
    if is_builtin(func, scope, _NEVER_NONE_BUILTINS):
        return "the result of a builtin"
    symbol = scope.symbol(func)
    if isinstance(symbol, External):
        if symbol.root in _ARRAY_ROOTS and (symbol.last in _ARRAY_MAKERS or symbol.last.startswith("read_")):
            return f"the result of `{symbol.last}`"
        if symbol.root == "torch" and symbol.last in _ARRAY_MAKERS - {"load"}:
            return f"the result of `{symbol.last}`"
        return None
    if isinstance(func, ast.Attribute) and symbol is None and func.attr in _ESTIMATOR_METHODS:
        made = class_of(func.value, scope)
        if isinstance(made, External) and made.root in _ESTIMATOR_ROOTS:
            return f"what `{func.attr}` of {made.last} returns"
    return None


def never_none_reason(expr: ast.expr, scope: Scope) -> str | None:
    """Why a comparison with None is little of a check, or None: it looks for something that may be missing."""
    match expr:
        case ast.Name(id=name):
            home = scope.home(name)
            if home is None:
                return None
            value = home.value(name) or (home.unpacked.get(name) if home.once(name) else None)
            return never_none_reason(value, home) if value is not None else None
        case ast.Await(value=value):
            return never_none_reason(value, scope)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            telling = not _SEARCH_WORDS.isdisjoint(words(name)) or promises(name)
            return None if telling else f"it only asks whether `{name}` returned anything"
        case _:
            return None


def defined(expr: ast.expr, scope: Scope) -> str | None:
    """A noun phrase when the expression names a function, class or module itself, which is never None and always true."""
    if scope.is_module(expr):
        return "an imported module"
    symbol = scope.symbol(expr)
    if isinstance(symbol, Function):
        return f"the function `{symbol.node.name}` itself"
    if isinstance(symbol, Class):
        return f"the class `{symbol.node.name}` itself"
    return "an imported module" if isinstance(symbol, Module) else None


def always_true(expr: ast.expr, scope: Scope) -> str | None:
    """A noun phrase when the truth value of the expression cannot be False, else None."""
    match expr:
        case ast.Name() | ast.Attribute():
            return defined(expr, scope)
        case ast.Call(func=func):
            made = class_of(expr, scope)
            if isinstance(made, External) and made.dotted in _ALWAYS_TRUE_CLASSES:
                return "a path object, whether the file exists or not,"
            if isinstance(made, Class) and _has_no_truth_of_its_own(made, scope):
                return f"an object of `{made.node.name}`, which defines neither `__bool__` nor `__len__`,"
            symbol = scope.symbol(func)
            if isinstance(symbol, Function) and is_test_code(symbol.module.path, scope.module.path):
                return _constant_answer(symbol, scope)
            return None
        case _:
            return None


def _has_no_truth_of_its_own(cls: Class, scope: Scope) -> bool:
    """Whether nothing in a class, or in the classes that it is made from, says when its objects are false."""
    for one in scope.project.ancestry(cls):
        if isinstance(one, External):
            if one.dotted not in _BASES_WITHOUT_TRUTH:
                return False
            continue
        builtin_bases = [base.id for base in one.node.bases if isinstance(base, ast.Name) and base.id != "object"]
        if any(scope.project.dotted(ast.Name(base), one.module) is None for base in builtin_bases):
            return False
        defined_names = {name for statement in one.node.body for name in _defined_names(statement)}
        decorated = any(not _is_dataclass(decorator) for decorator in one.node.decorator_list)
        if decorated or not defined_names.isdisjoint({"__bool__", "__len__", "*"}):
            return False
    return True


def _defined_names(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement in a class's body defines; "*" when that cannot be told."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id if isinstance(target, ast.Name) else "*" for target in targets)
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            pass
        case _:
            yield "*"


def _is_dataclass(decorator: ast.expr) -> bool:
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(named).rpartition(".")[2] in {"dataclass", "total_ordering", "runtime_checkable"}


def defines(thing: ast.expr, attribute: str, scope: Scope) -> str | None:
    """Why `hasattr` says little: the test made the object of a class that defines it, or asks an imported module."""
    if scope.is_module(thing):
        return "it only asks whether the name still exists"
    made = class_of(thing, scope)
    if isinstance(made, Class) and scope.project.method(made, attribute) is not None:
        return f"it only asks whether `{made.node.name}` still defines `{attribute}`"
    return None


def _constant_answer(function: Function, scope: Scope) -> str | None:
    """A helper of the tests that can only answer with something true."""
    if isinstance(function.node, ast.AsyncFunctionDef) or function.node.decorator_list:
        return None
    inner = type(scope)(scope.project, function)
    statements = list(each(function.node.body))
    returns = [statement for statement in statements if isinstance(statement, ast.Return)]
    generates = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inner.nodes)
    fails = any(isinstance(node, ast.Raise | ast.Assert) for node in statements)
    if not returns or generates or fails or not isinstance(function.node.body[-1], ast.Return):
        return None
    for answer in returns:
        value = static(answer.value, inner) if answer.value is not None else None
        if value is UNKNOWN or not value:
            return None
    return f"the answer of `{function.node.name}`"


def is_test_code(path: str, beside: str = "") -> bool:
    """Whether a file holds tests or their helpers: by its name, its folder, or because the test stands in it."""
    *folders, name = path.split("/")
    if path == beside or name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py"):
        return True
    stem = name.removesuffix(".py")
    return any(not {"test", "tests", "testing"}.isdisjoint(words(part)) for part in (*folders, stem))


def mock_class(expr: ast.expr, scope: Scope) -> bool:
    """Whether the expression is a call that makes a mock: `Mock()`, `mocker.MagicMock()`, `create_autospec(...)`."""
    match expr:
        case ast.Call(func=func):
            symbol = scope.symbol(func)
            if isinstance(symbol, External):
                return symbol.root in {"unittest", "mock"} and symbol.last in MOCK_CLASSES
            match func:
                case ast.Attribute(value=ast.Name(id="mocker"), attr=attr):
                    return attr in MOCK_CLASSES or attr == "stub"
            return False
        case _:
            return False


def mock_like(expr: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a mock, or named like one."""
    match expr:
        case ast.Name(id=name):
            home = scope.home(name)
            value = home.value(name) if home is not None else None
            if home is not None and value is not None and mock_class(value, home):
                return True
            manager = home.managers.get(name) if home is not None else None
            if isinstance(manager, ast.Call):
                return "patch" in ast.unparse(manager.func).split(".")
            if "requests_mock" in scope.module.names or not {"request", "requests"}.isdisjoint(words(name)):
                # That library's mocks have attributes of their own, such as `called_once`.
                return False
            return not {"mock", "mocked", "stub"}.isdisjoint(words(name))
        case ast.Call():
            return mock_class(expr, scope)
        case ast.Attribute(value=value, attr=attr):
            return not {"mock", "mocked"}.isdisjoint(words(attr)) or mock_like(value, scope)
        case _:
            return False


def patch_call(expr: ast.AST, scope: Scope) -> bool:
    """Whether an expression is a call of `patch`, `patch.object` or `mocker.patch`."""
    match expr:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="mocker"), attr="patch")):
            return True
        case ast.Call(func=func):
            if is_object_patch(func):
                return True
            symbol = scope.symbol(func)
            return isinstance(symbol, External) and symbol.dotted in {"unittest.mock.patch", "mock.patch"}
        case _:
            return False


def is_object_patch(func: ast.expr) -> bool:
    """Whether a callee is `patch.object`, of unittest or of a mocker."""
    return isinstance(func, ast.Attribute) and func.attr == "object" and ast.unparse(func.value).endswith("patch")
