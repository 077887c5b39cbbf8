"""Takes off what stands in front of a command: `env`, `time`, `uv run`, `docker run`, `python -m` and their like."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import UNKNOWN, resolve

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Order

MAX_LAYERS = 12
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_PYTHON = re.compile(r"(?:python|pypy|py)[\d.]*w?(?:\.exe)?")
# A command in front of another: options that take a value, and how many words of its own follow them.
PREFIXES: dict[str, tuple[frozenset[str], int]] = {
    "time": (frozenset({"-f", "-o"}), 0),
    "nice": (frozenset({"-n"}), 0),
    "ionice": (frozenset({"-c", "-n"}), 0),
    "nohup": (frozenset(), 0),
    "sudo": (frozenset({"-u", "-g", "-h", "-p", "-C", "--user", "--group"}), 0),
    "timeout": (frozenset({"-k", "-s", "--kill-after", "--signal"}), 1),
    "gtimeout": (frozenset({"-k", "-s"}), 1),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), 0),
    "xvfb-run": (frozenset({"-s", "-n", "-e", "-f", "-w", "-p", "--server-args", "--server-num", "--wait"}), 0),
    "travis_retry": (frozenset(), 0),
    "catchsegv": (frozenset(), 0),
    "unbuffer": (frozenset(), 0),
    "setsid": (frozenset(), 0),
    "winpty": (frozenset(), 0),
    "call": (frozenset(), 0),
    "dbus-run-session": (frozenset(), 0),
    "uvx": (frozenset({"--from", "--with", "--python", "-p", "--index-url", "--extra-index-url"}), 0),
}
# The same for commands whose first word is followed by a word such as `run`.
RUNNERS: dict[tuple[str, ...], tuple[frozenset[str], int]] = {
    ("uv", "run"): (
        frozenset(
            {
                "--with", "--with-requirements", "--with-editable", "--python", "-p", "--project", "--extra", "--group",
                "--only-group", "--no-group", "--env-file", "--index", "--default-index", "--index-url",
                "--extra-index-url", "--package", "--cache-dir", "--config-file", "--no-extra", "--color", "-P",
                "--upgrade-package", "--refresh-package", "--resolution", "--find-links", "-f", "-i",
            }
        ),
        0,
    ),
    ("uv", "tool", "run"): (frozenset({"--from", "--with", "--python", "-p"}), 0),
    ("poetry", "run"): (frozenset(), 0),
    ("pipx", "run"): (frozenset({"--spec", "--python"}), 0),
    ("conda", "run"): (frozenset({"-n", "--name", "-p", "--prefix"}), 0),
    ("mamba", "run"): (frozenset({"-n", "--name", "-p", "--prefix"}), 0),
    ("micromamba", "run"): (frozenset({"-n", "--name", "-p", "--prefix", "-r"}), 0),
    ("doppler", "run"): (frozenset({"-p", "-c", "--project", "--config"}), 0),
    ("dotenv", "run"): (frozenset({"-f", "--file"}), 0),
    ("op", "run"): (frozenset({"--env-file"}), 0),
    ("mise", "exec"): (frozenset(), 0),
    ("direnv", "exec"): (frozenset(), 1),
    ("singularity", "exec"): (frozenset({"-B", "--bind", "--env", "--pwd"}), 1),
    ("apptainer", "exec"): (frozenset({"-B", "--bind", "--env", "--pwd"}), 1),
}  # fmt: skip
CONTAINERS = frozenset({"docker", "podman", "nerdctl", "docker-compose", "podman-compose"})
_CONTAINER_VALUES = frozenset(
    {
        "-v", "-w", "-e", "-u", "-p", "-m", "-h", "-l", "-f", "--name", "--network", "--net", "--volume", "--workdir",
        "--env", "--env-file", "--user", "--entrypoint", "--mount", "--gpus", "--shm-size", "--platform", "--memory",
        "--cpus", "--add-host", "--label", "--ipc", "--pull", "--cidfile", "--ulimit", "--hostname", "--link",
        "--device",
        "--cap-add", "--cap-drop", "--security-opt", "--runtime", "--log-driver", "--tmpfs", "--publish", "--file",
        "--profile", "--project-name", "--project-directory", "--volumes-from", "--restart", "--userns", "--index",
        "--progress", "--ansi", "--context", "-c", "-H", "--host", "--pids-limit", "--dns", "--group-add",
    }
)  # fmt: skip
_COVERAGE_VALUES = frozenset(
    {"--source", "--source-pkgs", "--rcfile", "--omit", "--include", "--concurrency", "--context", "--data-file"}
)
_XARGS_VALUES = frozenset({"-n", "-P", "-I", "-L", "-d", "-s", "-a", "-E", "--max-args", "--max-procs", "--delimiter"})


def unwrap(order: Order) -> Order:
    """The command behind all that stands in front of it; no words when it leads to nothing that can be followed."""
    for _ in range(MAX_LAYERS):
        inner = _layer(order)
        if inner is None:
            return order
        order = inner
    return order.with_words(())


def skip_options(words: tuple[str, ...], valued: frozenset[str]) -> tuple[str, ...]:
    """The words after the options in front; `valued` options take the next word. `--` ends them."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        if words[at] == "--":
            return words[at + 1 :]
        at += 2 if words[at] in valued else 1
    return words[at:]


