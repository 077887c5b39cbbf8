"""The commands that a shell carries out itself, as far as they change what a later failure does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import ROOT, UNKNOWN, present, resolve
from mlscore.probes.automation.shell_lexer import ShellSyntaxError
from mlscore.probes.automation.shell_state import ASSUMED, Exit, Leave, Status, Unit, failed
from mlscore.probes.automation.shell_syntax import parse
from mlscore.probes.automation.shell_tests import holds

if TYPE_CHECKING:
    from mlscore.probes.automation.shell_machine import Machine
    from mlscore.probes.automation.shell_nodes import Simple

Builtin = Callable[["Machine", "Simple", list[str], bool], Status]
_DECLARATION = re.compile(r"([A-Za-z_]\w*)(\+?)=(.*)", re.DOTALL)


def _true(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    return 0


def _false(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    return 1


def _unsure(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    return None


def _code(machine: Machine, words: list[str]) -> Status:
    if len(words) < 2:
        return machine.values.last
    return int(words[1]) % 256 if words[1].isdecimal() and len(words[1]) < 9 else None if UNKNOWN in words[1] else 2


def _exit(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    code = _code(machine, words)
    if not failed(code):
        machine.note(f"`{node.text}` follows it")
    raise Exit(code)


def _return(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    raise Leave("return", _code(machine, words))


def _leave(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    raise Leave(words[0], 0)


def _set(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    rest = words[1:]
    while rest:
        word = rest.pop(0)
        if word == "--" or word[:1] not in ("-", "+"):
            machine.values.arguments = tuple(rest if word == "--" else [word, *rest])
            break
        on = word[0] == "-"
        names = [rest.pop(0)] if word[1:].endswith("o") and rest else []
        if "e" in word[1:].removesuffix("o"):
            names.append("errexit")
        for name in names:
            if name == "errexit":
                machine.options.errexit = on
            elif name == "pipefail":
                machine.options.pipefail = on
    return 0


def _cd(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    values = machine.values
    places = [word for word in words[1:] if not re.fullmatch(r"--|-[LPe]+", word)]
    if words[0] == "pushd":
        machine.folders.append(values.cwd)
    if words[0] == "popd":
        values.cwd = machine.folders.pop() if machine.folders else None
    elif places == ["-"]:
        values.cwd, machine.previous = machine.previous, values.cwd
    else:
        machine.previous = values.cwd
        values.cwd = resolve(values.cwd, places[0]) if len(places) == 1 else None
    return ASSUMED


def _declare(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    for word in words[1:]:
        match = _DECLARATION.fullmatch(word)
        if match is not None:
            old = machine.values.variables.get(match[1]) if match[2] else ""
            machine.values.variables[match[1]] = (old if isinstance(old, str) else UNKNOWN) + match[3]
    return 0


def _unset(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    for word in words[1:]:
        machine.values.variables[word] = ""
    return 0


def _shift(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    count = int(words[1]) if len(words) > 1 and words[1].isdecimal() and len(words[1]) < 4 else 1
    machine.values.arguments = machine.values.arguments[count:]
    return 0


def _read(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    for word in words[1:]:
        machine.values.variables[word] = UNKNOWN
    return None


def _test(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    inner = words[1:-1] if words[0] in ("[", "[[") and words[-1] in ("]", "]]") else words[1:]

    def exists(path: str) -> bool:
        place = resolve(machine.values.cwd, path)
        return place is not None and present(machine.tree, place)

    result = holds(inner, exists)
    return None if result is None else 0 if result else 1


def _arithmetic(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    value = machine.values.arithmetic(words[-1])
    return None if value is None else int(value == 0)


def _eval(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    text = " ".join(words[1:])
    place = machine.unit.place(node.line, "eval")
    return ASSUMED if UNKNOWN in text else _inline(machine, Unit(text, place.path, place.line or 1, False), ignore)


def _source(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    path = resolve(machine.values.cwd, words[1]) if len(words) > 1 else None
    text = machine.tree.text(path) if path else None
    if path is None or text is None:
        return ASSUMED
    if machine.calls >= MAX_SOURCES:
        return None
    script, machine.values.script = machine.values.script, f"{ROOT}/{path}"
    machine.trail.append(machine.unit.place(node.line, words[0]))
    machine.calls += 1
    try:
        return _inline(machine, Unit(text, path, 1), ignore)
    except Leave as leave:
        if leave.kind != "return":
            raise
        return leave.status
    finally:
        machine.calls -= 1
        machine.trail.pop()
        machine.values.script = script


def _inline(machine: Machine, unit: Unit, ignore: bool) -> Status:
    try:
        script = parse(unit.text)
    except ShellSyntaxError:
        return None
    here, machine.unit = machine.unit, unit
    try:
        return machine.sequence(script, ignore=ignore)
    finally:
        machine.unit = here


def _exec(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    rest = words[1:]
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] == "-a" else rest[1:]
    if not rest:
        return 0
    raise Exit(machine.outside(node, rest))


def _command(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    rest = words[1:]
    if rest[:1] in (["-v"], ["-V"]):
        return None
    if rest[:1] == ["-p"]:
        rest = rest[1:]
    builtin = BUILTINS.get(rest[0]) if rest else _true
    return machine.outside(node, rest) if builtin is None else builtin(machine, node, rest, ignore)


def _trap(machine: Machine, node: Simple, words: list[str], ignore: bool) -> Status:
    if len(words) > 2 and re.search(r"\bexit\s+0\b", words[1]) and {"EXIT", "0", "ERR"} & set(words[2:]):
        machine.trapped = node.text
    return 0


MAX_SOURCES = 12
BUILTINS: dict[str, Builtin] = {
    **dict.fromkeys((":", "true", "echo", "printf", "shopt", "alias", "ulimit", "umask"), _true),
    **dict.fromkeys(("type", "which", "hash", "grep", "egrep", "diff", "cmp", "pgrep"), _unsure),
    **dict.fromkeys(("export", "declare", "local", "readonly", "typeset"), _declare),
    **dict.fromkeys(("cd", "pushd", "popd"), _cd),
    **dict.fromkeys(("break", "continue"), _leave),
    **dict.fromkeys(("read", "mapfile", "readarray"), _read),
    **dict.fromkeys(("test", "[", "[["), _test),
    **dict.fromkeys(("source", "."), _source),
    **dict.fromkeys(("command", "builtin"), _command),
    "false": _false,
    "exit": _exit,
    "return": _return,
    "set": _set,
    "unset": _unset,
    "shift": _shift,
    "((": _arithmetic,
    "let": _arithmetic,
    "eval": _eval,
    "exec": _exec,
    "trap": _trap,
}
