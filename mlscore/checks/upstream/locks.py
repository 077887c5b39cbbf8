"""Lock files as packages and versions: pip, uv, Poetry, PDM, Pipenv, conda and pylock; parsed, never run or resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mlscore.checks.upstream.versions import Pinned, normal
from mlscore.errors import InputError
from mlscore.project.redact import redact

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_PIN = re.compile(r"={2,3}\s*([^\s,;]+)")
_BUILD = re.compile(r"/([^/]+?)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)(?:#|$)")
_CONDA = re.compile(r"(?:[^:\s]+::)?([A-Za-z0-9_][A-Za-z0-9._-]*)\s*(.*)")
# The interpreter and what a platform brings are no choice of the project's.
_NO_PACKAGES = ("python", "pip")


@dataclass(frozen=True, slots=True)
class Lock:
    """The packages of a lock file by normalised name.

    `direct` are those that the project itself asks for, where the file says so; None when it does not.
    """

    kind: str
    packages: dict[str, Pinned]
    direct: frozenset[str] | None = None
    not_judged: tuple[str, ...] = ()


Reader = Callable[[str], str | None]


def lock_kind(name: str) -> str | None:
    """Which kind of lock file a name is of; None when it is not known."""
    base = name.rpartition("/")[2].lower()
    known = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "pipfile.lock": "pipenv"}
    if base in known:
        return known[base]
    if base.startswith("pylock.") and base.endswith(".toml"):
        return "pylock"
    if base.endswith((".yml", ".yaml")):
        return "conda-lock" if "conda-lock" in base else "conda"
    if base.startswith("conda-") and base.endswith(".lock"):
        return "conda-explicit"
    return "requirements" if base.endswith((".txt", ".in", ".lock")) else None


def read_lock(name: str, text: str, *, included: Reader = lambda _: None) -> Lock:
    """Read a lock file's text. `included` gives the text of a file that a requirements file includes, None when it cannot.

    Raises InputError when the name tells no kind, and when the text is cut off or not what its name says.
    """
    kind = lock_kind(name)
    if kind is None:
        hint = "name a requirements.txt, uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock or conda file"
        raise InputError("the name does not say which kind of lock file it is", where=name, hint=hint)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if kind == "requirements" and re.search(r"^@EXPLICIT\s*$", text, re.MULTILINE):
        kind = "conda-explicit"
    readers: dict[str, Callable[[], Lock]] = {
        "requirements": lambda: _requirements(name, text, included),
        "uv": lambda: _uv(name, text),
        "poetry": lambda: _tables(name, text, "poetry", "package"),
        "pdm": lambda: _tables(name, text, "pdm", "package"),
        "pylock": lambda: _tables(name, text, "pylock", "packages"),
        "pipenv": lambda: _pipenv(name, text),
        "conda": lambda: _conda(name, text),
        "conda-lock": lambda: _conda_lock(name, text),
        "conda-explicit": lambda: _explicit(name, text),
    }
    return readers[kind]()


def parse_toml(name: str, text: str) -> dict[str, Any]:
    """TOML as tables. Raises InputError."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"not valid TOML: {error}", where=name, hint="lock anew, or bring back the file") from None


def parse_yaml(name: str, text: str) -> Any:
    """YAML as plain values; tags that would make objects are refused. Raises InputError."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" on line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"not valid YAML{line}", where=name, hint="lock anew, or bring back the file") from None
    except (RecursionError, ValueError):
        raise InputError("not valid YAML", where=name, hint="lock anew, or bring back the file") from None


def parse_json(name: str, text: str) -> Any:
    """JSON as plain values. Raises InputError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not valid JSON: {error}", where=name, hint="lock anew, or bring back the file") from None


def requirement_name(text: str) -> str | None:
    """The normalised name that a requirement such as `pandas[sql]>=2; python_version>"3.9"` begins with."""
    match = _REQUIREMENT.fullmatch(text)
    return normal(match[1]) if match else None


def _gathered(found: Iterable[Pinned]) -> dict[str, Pinned]:
    """Packages by name, with every version that stands for one (platforms may differ)."""
    packages: dict[str, Pinned] = {}
    for one in found:
        name = normal(one.name)
        before = packages.get(name)
        versions = {*(before.versions if before else ()), *one.versions}
        packages[name] = Pinned(name, tuple(sorted(versions)), one.url or (before.url if before else None))
    return packages


