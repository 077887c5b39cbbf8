"""Live workflow detection: which of the repository's CI commands run pytest by themselves, and on which tests."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mlscore.core.evidence import Diagnostic, Location, Severity
from mlscore.errors import ISSUES_URL
from mlscore.probes.automation.proofs import proofs_for, proofs_for_check
from mlscore.probes.automation.runs import Automation, CiRun, Selection
from mlscore.probes.automation.selecting import covers

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine
    from mlscore.project.tree import Tree

__all__ = ["Automation", "CiRun", "Selection", "covers", "find_ci_runs", "proofs_for", "proofs_for_check"]

# The files and folders in which each system looks; its reader is only imported when one of them exists.
SYSTEMS: dict[str, tuple[str, ...]] = {
    "github": (".github/workflows",),
    "gitlab": (".gitlab-ci.yml",),
    "azure": (
        "azure-pipelines.yml", "azure-pipelines.yaml", ".azure-pipelines.yml", ".azure-pipelines", "azure-pipelines",
        ".azuredevops", ".azure", ".vsts-ci.yml",
    ),
    "jenkins": ("Jenkinsfile",),
    "circleci": (".circleci",),
    "bitbucket": ("bitbucket-pipelines.yml",),
    "travis": (".travis.yml",),
    "drone": (".drone.yml", ".drone.yaml"),
    "buildkite": (".buildkite",),
}  # fmt: skip

# A file that looks like CI, wherever it lies, has one of these in its name.
SIGNS = (".yml", ".yaml", "Jenkinsfile")


def find_ci_runs(tree: Tree) -> Automation:
    """Every command of the repository's CI that runs pytest: live or not, why, and with which selection.

    Only the CI systems' own files are looked at, and what they lead to; nothing of the project is run. What cannot be
    read or followed is told in the diagnostics; no error is raised for it. Where no run is live, files that look like
    CI but lie where no system reads them are listed as well.
    """
    present = [name for name, places in SYSTEMS.items() if any((tree.root / place).exists() for place in places)]
    if not present and not any(sign in path for path in tree.files() for sign in SIGNS):
        # Nothing any reader could read: nothing of them is imported.
        return Automation((), ())
    from mlscore.probes.automation.conftest_rules import Conftests
    from mlscore.probes.automation.engine import Engine

    engine = Engine(tree)
    runs: list[CiRun] = []
    for name in present:
        runs += _guarded(engine, f"systems.{name}", SYSTEMS[name][0])
    if not any(run.live for run in runs):
        runs += _guarded(engine, "misplaced", "")
    runs.sort(key=lambda run: (not run.live, [(place.path, place.line or 0) for place in run.chain], run.command))
    return Automation(tuple(runs), tuple(engine.diagnostics), conftests=Conftests(tree))


def _guarded(engine: Engine, module: str, place: str) -> list[CiRun]:
    """One reader's runs; should it fail, that is told, and the other systems are read all the same."""
    try:
        found: list[CiRun] = import_module(f"mlscore.probes.automation.{module}").find(engine)
    except Exception as error:  # one reader's mistake must not cost the whole report
        message = f"reading the CI configuration failed ({type(error).__name__}: {error}); none of it counts"
        help_text = f"please report it at {ISSUES_URL}"
        location = Location(place) if place else None
        engine.diagnostics.append(Diagnostic(Severity.ERROR, "ci-failed", message, location, help_text))
        return []
    return found
