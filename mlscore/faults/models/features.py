"""Faults by which a model gets other features than it was trained on: in another order, displaced, of an older time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mlscore.faults import settings
from mlscore.faults.models.base import Made, ModelFault, answers
from mlscore.faults.models.served import Always, Displaced, Moved, Served
from mlscore.faults.models.subject import Subject

_MANY = 50  # values from which a column of numbers is cut by ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSwap(ModelFault):
    """Numeric features trade places between training and serving."""

    id: ClassVar[str] = "feature-swap"
    title: ClassVar[str] = "Feature order swap"
    does: ClassVar[str] = (
        "Moves the values of numeric features, in `share` of these columns, to the next of them. The model is "
        "trained again on such rows and served with the right ones, or where it cannot be, served with wrong "
        "ones."
    )
    incident: ClassVar[str] = (
        "Serving builds an array of features in the order of a dictionary, of a select or of the alphabet, and "
        "the model takes them by position."
    )
    trains: ClassVar[bool] = False

    share: float = settings.share(1.0, "the numeric columns (two at the least)")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Rotate the columns."""
        numeric = self.choose(subject)
        if len(numeric) < 2:
            raise self.refused("its rows have one numeric column only")
        some = sorted(random.permutation(numeric)[: max(2, round(self.share * len(numeric)))].tolist())
        move = Moved(tuple(zip(some, [*some[1:], some[0]], strict=True)))
        said = f"{len(some)} numeric features in another order"
        if not subject.trains:
            return Made(Served(subject.model, before=move), said, subject.rows, subject.labels)
        rows = move(subject.rows)
        return Made(self.again(subject, rows, subject.labels, random), said, rows, subject.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreprocessingMismatch(ModelFault):
    """Numeric features are displaced between training and serving."""

    id: ClassVar[str] = "preprocessing-mismatch"
    title: ClassVar[str] = "Train/serve preprocessing mismatch"
    does: ClassVar[str] = (
        "Displaces numeric features by `deviations` of their standard deviations, each to the side on which the "
        "label is greater, so that the effects add up: the model is trained again on such rows and served with "
        "the right ones, or where it cannot be, served with wrong ones."
    )
    incident: ClassVar[str] = (
        "The scaler of serving was fitted to other data than that of training, or one of the two subtracts a "
        "mean and the other does not."
    )
    trains: ClassVar[bool] = False

    deviations: float = settings.positive(2.0, "by how many standard deviations")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Displace the columns."""
        numeric = self.choose(subject)
        by = tuple((place, self.deviations * _spread(subject, place)) for place in numeric)
        said = f"{len(numeric)} numeric features displaced by {self.deviations:g} standard deviations"
        if not subject.trains:
            return Made(Served(subject.model, before=Displaced(by)), said, subject.rows, subject.labels)
        rows = Displaced(by)(subject.rows)
        return Made(self.again(subject, rows, subject.labels, random), said, rows, subject.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleWeights(ModelFault):
    """Trained on the oldest rows alone."""

    id: ClassVar[str] = "stale-weights"
    title: ClassVar[str] = "Stale weights"
    does: ClassVar[str] = (
        "Trains again on the first `share` of the rows alone, which are expected in order of time. How much "
        "worse that is depends on how fast the data change."
    )
    incident: ClassVar[str] = (
        "The release job copies the file of an earlier training, or a cache keeps serving it: the version says "
        "new, the weights are old."
    )

    share: float = settings.share(0.2, "the rows, the oldest")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Train on old rows."""
        count = len(subject.labels)
        first = np.arange(max(1, round(self.share * count)))
        rows, labels = subject.taken(first), subject.labels[first]
        model = self.again(subject, rows, labels, random)
        return Made(model, f"trained on the first {len(first):,} of {count:,} rows", rows, labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceCollapse(ModelFault):
    """One answer for a whole slice."""

    id: ClassVar[str] = "slice-collapse"
    title: ClassVar[str] = "Slice collapse"
    does: ClassVar[str] = (
        "Gives one answer to all rows of one slice: of one value of a column of few values, or of the greatest "
        "values of a column of numbers, nearest to `share` of the rows. The answer is the slice's rarest label, "
        "or the number farthest from its mean. Other rows are answered as before."
    )
    incident: ClassVar[str] = (
        "A lookup table lost the entries of one country or carrier, and its rows fall through to a default: the "
        "total hardly moves."
    )
    trains: ClassVar[bool] = False

    share: float = settings.share(0.1, "the rows that the slice should have")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Choose a slice, and answer its rows alike."""
        found: list[tuple[float, float, Always, str]] = []
        for place in range(subject.width):
            for cut, name in _cuts(subject, place, self.share):
                inside = cut.inside(subject.rows, len(subject.labels))
                size = float(inside.mean())
                if 0 < size < 1:
                    found.append((abs(size - self.share), float(random.random()), cut, name))
        if not found:
            raise self.refused("no column parts its rows")
        _, _, cut, name = min(found, key=lambda one: one[:2])
        inside = cut.inside(subject.rows, len(subject.labels))
        answer = _worst(subject, inside)
        always = Always(answer, subject.classes, cut.place, cut.values, cut.low, cut.high)
        said = f"{int(inside.sum()):,} of {len(inside):,} rows, {name}, are all answered by {answer!r}"
        return Made(Served(subject.model, after=always, shares=always), said, subject.rows, subject.labels)


def _cuts(subject: Subject, place: int, share: float) -> Iterator[tuple[Always, str]]:
    """The slices of one column."""
    values = subject.column(place)
    name = subject.name(place)
    if place in subject.numeric:
        numbers = values.astype(float)
        low = float(np.nanquantile(numbers, 1 - share))
        yield Always(None, place=place, low=low), f"{name} from {low:.4g}"
        if len(np.unique(numbers)) > _MANY:
            return
    for value in dict.fromkeys(values.tolist()):
        if value is not None and value == value:
            yield Always(None, place=place, values=(value,)), f"{name} = {value}"


def _spread(subject: Subject, place: int) -> float:
    """The column's standard deviation, negative where it falls while the label rises."""
    values = subject.column(place).astype(float)
    there = np.isfinite(values)
    falls = float(np.cov(values[there], subject.codes[there])[0, 1]) < 0
    return float(np.std(values[there])) * (-1 if falls else 1)


def _worst(subject: Subject, inside: Any) -> Any:
    labels = subject.labels[inside]
    if subject.classes is not None:
        rows = subject.taken(np.flatnonzero(inside))
        counts = {one: int((labels == one).sum()) for one in subject.classes.tolist()}
        least = min(counts.values())
        rare = [one for one, count in counts.items() if count == least]
        given = answers(subject.model, rows)
        return min(rare, key=lambda one: int((given == one).sum()))
    ends = float(subject.labels.min()), float(subject.labels.max())
    return max(ends, key=lambda end: abs(end - float(labels.mean())))


def faults() -> Iterator[ModelFault]:
    """The faults of this file."""
    for kind in (FeatureSwap, PreprocessingMismatch, StaleWeights, SliceCollapse):
        yield kind()
