"""Reads tox's configuration, ini or TOML, as the commands of each environment with their lines."""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mlscore.core.evidence import Location
from mlscore.probes.automation.ini import IniValue, read_ini
from mlscore.probes.automation.runs import ROOT, UNKNOWN
from mlscore.probes.automation.toml_file import TomlFile, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlscore.project.tree import Tree

MAX_ENVIRONMENTS = 300
_FACTOR = re.compile(r"([!\w{},.-]+?):(?:\s+(.*))?$")
_PYTHONISH = re.compile(r"(?:py|python|pypy|cpython)?\d*(?:\.\d+)*(?:py|pypy)?")
_REFERENCE = re.compile(r"\{([^{}]*)\}")
_YES = frozenset({"true", "1", "yes", "on"})


@dataclass(frozen=True, slots=True)
class ToxCommand:
    """One command of an environment: where it stands, its words, and whether tox lets it fail."""

    location: Location
    words: tuple[str, ...]
    may_fail: bool


@dataclass(frozen=True, slots=True)
class ToxEnvironment:
    """What tox does in one environment."""

    name: str
    commands: tuple[ToxCommand, ...]
    folder: str
    variables: Mapping[str, str]
    outcome_ignored: bool


class ToxConfig(Protocol):
    """A tox configuration, in whichever form it is written."""

    def default(self) -> list[str]:
        """The environments that plain `tox` runs."""

    def labelled(self, label: str) -> list[str]:
        """The environments that `tox -m LABEL` runs."""

    def environment(self, name: str, posargs: tuple[str, ...]) -> ToxEnvironment | None:
        """One environment, or None when tox does not know it."""


def tox_config(tree: Tree, folder: str, named: str | None) -> ToxConfig | None:
    """The configuration that tox finds in the folder, or the one named on its command line."""
    prefix = f"{folder}/" if folder else ""
    for path in [named] if named else [prefix + n for n in ("tox.ini", "setup.cfg", "pyproject.toml", "tox.toml")]:
        text = tree.text(path)
        if text is None:
            continue
        if path.endswith(".toml"):
            file = read_toml(tree, path)
            keys = () if path.endswith("tox.toml") else ("tool", "tox")
            table = file.table(*keys) if file else {}
            if file and isinstance(table.get("legacy_tox_ini"), str):
                return IniTox(table["legacy_tox_ini"], path, file.unit("", *keys, "legacy_tox_ini").line)
            if file and table:
                return TomlTox(file, keys)
        else:
            config = IniTox(text, path, 0)
            if config.sections:
                return config
    return None


def expand_names(text: str) -> list[str]:
    """`py{38,39}-{a,b}, lint` as the names that it stands for."""
    found: list[str] = []
    for item in re.split(r"[,\s]+(?![^{]*\})", text.strip()):
        pieces = [p[1:-1].split(",") if p.startswith("{") else [p] for p in re.findall(r"\{[^{}]*\}|[^{}]+", item)]
        for parts in itertools.islice(itertools.product(*pieces), MAX_ENVIRONMENTS):
            name = "".join(part.strip() for part in parts)
            if name and name not in found:
                found.append(name)
    return found[:MAX_ENVIRONMENTS]


