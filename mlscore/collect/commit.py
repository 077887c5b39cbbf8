"""What shows at a commit without running anything: expiry, dead paths, hollow tests, the baseline's static part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import PurePosixPath

from mlscore.collect.cases import Case
from mlscore.collect.gather import HollowJudge, remedy
from mlscore.collect.static import marked_cases
from mlscore.core.attestation import expiry_diagnostics
from mlscore.core.baseline import Baseline
from mlscore.core.evidence import Diagnostic, Location, Severity, SourceKind
from mlscore.core.gate import ruler_changed, ruler_sentence
from mlscore.probes.suite.settings import read_settings
from mlscore.project.config import Config
from mlscore.project.tree import Tree


def check_commit(config: Config, tree: Tree, changed: Iterable[str] | None, today: date) -> tuple[Diagnostic, ...]:
    """Everything wrong that shows without running a test; ERROR stops the commit, WARNING is said.

    `changed` are the paths of the commit's files, relative to the root; None means all files. Tests that cannot fail are
    looked for in changed files alone, the rest concerns the whole project.
    """
    ids = tuple(item.id for item in config.rubric.items)
    settings = read_settings(tree)
    files = [path for path in tree.files() if settings.is_test_file(path) and settings.is_recursed(path)]
    marked = marked_cases(tree, settings, files, config.conventions, ids)
    wanted = None if changed is None else {PurePosixPath(path).as_posix() for path in changed}
    checked = _checked(config)
    found = [
        *_expired(config, today),
        *_dead_paths(config, tree),
        *_bad_marks(marked),
        *_hollow(config, tree, [c for c in marked if wanted is None or c.path in wanted]),
    ]
    if config.gate.baseline is not None:
        found += _below_baseline(config, config.gate.baseline, marked, checked, today)
    return tuple(dict.fromkeys(found))


def _checked(config: Config) -> frozenset[str]:
    """The items of the configured checks. Raises ConfigError for a check that is configured wrongly."""
    if not config.checks:
        return frozenset()
    # Imported where there are any: their kinds may come from other distributions.
    from mlscore.checks.configured import configured_checks

    return frozenset(one.item for one in configured_checks(config))


def _expired(config: Config, today: date) -> list[Diagnostic]:
    return [
        Diagnostic(Severity.ERROR if d.code.endswith("-expired") else d.severity, d.code, d.message, d.location, d.help)
        for d in expiry_diagnostics(config.attestations, config.waivers, today)
    ]


def _dead_paths(config: Config, tree: Tree) -> list[Diagnostic]:
    dead = [
        Diagnostic(
            Severity.ERROR,
            "dead-path",
            f"the attestation of {a.item} links to {a.link}, which does not exist",
            a.location,
            "restore the document, or link to where the result is",
        )
        for a in config.attestations
        if not a.link_found
    ]
    dead += [
        Diagnostic(
            Severity.ERROR,
            "dead-path",
            f"the answer for {a.test} names a file that does not exist",
            a.location,
            "remove the answer, or name the test as it is called now",
        )
        for a in config.answers
        if not tree.has(a.test.partition("::")[0])
    ]
    return dead


def _bad_marks(marked: Iterable[Case]) -> list[Diagnostic]:
    return [
        Diagnostic(Severity.ERROR, "marker", problem, Location(case.path, case.line))
        for case in marked
        for problem in case.placement.problems
    ]


def _hollow(config: Config, tree: Tree, cases: Iterable[Case]) -> list[Diagnostic]:
    judge = HollowJudge(tree, config.answers)
    found: list[Diagnostic] = []
    for case in cases:
        finding = judge.finding(case)
        if finding is None:
            continue
        severity = Severity.ERROR if finding.verdict == "hollow" else Severity.WARNING
        text = f"{case.nodeid} is marked for {', '.join(case.placement.items)}: {finding.message}"
        found.append(Diagnostic(severity, str(finding.verdict), text, finding.location, remedy(finding)))
    return found


def _below_baseline(
    config: Config, baseline: Baseline, marked: Iterable[Case], checked: frozenset[str], today: date
) -> list[Diagnostic]:
    """Items that the committed baseline has and that can no longer have their points, whatever the tests will say."""
    where = Location(
        str(config.baseline_path.relative_to(config.root)) if _inside(config) else config.baseline_path.name
    )
    if ruler_changed(baseline, config.rubric):
        text = ruler_sentence(baseline, config.rubric)
        return [Diagnostic(Severity.WARNING, "ruler", text, where, "write a new one: mlscore baseline write")]
    tested = {item for case in marked for item in case.placement.items}
    attested = {a.item for a in config.attestations if a.link_found and a.expires >= today}
    found = []
    for item in baseline.items:
        had_tests = SourceKind.TEST.value in item.sources
        had_checks = SourceKind.CHECK.value in item.sources
        had_attestation = SourceKind.ATTESTATION.value in item.sources
        if (
            (had_tests and item.id in tested)
            or (had_checks and item.id in checked)
            or (had_attestation and item.id in attested)
        ):
            continue
        if had_tests:
            lost = "no marked test any more"
        elif had_checks:
            lost = "no configured check any more"
        elif had_attestation:
            lost = "no attestation that holds any more"
        else:
            continue
        found.append(
            Diagnostic(
                Severity.ERROR,
                "below-baseline",
                f"{item.id} has {lost}: its score falls below the committed baseline",
                where,
                "bring it back, or write a new baseline: mlscore baseline write",
            )
        )
    return found


def _inside(config: Config) -> bool:
    return config.baseline_path.is_relative_to(config.root)
