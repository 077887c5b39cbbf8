"""Reads YAML as plain maps, lists and texts that know their file and line, safe against bombs and cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlscore.probes.automation.shell_state import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlscore.core.evidence import Location

MAX_NODES = 60_000
MAX_BYTES = 1_000_000
_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n"})
_NULL = frozenset({"", "~", "null"})


class YamlError(ValueError):
    """The file is no YAML, or none that is worth reading; `line` is where."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


class Text(str):
    """A scalar: its text, where it stands, and whether its lines are the file's lines."""

    __slots__ = ("exact", "last", "line", "path", "plain")
    path: str
    line: int
    last: int
    exact: bool
    plain: bool

    @property
    def location(self) -> Location:
        """Where it stands."""
        from mlscore.core.evidence import Location

        return Location(self.path, self.line)

    def unit(self, text: str | None = None, lines: tuple[str, ...] = ()) -> Unit:
        """The scalar as a piece of shell; `text` when references in it have been replaced."""
        return Unit(
            str(self) if text is None else text, self.path, self.line, self.exact, lines[self.line - 1 : self.last]
        )


class Items(list["Node"]):
    """A sequence, with its line and tag."""

    __slots__ = ("line", "path", "tag")
    path: str
    line: int
    tag: str


class Map(dict[str, "Node"]):
    """A mapping, with its line; `keys_at` has the line of every key."""

    __slots__ = ("keys_at", "line", "path", "tag")
    path: str
    line: int
    tag: str
    keys_at: dict[str, int]

    def map(self, key: str) -> Map:
        """The map under a key; an empty one when there is none."""
        found = self.get(key)
        return found if isinstance(found, Map) else empty(self)

    def text(self, key: str) -> Text | None:
        """The text under a key, or None."""
        found = self.get(key)
        return found if isinstance(found, Text) else None

    def at(self, key: str) -> Location:
        """Where a key stands."""
        from mlscore.core.evidence import Location

        return Location(self.path, self.keys_at.get(key, self.line))


Node = Text | Items | Map


def empty(like: Map) -> Map:
    """An empty map at another one's place."""
    found = Map()
    found.path, found.line, found.tag, found.keys_at = like.path, like.line, "", {}
    return found


def is_true(node: Node | None) -> bool:
    """Whether a plain scalar says yes."""
    return isinstance(node, Text) and node.lower() in _TRUE


def is_false(node: Node | None) -> bool:
    """Whether a plain scalar says no."""
    return isinstance(node, Text) and node.lower() in _FALSE


def is_null(node: Node | None) -> bool:
    """Whether there is nothing, or a scalar that says so."""
    return node is None or (isinstance(node, Text) and node.plain and node.lower() in _NULL)


def texts(node: Node | None, limit: int = 2000) -> list[Text]:
    """All texts of a scalar or of nested lists, in order; not more than `limit`, so that aliases cannot explode."""
    found: list[Text] = []
    waiting: list[Node | None] = [node]
    steps = 0
    while waiting and len(found) < limit and steps < 10 * limit:
        steps += 1
        item = waiting.pop()
        if isinstance(item, Text):
            found.append(item)
        elif isinstance(item, Items):
            waiting.extend(reversed(item))
    return found


def maps(node: Node | None) -> Iterator[Map]:
    """The maps of a list, or the map itself."""
    for item in node if isinstance(node, Items) else [node]:
        if isinstance(item, Map):
            yield item


def entries(node: Node | None) -> Iterator[Map]:
    """The maps of a list; nothing for anything but a list."""
    return maps(node) if isinstance(node, Items) else iter(())


def read_yaml(text: str, path: str) -> list[Node]:
    """The documents of a file. Raises YamlError for what is no YAML, too large, or built to explode."""
    import yaml

    if len(text) > MAX_BYTES:
        raise YamlError("it is too large to be a CI configuration")
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = list(yaml.compose_all(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(error.problem or error.context or "it is no YAML", mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise YamlError(f"it is no YAML ({type(error).__name__})") from None
    reader = _Reader(path)
    return [reader.node(document) for document in documents if document is not None]


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.done: dict[int, Node] = {}
        self.open: set[int] = set()
        self.count = 0

    def node(self, node: Any, depth: int = 0) -> Node:
        key = id(node)
        if key in self.done:
            return self.done[key]
        self.count += 1
        if key in self.open or self.count > MAX_NODES or depth > 100:
            raise YamlError("its aliases are nested without end", node.start_mark.line + 1)
        self.open.add(key)
        found = self._made(node, depth)
        self.open.discard(key)
        self.done[key] = found
        return found

    def _made(self, node: Any, depth: int) -> Node:
        line = node.start_mark.line + 1
        if node.id == "scalar":
            text = Text(node.value)
            block = node.style in ("|", ">")
            many = node.end_mark.line > node.start_mark.line
            text.path, text.line = self.path, line + 1 if block else line
            # A block ends on the line after its last one.
            text.last = max(text.line, node.end_mark.line if block else node.end_mark.line + 1)
            text.exact = node.style == "|" or not many
            text.plain = node.style is None or node.style == ""
            return text
        if node.id == "sequence":
            items = Items(self.node(item, depth + 1) for item in node.value)
            items.path, items.line, items.tag = self.path, line, node.tag
            return items
        found = Map()
        found.path, found.line, found.tag, found.keys_at = self.path, line, node.tag, {}
        merged: list[Map] = []
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                continue
            value = self.node(value_node, depth + 1)
            if key_node.tag == "tag:yaml.org,2002:merge":
                merged.extend(maps(value))
                continue
            found[key_node.value] = value
            found.keys_at[key_node.value] = key_node.start_mark.line + 1
        for other in merged:
            self.count += len(other)
            if self.count > MAX_NODES:
                raise YamlError("its merge keys are nested without end", line)
            for name, value in other.items():
                if name not in found:
                    found[name] = value
                    found.keys_at[name] = other.keys_at.get(name, other.line)
        return found
