"""Follows `npm run SCRIPT` and its like into the scripts of package.json."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.runs import UNKNOWN, resolve
from mlscore.probes.automation.shell_state import Unit
from mlscore.probes.automation.toml_file import nearest

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

_RUN = frozenset({"run", "run-script", "rum", "urn"})
_SHORT = {"test": "test", "t": "test", "tst": "test", "start": "start"}
_VALUED = frozenset({"--prefix", "-C", "--dir", "--cwd", "--workspace", "-w"})


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs behind a script of package.json, with its `pre` and `post` scripts."""
    tool = order.words[0].rsplit("/", 1)[-1]
    folder = order.cwd
    script: str | None = None
    rest = list(order.words[1:])
    ran = False
    while rest and script is None:
        option, has_value, value = rest.pop(0).partition("=")
        if option.startswith("-"):
            if option in _VALUED:
                value = value if has_value else rest.pop(0) if rest else ""
                folder = None if folder is None else resolve(folder, value)
        elif not ran and option in _RUN:
            ran = True
        elif ran or tool in ("yarn", "pnpm"):
            script = _SHORT.get(option, option) if not ran else option
        elif option in _SHORT:
            script = _SHORT[option]
        else:
            return []
    path = nearest(engine.tree, folder, "package.json")
    if path is None or script is None:
        return []
    if "--" in rest:
        rest = rest[rest.index("--") + 1 :]
    elif tool == "npm":
        rest = [word for word in rest if not word.startswith("-")]
    arguments = tuple(rest)
    return engine.once(("npm", path, script, arguments), lambda: _script(engine, order, path, str(script), arguments))


def _script(engine: Engine, order: Order, path: str, name: str, arguments: tuple[str, ...]) -> list[Lead]:
    text = engine.tree.text(path) or ""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    scripts = document.get("scripts") if isinstance(document, dict) else None
    if not isinstance(scripts, dict) or not isinstance(scripts.get(name), str):
        return []
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if '"scripts"' in line), 0)
    leads: list[Lead] = []
    for part in (f"pre{name}", name, f"post{name}"):
        command = scripts.get(part)
        if not isinstance(command, str):
            continue
        if part == name:
            command = " ".join([command, *(a if UNKNOWN in a else shlex.quote(a) for a in arguments)])
        line = next((n for n, line in enumerate(lines) if n >= first and f'"{part}"' in line), first)
        unit = Unit(command, path, line + 1, exact=False)
        leads += engine.script([unit], shell=Shell(errexit=False), cwd=path.rpartition("/")[0], env=order.env)
    return leads
