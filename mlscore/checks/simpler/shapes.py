"""What a ladder of simpler models found; it survives JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.checks.intervals import Interval

SCHEMA = "mlscore.simpler/1"


class Verdict(StrEnum):
    """How the model stands beside one simpler model."""

    BETTER = "better"
    NOT_BETTER = "not better"
    UNDECIDED = "undecided"  # better in these rows, and too few of them to be sure


@dataclass(frozen=True, slots=True)
class Rung:
    """One simpler model, judged on the same rows as the model.

    `figure` is its metric, `gain` by how much the model is better, in the metric's unit and with its paired interval.
    `seconds` are those of predicting one row; `dearer` is how many times as long the model takes, None where that is
    not known. `note` says that the model is better by little at a great price.
    """

    name: str
    says: str
    figure: float
    gain: Interval
    verdict: Verdict
    seconds: float
    dearer: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SimplerReport:
    """The whole answer: the rungs in their order, the simplest first.

    `metric` is what was measured; `higher` says whether more of it is better. `figure` is the model's own, None
    where nothing could be measured. The model must
    be better than every rung by more than `margin`. `hollow` is the reason why that is not shown, though nothing speaks
    against it.
    """

    metric: str
    higher: bool
    figure: float | None
    rungs: tuple[Rung, ...]
    margin: float
    train_rows: int
    rows: int
    seconds: float | None
    not_judged: tuple[str, ...] = ()
    hollow: str | None = None
    schema: str = SCHEMA

    @property
    def passed(self) -> bool:
        """Whether the model is better than each of them, as far as the rows tell."""
        return all(rung.verdict is not Verdict.NOT_BETTER for rung in self.rungs)
