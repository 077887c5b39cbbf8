"""What a specification of a model is judged by, aspect by aspect, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Aspect(StrEnum):
    """What is tried of a model that is not fitted yet; in the order in which it is tried."""

    BUILDS = "builds"
    INPUT = "input"
    STEP = "step"
    GRADIENTS = "gradients"
    LOSS = "loss"
    OVERFITS = "overfits"
    USES_INPUT = "uses-input"
    INTACT = "intact"
    SAVED = "saved"
    SEED = "seed"
    ESTIMATOR = "estimator"

    @property
    def promise(self) -> str:
        """What holds of a sound specification."""
        return _PROMISES[self]


_PROMISES = {
    Aspect.BUILDS: "it builds",
    Aspect.INPUT: "it learns from valid input, and answers it with one finite answer a row",
    Aspect.STEP: "one step changes the weights",
    Aspect.GRADIENTS: "every layer that is to learn is reached",
    Aspect.LOSS: "the loss falls over the steps",
    Aspect.OVERFITS: "it learns a few rows by heart",
    Aspect.USES_INPUT: "its answers depend on the input",
    Aspect.INTACT: "it leaves what it is given as it was",
    Aspect.SAVED: "saved and loaded it answers the same",
    Aspect.SEED: "two builds with one seed are equal",
    Aspect.ESTIMATOR: "it keeps scikit-learn's conventions",
}


class Batch(NamedTuple):
    """What `step` is given: a pandas frame of features (for texts, a list of them), and an array of labels."""

    rows: Any
    labels: Any


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying one aspect gave; `judged` tells whether it could have failed."""

    aspect: Aspect
    judged: bool
    findings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpecReport:
    """What a specification keeps of its promises.

    `off` are aspects, and checks of scikit-learn's, that were switched off, each with the reason given. `rows` are the few
    rows that were to be learned, `generated` those made from the schema. `hollow` says why nothing could have been found.
    """

    build: str
    tried: tuple[Tried, ...]
    off: Mapping[str, str]
    rows: int
    generated: int
    notes: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def findings(self) -> tuple[str, ...]:
        """What is wrong, in the order of the aspects."""
        return tuple(f"{one.aspect}: {finding}" for one in self.tried for finding in one.findings)

    @property
    def not_judged(self) -> tuple[str, ...]:
        """What could not be judged, and why."""
        return tuple(f"{one.aspect}: {why}" for one in self.tried for why in one.unknown)

    @property
    def passed(self) -> bool:
        """Whether every promise that could be judged is kept."""
        return not self.findings

    @property
    def judged(self) -> tuple[Aspect, ...]:
        """The aspects that were judged."""
        return tuple(one.aspect for one in self.tried if one.judged)
