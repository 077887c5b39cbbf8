"""Update bots: whether Dependabot or Renovate, as configured, opens a pull request for a change of a package."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from mlscore.checks.upstream.changes import Announcer, DependencyChange
from mlscore.checks.upstream.locks import parse_json, parse_yaml
from mlscore.checks.upstream.versions import Step, normal
from mlscore.errors import InputError
from mlscore.project.tree import Tree

_DEPENDABOT = (".github/dependabot.yml", ".github/dependabot.yaml")
_RENOVATE = ("renovate.json", ".github/renovate.json", ".gitlab/renovate.json", ".renovaterc", ".renovaterc.json")
_RENOVATE_UNREAD = ("renovate.json5", ".github/renovate.json5", ".renovaterc.json5")
_ECOSYSTEMS = {"uv": ("uv",), "conda": ("conda",), "conda-lock": ("conda",), "conda-explicit": ("conda",)}


def bots(tree: Tree, kind: str, folder: str) -> tuple[list[Announcer], list[str]]:
    """Announcers for the bots of a project that watch lock files of a kind in a folder, and what could not be judged."""
    found: list[Announcer] = []
    unknown: list[str] = []
    for path in (*_DEPENDABOT, *_RENOVATE):
        text = tree.text(path)
        if text is None:
            continue
        try:
            if path in _DEPENDABOT:
                found += _dependabot(path, parse_yaml(path, text), kind, folder)
            else:
                found += _renovate(path, parse_json(path, text))
        except InputError as error:
            unknown.append(str(error))
    unknown += [f"{path}: JSON5 is not read" for path in _RENOVATE_UNREAD if tree.has(path)]
    return found, unknown


def _dependabot(path: str, data: Any, kind: str, folder: str) -> list[Announcer]:
    updates = data.get("updates") if isinstance(data, dict) else None
    found = []
    for update in updates if isinstance(updates, list) else ():
        if not isinstance(update, dict) or update.get("package-ecosystem") not in _ECOSYSTEMS.get(kind, ("pip",)):
            continue
        places = update.get("directories") or [update.get("directory", "/")]
        here = any(isinstance(place, str) and fnmatchcase(folder, place.strip("/") or "") for place in places)
        if here and update.get("open-pull-requests-limit") != 0:
            found.append(_by_update(path, update))
    return found


def _by_update(path: str, update: dict[str, Any]) -> Announcer:
    def announce(change: DependencyChange) -> str | None:
        allowed = [one for one in _tables(update.get("allow")) if "dependency-name" in one]
        if allowed and not any(_like(change.name, one["dependency-name"]) for one in allowed):
            return None
        for ignored in _tables(update.get("ignore")):
            kinds = ignored.get("update-types")
            touched = not isinstance(kinds, list) or f"version-update:semver-{_word(change)}" in kinds
            if _like(change.name, ignored.get("dependency-name", "*")) and touched:
                return None
        return f"Dependabot ({path})"

    return announce


def _renovate(path: str, data: Any) -> list[Announcer]:
    if not isinstance(data, dict) or data.get("enabled") is False:
        return []

    def announce(change: DependencyChange) -> str | None:
        if any(_like(change.name, name) for name in _texts(data.get("ignoreDeps"))):
            return None
        for rule in _tables(data.get("packageRules")):
            names = _texts(rule.get("matchPackageNames"))
            kinds = _texts(rule.get("matchUpdateTypes"))
            about = (not names or any(_like(change.name, name) for name in names)) and (
                not kinds or _word(change) in kinds
            )
            if rule.get("enabled") is False and about:
                return None
        major = data.get("major")
        if change.step is Step.MAJOR and isinstance(major, dict) and major.get("enabled") is False:
            return None
        return f"Renovate ({path})"

    return [announce]


def _word(change: DependencyChange) -> str:
    return Step.MAJOR.value if change.step in (None, Step.SOURCE) else str(change.step)


def _tables(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> Sequence[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _like(name: str, pattern: object) -> bool:
    return isinstance(pattern, str) and fnmatchcase(name, normal(pattern))
