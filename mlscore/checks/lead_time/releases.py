"""What counts as production: release tags, versions in a model registry, and a deployment branch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mlscore.checks.lead_time.history import History
from mlscore.checks.spec import read_spec, shown
from mlscore.errors import ConfigError, InputError
from mlscore.project.read import read_text

# The tags under which a registry keeps the commit that a model was trained from.
_COMMIT_TAGS = ("mlflow.source.git.commit", "git_commit", "git.commit", "commit")


@dataclass(frozen=True, slots=True)
class Release:
    """One step into production: its name, its commit and its time in seconds since 1970."""

    name: str
    commit: str
    at: int


@dataclass(frozen=True, slots=True)
class Registered:
    """One version in a registry, as the file says it."""

    version: str
    at: int
    commit: str | None
    stage: str | None = None


def tagged(history: History, patterns: Sequence[str]) -> tuple[Release, ...]:
    """The tags that match any of the patterns (`v*`). Raises InputError when none does."""
    tags = history.tags()
    found = tuple(
        Release(f"tag {tag.name}", tag.commit, tag.made)
        for tag in tags
        if any(fnmatchcase(tag.name, pattern) for pattern in patterns)
    )
    if not found:
        some = ", ".join(tag.name for tag in tags[-5:])
        hint = f"there are {some}" if some else "tag a release, or fetch the tags: git fetch --tags"
        raise InputError(f"no tag matches {' or '.join(patterns)}", where="git", hint=hint)
    return found


def registered(
    history: History, path: Path, root: Path, stages: Sequence[str]
) -> tuple[tuple[Release, ...], tuple[str, ...]]:
    """The versions of a registry file in one of the stages (any for none), and those that could not be judged.

    Raises InputError and ConfigError when the file cannot be read.
    """
    name = shown(path, root)
    versions = read_registry(path, root)
    found: list[Release] = []
    unknown: list[str] = []
    for one in versions:
        if stages and one.stage not in stages:
            continue
        commit = None if one.commit is None else history.commit(one.commit)
        if commit is not None:
            found.append(Release(f"version {one.version}", commit, one.at))
        else:
            why = "names no commit" if one.commit is None else f"is of the commit {one.commit[:12]}, which is not here"
            unknown.append(f"{name}: version {one.version} {why}")
    if not found and not unknown:
        hint = f"its stages are {', '.join(sorted({one.stage for one in versions if one.stage})) or 'not stated'}"
        raise InputError("it holds no version in production", where=name, hint=hint)
    return tuple(sorted(found, key=lambda release: release.at)), tuple(unknown)


def read_registry(path: Path, root: Path) -> tuple[Registered, ...]:
    """The versions in a registry file: TOML with `[[version]]`, or JSON as MLflow's search of model versions gives it.

    Raises InputError and ConfigError, with the place, when it cannot be read or a version lacks its time.
    """
    name = shown(path, root)
    if path.suffix == ".toml":
        return tuple(_of_toml(path, root))
    text = read_text(path, where=name, error=InputError)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not valid JSON: {error}", where=name, hint="export the registry anew") from None
    entries = data.get("model_versions") if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise InputError('it has no list "model_versions"', where=name, hint="export the registry anew")
    return tuple(_of_json(one, name) for one in entries)


def _of_toml(path: Path, root: Path) -> Iterable[Registered]:
    top = read_spec(path, root)
    for section in top.tables("version"):
        day = section.day("date")
        version = section.needed("name", "what the version is called")
        if day is None:
            what = "the day on which it reached production"
            raise ConfigError('"date" is missing in [[version]]', where=section.at(), hint=f"add date = …: {what}")
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        yield Registered(
            version, int(moment), section.needed("commit", "what it was built from"), section.text("stage")
        )
        section.done()
    top.done()


def _of_json(entry: dict[str, Any], where: str) -> Registered:
    version = str(entry.get("version", "")) or "without a number"
    made = entry.get("creation_timestamp")
    if isinstance(made, str) and made.isdigit():
        made = int(made)
    if isinstance(made, bool) or not isinstance(made, int):
        raise InputError(f'version {version} has no "creation_timestamp"', where=where, hint="export the registry anew")
    tags = entry.get("tags")
    if isinstance(tags, list):
        tags = {one.get("key"): one.get("value") for one in tags if isinstance(one, dict)}
    known = tags if isinstance(tags, dict) else {}
    commit = next((known[tag] for tag in _COMMIT_TAGS if isinstance(known.get(tag), str)), None)
    stage = entry.get("current_stage")
    return Registered(version, made // 1000, commit, stage if isinstance(stage, str) else None)
