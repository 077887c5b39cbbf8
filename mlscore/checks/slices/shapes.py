"""What a look at slices found; it survives JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.checks.intervals import Interval

SCHEMA = "mlscore.slices/1"


class Why(StrEnum):
    """What a slice is reported for."""

    LIMIT = "above the limit"
    REST = "worse than the other rows"
    PREVIOUS = "worse than the previous release"


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that have something in common, and how the model does on them.

    `name` is the slice in words, `columns` are those it is cut by. `loss` and `rest` (that of all other rows) carry
    intervals of 95 %; `previous` is by how much the loss is greater than the previous release's on the same rows.
    `why` says what it is reported for, with `p` the chance of such figures (or worse ones) without a cause; None and 1
    where it is only listed. `rows` are those with a label.
    """

    name: str
    columns: tuple[str, ...]
    rows: int
    share: float
    loss: Interval
    rest: Interval | None = None
    previous: Interval | None = None
    why: Why | None = None
    p: float = 1.0
    declared: bool = False


@dataclass(frozen=True, slots=True)
class SliceReport:
    """The whole answer. `weak` are the slices that the check fails for, the worst first; `declared` all
    that were named and have rows.

    `limit`, `margin` (against all other rows) and `worsening` (against the previous release) are what slices were held
    against, in units of the loss; None where not. `examined` is the number of slices of at least `least_rows` rows.
    `wrong` are other reasons to fail, a line each. `hollow` is the reason why no slice could have been found.
    """

    measure: str
    rows: int
    loss: Interval
    previous: Interval | None
    weak: tuple[Slice, ...]
    declared: tuple[Slice, ...]
    examined: int
    least_rows: int
    limit: float | None
    margin: float | None
    worsening: float | None
    wrong: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    hollow: str | None = None
    schema: str = SCHEMA

    @property
    def passed(self) -> bool:
        """Whether no slice, and nothing else, speaks against the model."""
        return not self.weak and not self.wrong
