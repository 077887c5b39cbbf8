"""Why two numbers of one example may differ: precision, rounding, units, offsets, constants."""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from statistics import median

from mlscore.checks.skew.guess import LEAST_PAIRS, NEAR, Guess, Values, fitted, guess, near, shown
from mlscore.checks.skew.report import Cause

MOST_DECIMALS = 9
# Factors between units that get mixed up; each also the other way round.
_UNITS = {
    100.0: "a share and a percentage, or euros and cents",
    1000.0: "thousands",
    1e6: "millions",
    60.0: "minutes and seconds, or hours and minutes",
    3600.0: "hours and seconds",
    24.0: "days and hours",
    86400.0: "days and seconds",
    1.609344: "miles and kilometres",
    3.28084: "metres and feet",
    2.54: "inches and centimetres",
    2.2046226: "kilograms and pounds",
    3.6: "metres per second and kilometres per hour",
    57.29577951: "radians and degrees",
}


def number_causes(pairs: Sequence[Values], *, everywhere: bool = True) -> Iterator[Guess]:
    """Guesses at differing finite numbers, those without a fitted figure first; `everywhere`: nearly all rows differ."""
    yield from _float32(pairs)
    yield from _whole(pairs)
    yield from _rounding(pairs)
    yield from guess(Cause.SIGN, "the sign is the other way round", (near(s, -r) and r != 0 for s, r in pairs), -1)
    yield from _scale(pairs)
    yield from _offset(pairs)
    yield from _linear(pairs)
    yield from _whole_line(pairs)
    yield from _constant(pairs, everywhere=everywhere)


def _constant(pairs: Sequence[Values], *, everywhere: bool) -> Iterator[Guess]:
    """One side always says the same: a constant, or a limit that the other side's values pass."""
    for side, name in enumerate(("served", "recomputed")):
        other = "recomputed" if side == 0 else "served"
        value, _ = Counter(pair[side] for pair in pairs).most_common(1)[0]
        same = [pair[side] == value for pair in pairs]
        beyond = [pair[1 - side] for pair in compress(pairs, same)]
        if len(set(beyond)) < LEAST_PAIRS or 2 * len(beyond) < len(pairs):
            continue
        for passes, word in ((min(beyond) > value, "above"), (max(beyond) < value, "below")):
            # A default below every value looks like a limit; a limit is approached by the values that are cut off.
            if passes and not everywhere and not _far(value, beyond):
                says = f"{name} is {shown(value)} wherever {other} is {word} it: clipped"
                yield from guess(Cause.CLIPPED, says, same, value)
        yield from guess(Cause.CONSTANT, f"{name} is always {shown(value)}: a constant or a default", same, value)


def _far(value: float, beyond: Sequence[float]) -> bool:
    low, high = min(beyond), max(beyond)
    gap = min(abs(low - value), abs(high - value))
    return gap > (high - low) / 2 or value in (0, -1)


def _float32(pairs: Sequence[Values]) -> Iterator[Guess]:
    for side, name in enumerate(("served", "recomputed")):
        explains = (_single(pair[1 - side]) == pair[side] for pair in pairs)
        yield from guess(Cause.FLOAT32, f"{name} was stored as float32 (about seven digits)", explains, 32)


