"""One feature function from its batches to its report: violations shrunk, and what was not judged named."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from mlscore.checks.feature_code.batches import Batch, Composer, counterexample, real_batch
from mlscore.checks.feature_code.forms import Feature
from mlscore.checks.feature_code.look import Finding, Look, Settings
from mlscore.checks.feature_code.outputs import Output
from mlscore.checks.feature_code.report import FunctionReport, Off, Property, Violation
from mlscore.checks.feature_code.rules import ColumnRule
from mlscore.checks.feature_code.shrink import shrink
from mlscore.checks.feature_code.values import pool

POOL = 40  # values that hypothesis draws for a column
LEAST_VARIETY = 10  # different rows before a feature is called constant
MOST_PROBES = 6
_CLOCKS = frozenset({"now", "today", "utcnow", "time_ns", "localtime", "monotonic"})
_COMPARING = (Property.ORDER, Property.ALONE, Property.INDEX, Property.SERVING, Property.FRESH)
# Where one of these is violated, a comparison of two answers says nothing more.
_BASIC = (Property.DETERMINISTIC, Property.ROWS)


@dataclass(frozen=True, slots=True)
class Plan:
    """What all functions are tried on: rules, real rows as a pandas frame, how many batches, seconds for each function."""

    rules: tuple[ColumnRule, ...]
    real: Any = None
    examples: int = 100
    seconds: float = 30.0
    seed: int = 0
    settings: Settings = Settings()
    keep: Callable[[Any], Sequence[int]] | None = None


@dataclass(slots=True)
class Examined:
    """A function's report, and batches with their features for another process to compare with."""

    report: FunctionReport
    probes: list[tuple[Batch, Output]] = field(default_factory=list)