class IniTox:
    """`tox.ini`, `setup.cfg`, or the ini text kept in pyproject.toml (`offset` lines down)."""

    def __init__(self, text: str, path: str, offset: int) -> None:
        self.path = path
        self.folder = path.rpartition("/")[0]
        self.offset = offset
        self.sections = read_ini(text)
        if path.endswith("setup.cfg"):
            self.sections = {
                name.removeprefix("tox:"): section
                for name, section in self.sections.items()
                if name.startswith(("tox:", "testenv"))
            }
        if not any(name == "tox" or name.startswith("testenv") for name in self.sections):
            self.sections = {}
        self.own: dict[str, dict[str, IniValue]] = {}
        for title, section in self.sections.items():
            if title.startswith("testenv:"):
                for name in expand_names(title.removeprefix("testenv:")):
                    self.own.setdefault(name, {}).update(section)

    def default(self) -> list[str]:
        """The environments that plain `tox` runs."""
        section = self.sections.get("tox", {})
        value = section.get("envlist") or section.get("env_list")
        return expand_names(value.text.replace("\n", ",")) if value else ["py"]

    def labelled(self, label: str) -> list[str]:
        """The environments that `tox -m LABEL` runs."""
        value = self.sections.get("tox", {}).get("labels")
        for _, line in value.lines if value else ():
            name, _, names = line.partition("=")
            if name.strip() == label:
                return expand_names(names)
        return [
            name
            for name, section in self.own.items()
            if "labels" in section and label in re.split(r"[,\s]+", section["labels"].text)
        ]

    def _known(self, name: str) -> bool:
        if name in self.own or name in self.default():
            return True
        factors = {factor for known in (*self.own, *self.default()) for factor in known.split("-")}
        return all(factor in factors or _PYTHONISH.fullmatch(factor) for factor in name.split("-"))

    def environment(self, name: str, posargs: tuple[str, ...]) -> ToxEnvironment | None:
        """One environment, or None when tox does not know it."""
        if not self._known(name):
            return None
        merged = {**self.sections.get("testenv", {}), **self.own.get(name, {})}
        base = merged.get("base")
        if base is not None and base.text in self.own:
            merged = {**self.own[base.text], **merged}
        context = _Context(self, name, posargs)
        commands: list[ToxCommand] = []
        for key in ("commands_pre", "commands", "commands_post"):
            for number, text in context.lines(merged.get(key)):
                words, may_fail = _split(text)
                commands.append(ToxCommand(Location(self.path, number + self.offset), words, may_fail))
        variables: dict[str, str] = {}
        for _, line in context.lines(merged.get("setenv") or merged.get("set_env")):
            variable, has_value, value = line.partition("=")
            if has_value:
                variables[variable.strip()] = value.strip()
        folder = merged.get("changedir") or merged.get("change_dir")
        ignored = merged.get("ignore_outcome")
        return ToxEnvironment(
            name,
            tuple(commands),
            context.filled(folder.text) if folder else f"{ROOT}/{self.folder}",
            variables,
            bool(ignored and context.filled(ignored.text).lower() in _YES),
        )


class _Context:
    """An environment while its values are filled in."""

    def __init__(self, config: IniTox, name: str, posargs: tuple[str, ...]) -> None:
        self.config = config
        self.name = name
        self.posargs = posargs

    def lines(self, value: IniValue | None, depth: int = 0) -> list[tuple[int, str]]:
        """A value's lines for this environment: factors decided, joined lines joined, references filled in."""
        found: list[tuple[int, str]] = []
        joined: tuple[int, str] | None = None
        for number, text in value.lines if value and depth < 8 else ():
            whole = re.fullmatch(r"\{\[([^\]]+)\](\w+)\}", text)
            if whole is not None and joined is None:
                found += self.lines(self.config.sections.get(whole[1], {}).get(whole[2]), depth + 1)
                continue
            number, text = (joined[0], f"{joined[1]} {text}") if joined else (number, text)
            joined = (number, text[:-1].rstrip()) if text.endswith("\\") else None
            if joined is None:
                found.append((number, text))
        if joined:
            found.append(joined)
        kept: list[tuple[int, str]] = []
        for number, text in found:
            match = _FACTOR.match(text)
            if match is None:
                kept.append((number, self.filled(text)))
            elif _applies(match[1], self.name) and match[2]:
                kept.append((number, self.filled(match[2])))
        return kept

    def filled(self, text: str) -> str:
        """The text with tox's references replaced, innermost first."""
        text = text.replace("{}", "").replace("[]", "{posargs}") if text.endswith("[]") else text.replace("{}", "")
        for _ in range(20):
            filled = _REFERENCE.sub(lambda match: self.reference(match[1]), text)
            if filled == text or len(filled) > 10_000:
                break
            text = filled
        return text

    def reference(self, inner: str) -> str:
        name, _, default = inner.partition(":")
        if name == "posargs":
            return " ".join(shlex.quote(a) for a in self.posargs) if self.posargs else default
        if name == "env":
            return default.partition(":")[2] if ":" in default else UNKNOWN
        if inner.startswith("["):
            section, _, key = inner[1:].partition("]")
            value = self.config.sections.get(section, {}).get(key)
            return " ".join(line for _, line in value.lines) if value else UNKNOWN
        if name in ("toxinidir", "tox_root"):
            return f"{ROOT}/{self.config.folder}"
        known = {"envname": self.name, "env_name": self.name, "envpython": "python", "/": "/", "": ":"}
        return known.get(name, UNKNOWN)


def _applies(expression: str, name: str) -> bool:
    """Whether a factor expression such as `py{310,311}-unit,!lint` holds for the environment."""
    factors = set(name.split("-"))
    for alternative in expand_names(expression):
        parts = alternative.split("-")
        if all((part[1:] not in factors) if part.startswith("!") else part in factors for part in parts):
            return True
    return False


def _split(text: str) -> tuple[tuple[str, ...], bool]:
    match = re.match(r"(?:[-!]\s*)*", text)
    marks = match[0] if match else ""
    try:
        words = shlex.split(text[len(marks) :])
    except ValueError:
        words = []
    return tuple(words), bool(marks.strip())


class TomlTox:
    """`tox.toml`, or tox's own tables in pyproject.toml."""

    def __init__(self, file: TomlFile, keys: tuple[str, ...]) -> None:
        self.file = file
        self.keys = keys
        self.folder = file.path.rpartition("/")[0]
        self.table = file.table(*keys)

    def default(self) -> list[str]:
        """The environments that plain `tox` runs."""
        value = self.table.get("env_list")
        return [str(name) for name in value] if isinstance(value, list) else ["py"]

    def labelled(self, label: str) -> list[str]:
        """The environments that `tox -m LABEL` runs."""
        labels = self.table.get("labels")
        names = labels.get(label) if isinstance(labels, dict) else None
        return [str(name) for name in names] if isinstance(names, list) else []

    def environment(self, name: str, posargs: tuple[str, ...]) -> ToxEnvironment | None:
        """One environment, or None when tox does not know it."""
        own = self.file.table(*self.keys, "env", name)
        base = self.file.table(*self.keys, "env_run_base")
        if not own and name not in self.default() and not all(_PYTHONISH.fullmatch(f) for f in name.split("-")):
            return None
        commands: list[ToxCommand] = []
        for key in ("commands_pre", "commands", "commands_post"):
            where = (*self.keys, "env", name, key) if key in own else (*self.keys, "env_run_base", key)
            for command in own.get(key, base.get(key)) or ():
                words = list(self._words(command, posargs)) if isinstance(command, list) else []
                may_fail = bool(words) and words[0][:1] in ("-", "!")
                if may_fail:
                    words[0] = words[0].lstrip("-! ")
                    words = words if words[0] else words[1:]
                if words:
                    commands.append(ToxCommand(self.file.place(words[0], *where), tuple(words), may_fail))
        merged: dict[str, Any] = {**base, **own}
        variables = merged.get("set_env", merged.get("setenv"))
        folder = merged.get("change_dir", merged.get("changedir"))
        return ToxEnvironment(
            name,
            tuple(commands),
            self._text(folder) if isinstance(folder, str) else f"{ROOT}/{self.folder}",
            {k: v for k, v in variables.items() if isinstance(v, str)} if isinstance(variables, dict) else {},
            merged.get("ignore_outcome") is True,
        )

    def _words(self, command: Iterable[Any], posargs: tuple[str, ...]) -> Iterable[str]:
        for word in command:
            if isinstance(word, str):
                yield self._text(word)
            elif isinstance(word, dict) and word.get("replace") == "posargs":
                yield from posargs or (str(item) for item in word.get("default") or ())
            elif isinstance(word, dict) and word.get("replace") == "ref" and isinstance(word.get("of"), list):
                found = self.file.table(*self.keys, *map(str, word["of"][:-1])).get(str(word["of"][-1]))
                yield from (str(item) for item in found) if isinstance(found, list) else (UNKNOWN,)
            else:
                yield UNKNOWN

    def _text(self, text: str) -> str:
        known = {"tox_root": f"{ROOT}/{self.folder}", "env_python": "python", "/": "/"}
        return _REFERENCE.sub(lambda match: known.get(match[1], UNKNOWN), text)
