"""The line, on one screen: collect evidence, evaluate items, score, gate, advise, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from mlscore import __version__
from mlscore.collect.cases import Gathered
from mlscore.collect.gather import Collected, Prover, WorkflowProver, collect, proven_by_this_run
from mlscore.core.advise import advise
from mlscore.core.evaluate import evaluate
from mlscore.core.evidence import Diagnostic, Severity
from mlscore.core.gate import judge, ruler_changed, ruler_sentence
from mlscore.core.report import SCHEMA, ProjectFacts, Report, RubricRef, RunFacts, Tool
from mlscore.core.rubric import Rubric
from mlscore.core.score import score, score_diagnostics
from mlscore.project.clock import clock_diagnostics
from mlscore.project.config import Config
from mlscore.project.git import git_diagnostics, git_facts
from mlscore.project.tree import Tree


def run(config: Config, gathered: Gathered, *, now: datetime, diagnostics: Sequence[Diagnostic] = ()) -> Report:
    """The whole line for one project: what its tests and people say, scored and judged.

    `now` carries the clock (any time zone); `diagnostics` are what the caller already knows, such as unreadable files.
    """
    facts = git_facts(config.root, dirty=True)
    repository = Tree(
        config.root.joinpath(*[".."] * len(facts.prefix.strip("/").split("/"))) if facts.prefix else config.root
    )
    project_tree = Tree(config.root)
    workflows = WorkflowProver(repository, facts.prefix, project_tree)
    provers: tuple[Prover, ...] = (proven_by_this_run, workflows)
    today = now.astimezone(UTC).date()
    gathered = replace(gathered, run=_in_the_rubrics_order(gathered.run, config.rubric))
    collected = collect(config, gathered, tree=project_tree, provers=provers, today=today)
    surroundings = (*clock_diagnostics(today, facts.committed), *git_diagnostics(facts))
    found = (*diagnostics, *surroundings, *workflows.diagnostics, *collected.diagnostics)
    collected = replace(collected, diagnostics=found)
    project = ProjectFacts(
        name=config.name, commit=facts.commit, branch=facts.branch, dirty=facts.dirty, serving=config.serving
    )
    return conclude(config, gathered, collected, project, now=now)


def _in_the_rubrics_order(run: RunFacts, rubric: Rubric) -> RunFacts:
    """The facts of the run, with the items it did not reach in the order in which every report lists items."""
    place = {item.id: number for number, item in enumerate(rubric.items)}
    return replace(run, unreached=tuple(sorted(run.unreached, key=lambda id_: place.get(id_, len(place)))))


def conclude(
    config: Config, gathered: Gathered, collected: Collected, project: ProjectFacts, *, now: datetime
) -> Report:
    """The pure rest of the line: no file, clock, environment or network."""
    rubric = config.rubric
    today = now.astimezone(UTC).date()
    items = evaluate(rubric, collected.evidence, waivers=config.waivers, today=today)
    result = score(rubric, items)
    diagnostics = (*collected.diagnostics, *score_diagnostics(rubric, result), *_changed_ruler(config))
    return Report(
        schema=SCHEMA,
        tool=Tool("mlscore", __version__),
        project=project,
        rubric=RubricRef(rubric.id, rubric.version, rubric.digest, rubric.title),
        generated_at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        run=gathered.run,
        score=result,
        items=items,
        gate=judge(config.gate, rubric, result, items, gathered.run, diagnostics),
        next=advise(rubric, items, result, must_have=config.gate.required),
        unplaced=collected.unplaced,
        diagnostics=diagnostics,
    )


def _changed_ruler(config: Config) -> tuple[Diagnostic, ...]:
    """That the ratchet cannot hold anything to the baseline: it is no regression, and must not go unseen either."""
    baseline = config.gate.baseline
    if baseline is None or not ruler_changed(baseline, config.rubric):
        return ()
    text, remedy = ruler_sentence(baseline, config.rubric), "write a new one: mlscore baseline write"
    return (Diagnostic(Severity.WARNING, "ruler", text, help=remedy),)
