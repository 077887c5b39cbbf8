"""Cases and people's statements to evidence: which outcome counts, who proves repetition, what a reader must know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Protocol

from mlscore.collect.cases import Case, Gathered
from mlscore.core.attestation import attestation_evidence, expiry_diagnostics
from mlscore.core.evidence import (
    Diagnostic,
    Evidence,
    Location,
    Outcome,
    Proof,
    ProofKind,
    Severity,
    Source,
    SourceKind,
)
from mlscore.core.report import Unplaced
from mlscore.errors import ISSUES_URL
from mlscore.project.config import Answer, Config
from mlscore.project.git import uncommitted

if TYPE_CHECKING:
    from mlscore.probes.automation import Automation
    from mlscore.probes.hollow import Analyzer, Finding
    from mlscore.probes.suite.settings import SuiteSettings
    from mlscore.project.tree import Tree


class Prover(Protocol):
    """Says why a test counts as run by itself on a repeated basis, or what is missing for that."""

    def __call__(self, case: Case) -> tuple[tuple[Proof, ...], tuple[str, ...]]:
        """Proofs, and sentences on what is missing when there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting yields for the pure rest of the line."""

    evidence: tuple[Evidence, ...]
    unplaced: tuple[Unplaced, ...]
    diagnostics: tuple[Diagnostic, ...]


def proven_by_this_run(case: Case) -> tuple[tuple[Proof, ...], tuple[str, ...]]:
    """A run inside a CI system proves itself."""
    if case.ci is None:
        return (), ()
    return (Proof(ProofKind.THIS_RUN, f"this run is in {case.ci}"),), ()


class WorkflowProver:
    """Live CI workflows of the repository, found once and only when the first test asks."""

    def __init__(self, tree: Tree, base: str = "", project: Tree | None = None) -> None:
        self._tree = tree
        self._base = base
        self._project = project or tree
        self._settings: SuiteSettings | None = None
        self._automation: Automation | None = None
        self.diagnostics: list[Diagnostic] = []

    def __call__(self, case: Case) -> tuple[tuple[Proof, ...], tuple[str, ...]]:
        """Which live workflow runs the test, with the chain of lines that leads to it."""
        from mlscore.probes.automation import proofs_for, proofs_for_check

        automation = self._found()
        if automation is None:
            return (), ("the CI workflows could not be read",)
        if case.check:
            return proofs_for_check(automation, base=self._base.rstrip("/"), nodeid=case.nodeid, kind=case.check)
        if not self._is_collected(case) and not any(
            self._base + case.path in r.selection.paths for r in automation.runs
        ):
            return (), (f"pytest collects no file named {case.path} unless it is named: CI does not reach it",)
        return proofs_for(
            automation,
            path=self._base + case.path,
            nodeid=self._base + case.nodeid,
            markers=frozenset(case.markers),
            name=case.qualname.rpartition(".")[2],
        )

    def _is_collected(self, case: Case) -> bool:
        """Whether a bare pytest in the project finds the test's file by its name and folder."""
        if self._settings is None:
            from mlscore.probes.suite.settings import read_settings

            self._settings = read_settings(self._project)
        return self._settings.is_test_file(case.path) and self._settings.is_recursed(case.path)

    def _found(self) -> Automation | None:
        """The repository's CI runs; None when reading them failed, which is said once and credits nothing."""
        from mlscore.probes.automation import find_ci_runs

        if self._automation is None and not self.diagnostics:
            try:
                found = find_ci_runs(self._tree)
                files = {run.chain[0].path for run in found.live if run.chain}
                self._automation = replace(found, uncommitted=uncommitted(self._tree.root, files))
                self.diagnostics = list(found.diagnostics)
            except Exception as error:
                self.diagnostics = [_own_failure("reading the CI workflows", error)]
        return self._automation


