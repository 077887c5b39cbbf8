"""What to do next: the shortest way to a higher total, step by step, from what is nearest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from mlscore.core.evidence import Outcome, SourceKind
from mlscore.core.points import total_points
from mlscore.core.report import Advice, ItemResult, Score, Verdict
from mlscore.core.rubric import Item, Rubric

# How near an item is to its next points: mending what is there comes before making what is not.
_NEARNESS = {
    Verdict.FAILING: 0,
    Verdict.ERROR: 0,
    Verdict.HOLLOW: 1,
    Verdict.SKIPPED: 1,
    Verdict.NOT_RUN: 1,
    Verdict.EXPIRED: 2,
    Verdict.VERIFIED: 3,
    Verdict.UNKNOWN: 4,
    Verdict.NO_EVIDENCE: 5,
    Verdict.NOT_APPLICABLE: 6,
}

_SHOWN = 3
_CI_JOB = """\
# .github/workflows/mlscore.yml (`mlscore init` writes it for GitLab and Azure too)
on: [push, pull_request]
jobs:
  readiness:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
      - run: pip install ml-test-score -e .
      - run: pytest --mlscore
"""


def advise(
    rubric: Rubric,
    items: Sequence[ItemResult],
    score: Score,
    *,
    must_have: Collection[str] = (),
    limit: int = 5,
) -> tuple[Advice, ...]:
    """Steps that raise the verified total soonest, nearest first; empty when nothing is left to gain.

    Under a minimum only the binding sections' items help, so only they are named, in turn between sections that bind
    together; under a sum or mean every item helps. Of items equally near, one that the gate asks for (`must_have`) comes
    first; a waived item comes last.
    """
    pool = [i for i in items if i.verified < i.possible]
    if score.binding:
        pool = [i for i in pool if i.section in score.binding]
    ranked = sorted(pool, key=lambda i: (i.waiver is not None, _nearness(i, must_have)))
    turns: dict[str, int] = {}
    order: list[tuple[int, int, ItemResult]] = []
    for place, item in enumerate(ranked):
        turns[item.section] = turns.get(item.section, -1) + 1
        order.append((turns[item.section], place, item))
    order.sort(key=lambda entry: entry[:2])
    return tuple(_step(rubric, rubric.item(i.id), i) for _, _, i in order[:limit])


def _nearness(item: ItemResult, must_have: Collection[str]) -> tuple[int, bool, int]:
    # Among items with the same verdict, one with some points already is nearer than one with none.
    return (_NEARNESS[item.verdict], item.id not in must_have, 0 if item.verified else 1)


def _step(rubric: Rubric, item: Item, result: ItemResult) -> Advice:
    action, to = _action(result)
    return Advice(
        item=item.id,
        section=item.section,
        title=item.title,
        action=action,
        gain=rubric.level(to).points - result.verified,
        why=item.why,
        how=tuple(result.missing) if result.evidence else item.how,
        snippet=_snippet(item, result),
    )


def _snippet(item: Item, result: ItemResult) -> str:
    """Something to paste: the tests to run, the CI job that is missing, the attestation to renew, or a first test."""
    tests = sorted({e.source.name for e in result.evidence if _is_test(e.source.kind)})
    wrong = sorted({e.source.name for e in result.evidence if e.outcome in (Outcome.FAILED, Outcome.ERROR)})
    if result.verdict in (Verdict.FAILING, Verdict.ERROR):
        return _pytest(wrong)
    if result.verdict in (Verdict.SKIPPED, Verdict.NOT_RUN):
        return _pytest(tests)
    if result.verdict is Verdict.EXPIRED:
        return f'mlscore attest {item.id} --owner "..." --what "..." --link "..."'
    if result.verdict is Verdict.VERIFIED and tests:
        return _CI_JOB
    return item.recipe


def _pytest(tests: Sequence[str]) -> str:
    more = f"  # and {len(tests) - _SHOWN} more" if len(tests) > _SHOWN else ""
    return "pytest " + " ".join(f"'{test}'" for test in tests[:_SHOWN]) + more


def _is_test(kind: SourceKind) -> bool:
    return kind in (SourceKind.TEST, SourceKind.CHECK)


def _action(result: ItemResult) -> tuple[str, str]:
    """What to do in a few words, and the level it leads to."""
    tests = [e for e in result.evidence if _is_test(e.source.kind)]
    automated = "automated" if any(e.proofs for e in tests) else "manual"
    if result.verdict in (Verdict.FAILING, Verdict.ERROR):
        return "make its failing tests pass", automated
    if result.verdict is Verdict.HOLLOW:
        return "let its test be able to fail", automated
    if result.verdict is Verdict.SKIPPED:
        return "let its tests count: they are skipped, or marked xfail", automated
    if result.verdict is Verdict.NOT_RUN:
        return "run its tests", automated
    if result.verdict is Verdict.EXPIRED:
        return "do it again and renew the attestation", "manual"
    if result.verdict is Verdict.VERIFIED:
        if any(e.outcome is Outcome.PASSED for e in tests):
            return "let CI run its tests", "automated"
        return "turn the manual routine into a marked test that CI runs", "automated"
    return "write a marked test that CI runs (or do it by hand and attest it)", "automated"


def total_if(rubric: Rubric, items: Sequence[ItemResult], steps: Sequence[Advice]) -> Fraction:
    """The verified total if every one of `steps` were taken."""
    points = {i.id: i.verified for i in items}
    for step in steps:
        points[step.item] += step.gain
    return total_points(rubric, points.__getitem__)
