"""What one test does, as far as its text tells: its own calls and assertions, its words, and what is around it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from mlscore.core.placement_words import words_of
from mlscore.probes.suite.claims import LONG_STRING, READS_DATA, Call, Claim, FunctionReader, stems
from mlscore.probes.suite.module import Function, Module
from mlscore.probes.suite.reader import StaticTest, Suite
from mlscore.probes.suite.vocabulary import MODEL, stem, vocabulary

_HELPER_DEPTH = 2


@dataclass(slots=True)
class Facts:
    """One test's facts: those of its own body, and in `around` those of the fixtures, setUp and helpers it calls.

    `helpers` are the names of the functions that its file defines; `own_models` says that a class of the file plays one.
    """

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
    helpers: frozenset[str] = frozenset()

    def called(self, *lasts: str) -> bool:
        """Whether the test itself calls a function of one of these names."""
        return any(c.last in lasts for c in self.calls)

    def called_anywhere(self, *lasts: str) -> bool:
        """Whether the test, its fixtures or its helpers call a function of one of these names."""
        return self.called(*lasts) or any(c.last in lasts for c in self.around)

    @property
    def title(self) -> str:
        """The words of the test's class and name, plurals folded, with spaces around."""
        return self.phrase.partition("/")[0]

    def declares(self, *phrases: str) -> bool:
        """Whether one of these phrases stands in the test's name, class or docstring; a remark inside does not count."""
        title, doc, _ = self.phrase.split("/", 2)
        return any(f" {p} " in part for p in phrases for part in (title, doc))

    def says(self, *phrases: str) -> bool:
        """Whether one of these phrases stands in the test's name, class, docstring or comments, plurals folded."""
        return any(f" {p} " in self.phrase for p in phrases)


def read_facts(suite: Suite, test: StaticTest, section: str | None) -> Facts:
    """The facts of one test; `section` is where its conventions place it."""
    module = suite.modules[test.path]
    node = test.node
    arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs) if a.arg != "self"]
    reader = FunctionReader(module, {name: stems(name) | _kind(suite, module, name) for name in arguments})
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
        helpers=frozenset(module.functions),
    )
    _look_around(suite, module, test, reader, facts)
    return facts


def _look_around(suite: Suite, module: Module, test: StaticTest, reader: FunctionReader, facts: Facts) -> None:
    """Add what fixtures, setUp methods, decorators and helpers of the same file do."""
    around: list[Call] = []
    words: set[str] = set()
    waiting: list[tuple[Module, Function, int]] = []
    done: set[int] = {id(test.node)}
    if test.classes and test.classes[-1] in module.classes:
        for statement in module.classes[test.classes[-1]].body:
            if isinstance(statement, ast.FunctionDef) and statement.name in (
                "setUp",
                "setup_method",
                "setUpClass",
                "setup",
            ):
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
        outer = FunctionReader(module, {})
        outer.decorator(decorator)
        around += [c for c in outer.calls if "mark" not in c.dotted]
    for where in _fixture_files(suite, module):
        for fixture in where.autouse:
            # Of what surrounds every test only one thing matters to each: that it puts something in the model's place.
            around += [
                c for c in _reader_of(where, fixture).calls if c.last in ("setattr", "patch") and c.args & _MODELS
            ]
    facts.around = around
    facts.own_models = any(
        c.last in module.classes and _predicts(module.classes[c.last]) for c in (*reader.calls, *around)
    )
    facts.around_words = frozenset(words)


def _reader_of(module: Module, function: Function) -> FunctionReader:
    """The reading of a fixture or helper, kept with its module: many tests share one."""
    kept = module.readings.get(id(function))
    if isinstance(kept, FunctionReader):
        return kept
    reader = FunctionReader(module, {a.arg: stems(a.arg) for a in function.args.args})
    module.readings[id(function)] = reader
    reader.body(function.body)
    return reader


def reads_a_table(call: Call) -> bool:
    """Whether a call reads data from a file or a store, by pandas' names or by a name such as `load_requests`."""
    if READS_DATA.fullmatch(call.last):
        return not call.args & {"tmp"} and not ("io" in call.args and call.args & {"byte", "string"})
    if call.args & {"df", "dataframe", "frame"}:
        # What gets a table makes one of it.
        return False
    words = stems(call.last)
    return bool(
        words & {"load", "read", "fetch", "cargar", "leer"} and words & _TABLES and not words & {"path", "config"}
    )


def brings_data(call: Call) -> bool:
    """Whether a call gives a fixture the project's data: read from a file or a store, or downloaded."""
    words = stems(call.last)
    return reads_a_table(call) or bool(words & {"download", "get", "ingest", "fetch"} and words & {"data", "dataset"})


_TABLES = vocabulary(
    "data dataset df frame request log row train training validation valid test holdout review table sample datos"
)


_MODELS = MODEL | {"predict", "predictor", "joblib", "pickle"}


def _kind(suite: Suite, module: Module, name: str) -> frozenset[str]:
    """ "df" for a fixture that reads a table, so that its name need not say it."""
    for where, function, _ in _found(suite, module, [name], 1):
        if any(brings_data(c) for c in _reader_of(where, function).calls):
            return frozenset({"df"})
    return frozenset()


def _predicts(cls: ast.ClassDef) -> bool:
    """Whether a class of the test file itself plays a model."""
    return any(
        isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)
        and s.name.startswith(("predict", "score", "fit", "train", "__call__"))
        for s in cls.body
    )


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
                if len(text) <= LONG_STRING:
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
