"""Finds files that look like CI configuration but lie where no CI system reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlscore.core.evidence import Location
from mlscore.probes.automation.runs import CiRun, Selection, shown

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine

MAX_FILES = 40
_SUFFIX = (
    r"(?P<off>\.(?:disabled|disable|off|bak|backup|old|orig|txt|example|sample|template|unused|inactive)|_disabled|~)?"
)
# Where a file would count, what it is called, and the system's name.
_KINDS = (
    (
        re.compile(r"(?:.*/)?[^/]*workflows?[^/]*/(?:[^/]+/)*[^/]+\.ya?ml" + _SUFFIX),
        "GitHub Actions",
        ".github/workflows",
    ),
    (re.compile(r"(?:.*/)?[^/]*\.?gitlab-ci[^/]*\.ya?ml" + _SUFFIX), "GitLab CI", "the root"),
    (re.compile(r"(?:.*/)?\.travis\.ya?ml" + _SUFFIX), "Travis CI", "the root"),
    (re.compile(r"(?:.*/)?\.?circleci/[^/]+\.ya?ml" + _SUFFIX), "CircleCI", ".circleci/config.yml"),
    (re.compile(r"(?:.*/)?azure-pipelines[^/]*\.ya?ml" + _SUFFIX), "Azure Pipelines", "the root"),
    (re.compile(r"(?:.*/)?bitbucket-pipelines\.ya?ml" + _SUFFIX), "Bitbucket Pipelines", "the root"),
    (re.compile(r"(?:.*/)?\.drone\.ya?ml" + _SUFFIX), "Drone", "the root"),
    (re.compile(r"(?:.*/)?\.?buildkite/[^/]+\.ya?ml" + _SUFFIX), "Buildkite", ".buildkite"),
    (re.compile(r"(?:.*/)?Jenkinsfile[^/]*"), "Jenkins", "the root"),
)
_COMMAND = re.compile(r"^[^#]*?(?P<command>\b(?:pytest|py\.test|tox|nox)\b[^'\"#]*)")
_REAL = re.compile(r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci/config\.yml|\.buildkite/[^/]+\.ya?ml")


def find(engine: Engine) -> list[CiRun]:
    """The lines that name pytest in such files, as runs that do not count."""
    runs: list[CiRun] = []
    count = 0
    for path in engine.tree.files():
        for pattern, system, home in _KINDS:
            match = pattern.fullmatch(path)
            if match is None or _REAL.fullmatch(path):
                continue
            off = match.groupdict().get("off")
            # A file at the root that is called as it should be has been read already.
            if "/" not in path and not off and (system != "Jenkins" or path == "Jenkinsfile"):
                break
            count += 1
            why = f"switched off by its name (`{off}`)" if off else f"outside {home}"
            run = _run(engine, path, system, why)
            if run is not None:
                runs.append(run)
            break
        if count >= MAX_FILES:
            break
    return runs


def _run(engine: Engine, path: str, system: str, why: str) -> CiRun | None:
    for number, line in enumerate((engine.tree.text(path) or "").split("\n"), 1):
        match = _COMMAND.match(line)
        if match is not None and "install" not in line:
            command = shown(match["command"])
            return CiRun(system, command, command, (Location(path, number),), (), False, why, Selection())
    return None
