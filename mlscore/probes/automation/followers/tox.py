"""Follows `tox` into the commands of the environments that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.probes.automation.engine import Order
from mlscore.probes.automation.followers.tox_config import ToxConfig, expand_names, tox_config
from mlscore.probes.automation.runs import UNKNOWN, Lead, Selection, is_folder, resolve, shown

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine

_VALUED = frozenset(
    {
        "-c", "--conf", "--workdir", "--root", "-x", "--override", "--result-json", "--skip-env", "--hashseed",
        "--discover", "--runner", "--colored", "--stderr-color", "--default-runner", "--installpkg", "--timeout",
    }
)  # fmt: skip
_OPTIONAL = frozenset({"-p", "--parallel", "-s", "--skip-missing-interpreters", "-b"})
_RUNS = frozenset({"run", "r", "run-parallel", "p", "exec", "e"})
_NOTHING = frozenset(
    {"-l", "--listenvs", "-a", "--listenvs-all", "--showconfig", "-n", "--notest", "--help", "-h", "--version"}
)
_COMMANDS = frozenset({"list", "l", "config", "c", "devenv", "d", "depends", "de", "quickstart", "q", "schema", "man"})


class _Request:
    """What a tox command line asks for."""

    def __init__(self, words: tuple[str, ...]) -> None:
        at = words.index("--") if "--" in words else len(words)
        self.posargs = words[at + 1 :]
        self.names: list[str] | None = None
        self.labels: list[str] = []
        self.factors: list[str] = []
        self.file: str | None = None
        self.root: str | None = None
        self.command = "run"
        self.nothing = False
        rest = list(words[:at])
        while rest:
            self.word(rest.pop(0), rest)

    def word(self, word: str, rest: list[str]) -> None:
        name, has_value, value = word.partition("=")
        if len(word) > 2 and word[:2] in ("-e", "-c", "-m", "-f") and word[2] != "-":
            name, has_value, value = word[:2], "=", word[2:].removeprefix("=")
        if word in _NOTHING:
            self.nothing = True
        elif name in ("-e", "-m", "-f"):
            values = [value] if has_value else []
            while not has_value and rest and not rest[0].startswith("-") and (not values or name != "-e"):
                values.append(rest.pop(0))
            if name == "-e":
                self.names = [*(self.names or ()), *(n for v in values for n in expand_names(v))]
            else:
                (self.labels if name == "-m" else self.factors).extend(values)
        elif name in _VALUED:
            value = value if has_value else rest.pop(0) if rest else ""
            if name in ("-c", "--conf"):
                self.file = value
            elif name == "--root":
                self.root = value
        elif name in _OPTIONAL:
            if rest and (rest[0] in ("auto", "all", "true", "false", "config") or rest[0].isdecimal()):
                rest.pop(0)
        elif not word.startswith("-"):
            if word in _RUNS:
                self.command = "exec" if word in ("exec", "e") else "run"
            elif word in _COMMANDS:
                self.nothing = True
            else:
                # Before tox 4, words without `--` were handed on as well.
                self.posargs = (*self.posargs, word)


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of the environments that a tox command runs."""
    request = _Request(order.words[1:])
    folder = order.cwd if request.root is None or order.cwd is None else resolve(order.cwd, request.root)
    if folder is None or request.nothing:
        return []
    named = resolve(folder, request.file) if request.file else None
    if named is not None and is_folder(engine.tree, named):
        folder, named = named, None
    config = tox_config(engine.tree, folder, named)
    if config is None:
        return []
    key = ("tox", folder, named, order.words[1:], order.env.get("TOXENV"))
    return engine.once(key, lambda: _environments(engine, order, request, config))


def _environments(engine: Engine, order: Order, request: _Request, config: ToxConfig) -> list[Lead]:
    names = request.names
    if request.labels:
        names = [name for label in request.labels for name in config.labelled(label)]
    elif names is None and order.env.get("TOXENV"):
        names = expand_names(order.env["TOXENV"])
    elif names is None:
        names = config.default()
        if request.factors:
            wanted = {part for factor in request.factors for part in factor.split("-")}
            names = [name for name in names if wanted <= set(name.split("-"))]
    elif names == ["ALL"]:
        names = config.default()
    leads: list[Lead] = []
    for name in names:
        if UNKNOWN in name:
            why = "which tox environment it runs is not in the repository"
            leads.append(Lead(shown(" ".join(order.words)), Selection(), (), why))
            continue
        environment = config.environment(name, request.posargs)
        if environment is None:
            continue
        env = {**order.env, **environment.variables}
        folder = resolve(order.cwd, environment.folder)
        if request.command == "exec":
            leads += engine.order(Order(request.posargs, folder, env))
            continue
        for command in environment.commands:
            found = [lead.behind(command.location) for lead in engine.order(Order(command.words, folder, env))]
            if command.may_fail:
                found = [lead.dead("the `-` before it in the tox configuration ignores its failure") for lead in found]
            if environment.outcome_ignored:
                found = [
                    lead.dead(f"`ignore_outcome` of the tox environment {name} ignores its failure") for lead in found
                ]
            leads += found
    return leads