# What helps against a finding where asserting more would not.
_REMEDIES = {
    "always-skips": "take the skip out, or the mark: a skipped test earns nothing",
    "empty-parametrize": "give it parameters, or take the mark out: without any, pytest skips it",
    "generator-test": "assert without a yield, or make a fixture of it",
    "never-awaited": "derive its class from unittest.IsolatedAsyncioTestCase",
    "xfail-non-strict": "it keeps its points; write strict=True, or take the xfail out",
}


def remedy(finding: Finding) -> str:
    """What to do about a test that cannot fail, or that should be looked at."""
    if finding.reason in _REMEDIES:
        return _REMEDIES[finding.reason]
    if finding.verdict == "hollow":
        return "assert on a result that a fault would change, or answer the finding with a reason"
    return "it keeps its points; tighten it, or answer the finding with a reason"


class HollowJudge:
    """Which marked tests cannot fail, with the answers that a person gave in the configuration."""

    def __init__(self, tree: Tree, answers: Iterable[Answer]) -> None:
        self._tree = tree
        self._analyzer: Analyzer | None = None
        self._answers = {a.test: a for a in answers}
        self._findings: dict[tuple[str, str], Finding | None] = {}
        self._judged: set[str] = set()
        self._used: set[str] = set()
        self.diagnostics: list[Diagnostic] = []

    def finding(self, case: Case) -> Finding | None:
        """The finding about a case that nobody has answered."""
        names = (case.nodeid, case.nodeid.partition("[")[0])
        self._judged.update(names)
        key = (case.path, case.qualname)
        if key not in self._findings:
            self._findings[key] = self._analyse(case)
        found = self._findings[key]
        answered = [name for name in names if name in self._answers]
        if found is not None:
            self._used.update(answered)
        return None if answered else found

    def _analyse(self, case: Case) -> Finding | None:
        if self._tree.text(case.path) is None:
            # Outcomes may come from files of another machine; without the source there is nothing to judge.
            return None
        try:
            if self._analyzer is None:
                # The analysis is imported when the first test asks for it: a run without passed tests does without.
                from mlscore.probes.hollow import Analyzer

                self._analyzer = Analyzer(self._tree)
            return self._analyzer.function(case.path, case.qualname)
        except Exception as error:
            self.diagnostics.append(_own_failure(f"the analysis of {case.path}::{case.qualname}", error))
            return None

    def idle_answers(self) -> tuple[Diagnostic, ...]:
        """Answers to findings that are no longer there: the test was mended, so the answer can go."""
        return tuple(
            Diagnostic(
                Severity.INFO,
                "idle-answer",
                f"the answer for {answer.test} answers no finding",
                answer.location,
                "remove it",
            )
            for answer in self._answers.values()
            if answer.test in self._judged and answer.test not in self._used
        )


def _own_failure(what: str, error: Exception) -> Diagnostic:
    """A crash of one part is said and credits nothing; the rest of the run goes on."""
    message = f"{what} failed inside mlscore ({type(error).__name__}: {error})"
    return Diagnostic(Severity.WARNING, "internal", message, help=f"please report it at {ISSUES_URL}")


def collect(
    config: Config,
    gathered: Gathered,
    *,
    tree: Tree,
    provers: Sequence[Prover],
    today: date,
) -> Collected:
    """Turn cases, attestations and waivers into evidence and diagnostics.

    A passed test that cannot fail becomes HOLLOW unless the configuration answers the finding; a weak one keeps its points
    and is named. Tests that name no item of the rubric come back as unplaced.
    """
    judge = HollowJudge(tree, config.answers)
    evidence: list[Evidence] = []
    unplaced: list[Unplaced] = []
    diagnostics: dict[Diagnostic, None] = {}
    known = {item.id for item in config.rubric.items}
    for case in gathered.cases:
        where = Location(case.path, case.line)
        for problem in case.placement.problems:
            diagnostics[Diagnostic(Severity.WARNING, "marker", problem, where)] = None
        items = [i for i in case.placement.items if i in known]
        if items:
            evidence.extend(_case_evidence(case, items, judge, provers, diagnostics))
        elif case.placement.section or case.placement.suggested:
            unplaced.append(
                Unplaced(case.nodeid, case.placement.section, case.placement.suggested, case.placement.why, where)
            )
    evidence.extend(attestation_evidence(a, today) for a in config.attestations)
    listed, trouble = _mapped(unplaced, tree, config)
    # Workers of a distributed run tell of their tests in any order.
    diagnostics = dict.fromkeys(sorted(diagnostics, key=_by_place))
    for found in (
        *judge.diagnostics,
        *trouble,
        *judge.idle_answers(),
        *expiry_diagnostics(config.attestations, config.waivers, today),
        *_run_diagnostics(gathered),
    ):
        diagnostics[found] = None
    return Collected(tuple(evidence), listed, tuple(diagnostics))