def _layer(order: Order) -> Order | None:
    words = order.words
    if not words:
        return None
    name = words[0].replace("\\", "/").rsplit("/", 1)[-1]
    if name == "env":
        return _env(order, words[1:])
    if name in PREFIXES:
        valued, own = PREFIXES[name]
        rest = skip_options(words[1:], valued)[own:]
        if name == "uvx" and rest:
            rest = (rest[0].partition("@")[0], *rest[1:])
        return order.with_words(rest)
    if name == "travis_wait":
        return order.with_words(words[2:] if len(words) > 1 and words[1].isdecimal() else words[1:])
    if name == "xargs":
        return _xargs(order, words[1:])
    if name == "circleci":
        return _circleci(order, words[1:])
    if _PYTHON.fullmatch(name) or (UNKNOWN in words[0] and words[1:2] == ("-m",)):
        return _python(order, words[1:])
    if name == "coverage":
        return _coverage(order, words[1:])
    if name in CONTAINERS:
        return _container(order, name, words[1:])
    return _runner(order, name, words[1:])


def _xargs(order: Order, words: tuple[str, ...]) -> Order:
    """The command with the words that a pipe feeds to it, at its end or in the place of `-I`."""
    rest = skip_options(words, _XARGS_VALUES)
    if order.fed is None:
        return replace(order, words=rest, unsure="its arguments are computed (`xargs`)")
    options = words[: len(words) - len(rest)]
    following = (*options[1:], "")
    marks = [word[2:] or after for word, after in zip(options, following, strict=False) if word[:2] == "-I"]
    if not marks:
        return replace(order, words=(*rest, *order.fed), fed=None)
    filled = (fed for word in rest for fed in (order.fed if word == marks[0] else (word,)))
    return replace(order, words=tuple(filled), fed=None)


def _circleci(order: Order, words: tuple[str, ...]) -> Order | None:
    """The command of `circleci tests run`, to which the names of the tests are fed."""
    if words[:2] != ("tests", "run"):
        return None
    command = next((word.partition("=")[2] for word in words if word.startswith("--command=")), "")
    if "--command" in words[:-1]:
        command = words[words.index("--command") + 1]
    if re.search(r"[|&;<>`]|\$\(", command):
        return order.with_words(("bash", "-c", command))
    try:
        return order.with_words(shlex.split(command))
    except ValueError:
        return order.with_words(())


def _env(order: Order, words: tuple[str, ...]) -> Order:
    words = skip_options(words, frozenset({"-u", "--unset", "-C", "--chdir"}))
    env = dict(order.env)
    while words and (match := _ASSIGNMENT.fullmatch(words[0])):
        env[match[1]] = match[2]
        words = words[1:]
    return replace(order, words=words, env=env)


