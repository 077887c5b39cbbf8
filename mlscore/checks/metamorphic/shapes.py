"""What is found of relations between answers: how many rows break each, with the smallest pair that does."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.checks.intervals import Interval
from mlscore.tables.shapes import Scalar


@dataclass(frozen=True, slots=True)
class Pair:
    """The smallest pair of rows (of batches, for the order of rows) found that breaks a relation.

    `before` and `after` hold the values of `columns`; left out are `others` columns, which hold their simplest value or
    have nothing to do with it. A value of real data is masked. `answers` are those of the two, `change` says in words
    what was done.
    """

    change: str
    columns: tuple[str, ...]
    before: tuple[tuple[Scalar, ...], ...]
    after: tuple[tuple[Scalar, ...], ...]
    answers: tuple[str, str]
    others: int = 0

    def __str__(self) -> str:
        shown = []
        for row, other in zip(self.before, self.after, strict=True):
            cells = []
            for name, value, new in zip(self.columns, row, other, strict=True):
                cells.append(f"{name} = {_shown(value)}" + ("" if value == new else f" -> {_shown(new)}"))
            shown += [", ".join(cells)] if cells else []
        rows = "; ".join(shown)
        return f"{self.change}{' where ' if rows else ''}{rows}: {self.answers[0]} -> {self.answers[1]}"


@dataclass(frozen=True, slots=True)
class RelationReport:
    """One relation: of `changed` real rows `broken` break it, a share with its interval; the same of generated rows.

    `hollow` says why it could not have been broken, `unknown` what of it could not be judged. `trouble` is what the model
    said when it refused changed rows.
    """

    name: str
    says: str
    changed: int
    broken: int
    share: Interval | None
    most: float
    generated: int
    generated_broken: int
    pair: Pair | None = None
    trouble: str | None = None
    unknown: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def holds(self) -> bool:
        """Whether no more rows break it than may; a share that chance can explain is none."""
        if self.trouble is not None:
            return False
        if self.most > 0:
            return self.share is None or self.share.low <= self.most
        return not self.broken and not self.generated_broken

    @property
    def finding(self) -> str:
        """What breaks it, in one line."""
        said = self.says if self.says == self.name else f"{self.name}: {self.says}"
        if self.trouble is not None:
            return f"{said}, but the model does not answer the changed rows: {self.trouble}"
        told = []
        if self.broken and self.share is not None:
            share = f"{self.share.value:.2%}, {self.share.low:.2%} to {self.share.high:.2%}"
            told.append(f"{self.broken:,} of {self.changed:,} rows break it ({share})")
        if self.generated_broken:
            told.append(f"{self.generated_broken:,} of {self.generated:,} generated rows do")
        allowed = f"; {self.most:.2%} may" if self.most else ""
        such = "" if self.pair is None else f"; the smallest: {self.pair}"
        return f"{said}, but {', '.join(told)}{allowed}{such}"


@dataclass(frozen=True, slots=True)
class MetamorphicReport:
    """All relations, asked of `rows` real rows and `generated` ones.

    `restless` is the share of rows that are answered otherwise when they are asked again unchanged: then no relation can
    be judged. `constant`: all rows were answered alike.
    """

    rows: int
    generated: int
    relations: tuple[RelationReport, ...]
    restless: float = 0.0
    constant: bool = False
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all relations hold."""
        return not self.restless and all(one.holds for one in self.relations)

    @property
    def findings(self) -> tuple[str, ...]:
        """A line for each relation that does not hold, the one that most rows break first."""
        if self.restless:
            return (f"{self.restless:.2%} of the rows are answered otherwise when the same rows are asked again",)
        broken = [one for one in self.relations if not one.holds]
        return tuple(one.finding for one in sorted(broken, key=lambda one: -(one.share.value if one.share else 1.0)))

    @property
    def hollow(self) -> str | None:
        """Why a relation could not have been broken; None where each could."""
        if self.constant:
            return "the model answers all rows alike"
        return next((f"{one.name}: {one.hollow}" for one in self.relations if one.hollow), None)


def _shown(value: Scalar) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value) if isinstance(value, str) else str(value)