def _mapped(
    unplaced: Sequence[Unplaced], tree: Tree, config: Config
) -> tuple[tuple[Unplaced, ...], tuple[Diagnostic, ...]]:
    """The tests that name no item as `mlscore map` sees them; as they come where their source cannot be read."""
    if not unplaced:
        return (), ()
    from mlscore.collect.unplaced import as_mapped

    try:
        return as_mapped(unplaced, tree, config.conventions, tuple(i.id for i in config.rubric.items)), ()
    except Exception as error:
        return tuple(unplaced), (_own_failure("reading what tests without an item assert", error),)


def _by_place(found: Diagnostic) -> tuple[str, int, str]:
    place = found.location
    return ("", 0, found.message) if place is None else (place.path, place.line or 0, found.message)


def _case_evidence(
    case: Case,
    items: Sequence[str],
    judge: HollowJudge,
    provers: Sequence[Prover],
    diagnostics: dict[Diagnostic, None],
) -> list[Evidence]:
    outcome, summary = case.outcome, case.detail
    location: Location = Location(case.path, case.line)
    # A check tells of itself whether it could have failed.
    finding = judge.finding(case) if outcome is Outcome.PASSED and not case.check else None
    if finding is not None:
        text = f"{case.nodeid.partition('[')[0]}: {finding.message}"
        if finding.verdict == "hollow":
            outcome, summary, location = Outcome.HOLLOW, finding.message, finding.location
        code = "hollow" if finding.verdict == "hollow" else "weak"
        diagnostics[Diagnostic(Severity.WARNING, code, text, finding.location, remedy(finding))] = None
    proofs, missing = _prove(case, provers)
    return [
        Evidence(
            item=item,
            source=Source(SourceKind.CHECK if case.check else SourceKind.TEST, case.nodeid),
            outcome=outcome,
            summary=summary,
            location=location,
            values=case.values,
            at=case.at,
            proofs=proofs,
            missing=missing,
        )
        for item in items
    ]


def _prove(case: Case, provers: Sequence[Prover]) -> tuple[tuple[Proof, ...], tuple[str, ...]]:
    if case.placement.manual:
        return (), ("its mark says that it is run by hand: let CI run it and say so in the mark",)
    proofs: list[Proof] = []
    missing: list[str] = []
    for prover in provers:
        found, lacking = prover(case)
        proofs.extend(found)
        missing.extend(lacking)
    return tuple(proofs), () if proofs else tuple(dict.fromkeys(missing))


def _run_diagnostics(gathered: Gathered) -> list[Diagnostic]:
    run = gathered.run
    found = [
        Diagnostic(
            Severity.ERROR,
            "collection-error",
            f"{name} could not be collected: its tests are unknown and the score is not valid",
            Location(name),
            "mend the error that pytest shows for it",
        )
        for name in run.errors
    ]
    if run.interrupted:
        found.append(Diagnostic(Severity.ERROR, "interrupted", f"the run broke off: {run.interrupted}"))
    if run.partial:
        reached = f"; not reached: {', '.join(run.unreached)}" if run.unreached else ""
        found.append(
            Diagnostic(
                Severity.WARNING,
                "partial",
                f"this run is partial ({'; '.join(run.partial)}){reached}",
                help="run the whole suite for a score that counts",
            )
        )
    return found
