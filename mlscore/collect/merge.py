"""Cases of the same test, told by several workers, files or jobs, made one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mlscore.collect.cases import GRAVITY, Case
from mlscore.core.evidence import Outcome

_DID_NOT_RUN = frozenset({Outcome.NOT_RUN, Outcome.SKIPPED})


def merge(told: Iterable[tuple[str, Case]]) -> tuple[Case, ...]:
    """One case per test, in the order in which the tests first come; each is told beside the name of who tells it.

    A failure anywhere outweighs everything; a test that passed in one job and was skipped, or never reached, in another
    has passed. A test that some job knows only from its file (without parameters) gives way to its cases that did run.
    """
    by_id: dict[str, list[tuple[str, Case]]] = {}
    for who, case in told:
        by_id.setdefault(case.nodeid, []).append((who, case))
    merged = [_one(cases) for cases in by_id.values()]
    parametrised = {(c.path, c.qualname) for c in merged if "[" in c.nodeid and c.outcome not in _DID_NOT_RUN}
    return tuple(
        case
        for case in merged
        if case.outcome not in _DID_NOT_RUN
        or case.nodeid.partition("::")[2].find("[") >= 0
        or (case.path, case.qualname) not in parametrised
    )


def partial_reasons(cases: Iterable[Case]) -> tuple[str, ...]:
    """Why a run is partial: the reasons for which marked tests were not run, each once."""
    return tuple(
        dict.fromkeys(case.detail for case in cases if case.outcome is Outcome.NOT_RUN and case.placement.items)
    )


def _one(cases: Sequence[tuple[str, Case]]) -> Case:
    if len(cases) == 1:
        return cases[0][1]
    who, best = min(cases, key=lambda told: (GRAVITY.index(told[1].outcome), told[1].ci is None, not told[1].values))
    ran = {case.outcome for _, case in cases} - {Outcome.NOT_RUN}
    if not who or best.outcome is Outcome.PASSED or len(ran) < 2:
        return best
    return replace(best, detail=f"{best.detail} (in {who})" if best.detail else f"in {who}")
