"""What is found of a model's numbers: in data, weights, the training's log, and predictions, plain and under stress."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """One array of what a model has learned: its size, what of it is no number, its range, and units without any weight.

    `dead` and `units` are of matrices of networks; 0 elsewhere.
    """

    path: str
    size: int
    nan: int
    infinite: int
    least: float | None
    greatest: float | None
    dead: int = 0
    units: int = 0


@dataclass(frozen=True, slots=True)
class StabilityReport:
    """What was looked at, and what is wrong. Counts are None where that was not looked at.

    `rows` were predicted, `extreme` rows beyond them; `narrow` is the share of answers that another width of floating-point
    numbers changes, `apart` by how much numbers differ then, relative to their spread. `weights` is how many arrays were
    looked at, `greatest` the greatest weight; `steps` are those of the log.
    """

    rows: int
    extreme: int | None
    narrow: float | None
    apart: float | None
    weights: int | None
    greatest: float | None
    steps: int | None
    findings: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings
