"""Turns the runs that CI starts into proofs that a test is automated, or into what is missing for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.core.evidence import Proof, ProofKind
from mlscore.probes.automation.selecting import by_check, by_file, by_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlscore.probes.automation.runs import Automation, CiRun

MAX_MISSING = 3
Answer = tuple[tuple[Proof, ...], tuple[str, ...]]


def proofs_for(runs: Automation, *, path: str, nodeid: str, markers: frozenset[str], name: str) -> Answer:
    """The proofs that live CI runs include a test; where there is none, sentences about what is missing.

    `path` is the test's file relative to the root, `nodeid` its pytest id, `markers` the names of its marks, `name` its
    own name. Answers are kept per file and marks, and per test only where a run selects by name.
    """
    key: object = (path, markers)
    if any(run.selection.by_name for run in runs.runs):
        key = (path, markers, nodeid, name)
    if key not in runs.known:
        runs.known[key] = _answer(runs, path, nodeid, markers, name)
    return runs.known[key]


def proofs_for_check(runs: Automation, *, base: str, nodeid: str, kind: str) -> Answer:
    """The proofs that live CI runs include a configured check, or what is missing, as `proofs_for` says it of a test."""
    return _weighed(
        runs,
        lambda run: by_check(run.selection, base, nodeid, kind),
        "this check",
        "no CI workflow runs `pytest --mlscore` or `mlscore check`",
    )


def _answer(runs: Automation, path: str, nodeid: str, markers: frozenset[str], name: str) -> Answer:
    def why_not(run: CiRun) -> str | None:
        why = by_file(run.selection, path, markers) or by_name(run.selection, path, nodeid, markers, name)
        if why is None and runs.conftests is not None:
            why = runs.conftests.left_out(run.selection, path, markers)
        return why

    return _weighed(runs, why_not, "this test", "no CI workflow runs pytest")


def _weighed(runs: Automation, why_not: Callable[[CiRun], str | None], what: str, none: str) -> Answer:
    proofs: list[Proof] = []
    missing: list[str] = []
    dead: list[str] = []
    near = 0
    for run in runs.runs:
        why = why_not(run)
        if not run.live:
            # What would include the test if only it counted is the nearest to a proof, so it is told first.
            dead.insert(
                len(dead) if why else near, f"`{_place(run)}` runs `{run.command}`, which does not count: {run.why_not}"
            )
            near += why is None
        elif why is None:
            proofs.append(Proof(ProofKind.WORKFLOW, _summary(run) + _unseen(run, runs.uncommitted), run.chain))
        else:
            missing.append(f"`{_place(run)}` runs `{run.command}`, which leaves {what} out: {why}")
    if proofs:
        return tuple(dict.fromkeys(proofs)), ()
    missing = list(dict.fromkeys([*missing, *dead]))
    if not missing:
        missing.append(none)
    elif len(missing) > MAX_MISSING:
        missing = [
            *missing[:MAX_MISSING],
            f"{len(missing) - MAX_MISSING} more CI commands that run pytest do not count",
        ]
    missing.extend(f"{item.location}: {item.message}" for item in runs.diagnostics[:MAX_MISSING])
    return (), tuple(missing)


def _place(run: CiRun) -> str:
    return str(run.chain[0]) if run.chain else run.system


def _summary(run: CiRun) -> str:
    through = "" if run.entry == run.command or run.command in run.entry else f" (through `{run.entry}`)"
    # Little runs then, so it is said.
    only = " only" if run.triggers == ("push of tags",) else ""
    return f"{run.system} runs `{run.command}`{through} on {_listed(run.triggers)}{only}"


def _unseen(run: CiRun, uncommitted: frozenset[str]) -> str:
    """What a reader must know when CI cannot have seen the file as it is."""
    path = run.chain[0].path if run.chain else ""
    return f", once it is committed: `{path}` has changes that are not" if path in uncommitted else ""


def _listed(words: tuple[str, ...]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
