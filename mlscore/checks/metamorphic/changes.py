"""Ways to change one row: another value, a number moved, a text written otherwise, two columns exchanged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from mlscore.checks.feature_code.rules import absent

Row = Mapping[str, Any]
_STEPS = 30


class Change:
    """One way to change a row, the same for the same row."""

    def apply(self, row: Row) -> dict[str, Any] | None:
        """The cells that change, with their new values; None where the row stays as it is."""
        raise NotImplementedError

    def smaller(self, row: Row) -> Iterator[Change]:
        """Smaller changes of the same kind, the smallest first."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Put(Change):
    """Another value in a column; with `among`, where its own is one of these."""

    column: str
    value: Any
    among: tuple[Any, ...] | None = None

    def apply(self, row: Row) -> dict[str, Any] | None:
        """The value, where it is another."""
        own = row[self.column]
        if absent(own) or own == self.value or (self.among is not None and own not in self.among):
            return None
        return {self.column: self.value}


@dataclass(frozen=True, slots=True)
class Add(Change):
    """A number (of days, for times) that is added, where the sum is between the limits."""

    column: str
    amount: float
    low: Any = None
    high: Any = None

    def apply(self, row: Row) -> dict[str, Any] | None:
        """The sum, where it is within the limits."""
        own = row[self.column]
        if absent(own):
            return None
        moved: Any
        if isinstance(own, date):
            moved = own + timedelta(days=self.amount)
        elif isinstance(own, int):
            moved = own + round(self.amount)
        else:
            moved = own + self.amount
        inside = (self.low is None or moved >= self.low) and (self.high is None or moved <= self.high)
        return {self.column: moved} if inside and moved != own else None

    def smaller(self, row: Row) -> Iterator[Change]:
        """Smaller amounts, of two digits."""
        whole = isinstance(row[self.column], int)
        for step in range(_STEPS, 0, -1):
            amount = self.amount / 2**step
            if whole and abs(amount) < 1:
                continue
            yield replace(self, amount=float(round(amount)) if whole else float(f"{amount:.2g}"))


@dataclass(frozen=True, slots=True)
class Climb(Change):
    """A value so many steps above the row's own among sorted ones; where there are not so many, none."""

    column: str
    values: tuple[Any, ...]
    steps: int

    def apply(self, row: Row) -> dict[str, Any] | None:
        """The greater value."""
        own = row[self.column]
        if absent(own):
            return None
        place = bisect_right(self.values, own) + self.steps - 1
        return {self.column: self.values[place]} if place < len(self.values) else None

    def smaller(self, row: Row) -> Iterator[Change]:
        """Smaller steps than to that value."""
        own, cells = row[self.column], self.apply(row)
        if cells is None or isinstance(own, bool):
            return
        apart = cells[self.column] - own
        days = apart / timedelta(days=1) if isinstance(apart, timedelta) else float(apart)
        yield from Add(self.column, days, high=cells[self.column]).smaller(row)


REWRITES: dict[str, dict[str, Callable[[str], str]]] = {
    "case": {
        "in capitals": str.upper,
        "in small letters": str.lower,
        "with each word's first letter great": str.title,
    },
    "whitespace": {
        "with a space before it": lambda text: " " + text,
        "with a space after it": lambda text: text + " ",
        "with each space doubled": lambda text: text.replace(" ", "  "),
        "with a line break after it": lambda text: text + "\n",
    },
}


@dataclass(frozen=True, slots=True)
class Rewrite(Change):
    """A text written otherwise, by a way of REWRITES."""

    column: str
    kind: str
    way: str

    def apply(self, row: Row) -> dict[str, Any] | None:
        """The text written otherwise, where that is another."""
        own = row[self.column]
        if not isinstance(own, str):
            return None
        made = REWRITES[self.kind][self.way](own)
        return None if made == own else {self.column: made}


@dataclass(frozen=True, slots=True)
class Swap(Change):
    """The values of pairs of columns exchanged."""

    pairs: tuple[tuple[str, str], ...]

    def apply(self, row: Row) -> dict[str, Any] | None:
        """The exchanged values, where any differs."""
        made: dict[str, Any] = {}
        for one, other in self.pairs:
            made[one], made[other] = row[other], row[one]
        same = all(value == row[name] or (absent(value) and absent(row[name])) for name, value in made.items())
        return None if same else made
