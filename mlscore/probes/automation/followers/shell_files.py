"""Follows `bash -c`, `bash FILE` and `./FILE` into shell scripts of the repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.runs import ROOT, resolve
from mlscore.probes.automation.shell_state import Unit

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh"})
_SHEBANG = re.compile(r"#!\s*(\S+)[ \t]*(.*)")


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of a shell started with a script, a text, or a here-document."""
    name = order.words[0].rsplit("/", 1)[-1]
    if name not in SHELLS:
        return _file(engine, order, order.words[0], order.words[1:], None)
    options, rest, text = shell_options(order.words[1:])
    if text is not None:
        unit = Unit(text, "", 1, exact=False)
        return engine.script([unit], shell=options, cwd=order.cwd, env=order.env, arguments=rest[1:])
    if rest and rest[0] != "-":
        return _file(engine, order, rest[0], rest[1:], options)
    return engine.script(order.documents, shell=options, cwd=order.cwd, env=order.env) if order.documents else []


def shell_options(words: tuple[str, ...]) -> tuple[Shell, tuple[str, ...], str | None]:
    """What a shell's command line asks for: its options, the words after them, and the text of `-c`."""
    errexit = pipefail = inline = False
    rest = list(words)
    while rest and rest[0][:1] in ("-", "+") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        if word.startswith("--"):
            if word in ("--rcfile", "--init-file") and rest:
                rest.pop(0)
            continue
        flags = word[1:]
        if "o" in flags and rest:
            value = rest.pop(0)
            pipefail = pipefail or value == "pipefail"
            errexit = errexit or value == "errexit"
        errexit = errexit or ("e" in flags and word[0] == "-")
        inline = inline or "c" in flags
        if "s" in flags:
            return Shell(errexit, pipefail), (), None
    text = rest.pop(0) if inline and rest else None
    return Shell(errexit, pipefail), tuple(rest), text


def shebang(text: str) -> Shell | None:
    """How a script that is run by its own name is run; None when it is no shell script."""
    first = text.partition("\n")[0]
    match = _SHEBANG.match(first)
    if match is None:
        return Shell(errexit=False)
    words = [match[1], *match[2].split()]
    if words[0].endswith("/env"):
        words = [word for word in words[1:] if word != "-S" and "=" not in word]
    if not words or words[0].rsplit("/", 1)[-1] not in SHELLS:
        return None
    return shell_options(tuple(words[1:]))[0]


def _file(engine: Engine, order: Order, name: str, arguments: tuple[str, ...], options: Shell | None) -> list[Lead]:
    path = resolve(order.cwd, name)
    text = engine.tree.text(path) if path else None
    if path is None or text is None:
        return []
    shell = shebang(text) if options is None else options if shebang(text) else None
    if shell is None:
        return []
    return engine.once(
        ("shell", path, arguments, order.cwd),
        lambda: engine.script(
            [Unit(text, path, 1)],
            shell=shell,
            cwd=order.cwd,
            env=order.env,
            arguments=arguments,
            name=f"{ROOT}/{path}",
        ),
    )