def _single(value: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.inf


def _whole(pairs: Sequence[Values]) -> Iterator[Guess]:
    for side, name in enumerate(("served", "recomputed")):
        explains = [math.trunc(pair[1 - side]) == pair[side] for pair in pairs]
        further = any(abs(pair[0] - pair[1]) > 0.5 for pair in compress(pairs, explains))
        if further:  # else it is rounding
            yield from guess(Cause.WHOLE, f"{name} lost its decimals: an integer cast", explains, 0)


def _rounding(pairs: Sequence[Values]) -> Iterator[Guess]:
    """Rounded to decimals, or to significant digits: the coarsest that explains most."""
    for side, name in enumerate(("served", "recomputed")):
        best: Guess | None = None
        # What is rounded to one decimal is also rounded to three.
        for decimals in range(-6, MOST_DECIMALS + 1):
            explains = tuple(_rounded(pair[side], pair[1 - side], 10.0**-decimals) for pair in pairs)
            if best is None or sum(explains) > best.count:
                to = f"{decimals} decimals" if decimals >= 0 else f"multiples of {shown(10.0**-decimals)}"
                best = Guess(Cause.ROUNDING, f"{name} is rounded to {to}", explains, decimals)
        for digits in range(1, MOST_DECIMALS):
            explains = tuple(near_enough(pair[side], float(f"{pair[1 - side]:.{digits - 1}e}")) for pair in pairs)
            if best is None or sum(explains) > best.count:
                best = Guess(Cause.ROUNDING, f"{name} is rounded to {digits} significant digits", explains, digits)
        if best is not None and best.count and len({p[side] for p in compress(pairs, best.explains)}) > 1:
            yield best


def near_enough(a: float, b: float) -> bool:
    """Whether two doubles agree to all their digits but the last ones."""
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def _rounded(value: float, of: float, unit: float) -> bool:
    if abs(value - of) > unit * (0.5 + NEAR) or abs(value) / unit > 1e9:
        return False
    return abs(value - round(value / unit) * unit) <= max(4e-16 * abs(value), 1e-9 * min(unit, 1.0))


def _candidates(figures: Sequence[float]) -> list[float]:
    """Where the figures may gather: their middle, and the most frequent one to six digits."""
    if not figures:
        return []
    often, _ = Counter(shown(figure) for figure in figures).most_common(1)[0]
    nearest = [figure for figure in figures if shown(figure) == often]
    return list(dict.fromkeys((median(nearest), median(figures))))


def _scale(pairs: Sequence[Values]) -> Iterator[Guess]:
    best: list[Guess] = []
    for factor in _candidates([s / r for s, r in pairs if r and math.isfinite(s / r)]):
        if factor in (0.0, 1.0, -1.0):
            continue
        held = (r != 0 and near(s, factor * r) for s, r in pairs)
        says = f"served is {shown(factor)} times recomputed{_unit(factor, NEAR)}"
        made = fitted(Cause.SCALE, says, held, pairs, factor)
        best = max(best, made, key=lambda one: one[0].count if one else 0)
    yield from best


def _unit(factor: float, within: float) -> str:
    """Between which units a factor stands, in parentheses; empty where none is known."""
    for unit, name in _UNITS.items():
        if abs(factor / unit - 1) <= within or abs(factor * unit - 1) <= within:
            return f" ({name})"
    return ""


def _offset(pairs: Sequence[Values]) -> Iterator[Guess]:
    best: list[Guess] = []
    for offset in _candidates([s - r for s, r in pairs]):
        held = (near(s, r + offset, offset) and s != r for s, r in pairs)
        made = fitted(Cause.OFFSET, f"served is recomputed {offset:+.6g}", held, pairs, offset)
        best = max(best, made, key=lambda one: one[0].count if one else 0)
    yield from best


def _linear(pairs: Sequence[Values]) -> Iterator[Guess]:
    """A factor and an offset at once, as between degrees Celsius and Fahrenheit, through the outer pairs."""
    ordered = sorted(pairs, key=lambda pair: float(pair[1]))
    (s0, r0), (s1, r1) = ordered[0], ordered[-1]
    if len({r for _, r in pairs}) < 4 or r1 - r0 == 0 or not math.isfinite((s1 - s0) / (r1 - r0)):
        return
    factor = (s1 - s0) / (r1 - r0)
    offset = s0 - factor * r0
    if near(factor, 1.0) or factor == 0:
        return
    held = (near(s, factor * r + offset, offset) for s, r in pairs)
    says = f"served is {shown(factor)} times recomputed {offset:+.6g}{_degrees(factor, offset, NEAR)}"
    yield from fitted(Cause.LINEAR, says, held, pairs, factor)


def _degrees(factor: float, offset: float, within: float) -> str:
    for rise, start, name in ((1.8, 32.0, "Fahrenheit of Celsius"), (1 / 1.8, -32 / 1.8, "Celsius of Fahrenheit")):
        if abs(factor / rise - 1) <= within and abs(offset / start - 1) <= within * 10:
            return f" (degrees {name})"
    return ""


def _whole_line(pairs: Sequence[Values]) -> Iterator[Guess]:
    """A factor, and an offset, of whole numbers that were rounded afterwards: the line of least squares."""
    recomputed = [r for _, r in pairs]
    served = {s for s, _ in pairs}
    # Beyond 2^53 every double is whole.
    if (
        any(not s.is_integer() or max(abs(s), abs(r)) > 2**53 for s, r in pairs)
        or max(recomputed) - min(recomputed) < 20
        or max(served) - min(served) < 5
    ):
        return
    factor = sum(s * r for s, r in pairs) / sum(r * r for r in recomputed)
    if abs(factor) not in (0.0, 1.0):
        for unit in (*_UNITS, *(1 / unit for unit in _UNITS)):
            factor = unit if abs(factor / unit - 1) < 0.01 else factor
        says = f"served is {shown(factor)} times recomputed, in whole numbers{_unit(factor, NEAR)}"
        yield from fitted(Cause.SCALE, says, (abs(s - factor * r) <= 1 for s, r in pairs), pairs, factor)
    middle, level = (sum(side) / len(pairs) for side in (recomputed, [s for s, _ in pairs]))
    slope = sum((s - level) * (r - middle) for s, r in pairs) / sum((r - middle) ** 2 for r in recomputed)
    offset = level - slope * middle
    if abs(slope) > 0.1 and abs(slope - 1) > 0.01:
        line = f"{shown(slope)} times recomputed {offset:+.6g}"
        says = f"served is about {line}, in whole numbers{_degrees(slope, offset, 0.01)}"
        yield from fitted(Cause.LINEAR, says, (abs(s - slope * r - offset) <= 1 for s, r in pairs), pairs, slope)