def _wrong(name: str, what: str) -> InputError:
    return InputError(f"not a lock file of its kind: {what}", where=name, hint="lock anew, or bring back the file")


def _requirements(name: str, text: str, included: Reader) -> Lock:
    found: list[Pinned] = []
    unknown: list[str] = []
    direct: set[str] = set()
    told = _read_requirements(name, text, included, found, unknown, direct, frozenset({name}))
    return Lock("requirements", _gathered(found), frozenset(direct) if told else None, tuple(unknown))


def _read_requirements(
    name: str, text: str, included: Reader, found: list[Pinned], unknown: list[str], direct: set[str],
    open_files: frozenset[str],
) -> bool:  # fmt: skip
    """Read one file into the lists; whether comments say where the packages come from (`# via`)."""
    told = False
    current: str | None = None
    for number, line in _logical(text):
        bare, _, comment = line.partition(" #") if not line.lstrip().startswith("#") else ("", "", line.lstrip()[1:])
        if comment and current is not None:
            told = _via(comment, current, direct) or told
        bare = bare.strip()
        if not bare:
            continue
        where = f"{name}:{number}"
        if bare.startswith(("-r ", "--requirement ", "-r=", "--requirement=")):
            other = re.split(r"[ =]+", bare, maxsplit=1)[1].strip()
            inner = included(other) if other not in open_files else None
            if inner is None:
                unknown.append(f"{where}: the file {other}")
            else:
                told = _read_requirements(other, inner, included, found, unknown, direct, open_files | {other}) or told
        elif bare.startswith(("-e ", "--editable ")):
            unknown.append(f"{where}: an editable package")
        elif not bare.startswith("-"):
            pinned = _pinned(bare)
            if pinned is None:
                unknown.append(f"{where}: not a requirement with a name")
            else:
                current = normal(pinned.name)
                found.append(pinned)
                if not pinned.versions and pinned.url is None:
                    unknown.append(f"{where}: {pinned.name} is not pinned")
                told = (_via(comment, current, direct) if comment else False) or told
    return told


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, those that end with a backslash joined to the next."""
    waiting, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if not waiting:
            start = number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            waiting += line[:-1] + " "
            continue
        yield start, waiting + line
        waiting = ""
    if waiting:
        yield start, waiting


def _via(comment: str, current: str, direct: set[str]) -> bool:
    """Read a compiler's comment: `via -r requirements.in` marks what is direct, as does `via project (pyproject.toml)`."""
    words = comment.strip()
    if re.search(r"(^|\s)-r\s|\(pyproject\.toml\)|\(setup\.(py|cfg)\)|(^|\s)\S+\.in$", words):
        direct.add(current)
        return True
    return words.startswith("via")


def _pinned(requirement: str) -> Pinned | None:
    requirement = re.split(r"\s--hash[= ]", requirement, maxsplit=1)[0]
    match = _REQUIREMENT.fullmatch(requirement)
    if match is None or "://" in requirement.partition("@")[0]:
        return None
    rest = match[2].strip()
    if rest.startswith("@"):
        return Pinned(match[1], url=redact(rest[1:].partition(" ;")[0].strip()))
    pin = _PIN.match(rest)
    return Pinned(match[1], (pin[1],) if pin and "*" not in pin[1] else ())


def _entries(name: str, data: Any, key: str) -> list[dict[str, Any]]:
    entries = data.get(key) if isinstance(data, dict) else None
    if (
        entries is None
        and isinstance(data, dict)
        and ("version" in data or "metadata" in data or "lock-version" in data)
    ):
        return []
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise _wrong(name, f'it has no list "{key}"')
    return entries


def _entry(name: str, entry: dict[str, Any]) -> Pinned:
    package, version = entry.get("name"), entry.get("version")
    if not isinstance(package, str) or not isinstance(version, (str, type(None))):
        raise _wrong(name, "a package without a name, or with a version that is no text")
    return Pinned(package, (version,) if version else (), _from(entry))


def _from(entry: dict[str, Any]) -> str | None:
    """The commit or file that stands in place of a version's number."""
    source = entry.get("source") or entry.get("vcs") or {}
    if not isinstance(source, dict):
        return None
    reference = source.get("resolved_reference") or source.get("commit-id") or source.get("git")
    revision = entry.get("revision")
    if isinstance(revision, str):
        return revision
    return redact(reference) if isinstance(reference, str) else None


def _tables(name: str, text: str, kind: str, key: str) -> Lock:
    entries = _entries(name, parse_toml(name, text), key)
    return Lock(kind, _gathered(_entry(name, one) for one in entries))


def _uv(name: str, text: str) -> Lock:
    entries = _entries(name, parse_toml(name, text), "package")
    direct: set[str] = set()
    own: set[str] = set()
    for entry in entries:
        source = entry.get("source")
        if not (isinstance(source, dict) and {"virtual", "editable"} & set(source)):
            continue
        own.add(normal(str(entry.get("name"))))
        groups = [entry.get("dependencies")]
        for table in ("dev-dependencies", "optional-dependencies"):
            several = entry.get(table)
            groups += list(several.values()) if isinstance(several, dict) else []
        for group in groups:
            for one in group if isinstance(group, list) else ():
                if isinstance(one, dict) and isinstance(one.get("name"), str):
                    direct.add(normal(one["name"]))
    packages = _gathered(_entry(name, one) for one in entries)
    known = {package: pinned for package, pinned in packages.items() if package not in own}
    return Lock("uv", known, frozenset(direct - own) if own else None)


def _pipenv(name: str, text: str) -> Lock:
    data = parse_json(name, text)
    if not isinstance(data, dict) or not any(isinstance(data.get(part), dict) for part in ("default", "develop")):
        raise _wrong(name, 'it has neither "default" nor "develop"')
    found: list[Pinned] = []
    for part, entries in data.items():
        if part == "_meta":
            continue
        if not isinstance(entries, dict) or not all(isinstance(one, dict) for one in entries.values()):
            raise _wrong(name, f'"{part}" is no table of packages')
        for package, entry in entries.items():
            version = entry.get("version")
            pin = _PIN.match(version) if isinstance(version, str) else None
            url = entry.get("ref") or entry.get("file")
            found.append(Pinned(package, (pin[1],) if pin else (), redact(url) if isinstance(url, str) else None))
    return Lock("pipenv", _gathered(found))


def _conda(name: str, text: str) -> Lock:
    data = parse_yaml(name, text)
    if isinstance(data, dict) and isinstance(data.get("package"), list):
        return _conda_lock(name, text)
    listed = data.get("dependencies") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise _wrong(name, 'it has no list "dependencies"')
    found: list[Pinned] = []
    unknown: list[str] = []
    for one in listed:
        if isinstance(one, str) and (match := _CONDA.fullmatch(one.strip())):
            found.append(_conda_pin(match[1], match[2].strip()))
        elif isinstance(one, dict) and isinstance(one.get("pip"), list):
            for requirement in one["pip"]:
                pinned = _pinned(requirement) if isinstance(requirement, str) else None
                if pinned is None:
                    unknown.append(f"{name}: an entry under pip that is no requirement with a name")
                else:
                    found.append(pinned)
        else:
            unknown.append(f"{name}: an entry that is no package")
    found = [one for one in found if normal(one.name) not in _NO_PACKAGES]
    unknown += [f"{name}: {one.name} is not pinned" for one in found if not one.versions and not one.url]
    return Lock("conda", _gathered(found), frozenset(normal(one.name) for one in found), tuple(unknown))


def _conda_pin(package: str, rest: str) -> Pinned:
    """`=1.2`, `==1.2` and `=1.2=build` pin; anything with other signs does not."""
    match = re.fullmatch(r"={1,2}\s*([^=<>!|,*\s]+)(?:=\S+)?", rest) or re.fullmatch(
        r"([0-9][^=<>!|,*\s]*)(?:\s\S+)?", rest
    )
    return Pinned(package, (match[1],) if match else ())


def _conda_lock(name: str, text: str) -> Lock:
    entries = _entries(name, parse_yaml(name, text), "package")
    found = [_entry(name, one) for one in entries]
    return Lock("conda-lock", _gathered(one for one in found if normal(one.name) not in _NO_PACKAGES))


def _explicit(name: str, text: str) -> Lock:
    found: list[Pinned] = []
    unknown: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare or bare.startswith(("#", "@")):
            continue
        match = _BUILD.search(bare)
        if match is None:
            unknown.append(f"{name}:{number}: not the address of a conda package")
        else:
            found.append(Pinned(match[1], (match[2],)))
    if not found and unknown:
        raise _wrong(name, "no line is the address of a conda package")
    return Lock(
        "conda-explicit", _gathered(one for one in found if normal(one.name) not in _NO_PACKAGES), None, tuple(unknown)
    )
