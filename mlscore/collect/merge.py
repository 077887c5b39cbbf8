"""Cases of the same test, told by several workers, files or jobs, made one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mlscore.collect.cases import GRAVITY, Case, SuiteFacts
from mlscore.core.evidence import Outcome

# How files of older versions name a test of which some parameters were left out.
_SOME = "[...]"
_DID_NOT_RUN = frozenset({Outcome.NOT_RUN, Outcome.SKIPPED})


def merge(told: Iterable[tuple[str, Case]]) -> tuple[Case, ...]:
    """One case per test, in the order in which the tests first come; each is told beside the name of who tells it.

    A failure anywhere outweighs everything; a test that passed in one job and was skipped, or never reached, in another
    has passed. A test that some job knows only from its file, without parameters, gives way to its sets of parameters,
    whatever became of them.
    """
    by_id: dict[str, list[tuple[str, Case]]] = {}
    for who, case in told:
        by_id.setdefault(case.nodeid, []).append((who, case))
    merged = [_one(cases) for cases in by_id.values()]
    parametrised = {(c.path, c.qualname) for c in merged if _parameters(c) not in ("", _SOME)}
    return tuple(
        case
        for case in merged
        if case.outcome not in _DID_NOT_RUN or _parameters(case) or (case.path, case.qualname) not in parametrised
    )


def settled(jobs: Sequence[SuiteFacts]) -> list[tuple[Case, ...]]:
    """The silent cases of each job, without the guesses about places that another job knows.

    A job that opened only a part of the suite reads from the rest's files which tests it left out. Some of them are not
    there when pytest looks, or have parameters; a job that was there tells what is.
    """
    guesses = [{(case.path, case.qualname) for case in job.silent if case.guess} for job in jobs]
    places = [frozenset(job.whole) for job in jobs]

    def is_known(case: Case) -> bool:
        test = (case.path, case.qualname)
        return any(
            test not in guessed and not known.isdisjoint(_above(case.path))
            for guessed, known in zip(guesses, places, strict=True)
        )

    return [tuple(case for case in job.silent if not (case.guess and is_known(case))) for job in jobs]


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


def _parameters(case: Case) -> str:
    """The parameters in a case's node id, in brackets; a bracket in its path is none."""
    _, bracket, rest = case.nodeid.partition("::")[2].partition("[")
    return bracket + rest


def _above(path: str) -> Iterator[str]:
    """A path and every folder above it, the root ("") too."""
    yield path
    while path:
        path = path.rpartition("/")[0]
        yield path
