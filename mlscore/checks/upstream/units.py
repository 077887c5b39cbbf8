"""Which change of unit would explain that a column's values have moved: known factors and shifts, tried one by one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conversion:
    """Values become `scale` x + `shift`; `words` say what that is."""

    words: str
    scale: float
    shift: float = 0.0

    def apply(self, low: float, high: float) -> tuple[float, float]:
        """Where a range comes to lie, the lower end first."""
        ends = (self.scale * low + self.shift, self.scale * high + self.shift)
        return min(ends), max(ends)

    def __str__(self) -> str:
        formula = f"x{self.scale:.4g}" + (f" {self.shift:+.4g}" if self.shift else "")
        return f"{formula} ({self.words})"


@dataclass(frozen=True, slots=True)
class Moved:
    """A range that is not where it should be.

    `distance` says how far, in widths of the typical range. `conversions` explain it, the likeliest first: up to `rest`
    widths of what it makes of the range.
    """

    distance: float
    conversions: tuple[Conversion, ...] = ()
    rest: float | None = None


def _both(there: str, back: str, scale: float) -> tuple[Conversion, Conversion]:
    return Conversion(there, scale), Conversion(back, 1 / scale)


CONVERSIONS = (
    *_both("thousandths, such as metres for kilometres or grams for kilograms", "thousands for units", 1000),
    *_both("millionths for units", "millions for units", 1e6),
    *_both("hundredths, such as cents for euros or percent for shares", "units for hundredths", 100),
    *_both("tenths for units", "tens for units", 10),
    *_both("kilometres for miles", "miles for kilometres", 1.609344),
    *_both("centimetres for inches", "inches for centimetres", 2.54),
    *_both("feet for metres", "metres for feet", 1 / 0.3048),
    *_both("pounds for kilograms", "kilograms for pounds", 1 / 0.45359237),
    *_both("kilometres per hour for knots, or kilometres for nautical miles", "knots for kilometres per hour", 1.852),
    *_both("kilometres per hour for metres per second", "metres per second for kilometres per hour", 3.6),
    *_both("seconds for minutes, or minutes for hours", "minutes for seconds, or hours for minutes", 60),
    *_both("seconds for hours", "hours for seconds", 3600),
    *_both("hours for days", "days for hours", 24),
    *_both("seconds for days", "days for seconds", 86400),
    Conversion("degrees Fahrenheit for Celsius", 1.8, 32),
    Conversion("degrees Celsius for Fahrenheit", 1 / 1.8, -32 / 1.8),
    Conversion("kelvins for Celsius", 1, 273.15),
    Conversion("Celsius for kelvins", 1, -273.15),
    Conversion("the sign turned", -1),
)
_ABBREVIATED = {
    "mi": "miles", "km": "kilometres", "m": "metres", "ft": "feet", "in": "inches", "cm": "centimetres", "kg": "kilograms",
    "lb": "pounds", "kn": "knots", "kt": "knots", "km/h": "kilometres per hour", "m/s": "metres per second",
    "s": "seconds", "min": "minutes", "h": "hours", "d": "days", "C": "Celsius", "°C": "Celsius", "F": "Fahrenheit",
    "°F": "Fahrenheit", "EUR": "euros", "mile": "miles", "kilometers": "kilometres", "meters": "metres",
}  # fmt: skip
FAR = 0.5
NEAR = 0.15


def moved(typical: tuple[float, float], arrived: tuple[float, float], unit: str | None = None) -> Moved | None:
    """How far the middle 90 % of a column lies from where it typically does; None within half the typical width.

    An end that is off by `distance` widths of the typical range counts, whichever is further off. A conversion explains
    it when what it makes of the typical range is within 15 % of its own width. Of several those from `unit`, where it is
    known, come first, then the closest.
    """
    distance = _distance(typical, arrived)
    if distance <= FAR:
        return None
    agreed = _ABBREVIATED.get(unit or "", unit or "").casefold()
    tried = [(_distance(one.apply(*typical), arrived), number) for number, one in enumerate(CONVERSIONS)]
    near = sorted((not _is_from(CONVERSIONS[number], agreed), rest, number) for rest, number in tried if rest <= NEAR)
    return Moved(distance, tuple(CONVERSIONS[number] for _, _, number in near), near[0][1] if near else None)


def _is_from(conversion: Conversion, unit: str) -> bool:
    """Whether the conversion is of values that were in that unit: the word stands after "for"."""
    words = conversion.words.casefold()
    return bool(unit) and any(part.startswith(unit.rstrip("s")) for part in words.split(" for ")[1:])


def _distance(expected: tuple[float, float], arrived: tuple[float, float]) -> float:
    width = expected[1] - expected[0]
    return max(abs(arrived[0] - expected[0]), abs(arrived[1] - expected[1])) / width
