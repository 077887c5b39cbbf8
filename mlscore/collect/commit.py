"""What shows at a commit without running anything: expiry, dead paths, hollow tests, the baseline's static part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import PurePosixPath

from mlscore.collect.cases import Case
from mlscore.collect.gather import HollowJudge, WorkflowProver, remedy
from mlscore.collect.static import marked_cases
from mlscore.core.attestation import expiry_diagnostics
from mlscore.core.baseline import Baseline, BaselineItem
from mlscore.core.evidence import Diagnostic, Location, ProofKind, Severity, SourceKind
from mlscore.core.gate import fallen, ruler_changed, ruler_sentence
from mlscore.probes.suite.settings import read_settings
from mlscore.project.config import Config
from mlscore.project.git import git_facts
from mlscore.project.tree import Tree

# How a baseline names the proof that a live workflow of the repository ran the tests.
PROVEN = ProofKind.WORKFLOW.name.lower()


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
        found += _below_baseline(config, config.gate.baseline, marked, checked, tree, today)
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
    config: Config, baseline: Baseline, marked: Sequence[Case], checked: frozenset[str], tree: Tree, today: date
) -> list[Diagnostic]:
    """Items that make the score fall below the committed baseline, whatever tests and checks will say.

    The ratchet's own rule is asked, of the most that each item can still have: so an item lost beside one gained is no
    loss, and a waived one is not asked for.
    """
    where = Location(
        str(config.baseline_path.relative_to(config.root)) if _inside(config) else config.baseline_path.name
    )
    if ruler_changed(baseline, config.rubric):
        text = ruler_sentence(baseline, config.rubric)
        return [Diagnostic(Severity.WARNING, "ruler", text, where, "write a new one: mlscore baseline write")]
    manual, automated = (config.rubric.level(level).points for level in ("manual", "automated"))
    tested = {item for case in marked for item in case.placement.items} | checked
    attested = {a.item for a in config.attestations if a.link_found and a.expires >= today}
    waived = {w.item for w in config.waivers if w.expires >= today}
    on = config.gate.on
    most = {i.id: manual if i.id in tested | attested else Fraction(0) for i in config.rubric.items}
    ci = _Ci(config, tree, marked, checked)
    lost: dict[str, str] = {}
    for item in baseline.items:
        had = item.verified if on == "verified" else item.practised
        if item.id in waived or not item.sources:
            most[item.id] = max(had, most[item.id])
            continue
        why = _what_is_lost(item, tested, checked, attested)
        if not why and item.id in tested | attested:
            most[item.id] = max(had, most[item.id])
        if not why and PROVEN in item.proofs and had > manual and not ci.runs(item.id):
            most[item.id], why = manual, "no live CI workflow that runs its tests any more"
        if why and most[item.id] < had:
            lost[item.id] = why
    if fallen(config.gate, config.rubric, baseline, most):
        # Only now is it worth the while to see which other items CI has taken up since.
        most |= {item: automated for item in tested - lost.keys() if most.get(item) == manual and ci.runs(item)}
    if not fallen(config.gate, config.rubric, baseline, most):
        return []
    return [
        Diagnostic(
            Severity.ERROR,
            "below-baseline",
            f"{item} has {why}: its score falls below the committed baseline",
            where,
            "bring it back, waive it with a reason, or write a new baseline: mlscore baseline write",
        )
        for item, why in lost.items()
    ]


def _what_is_lost(item: BaselineItem, tested: set[str], checked: frozenset[str], attested: set[str]) -> str:
    """Which kind of evidence an item has lost, in words; empty when it has lost none, or another kind stands in for it."""
    if SourceKind.TEST.value in item.sources and item.id not in tested:
        return "no marked test any more"
    if SourceKind.CHECK.value in item.sources and SourceKind.TEST.value not in item.sources and item.id not in tested:
        return "no configured check any more"
    if item.sources == (SourceKind.ATTESTATION.value,) and item.id not in attested | tested:
        return "no attestation that holds any more"
    return ""


class _Ci:
    """Whether a live workflow still runs an item's tests or checks; the workflows are read when the first item asks."""

    def __init__(self, config: Config, tree: Tree, marked: Sequence[Case], checked: frozenset[str]) -> None:
        self._config = config
        self._tree = tree
        self._marked = marked
        self._checked = checked
        self._prover: WorkflowProver | None = None

    def runs(self, item: str) -> bool:
        """Whether a live workflow runs a marked test or a configured check of the item."""
        cases = [case for case in self._marked if item in case.placement.items]
        if item in self._checked:
            from mlscore.checks.configured import configured_checks
            from mlscore.collect.checks import check_case

            cases += [check_case(one, self._config) for one in configured_checks(self._config) if one.item == item]
        prover = self._prover = self._prover or self._new()
        return any(prover(case)[0] for case in cases)

    def _new(self) -> WorkflowProver:
        facts, root = git_facts(self._config.root), self._config.root
        above = root.joinpath(*[".."] * len(facts.prefix.strip("/").split("/"))) if facts.prefix else root
        return WorkflowProver(Tree(above), facts.prefix, self._tree)


def _inside(config: Config) -> bool:
    return config.baseline_path.is_relative_to(config.root)
