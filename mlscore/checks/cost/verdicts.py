"""Holding units against limits: what surely breaks one, what cannot be told, and whether any could have been broken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlscore.checks.cost.shapes import Limits, Measured, OverTime, Unit
from mlscore.checks.cost.units import missing_of
from mlscore.checks.intervals import Interval

Broken = tuple[float, str]  # how many times the limit, and the line


@dataclass(slots=True)
class Verdict:
    """Findings, the worst first, what was not judged, and why nothing could have been found."""

    findings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    hollow: str | None = None


@dataclass(slots=True)
class _Judge:
    broken: list[Broken] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    judged: dict[str, int] = field(default_factory=dict)

    def hold(
        self, what: str, name: str, figure: Interval | None, limit: float, says: str, why: str | None = ""
    ) -> None:
        """One figure of one unit or feature against a limit; `says` is how it reads, `why` it is unknown (None: said)."""
        self.judged.setdefault(what, 0)
        if figure is None:
            if why is not None:
                self.unknown.append(f"{name}: {what}, which is not known{why}")
            return
        if figure.low > limit:
            self.broken.append((figure.low / limit if limit else math.inf, f"{name}: {says}"))
        elif figure.value > limit:
            self.unknown.append(f"{name}: {what}: {says}, but not for certain")
            return
        self.judged[what] += 1


def judge(units: Sequence[Unit], measured: Sequence[Measured], counted: Sequence[OverTime], limits: Limits) -> Verdict:
    """What breaks a limit; a limit that no unit could be held against earns nothing."""
    held = _Judge()
    by_function = {one.function: one for one in measured}
    for unit in units:
        functions = [by_function[name] for name in unit.functions]
        _times(held, unit, functions, limits)
        if limits.memory is not None:
            memory = None if unit.memory is None else Interval(unit.memory, unit.memory, unit.memory)
            says = "" if memory is None else f"a batch takes {memory.value:,.4g} MB, {limits.memory:g} MB is the limit"
            held.hold("the memory it takes", unit.name, memory, limits.memory, says, _why(functions))
        if limits.sources is not None:
            count = None if unit.sources is None else Interval(unit.sources, unit.sources, unit.sources)
            says = f"it hangs on {unit.sources} upstream sources, {limits.sources} is the limit"
            held.hold("the number of its sources", unit.name, count, limits.sources, says)
        if limits.per_gain is not None:
            _per_gain(held, unit, limits.per_gain, _why(functions))
    _over_time(held, units, measured, counted, limits)
    held.broken.sort(key=lambda one: -one[0])
    return Verdict([line for _, line in held.broken], held.unknown, _hollow(held, limits))


def _times(held: _Judge, unit: Unit, functions: Sequence[Measured], limits: Limits) -> None:
    for what, timing, limit, of, hung in (
        ("the time of one row", unit.row, limits.latency, "one row", [one for one in functions if one.beyond_row]),
        ("the time of a batch", unit.batch, limits.batch_latency, "a batch", [one for one in functions if one.beyond]),
    ):
        if limit is None:
            continue
        beyond = max((1e3 * (one.beyond or 0.0) for one in hung), default=0.0)
        if beyond > limit:
            held.hold(
                what,
                unit.name,
                Interval(beyond, beyond, math.inf),
                limit,
                f"{of} takes more than {beyond:,.4g} ms, {limit:g} ms is the limit",
            )
            continue
        p95 = None if timing is None else timing.p95
        says = ""
        if timing is not None and p95 is not None:
            rounds = f"{p95.low:.3g} to {p95.high:.3g} by round"
            says = f"{of} takes {p95.value:,.4g} ms ({rounds}) at the 95th percentile of {timing.calls}"
            says = f"{says} calls, {limit:g} ms is the limit"
        held.hold(what, unit.name, p95, limit, says, _why(functions))


def _per_gain(held: _Judge, unit: Unit, limit: float, why: str | None) -> None:
    """Milliseconds of one row for each unit of gain: sure by the least time and the greatest gain."""
    what = "what it costs for what it gains"
    if unit.row is None or unit.gain is None:
        held.hold(what, unit.name, None, limit, "", why if unit.row is None else ": its gain is not known")
        return
    time, gain = unit.row.median, unit.gain
    each = Interval(_per(time.value, gain.value), _per(time.low, gain.high), math.inf)
    spent = f"{time.value:,.4g} ms a row for a gain of {gain}"
    says = f"it costs {spent}, {each.low:,.4g} ms or more for each unit of gain, {limit:g} ms is the limit"
    if math.isinf(each.low):
        says = f"it costs {spent}, which is none"
    held.hold(what, unit.name, each, limit, says)


def _per(cost: float, gain: float) -> float:
    return cost / gain if gain > 0 else math.inf if cost > 0 else 0.0


def _over_time(
    held: _Judge, units: Sequence[Unit], measured: Sequence[Measured], counted: Sequence[OverTime], limits: Limits
) -> None:
    by_feature = {one.feature: one for one in counted}
    for name in dict.fromkeys(name for unit in units for name in unit.features):
        one = by_feature.get(name)
        if limits.missing is not None:
            figure = (one.worst or one.missing) if one is not None else missing_of(name, measured)
            window = "" if one is None or one.worst_window is None else f" of the window from {day(one.worst_window)}"
            shown = "" if figure is None else f"{figure.value:.1%} ({figure.low:.1%} to {figure.high:.1%})"
            says = f"it is missing in {shown} of the rows{window}, {limits.missing:.4g} is the limit"
            held.hold("how often it is missing", name, figure, limits.missing, says)
        if limits.instability is not None:
            unlike = None if one is None else one.instability
            window = "" if one is None or one.unlike_window is None else day(one.unlike_window)
            says = f"the window from {window} lies {unlike} from the others, {limits.instability:g} is the limit"
            held.hold("how it changes over time", name, unlike, limits.instability, says)


def day(window: str) -> str:
    """A window's first moment, without the time where that is midnight."""
    return window.removesuffix("T00:00:00")


def _why(functions: Sequence[Measured]) -> str:
    return next(
        (f": {one.trouble}" for one in functions if one.trouble), "" if functions else ": no function computes it"
    )


def _hollow(held: _Judge, limits: Limits) -> str | None:
    if not held.judged:
        return "no limit is given, so that no cost could be too high"
    for name, limit in (("most-missing", limits.missing), ("most-instability", limits.instability)):
        if limit is not None and limit >= 1:
            return f"{name} is {limit:g}, which no share can exceed"
    none = [what for what, count in held.judged.items() if not count]
    return f"of no feature is it known: {', '.join(none)}" if none else None
