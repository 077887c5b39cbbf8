"""Follows `just RECIPE` into the recipes of a justfile."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.followers.shell_files import shebang, shell_options
from mlscore.probes.automation.runs import ROOT, UNKNOWN, resolve
from mlscore.probes.automation.shell_state import Unit

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

NAMES = ("justfile", "Justfile", ".justfile", "JUSTFILE")
_VALUED = frozenset(
    {"-f", "--justfile", "-d", "--working-directory", "--shell", "--shell-arg", "--set", "--dotenv-path"}
)
_NOTHING = frozenset(
    {"-n", "--dry-run", "-l", "--list", "--summary", "--dump", "-s", "--show", "--evaluate", "--fmt", "--help"}
)
_HEADER = re.compile(r"@?([A-Za-z_][\w-]*)((?:\s+[^:]*?)?)\s*:(?!=)(.*)$")
_VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(.*)$")
_ALIAS = re.compile(r"alias\s+([\w-]+)\s*:=\s*([\w-]+)")
_IMPORT = re.compile(r"import\??\s+['\"]([^'\"]+)['\"]")
_DEPENDENCY = re.compile(r"\(\s*([\w-]+)([^)]*)\)|([\w-]+)")
_PARAMETER = re.compile(r"([$+*]*)([A-Za-z_][\w-]*)(?:=('[^']*'|\"[^\"]*\"|[^\s]+))?")


@dataclass(slots=True)
class _Recipe:
    path: str
    parameters: list[tuple[str, str, str | None]]  # kind, name, default
    needs: list[tuple[str, tuple[str, ...]]]
    lines: list[tuple[int, str]] = field(default_factory=list)


class Justfile:
    """A parsed justfile: recipes, variables and the shell that its lines are run by."""

    def __init__(self, engine: Engine, text: str, path: str) -> None:
        self.recipes: dict[str, _Recipe] = {}
        self.variables: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.shell = Shell(errexit=False)
        self.first: str | None = None
        self._read: set[str] = set()
        self._parse(engine, text, path)

    def _parse(self, engine: Engine, text: str, path: str) -> None:
        self._read.add(path)
        recipe: _Recipe | None = None
        for number, line in enumerate(text.split("\n"), 1):
            if line[:1] in (" ", "\t") and recipe is not None:
                recipe.lines.append((number, line))
            elif not line.strip() and recipe is not None:
                recipe.lines.append((number, ""))
            elif line.startswith(("#", "[")) or not line.strip():
                continue
            elif match := re.match(r"set\s+shell\s*:=\s*\[(.*)\]", line):
                words = tuple(a or b for a, b in re.findall(r"\"([^\"]*)\"|'([^']*)'", match[1]))
                self.shell = shell_options(words[1:])[0]
            elif line.startswith("set ") or (match := _ALIAS.match(line)) is not None:
                if not line.startswith("set ") and match:
                    self.aliases[match[1]] = match[2]
            elif (match := _IMPORT.match(line)) is not None:
                place = resolve(path.rpartition("/")[0], match[1])
                found = engine.tree.text(place) if place and place not in self._read else None
                if place and found is not None:
                    self._parse(engine, found, place)
            elif (match := _VARIABLE.match(line)) is not None:
                self.variables[match[1]] = match[2].strip()
                recipe = None
            elif (match := _HEADER.match(line)) is not None:
                recipe = _recipe(path, match[2], match[3])
                self.recipes[match[1]] = recipe
                self.first = self.first or match[1]
            else:
                recipe = None

    def value(self, expression: str, local: dict[str, str], depth: int = 0) -> str:
        """An expression's value, where it is a text, a name, or several joined by `+`."""
        expression = expression.strip()
        if depth > 8:
            return UNKNOWN
        if re.fullmatch(r"'[^']*'|\"[^\"]*\"", expression):
            return expression[1:-1]
        if " + " in expression:
            return "".join(self.value(part, local, depth + 1) for part in expression.split(" + "))
        if expression in local:
            return local[expression]
        if expression in self.variables:
            return self.value(self.variables[expression], local, depth + 1)
        match = re.fullmatch(r"env(?:_var_or_default)?\(\s*['\"][^'\"]*['\"]\s*,\s*(.+)\)", expression)
        if match:
            return self.value(match[1], local, depth + 1)
        return f"{ROOT}/" if expression in ("justfile_directory()", "source_directory()") else UNKNOWN

    def filled(self, text: str, local: dict[str, str]) -> str:
        """A recipe's line with `{{…}}` replaced."""
        text = text.replace("{{{{", UNKNOWN)
        return re.sub(r"\{\{(.*?)\}\}", lambda match: self.value(match[1], local), text)


