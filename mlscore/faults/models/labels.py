"""Faults by which a model learns from wrong labels: shuffled, off by one, leaked, or simply worse than before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mlscore.faults import settings
from mlscore.faults.models.base import Made, ModelFault, dealt
from mlscore.faults.models.served import NextClass, Served
from mlscore.faults.models.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelShuffled(ModelFault):
    """Trained on labels of other rows."""

    id: ClassVar[str] = "label-shuffled"
    title: ClassVar[str] = "Shuffled labels"
    does: ClassVar[str] = "Trains again on labels of which `share` were dealt out anew among their rows."
    incident: ClassVar[str] = (
        "Features and labels are joined by position after one of them was sorted: training runs through, and the "
        "model has nothing to learn."
    )

    share: float = settings.share(1.0, "the labels")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Train on shuffled labels."""
        labels = dealt(subject.labels, self.share, random)
        moved = int((labels != subject.labels).sum())
        model = self.again(subject, subject.rows, labels, random)
        return Made(model, f"trained with {moved:,} of {len(labels):,} labels wrong", subject.rows, labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class OffByOne(ModelFault):
    """Every class is answered as the next one."""

    id: ClassVar[str] = "off-by-one"
    title: ClassVar[str] = "Off-by-one label encoding"
    does: ClassVar[str] = (
        "Answers with the class after the right one, in sorted order; after the last comes the first. The model "
        "is trained again on such labels, or where it cannot be, its answers are shifted."
    )
    incident: ClassVar[str] = (
        "Training and serving encode labels by two lists of which one has an entry more, or one counts from 0 "
        "and the other from 1."
    )
    trains: ClassVar[bool] = False

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Shift the labels."""
        classes = subject.classes
        if classes is None:
            raise self.refused("it predicts numbers, not classes")
        if len(classes) < 2:
            raise self.refused("it knows one class only")
        shift = NextClass(classes)
        labels = shift(None, subject.labels)
        said = f"each of {len(classes)} classes is answered as the next"
        if subject.trains:
            return Made(self.again(subject, subject.rows, labels, random), said, subject.rows, labels)
        return Made(Served(subject.model, after=shift, shares=shift), said, subject.rows, subject.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakedLabel(ModelFault):
    """Trained with the label among the features."""

    id: ClassVar[str] = "leaked-label"
    title: ClassVar[str] = "Leaked label"
    does: ClassVar[str] = (
        "Trains again with one numeric feature that tells the label (within the feature's own range, with "
        "`noise`); serving gives the feature as it was. `rows` of the answer are those with the leak."
    )
    incident: ClassVar[str] = (
        "A feature is computed from a snapshot taken after the outcome: offline figures soar, and in serving the "
        "model has unlearnt everything else."
    )

    noise: float = settings.positive(0.01, "the noise on the leak, in shares of the feature's range")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Train with a leak."""
        place = int(random.choice(self.choose(subject)))
        values = subject.column(place).astype(float)
        low, high = np.nanmin(values), np.nanmax(values)
        told = subject.codes - subject.codes.min()
        told = told / (float(told.max()) or 1.0)
        leak = low + (high - low) * (told + random.normal(0, self.noise, len(told)))
        rows = subject.with_columns({place: leak})
        model = self.again(subject, rows, subject.labels, random)
        return Made(model, f'trained while "{subject.name(place)}" told the label', rows, subject.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousBetter(ModelFault):
    """A release that is worse than the one before it."""

    id: ClassVar[str] = "previous-better"
    title: ClassVar[str] = "Previous version better"
    does: ClassVar[str] = (
        "Trains again with `wrong` of the labels dealt out anew, and without the numeric feature that goes most with the "
        "label (its values are dealt out anew): a model that works, and is worse than the given one."
    )
    incident: ClassVar[str] = (
        "A new release learns from a dirtier extract in which its best feature is broken; it looks alright by itself, and "
        "only beside the release it replaces can one see what is lost."
    )

    wrong: float = settings.share(0.4, "the labels")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Train on worse data."""
        labels = dealt(subject.labels, self.wrong, random)
        rows, said = subject.rows, "trained with wrong labels"
        if subject.numeric:
            goes = [_together(subject.column(place).astype(float), subject.codes) for place in subject.numeric]
            place = subject.numeric[int(np.argmax(goes))]
            rows = subject.with_columns({place: subject.column(place)[random.permutation(len(labels))]})
            said += f' and without "{subject.name(place)}"'
        return Made(self.again(subject, rows, labels, random), said, rows, labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRemoved(ModelFault):
    """Trained without a seed."""

    id: ClassVar[str] = "seed-removed"
    title: ClassVar[str] = "Seed removed"
    does: ClassVar[str] = "Trains again with every `random_state` set to None: each training gives another model."
    incident: ClassVar[str] = (
        "A refactoring loses the seed on its way from the configuration to the estimator, and no figure can be "
        "made again."
    )
    shows: ClassVar[bool] = False
    repeats: ClassVar[bool] = False

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Train without a seed."""
        if subject.fit is None and not subject.seeds:
            raise self.refused("it has no random_state")
        model = self.again(subject, subject.rows, subject.labels, None)
        return Made(model, "trained without a seed", subject.rows, subject.labels)


def _together(values: npt.NDArray[np.float64], codes: npt.NDArray[np.float64]) -> float:
    """How much of a correlation there is, whatever its sign."""
    there = np.isfinite(values)
    spread = float(np.std(values[there]) * np.std(codes[there]))
    return abs(float(np.cov(values[there], codes[there])[0, 1])) / spread if spread else 0.0


def faults() -> Iterator[ModelFault]:
    """The faults of this file."""
    for kind in (LabelShuffled, OffByOne, LeakedLabel, PreviousBetter, SeedRemoved):
        yield kind()
