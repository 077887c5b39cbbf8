"""Which features are judged together, and what each such unit costs altogether."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlscore.checks.cost.gains import JOINED
from mlscore.checks.cost.shapes import Gain, Measured, OverTime, Timing, Unit
from mlscore.checks.intervals import Interval, share
from mlscore.errors import InputError, did_you_mean

Grouped = tuple[str, tuple[str, ...], tuple[Measured, ...]]


def group(
    features: Sequence[str], measured: Sequence[Measured], groups: Mapping[str, Sequence[str]]
) -> tuple[list[Grouped], list[str]]:
    """Units by name, with their features and the functions that compute them; and lines on what is computed for nothing.

    Declared groups first, then for each function the features that are left, then each other feature by itself. Raises
    InputError where a group names what is no feature, or a feature is in two of them.
    """
    home: dict[str, str] = {}
    for name, members in groups.items():
        for member in members:
            if member not in features:
                near = did_you_mean(member, list(features)) or f"the features are {', '.join(features[:8])}"
                raise InputError(f'the group "{name}" names "{member}", which is no feature', hint=near)
            if member in home:
                raise InputError(f'"{member}" is in two groups', hint="name each feature once")
            home[member] = name
    units: list[Grouped] = []
    for name, members in groups.items():
        units.append((name, tuple(members), tuple(one for one in measured if set(one.features) & set(members))))
    unused = []
    for one in measured:
        left = tuple(name for name in one.features if name in features and name not in home)
        if left:
            by_others = [other for other in measured if other is not one and set(other.features) & set(left)]
            units.append((JOINED.join(left), left, (one, *by_others)))
            home |= dict.fromkeys(left, one.function)
        elif not any(name in home for name in one.features):
            if one.features:
                unused.append(
                    f"{one.function}: it computes {', '.join(one.features)}, which is no feature of the model"
                )
            else:
                units.append((one.function, (), (one,)))
    units += [(name, (name,), ()) for name in features if name not in home]
    return units, unused


def in_units(
    units: Sequence[Grouped],
    measured: Sequence[Measured],
    counted: Sequence[OverTime],
    sources: Mapping[str, Sequence[str]] | None,
    gains: Sequence[Gain],
) -> list[Unit]:
    """The units with what is known of their cost and gain; of a sum with an unknown part nothing is."""
    by_gain = {frozenset(one.features): one.gain for one in gains}
    by_feature = {one.feature: one for one in counted}
    found = []
    for name, features, functions in units:
        rows = [one.row for one in functions]
        batches = [one.batch for one in functions]
        memories = [one.memory for one in functions if one.memory is not None]
        over = [by_feature.get(one) for one in features]
        missing = [
            (one.worst or one.missing) if one is not None else missing_of(name, measured)
            for name, one in zip(features, over, strict=True)
        ]
        unlike = [None if one is None else one.instability for one in over]
        declared = [None if sources is None else sources.get(one) for one in features]
        known = [set(one) for one in declared if one is not None]
        found.append(
            Unit(
                name=name,
                features=features,
                functions=tuple(one.function for one in functions),
                row=_added(rows),
                batch=_added(batches),
                # One function runs after the other: the greatest peak is that of them all.
                memory=max(memories) if memories and len(memories) == len(functions) else None,
                missing=_worst(missing),
                instability=_worst(unlike),
                sources=len(set().union(*known)) if known and len(known) == len(features) else None,
                gain=by_gain.get(frozenset(features), by_gain.get(frozenset({name}))),
            )
        )
    return found


def missing_of(feature: str, measured: Sequence[Measured], alpha: float = 0.01) -> Interval | None:
    """The share of rows for which a function computes no value; None where none computes the feature."""
    for one in measured:
        if feature in one.features and len(one.missing) == len(one.features) and one.rows:
            return share(one.missing[one.features.index(feature)], one.rows, alpha)
    return None


def _added(timings: Sequence[Timing | None]) -> Timing | None:
    whole: Timing | None = None
    for one in timings:
        if one is None:
            return None
        whole = one if whole is None else whole + one
    return whole


def _worst(intervals: Sequence[Interval | None]) -> Interval | None:
    """The greatest, by what it is at least; None where one is not known."""
    known = [one for one in intervals if one is not None]
    return max(known, key=lambda one: (one.low, one.value)) if known and len(known) == len(intervals) else None
