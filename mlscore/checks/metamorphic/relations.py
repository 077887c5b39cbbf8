"""The relations between answers that a user can ask for, and what each means for rows and for answers.

The kinds are those of metamorphic testing (Chen, Cheung and Yiu, HKUST-CS98-01, 1998; for learned models Murphy et al.,
SEKE 2008; invariance and direction as behavioural tests after Ribeiro et al., ACL 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlscore.checks.feature_code.rules import ColumnRule
from mlscore.checks.metamorphic.asking import ROUNDING, Answers, differ, mirrored, score_of
from mlscore.checks.metamorphic.changes import REWRITES, Add, Change, Climb, Put, Rewrite, Swap
from mlscore.errors import InputError, did_you_mean
from mlscore.tables.shapes import Kind

MOST_VALUES = 10
_MOVED = (1.0, -1.0, 0.5, -0.5, 0.1, -0.1)  # of the size of noise
_ORDERED = (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What all relations have.

    `name` stands in reports. `tolerance` is what a probability, or a number, may differ by; None is rounding alone (1e-6,
    of numbers times the greatest). `most` is the share of rows that may break the relation.
    """

    name: str = ""
    tolerance: float | None = None
    most: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are changed."""
        return ()

    @property
    def says(self) -> str:
        """What should hold, in words."""
        raise NotImplementedError

    def changes(self, rules: Mapping[str, ColumnRule], drawn: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
        """The changes that are tried on each row. Raises InputError where the columns' kinds do not allow any."""
        raise NotImplementedError

    def fits(self, answers: Answers, positive: Any) -> None:
        """Raise InputError where a model of such answers cannot be asked for it."""

    def breaks(self, before: Answers, after: Answers, limit: float, positive: Any) -> Any:
        """Which rows break it; `limit` is the tolerance in units of the answers."""
        raise NotImplementedError

    def limit(self, answers: Answers) -> float:
        """The tolerance in units of the answers."""
        return ROUNDING * answers.size if self.tolerance is None else self.tolerance

    def shown(self, positive: Any) -> Any:
        """The class whose probability a pair shows; None for the likeliest."""
        return None

    def refused(self, why: str, hint: str | None = None) -> InputError:
        """The error that says why there can be no such relation."""
        return InputError(f'the relation "{self.name or self.says}" is impossible: {why}', hint=hint)

    def check(self, rules: Mapping[str, ColumnRule]) -> None:
        """Raise InputError for a column that is not there."""
        for name in self.columns:
            if name not in rules:
                near = did_you_mean(name, tuple(rules))
                listed = f"the columns are {', '.join(list(rules)[:MOST_VALUES])}"
                raise self.refused(f'there is no column "{name}"', f"{near} ({listed})" if near else listed)