def pools(plan: Plan, words: Sequence[Any] = ()) -> dict[str, list[Any]]:
    """Values of each column to put batches together from. Raises UsageError where a column can have none."""
    # Of very wide tables fewer values of each column: there are as many cells.
    size = max(5, min(POOL, 4000 // max(1, len(plan.rules))))
    return {
        rule.name: pool(
            rule, size, plan.seed + place, words, [] if plan.real is None else plan.real[rule.name].tolist()
        )
        for place, rule in enumerate(plan.rules)
    }


def examine(feature: Feature, plan: Plan, off: Mapping[Property, str], drawn: Mapping[str, Sequence[Any]]) -> Examined:
    """Try a function on real rows and generated batches. `drawn` are the columns' pools."""
    begun = time.monotonic()
    look = Look(feature, plan.rules, plan.settings, frozenset(off))
    real = None if plan.real is None or not len(plan.real) else real_batch(plan.real, plan.rules)
    words = _words(feature)
    mixed = {rule.name: _with_words(rule, drawn[rule.name], words) for rule in plan.rules}
    composer = Composer(plan.rules, mixed, plan.seed, real, plan.keep)
    failing: dict[Property, list[tuple[Batch, Finding, bool]]] = {}
    probes: list[tuple[Batch, Output]] = []
    tried, late = 0, False
    for batch, is_real in _all(composer, plan.examples, real):
        if time.monotonic() - begun > plan.seconds:
            late = True
            break
        whole = is_real and batch is real
        tried += not whole
        for of, finding in look.batch(batch, alone=10 if whole else 2).items():
            failing.setdefault(of, []).append((batch, finding, is_real))
        if Property.DETERMINISTIC in failing and len(failing[Property.DETERMINISTIC]) > 2:
            break
        if any("did not return" in finding.says for _, finding, _ in failing.get(Property.RUNS, ())):
            break
        if not whole and batch.rows <= 3 and len(probes) < MOST_PROBES and not any(of in failing for of in _BASIC):
            output = look.output(batch.frame(plan.rules))
            if output is not None:
                probes.append((batch, output))
    if any(of in failing for of in _BASIC):
        failing = {of: found for of, found in failing.items() if of not in _COMPARING}
        probes = []
    violations = list(_violations(look, plan, composer, failing))
    violations += _constant(look, off)
    violations.sort(key=lambda one: list(Property).index(one.property))
    seconds = time.monotonic() - begun
    report = FunctionReport(
        name=feature.name,
        form=feature.form.value,
        batches=tried,
        planned=plan.examples,
        rows=0 if real is None else real.rows,
        calls=look.calls,
        seconds=round(seconds, 3),
        judged=tuple(of for of in Property if look.judged.get(of)),
        violations=tuple(violations),
        off=tuple(Off(of, off[of]) for of in Property if of in off),
        not_judged=tuple(_not_judged(look, plan, tried, composer, failing, late=late)),
        notes=tuple(_notes(look)),
    )
    return Examined(report, probes)


def _all(composer: Composer, count: int, real: Batch | None) -> Iterator[tuple[Batch, bool]]:
    """A batch without nulls first, all real rows next, then the rest; and whether real rows are in it."""
    generated = composer.batches(count)
    for first in generated:
        yield first, first.tainted
        break
    if real is not None:
        yield real, True
    for batch in generated:
        yield batch, batch.tainted


def _violations(
    look: Look, plan: Plan, composer: Composer, failing: Mapping[Property, list[tuple[Batch, Finding, bool]]]
) -> Iterator[Violation]:
    """Each violated property with its counterexample, shrunk from the smallest batch that has no real value."""
    share = plan.seconds / 2 / max(1, len(failing))
    for of, found in failing.items():
        batch, finding, is_real = min(found, key=lambda one: (one[0].tainted, one[0].rows))
        slow = "did not return" in finding.says
        if not slow:
            batch = shrink(batch, plan.rules, lambda one, of=of: _fails(look, composer, one, of) is not None, share)  # type: ignore[misc]
            finding = _fails(look, composer, batch, of) or finding
        says = finding.text(masked=batch.tainted)
        yield Violation(of, says, counterexample(batch, plan.rules, is_real), len(found))


def _fails(look: Look, composer: Composer, batch: Batch, of: Property) -> Finding | None:
    """How a batch violates a property; None where it does not, or is none that the schema allows."""
    if not batch.rows or composer.valid(batch).rows != batch.rows:
        return None
    # What is random may agree by chance.
    for _ in range(3 if of is Property.DETERMINISTIC else 1):
        finding = look.batch(batch, frozenset({of}), alone=6).get(of)
        if finding is not None:
            return finding
    return None


def _constant(look: Look, off: Mapping[Property, str]) -> Iterator[Violation]:
    """Features that are the same whatever the input."""
    if Property.VARIES in off or len(look.rows) < LEAST_VARIETY or not look.firsts:
        return
    look.judged[Property.VARIES] = 1
    constant = look.constant()
    if len(constant) == len(look.firsts):
        shown = ", ".join(f"{name!r} is always {value}" for name, value in constant[:3])
        yield Violation(Property.VARIES, f"it ignores its input: {shown}", batches=0)
    elif constant:
        shown = ", ".join(f"{name!r} is always {value}" for name, value in constant[:3])
        more = f" and {len(constant) - 3} more" if len(constant) > 3 else ""
        yield Violation(Property.VARIES, f"{shown}{more}, whatever the input", batches=0)


def _not_judged(
    look: Look,
    plan: Plan,
    tried: int,
    composer: Composer,
    failing: Mapping[Property, Sequence[object]],
    *,
    late: bool,
) -> Iterator[str]:
    if late:
        yield f"only {tried} of {plan.examples} batches were tried within {plan.seconds:g} s"
    elif composer.refused and tried < plan.examples:
        yield f"only {tried} of {plan.examples} batches had a row that the schema's own checks allow"
    basic = next((of for of in _BASIC if of in failing), None)
    if basic is not None:
        why = (
            "the same input gives two answers"
            if basic is Property.DETERMINISTIC
            else "rows in and rows out do not pair"
        )
        yield f"{', '.join(of for of in _COMPARING if of not in look.off)}: {why}, so nothing can be compared"
    silent = []
    for of in Property:
        judged = look.judged.get(of) or of in look.off or of in failing
        if not judged and of is not Property.FRESH and not (basic is not None and of in _COMPARING):
            if of is Property.INDEX and Property.RUNS in look.judged and look.firsts:
                continue  # what it takes has no index
            silent.append(of.value)
    if silent:
        yield f"{', '.join(silent)}: no batch could show it"
    clock = _clock(look.feature)
    if clock:
        yield f"deterministic: it asks the clock ({clock}), so tomorrow's features may be others"


def _notes(look: Look) -> Iterator[str]:
    if look.seen.printed:
        yield "it prints"
    for warned in list(look.seen.warned)[:3]:
        # The text of a warning may hold a value.
        yield f"it warns: {warned.partition(':')[0]}"
    if look.seen.read:
        yield f"it reads the file {', '.join(list(look.seen.read)[:3])}"


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _own_codes(feature: Feature) -> Iterator[CodeType]:
    """The code of the function, and of those in its module that it names."""
    function = inspect.unwrap(feature.code) if feature.code is not None else None
    if function is None or not hasattr(function, "__code__"):
        return
    yield from _codes(function.__code__)
    module = getattr(function, "__globals__", {})
    for code in list(_codes(function.__code__)):
        for name in code.co_names:
            other = module.get(name)
            if inspect.isfunction(other) and other.__module__ == function.__module__ and other is not function:
                yield from _codes(other.__code__)


def _words(feature: Feature) -> list[Any]:
    """Constants of the function's code: what its branches ask for is among them."""
    found: dict[Any, None] = {}
    for code in _own_codes(feature):
        for constant in code.co_consts:
            several = constant if isinstance(constant, (tuple, frozenset)) else (constant,)
            for one in several:
                if isinstance(one, (str, int, float)) and not isinstance(one, bool) and one == one:
                    found.setdefault(one)
    return list(found)[:40]


def _with_words(rule: ColumnRule, values: Sequence[Any], words: Sequence[Any]) -> list[Any]:
    from mlscore.checks.feature_code.values import fits

    known = {(type(value), str(value)) for value in values}
    more = [word for word in words if fits(rule, word) and (type(word), str(word)) not in known]
    return [*values[:1], *more, *values[1:]] if not rule.opaque else list(values)


def _clock(feature: Feature) -> str:
    for code in _own_codes(feature):
        for name in code.co_names:
            if name in _CLOCKS:
                return name
    return ""
