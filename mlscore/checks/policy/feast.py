"""A Feast repository read as text: its feature views, their fields, sources and owners; nothing in it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlscore.checks.policy.features import Feature, FeatureList
from mlscore.checks.spec import shown
from mlscore.errors import InputError, did_you_mean
from mlscore.project.tree import Tree

_VIEWS = ("FeatureView", "BatchFeatureView", "StreamFeatureView")
_DECORATORS = ("on_demand_feature_view", "stream_feature_view", "batch_feature_view")
_FIELDS = ("Field", "Feature")
_SERVICE = "FeatureService"
_DEEPEST = 20  # of names that lead to names


@dataclass(frozen=True, slots=True)
class _View:
    """A feature view: its name and features; `whole` says that each field could be read."""

    name: str
    features: tuple[Feature, ...]
    whole: bool = True


@dataclass(slots=True)
class _Module:
    """One file: what its names are bound to at the top level, where more than once to None, and what it imports."""

    path: str
    tree: ast.Module
    bound: dict[str, ast.expr | ast.FunctionDef | None] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    whole_modules: dict[str, str] = field(default_factory=dict)


def read_feast(folder: Path, root: Path, *, service: str | None = None) -> FeatureList:
    """The features of a Feast repository, or of one of its feature services, by reading its Python files.

    What can only be known by running the files (fields made in a loop or by a function, names put together) is named among
    what is not judged. Raises InputError when the folder holds no feature view, and when there is no such service.
    """
    name = shown(folder, root)
    if not folder.is_dir():
        raise InputError("there is no such folder", where=name, hint="name the folder of feature_store.yaml")
    reader = _Reader(folder, name)
    if not reader.views and not reader.unknown:
        raise InputError("no file in it defines a feature view", where=name, hint="name the folder that does")
    if service is None:
        features = tuple(feature for view in reader.views.values() for feature in view.features)
        return FeatureList(features, tuple(reader.unknown))
    if service not in reader.services:
        known = tuple(reader.services)
        hint = did_you_mean(service, known) or f"known are {', '.join(known) or 'none'}"
        raise InputError(f'there is no feature service "{service}"', where=name, hint=hint)
    found = tuple(reader.of_service(*reader.services[service]))
    return FeatureList(found, tuple(reader.unknown))


class _Reader:
    """Every file of the repository, and the definitions found in them."""

    def __init__(self, folder: Path, name: str) -> None:
        self.unknown: list[str] = []
        self.views: dict[str, _View] = {}
        self.services: dict[str, tuple[_Module, ast.Call]] = {}
        self._prefix = "" if name == "." else f"{name}/"
        self._by_node: dict[int, _View] = {}
        self._modules: dict[str, _Module] = {}
        tree = Tree(folder)
        for path in tree.files():
            if path.endswith(".py"):
                self._load(path, tree.text(path))
        for module in list(self._modules.values()):
            self._read(module)

    def _load(self, path: str, text: str | None) -> None:
        if text is None:
            self.unknown.append(f"{self._prefix}{path}: not UTF-8, or too large")
            return
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            self.unknown.append(f"{self._prefix}{path}{line}: not Python that can be read")
            return
        module = _Module(path, tree)
        for statement in tree.body:
            _bind(module, statement)
        self._modules[path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")] = module

    def _read(self, module: _Module) -> None:
        top = {id(node) for statement in module.tree.body for node in _plain_calls(statement)}
        nodes = [node for node in ast.walk(module.tree) if isinstance(node, (ast.Call, ast.FunctionDef))]
        for node in sorted(nodes, key=lambda one: one.lineno):
            if isinstance(node, ast.Call):
                word = self._word(module, node.func)
                if word in _VIEWS and id(node) in top:
                    self._view(module, node, node)
                elif word in _VIEWS:
                    self._not_judged(module, node, f"a {word} made in a function, loop or condition")
                elif word == _SERVICE and id(node) in top:
                    service = self._text(module, _argument(node, "name", 0))
                    if service is None:
                        self._not_judged(module, node, "a feature service whose name is not a plain text")
                    else:
                        self.services[service] = (module, node)
            else:
                for decorator in node.decorator_list:
                    called = decorator if isinstance(decorator, ast.Call) else None
                    if called is not None and self._word(module, called.func) in _DECORATORS:
                        self._view(module, called, node, default=node.name)

    def _view(self, module: _Module, call: ast.Call, node: ast.AST, default: str | None = None) -> None:
        given = _argument(call, "name", 0)
        name = self._text(module, given) if given is not None else default
        if name is None or any(keyword.arg is None for keyword in call.keywords):
            self._not_judged(module, call, "a feature view whose arguments are not plain")
            return
        owner = self._text(module, _argument(call, "owner")) or None
        tags = self._tags(module, _argument(call, "tags"), f'the tags of the feature view "{name}"')
        source = self._source(module, call, name)
        schema = _argument(call, "schema") or _argument(call, "features")
        entries = self._elements(module, schema)
        whole = entries is not None
        if schema is None:
            self._not_judged(module, call, f'the fields of the feature view "{name}", which Feast infers')
        elif entries is None:
            self._not_judged(module, call, f'the fields of the feature view "{name}", which are not a plain list')
        found = []
        entities = self._entities(module, _argument(call, "entities"))
        for where, entry in entries or ():
            feature = self._field(where, entry)
            if feature is None:
                whole = False
                self._not_judged(where, entry, f'a field of the feature view "{name}"')
            elif feature.name not in entities:
                # A tag "owner" is how repositories from before Feast knew owners say it.
                said = {**tags, **feature.tags}
                found.append(
                    Feature(feature.name, name, said.get("owner") or owner or None, source, said, origin=feature.origin)
                )
        view = _View(name, tuple(found), whole)
        self.views[name] = view
        self._by_node[id(node)] = view

    def _field(self, module: _Module, node: ast.expr) -> Feature | None:
        module, node = self._follow(module, node)
        if not isinstance(node, ast.Call) or self._word(module, node.func) not in _FIELDS:
            return None
        name = self._text(module, _argument(node, "name", 0))
        if name is None:
            return None
        tags = self._tags(module, _argument(node, "tags") or _argument(node, "labels"), f'the tags of "{name}"')
        return Feature(name, tags=tags, origin=self._at(module, node))

    def _source(self, module: _Module, call: ast.Call, view: str) -> str | None:
        given = _argument(call, "source") or _argument(call, "batch_source") or _argument(call, "stream_source")
        many = _argument(call, "sources")
        if given is None and many is None:
            return None
        nodes = [(module, given)] if given is not None else self._elements(module, many) or []
        names = [self._source_name(where, node) for where, node in nodes if node is not None]
        if not names or None in names:
            self._not_judged(module, call, f'the source of the feature view "{view}"')
            return None
        return ", ".join(name for name in names if name)

    def _source_name(self, module: _Module, node: ast.expr, depth: int = 0) -> str | None:
        """A source's own name, else its table, query or path; of a view, the view's name."""
        module, node = self._follow(module, node)
        if isinstance(node, ast.Subscript) and depth < _DEEPEST:
            return self._source_name(module, node.value, depth + 1)
        if not isinstance(node, ast.Call) or depth >= _DEEPEST:
            return None
        for argument in ("name", "table", "table_ref", "path", "query", "topic"):
            text = self._text(module, _argument(node, argument))
            if text is not None:
                return text
        inner = _argument(node, "batch_source")
        return None if inner is None else self._source_name(module, inner, depth + 1)

    def _entities(self, module: _Module, node: ast.expr | None) -> frozenset[str]:
        """The join keys: a schema may list them, and they are no features."""
        names: set[str] = set()
        for where, one in self._elements(module, node) or ():
            where, one = self._follow(where, one)
            if isinstance(one, ast.Call):
                keys = self._elements(where, _argument(one, "join_keys")) or []
                texts = [self._text(place, key) for place, key in keys]
                texts += [self._text(where, _argument(one, "join_key"))]
                if not any(texts):
                    texts = [self._text(where, _argument(one, "name", 0))]
                names.update(text for text in texts if text)
            elif isinstance(one, ast.Constant) and isinstance(one.value, str):
                names.add(one.value)
        return frozenset(names)

    def of_service(self, module: _Module, call: ast.Call) -> Iterator[Feature]:
        """The features that a feature service serves."""
        entries = self._elements(module, _argument(call, "features", 1))
        if entries is None:
            self._not_judged(module, call, "the features of the service, which are not a plain list")
        for where, entry in entries or ():
            chosen: Sequence[tuple[_Module, ast.expr]] | None = None
            node = entry
            if isinstance(node, ast.Subscript):
                chosen = self._elements(where, node.slice)
                if chosen is None:
                    self._not_judged(where, entry, "a choice of features")
                    continue
                node = node.value
            view = self._view_of(where, node)
            if view is None:
                self._not_judged(where, entry, "a feature view of the service")
                continue
            names = None if chosen is None else {self._text(place, one) for place, one in chosen}
            yield from (feature for feature in view.features if names is None or feature.name in names)
            for missing in sorted(filter(None, (names or set()) - {f.name for f in view.features})):
                self._not_judged(where, entry, f'"{missing}", which "{view.name}" is not seen to have')

    def _view_of(self, module: _Module, node: ast.expr) -> _View | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("with_"):
            return self._view_of(module, node.func.value)
        _, found = self._bound(module, node)
        return self._by_node.get(id(found))

    def _elements(
        self, module: _Module, node: ast.expr | None, depth: int = 0
    ) -> list[tuple[_Module, ast.expr]] | None:
        """The elements of a list or tuple, of lists added up too; None when it is not plain."""
        if node is None or depth > _DEEPEST:
            return None
        module, node = self._follow(module, node)
        if isinstance(node, (ast.List, ast.Tuple)):
            found: list[tuple[_Module, ast.expr]] = []
            for element in node.elts:
                if isinstance(element, ast.Starred):
                    inner = self._elements(module, element.value, depth + 1)
                    if inner is None:
                        return None
                    found += inner
                else:
                    found.append((module, element))
            return found
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left = self._elements(module, node.left, depth + 1)
            right = None if left is None else self._elements(module, node.right, depth + 1)
            return None if left is None or right is None else left + right
        return None

    def _tags(self, module: _Module, node: ast.expr | None, what: str) -> dict[str, str]:
        if node is None:
            return {}
        where, node = self._follow(module, node)
        found = {}
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                name, text = self._text(where, key), self._text(where, value)
                if name is None or text is None:
                    self._not_judged(where, node, what)
                else:
                    found[name] = text
        else:
            self._not_judged(module, node, what)
        return found

    def _text(self, module: _Module, node: ast.expr | None) -> str | None:
        if node is None:
            return None
        _, node = self._follow(module, node)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    def _follow(self, module: _Module, node: ast.expr) -> tuple[_Module, ast.expr]:
        where, found = self._bound(module, node)
        return (where, found) if isinstance(found, ast.expr) else (module, node)

    def _bound(self, module: _Module, node: ast.expr) -> tuple[_Module, ast.expr | ast.FunctionDef | None]:
        """What a name leads to, through other names and files; the node itself when it is no name."""
        found: ast.expr | ast.FunctionDef | None = node
        for _ in range(_DEEPEST):
            if isinstance(found, ast.Attribute) and isinstance(found.value, ast.Name):
                other = self._module(module, module.whole_modules.get(found.value.id, ""))
                if other is None:
                    return module, found
                module, found = other, other.bound.get(found.attr)
            elif isinstance(found, ast.Name) and found.id in module.bound:
                found = module.bound[found.id]
            elif isinstance(found, ast.Name) and found.id in module.imported:
                origin, name = module.imported[found.id]
                other = self._module(module, origin)
                if other is None:
                    return module, found
                module, found = other, ast.Name(name, ast.Load()) if name in other.imported else other.bound.get(name)
            else:
                break
        return module, found

    def _module(self, module: _Module, name: str) -> _Module | None:
        """The file of a module: as it is written, beside the importing file, or under a folder above the repository."""
        beside = module.path.rpartition("/")[0].replace("/", ".")
        words = name.lstrip(".").split(".")
        for tail in range(len(words)):
            dotted = ".".join(words[tail:])
            for known in (f"{beside}.{dotted}" if beside else dotted, dotted):
                if dotted and known in self._modules:
                    return self._modules[known]
        return None

    def _word(self, module: _Module, node: ast.expr) -> str:
        """The name under which Feast knows what is called."""
        if isinstance(node, ast.Attribute):
            return node.attr
        if isinstance(node, ast.Name):
            return module.imported.get(node.id, ("", node.id))[1]
        return ""

    def _at(self, module: _Module, node: ast.AST) -> str:
        return f"{self._prefix}{module.path}:{getattr(node, 'lineno', 1)}"

    def _not_judged(self, module: _Module, node: ast.AST, what: str) -> None:
        line = f"{self._at(module, node)}: {what}"
        if line not in self.unknown:
            self.unknown.append(line)


def _bind(module: _Module, statement: ast.stmt) -> None:
    if isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            module.imported[alias.asname or alias.name] = ("." * statement.level + (statement.module or ""), alias.name)
            inner = f"{statement.module}.{alias.name}" if statement.module else alias.name
            module.whole_modules[alias.asname or alias.name] = inner
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            module.whole_modules[alias.asname or alias.name] = alias.name
    elif isinstance(statement, ast.FunctionDef):
        module.bound[statement.name] = statement
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
        for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            if isinstance(target, ast.Name):
                # Bound twice: which of the two holds where is a matter of running it.
                module.bound[target.id] = None if target.id in module.bound else statement.value
    else:
        # Names that a loop, a condition or `+=` changes are not plain.
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                module.bound[node.id] = None
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and node.func.attr in ("append", "extend", "insert", "update"):
                    module.bound[owner.id] = None


def _plain_calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls of a top-level assignment or expression that happen once, whatever happens."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)) or statement.value is None:
        return
    waiting: list[ast.AST] = [statement.value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, (ast.Call, ast.List, ast.Tuple, ast.Dict, ast.keyword, ast.Starred)):
            waiting += ast.iter_child_nodes(node)


def _argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and len(call.args) > position and not isinstance(call.args[position], ast.Starred):
        return call.args[position]
    return None