@dataclass(frozen=True, slots=True)
class Invariance(Relation):
    """Changing a column does not change the answer.

    By default it takes other values that it may hold; `values` names those among which it changes. `noise` is the size, in
    the column's own unit, of what is added instead, and `text` a way of writing a text otherwise: "case" or "whitespace".
    `labels`: only the label must stay, whatever its probability.
    """

    column: str
    values: tuple[Any, ...] = ()
    noise: float | None = None
    text: str | None = None
    labels: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    @property
    def says(self) -> str:
        """What should hold, in words."""
        if self.noise is not None:
            return f"moving {self.column} by up to {self.noise:g} does not change the answer"
        if self.text is not None:
            return f"another {self.text} in {self.column} does not change the answer"
        return f"{self.column} does not change the answer"

    def changes(self, rules: Mapping[str, ColumnRule], drawn: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
        """Other values, moved numbers or rewritten texts."""
        rule = rules[self.column]
        if sum((bool(self.values), self.noise is not None, self.text is not None)) > 1:
            raise self.refused("values, noise and text are three ways of changing it", "keep one of them")
        if self.noise is not None:
            if rule.kind not in (Kind.INTEGER, Kind.NUMBER):
                raise self.refused(f"{self.column} holds no numbers that noise could move ({rule.kind})")
            if self.noise <= 0 or (rule.kind is Kind.INTEGER and self.noise < 1):
                raise self.refused(f"noise of {self.noise:g} moves nothing in {self.column} ({rule.kind})")
            amounts = dict.fromkeys(share * self.noise for share in _MOVED)
            if rule.kind is Kind.INTEGER:
                amounts = dict.fromkeys(float(int(amount)) for amount in amounts if abs(amount) >= 1)
            return tuple(Add(self.column, amount) for amount in amounts)
        if self.text is not None:
            if self.text not in REWRITES:
                raise self.refused(f'"{self.text}" is no way of rewriting', f"one of {', '.join(REWRITES)}")
            if rule.kind is not Kind.TEXT:
                raise self.refused(f"{self.column} holds no texts ({rule.kind})")
            return tuple(Rewrite(self.column, self.text, way) for way in REWRITES[self.text])
        if self.values:
            values = tuple(_like(value, rule.kind) for value in self.values)
            if any(value is None for value in values):
                raise self.refused(f"{self.column} holds no such values ({rule.kind})")
            if len(set(values)) < 2:
                raise self.refused("it takes two values to change one for the other")
            return tuple(Put(self.column, value, values) for value in dict.fromkeys(values))
        return tuple(Put(self.column, value) for value in drawn[self.column][:MOST_VALUES])

    def breaks(self, before: Answers, after: Answers, limit: float, positive: Any) -> Any:
        """Rows that are answered otherwise."""
        return differ(before, after, limit, labels=self.labels)


@dataclass(frozen=True, slots=True)
class Direction(Relation):
    """Raising a column does not lower the score, or with `falls` does not raise it.

    It is raised by `by`, in its own unit (days for times), or to greater values that it may hold. The score is the number,
    or the probability of the class `of`, by default the positive one.
    """

    column: str
    falls: bool = False
    by: float | None = None
    of: Any = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    @property
    def says(self) -> str:
        """What should hold, in words."""
        return f"raising {self.column} does not {'raise' if self.falls else 'lower'} the score"

    def changes(self, rules: Mapping[str, ColumnRule], drawn: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
        """Greater values, over the whole range."""
        rule = rules[self.column]
        if rule.kind not in _ORDERED:
            raise self.refused(f"{self.column} has no order by which it could be raised ({rule.kind})")
        if self.by is not None:
            whole = rule.kind in (Kind.INTEGER, Kind.DATE)
            if self.by <= 0 or rule.kind is Kind.BOOLEAN or (whole and self.by < 1):
                raise self.refused(f"{self.by:g} raises nothing in {self.column} ({rule.kind})")
            return (Add(self.column, self.by),)
        values = tuple(sorted(set(drawn[self.column])))
        # From each row to the next value, and ever farther: what falls anywhere between two of them is seen.
        steps = [2**power for power in range(len(values).bit_length())]
        return tuple(Climb(self.column, values, step) for step in steps if step < len(values))

    def fits(self, answers: Answers, positive: Any) -> None:
        """There must be one score."""
        _scored(self, answers, self.of, positive)

    def breaks(self, before: Answers, after: Answers, limit: float, positive: Any) -> Any:
        """Rows whose score goes the wrong way by more than the tolerance."""
        of = positive if self.of is None else self.of
        rise = score_of(after, of) - score_of(before, of)
        return rise > limit if self.falls else rise < -limit

    def shown(self, positive: Any) -> Any:
        """The class of the score."""
        return positive if self.of is None else self.of


@dataclass(frozen=True, slots=True)
class Symmetry(Relation):
    """Exchanging the values of two columns, in each of the `pairs`, gives the same answer, or its mirror image.

    With `opposite` it is the mirror image: of a number its negative, of two classes the other one; of more classes
    `mirror` says which.
    """

    pairs: tuple[tuple[str, str], ...]
    opposite: bool = False
    mirror: Mapping[Any, Any] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are exchanged."""
        return tuple(name for pair in self.pairs for name in pair)

    @property
    def says(self) -> str:
        """What should hold, in words."""
        named = " and ".join(f"{one} with {other}" for one, other in self.pairs)
        return f"exchanging {named} gives the {'opposite' if self._mirrors else 'same'} answer"

    @property
    def _mirrors(self) -> bool:
        return self.opposite or self.mirror is not None

    def changes(self, rules: Mapping[str, ColumnRule], drawn: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
        """The one exchange."""
        if not self.pairs or len(set(self.columns)) < 2 * len(self.pairs):
            raise self.refused("it takes pairs of different columns, each of them once")
        for one, other in self.pairs:
            if rules[one].kind is not rules[other].kind:
                kinds = f"{one} ({rules[one].kind}) and {other} ({rules[other].kind})"
                raise self.refused(f"{kinds} cannot hold each other's values")
        return (Swap(self.pairs),)

    def fits(self, answers: Answers, positive: Any) -> None:
        """A mirror image needs two classes, or to be told."""
        if not self._mirrors or answers.numbers:
            return
        if answers.scores is not None and answers.classes is None:
            raise self.refused("several labels a row have no mirror image")
        known = answers.classes or tuple(dict.fromkeys(answers.labels.tolist()))
        if self.mirror is None and len(known) != 2:
            raise self.refused(
                f"{len(known)} classes have no opposite", 'write mirror = { win = "loss", loss = "win" }'
            )
        named = {*(self.mirror or {}), *(self.mirror or {}).values()}
        strange = [one for one in named if one not in known]
        if strange and answers.classes is not None:
            raise self.refused(f"{strange[0]!r} is none of the classes {', '.join(map(str, known))}")
        if self.mirror is not None and any(self.mirror.get(other) != one for one, other in self.mirror.items()):
            raise self.refused("a mirror maps each class back", 'write both: { win = "loss", loss = "win" }')

    def breaks(self, before: Answers, after: Answers, limit: float, positive: Any) -> Any:
        """Rows whose answer is not the one expected."""
        return differ(mirrored(before, self.mirror) if self._mirrors else before, after, limit)


@dataclass(frozen=True, slots=True)
class RowOrder(Relation):
    """Another order of the rows of a batch does not change any row's answer. `labels`: only the label must stay."""

    labels: bool = False

    @property
    def says(self) -> str:
        """What should hold, in words."""
        return "the order of rows does not change any answer"

    def changes(self, rules: Mapping[str, ColumnRule], drawn: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
        """No row changes; batches do."""
        return ()

    def breaks(self, before: Answers, after: Answers, limit: float, positive: Any) -> Any:
        """Rows that are answered otherwise."""
        return differ(before, after, limit, labels=self.labels)


def _scored(relation: Relation, answers: Answers, of: Any, positive: Any) -> None:
    if answers.numbers and answers.scores is not None:
        if answers.scores.shape[1] > 1:
            raise relation.refused("several numbers a row have no one score")
        if of is not None:
            raise relation.refused("the model answers with numbers, and no class", "leave of out")
        return
    wanted = positive if of is None else of
    known = answers.classes or tuple(dict.fromkeys(answers.labels.tolist()))
    if wanted is None:
        raise relation.refused(
            "nothing says which class's probability is the score", f"write of = …, one of {', '.join(map(str, known))}"
        )
    if wanted not in known and answers.classes is not None:
        raise relation.refused(f"{wanted!r} is none of the classes {', '.join(map(str, known))}")


def _like(value: Any, kind: Kind) -> Any:
    """A value as a column of that kind holds it; None where it cannot."""
    if kind is Kind.NUMBER and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if kind is Kind.INTEGER and isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value):
        return int(value)
    wanted = {Kind.TEXT: str, Kind.BOOLEAN: bool}.get(kind)
    return value if wanted is not None and isinstance(value, wanted) else None