def _recipe(path: str, parameters: str, needs: str) -> _Recipe:
    needs = re.sub(r"\s#.*", "", needs).replace("&&", " ")
    found = [(a or c, tuple(_words(b))) for a, b, c in _DEPENDENCY.findall(needs)]
    return _Recipe(path, [(m[1], m[2], m[3]) for m in _PARAMETER.finditer(parameters)], found)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of the recipes that a just command runs, dependencies first."""
    folder, path = order.cwd, None
    rest = list(order.words[1:])
    while rest and rest[0].startswith("-"):
        option, has_value, value = rest.pop(0).partition("=")
        if option in _NOTHING:
            return []
        if option in _VALUED:
            value = value if has_value else rest.pop(0) if rest else ""
            if option in ("-f", "--justfile") and folder is not None:
                path = resolve(folder, value)
            elif option in ("-d", "--working-directory"):
                folder = None if folder is None else resolve(folder, value)
            elif option == "--set" and rest:
                rest.pop(0)
    path = path or _nearest(engine, folder)
    text = engine.tree.text(path) if path else None
    if path is None or text is None:
        return []
    found, place = text, path
    return engine.once(("just", path, tuple(rest)), lambda: _run(engine, order, Justfile(engine, found, place), rest))


def _nearest(engine: Engine, folder: str | None) -> str | None:
    while folder is not None:
        for name in NAMES:
            path = f"{folder}/{name}" if folder else name
            if engine.tree.has(path):
                return path
        folder = folder.rpartition("/")[0] if folder else None
    return None


def _run(engine: Engine, order: Order, justfile: Justfile, words: list[str]) -> list[Lead]:
    rest = [word for word in words if not re.fullmatch(r"[\w-]+=.*", word)]
    rest = rest or ([justfile.first] if justfile.first else [])
    leads: list[Lead] = []
    done: set[tuple[str, ...]] = set()
    while rest:
        name = justfile.aliases.get(rest[0], rest[0])
        recipe = justfile.recipes.get(name)
        if recipe is None:
            break
        greedy = any(kind.startswith(("+", "*")) for kind, _, _ in recipe.parameters)
        count = len(rest) if greedy else 1 + len(recipe.parameters)
        leads += _made(engine, order, justfile, name, tuple(rest[1:count]), done)
        rest = rest[count:]
    return leads


def _made(
    engine: Engine, order: Order, justfile: Justfile, name: str, given: tuple[str, ...], done: set[tuple[str, ...]]
) -> list[Lead]:
    name = justfile.aliases.get(name, name)
    recipe = justfile.recipes.get(name)
    if recipe is None or (name, *given) in done or len(done) > 100:
        return []
    done.add((name, *given))
    local: dict[str, str] = {}
    arguments = list(given)
    for kind, parameter, default in recipe.parameters:
        many = "+" in kind or "*" in kind
        if arguments:
            local[parameter] = " ".join(arguments) if many else arguments.pop(0)
            arguments = [] if many else arguments
        else:
            local[parameter] = justfile.value(default, local) if default else "" if "*" in kind else UNKNOWN
    leads: list[Lead] = []
    for need, words in recipe.needs:
        inner = tuple(local.get(word, word) for word in words)
        leads += _made(engine, order, justfile, need, inner, done)
    folder = recipe.path.rpartition("/")[0]
    body = [(number, line) for number, line in recipe.lines if line.strip()]
    if body and body[0][1].strip().startswith("#!"):
        shell = shebang(body[0][1].strip())
        text = "\n".join(justfile.filled(line, local) for _, line in recipe.lines[recipe.lines.index(body[0]) :])
        units = [Unit(text, recipe.path, body[0][0])]
        return leads + (engine.script(units, shell=shell, cwd=folder, env=order.env) if shell else [])
    at = 0
    while at < len(body):
        number, text = body[at][0], body[at][1].strip()
        while text.endswith("\\") and at + 1 < len(body):
            at += 1
            text += "\n" + body[at][1].strip()
        at += 1
        marks = re.match(r"[@-]*", text)
        unit = Unit(justfile.filled(text.lstrip("@-"), local), recipe.path, number)
        found = engine.script([unit], shell=justfile.shell, cwd=folder, env=order.env)
        if marks and "-" in marks[0]:
            found = [lead.dead("the `-` before it in the justfile ignores its failure") for lead in found]
        leads += found
    return leads
