"""Faults by which numbers go wrong in size: unit, sign, scale, range, noise, outliers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlscore.faults import settings
from mlscore.faults.arrays import Floats, Values, affine, codes, from_floats, good, plain, replaced, room
from mlscore.faults.base import CellFault, Fault, Injected, size, told
from mlscore.faults.kinds import NUMBERS, ColumnKind, value_type

# What a number is multiplied by, and what is added then.
UNITS: dict[str, tuple[Fraction, Fraction]] = {
    "miles-to-kilometres": (Fraction("1.609344"), Fraction(0)),
    "kilometres-to-miles": (1 / Fraction("1.609344"), Fraction(0)),
    "celsius-to-fahrenheit": (Fraction(9, 5), Fraction(32)),
    "fahrenheit-to-celsius": (Fraction(5, 9), Fraction(-160, 9)),
    "cents-to-euros": (Fraction(1, 100), Fraction(0)),
    "euros-to-cents": (Fraction(100), Fraction(0)),
    "seconds-to-milliseconds": (Fraction(1000), Fraction(0)),
    "milliseconds-to-seconds": (Fraction(1, 1000), Fraction(0)),
}
TRIED = ("miles-to-kilometres", "celsius-to-fahrenheit", "cents-to-euros", "seconds-to-milliseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange(CellFault):
    """Numbers arrive in another unit."""

    id: ClassVar[str] = "unit-change"
    title: ClassVar[str] = "Another unit"
    does: ClassVar[str] = (
        "Converts numbers to another unit, in the column's own type (integers are rounded). Nulls stay."
    )
    incident: ClassVar[str] = (
        "One supplier delivers miles where the others deliver kilometres, or a service starts to send "
        "milliseconds or cents; the column's name says no unit and nobody is told."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = NUMBERS

    unit: str = settings.choice("miles-to-kilometres", "the conversion", tuple(UNITS))

    def variants(self) -> tuple[Fault, ...]:
        """One direction of every pair of units."""
        return tuple(replace(self, unit=unit) for unit in TRIED)

    def say(self) -> str:
        """Names the conversion."""
        return f"converted from {self.unit.replace('-', ' ')}"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All values converted."""
        return affine(values, *UNITS[self.unit])


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFlip(CellFault):
    """Numbers change their sign."""

    id: ClassVar[str] = "sign-flip"
    title: ClassVar[str] = "Sign flipped"
    does: ClassVar[str] = "Negates numbers. Zeros and nulls stay; columns of unsigned integers are not touched."
    incident: ClassVar[str] = (
        "Debits come as positive amounts from a new ledger, or a difference is taken the other way round after a "
        "refactoring."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = NUMBERS
    phrase: ClassVar[str] = "negated"

    def fits(self, stored: pa.DataType) -> bool:
        """Numbers with a sign."""
        return Fault.fits(self, stored) and not pa.types.is_unsigned_integer(value_type(stored))

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All values negated."""
        return affine(values, Fraction(-1), Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class InvertedFlag(CellFault):
    """True becomes False and the other way round."""

    id: ClassVar[str] = "inverted-flag"
    title: ClassVar[str] = "Flag inverted"
    does: ClassVar[str] = "Turns True into False and False into True. Nulls stay."
    incident: ClassVar[str] = 'A field "is active" is replaced by one "is closed" and read as if it meant the same.'
    kinds: ClassVar[frozenset[ColumnKind]] = frozenset({ColumnKind.BOOLEAN})
    phrase: ClassVar[str] = "inverted"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All flags inverted."""
        return pc.invert(values.array)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(CellFault):
    """Numbers are multiplied by a factor."""

    id: ClassVar[str] = "scale"
    title: ClassVar[str] = "Scaled"
    does: ClassVar[str] = (
        "Multiplies numbers by `factor`, in the column's own type. What has no room there, zeros and nulls stay."
    )
    incident: ClassVar[str] = (
        "A percentage turns from 0-1 into 0-100, counts are given in thousands, or a normalisation is applied twice."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = NUMBERS

    factor: float = settings.amount(10.0, "what numbers are multiplied by, not 1", forbidden=1)

    def say(self) -> str:
        """Names the factor."""
        return f"multiplied by {self.factor:g}"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All values multiplied."""
        return affine(values, Fraction(str(self.factor)), Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClippedRange(Fault):
    """The greatest values are cut to a ceiling."""

    id: ClassVar[str] = "clipped-range"
    title: ClassVar[str] = "Clipped range"
    does: ClassVar[str] = (
        "Lowers the greatest values to the greatest one below them, so that `share` of the values are cut (more "
        "where equal values cannot be told apart). NaN and nulls stay."
    )
    incident: ClassVar[str] = (
        "A meter saturates, a field gets a maximum, or a cap meant for a chart ends up in the data."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = NUMBERS

    share: float = settings.share(0.1, "the values above the least")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Find the greatest ceiling that cuts at least the share, and cut there."""
        values = plain(table, columns[0])
        ranks = codes(values.array)
        usable = good(values)
        least = int(ranks[usable].min(initial=np.iinfo(np.int64).max))
        able = int((ranks[usable] > least).sum())
        if not able:
            raise self.refused(columns, "it needs two different values")
        above = np.cumsum(np.bincount(ranks[usable])[::-1])[::-1]  # how many values are of this rank or a greater one
        wanted = size(self.share, able)
        first = int(np.flatnonzero(above >= wanted)[-1])  # the least rank that is cut
        first = max(first, least + 1)
        ceiling = np.flatnonzero(usable & (ranks == ranks[usable & (ranks < first)].max()))[0]
        rows = np.flatnonzero(usable & (ranks >= first))
        source = np.arange(len(ranks))
        source[rows] = ceiling
        result = replaced(table, columns[0], values.array.take(pa.array(source)))
        return self.injected(
            result, columns, rows, f'"{columns[0]}": {told(len(rows), able, "values")} cut to a ceiling', able=able
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise(CellFault):
    """Numbers get noise added."""

    id: ClassVar[str] = "noise"
    title: ClassVar[str] = "Noise"
    does: ClassVar[str] = (
        "Adds normal noise of `size` standard deviations of the column. Integers are rounded; NaN, infinities and"
        " nulls stay."
    )
    incident: ClassVar[str] = (
        "A sensor ages, an estimate takes the place of a measurement, or coordinates are blurred for privacy."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = NUMBERS

    size: float = settings.positive(0.5, "the noise's standard deviation, in standard deviations of the column")

    def say(self) -> str:
        """Names the size."""
        return f"with noise of {self.size:g} standard deviations"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All values with noise."""
        old = values.numbers()
        _, spread = _centre(old)
        new = old + random.standard_normal(len(old)) * spread * self.size
        return from_floats(values, np.where(np.isfinite(old), new, old))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outliers(CellFault):
    """A few numbers are far away from all others."""

    id: ClassVar[str] = "outliers"
    title: ClassVar[str] = "Outliers"
    does: ClassVar[str] = (
        "Replaces values by the mean plus or minus `factor` standard deviations, as far as the type has room. "
        "Nulls stay."
    )
    incident: ClassVar[str] = "Glitches of a device, test records in production, amounts typed with too many zeros."
    kinds: ClassVar[frozenset[ColumnKind]] = NUMBERS

    share: float = settings.share(0.01, "the values it can put far away")
    factor: float = settings.positive(10.0, "the distance from the mean, in standard deviations")

    def say(self) -> str:
        """Names the distance."""
        return f"put {self.factor:g} standard deviations from the mean"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All values far away, half of them below where the type has room there."""
        old = values.numbers()
        mean, spread = _centre(old)
        low, high = room(values)
        down, up = mean - self.factor * spread, min(mean + self.factor * spread, high)
        below = (random.random(len(old)) < 0.5) & (down >= low)
        return from_floats(values, np.where(below, down, up))


def _centre(old: Floats) -> tuple[float, float]:
    """Mean and standard deviation of the finite numbers; where all are equal, their magnitude (or 1) is the spread."""
    finite = old[np.isfinite(old)]
    if not len(finite):
        return 0.0, 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(finite.mean()), float(finite.std())
    if not np.isfinite(mean) or not np.isfinite(spread):
        return 0.0, float(np.abs(finite).max() / 4)  # numbers so large that their squares overflow
    return mean, spread or abs(mean) or 1.0


def faults() -> Iterator[Fault]:
    """The faults of this file."""
    yield from (UnitChange(), SignFlip(), InvertedFlag(), Scale(), ClippedRange(), Noise(), Outliers())