def _python(order: Order, words: tuple[str, ...]) -> Order | None:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        option = words[at]
        if option.startswith("-m") or (re.fullmatch(r"-[bBdEiIOPqsSuvx]+m", option)):
            module = option[2:] if option.startswith("-m") and len(option) > 2 else None
            rest = words[at + 1 :] if module is None else (module, *words[at + 1 :])
            return order.with_words(rest) if rest and "/" not in rest[0] else order.with_words(())
        if option == "-c":
            # A program on the command line is followed like a script; there is nothing more to take off.
            code = words[at : at + 2]
            return None if order.words == ("python", *words) and at == 0 else order.with_words(("python", *code))
        if option == "-":
            break
        at += 2 if option in ("-W", "-X") else 1
    # `python $(which pytest)` and `python venv/bin/pytest` name a command by its file.
    script = words[at] if at < len(words) else ""
    known = script.rsplit("/", 1)[-1] in ("pytest", "py.test", "tox", "nox") or script.endswith(".py")
    return order.with_words(words[at:] if known else ())


def _coverage(order: Order, words: tuple[str, ...]) -> Order:
    if words[:1] != ("run",):
        return order.with_words(())
    at = 1
    while at < len(words) and words[at].startswith("-"):
        if words[at] in ("-m", "--module"):
            return order.with_words(words[at + 1 :])
        at += 2 if words[at] in _COVERAGE_VALUES else 1
    script = words[at].rsplit("/", 1)[-1] if at < len(words) else ""
    return order.with_words(words[at:] if script in ("pytest", "py.test") else ())


def _container(order: Order, name: str, words: tuple[str, ...]) -> Order:
    if not name.endswith("-compose"):
        words = skip_options(words, _CONTAINER_VALUES)
        if words[:1] in (("container",), ("compose",)):
            words = words[1:]
    words = skip_options(words, _CONTAINER_VALUES)
    if words[:1] not in (("run",), ("exec",)):
        return order.with_words(())
    options: list[str] = []
    rest = words[1:]
    env, entrypoint, cwd = dict(order.env), "", order.cwd
    while rest and rest[0].startswith("-"):
        option, has_value, value = rest[0].partition("=")
        rest = rest[1:]
        if option == "--":
            break
        if not has_value and option in _CONTAINER_VALUES and rest:
            value, rest = rest[0], rest[1:]
        options.append(option)
        if option in ("-e", "--env") and (match := _ASSIGNMENT.fullmatch(value)):
            env[match[1]] = match[2]
        elif option == "--entrypoint":
            entrypoint = value
    detached = any(o == "--detach" or re.fullmatch(r"-[itTd]*d[itTd]*", o) for o in options)
    inner = rest[1:] if not entrypoint else (entrypoint, *rest[1:])
    lost = "it runs detached in a container, and nothing waits for its exit code" if detached else order.lost
    return replace(order, words=inner, env=env, cwd=cwd, lost=lost)


def _runner(order: Order, name: str, words: tuple[str, ...]) -> Order | None:
    plain = words
    cwd = order.cwd
    # Global options in front of `run`: `poetry -C dir run`, `uv --directory dir run`.
    while plain and plain[0].startswith("-"):
        option, has_value, value = plain[0].partition("=")
        plain = plain[1:]
        if option in ("-C", "--directory", "--project", "-P", "-e", "--env", "--cwd"):
            if not has_value and plain:
                value, plain = plain[0], plain[1:]
            if option in ("-C", "--directory", "--cwd"):
                cwd = resolve(cwd, value) if cwd is not None else None
    for key, (valued, own) in RUNNERS.items():
        if name != key[0] or plain[: len(key) - 1] != key[1:]:
            continue
        rest = list(plain[len(key) - 1 :])
        module = False
        while rest and rest[0].startswith("-"):
            option, has_value, value = rest.pop(0).partition("=")
            if option == "--":
                break
            module = module or option in ("-m", "--module")
            if option in ("--directory", "--cwd") or option in valued:
                value = value if has_value else rest.pop(0) if rest else ""
                if option in ("--directory", "--cwd"):
                    cwd = None if cwd is None else resolve(cwd, value)
        if key[1:] == ("tool", "run") and rest:
            rest[0] = rest[0].partition("@")[0]
        found = rest[own:]
        return replace(order, words=("python", "-m", *found) if module else tuple(found), cwd=cwd)
    return None
