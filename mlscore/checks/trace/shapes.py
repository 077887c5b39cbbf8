"""One example on its way through a pipeline: what it is after each step, where it ends, and what was served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlscore.predictors.shapes import Label

Cell = str | int | float | bool | None
SHARES, LABELS = ".predict_proba", ".predict"  # what the names of an estimator's answers end in
ANSWERS = (SHARES, LABELS)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A value between two steps.

    `form` says what it is ("DataFrame", "ndarray", ...), `rows` its first dimension, `columns` the names where it has any,
    `dtypes` the dtype of each column, or the one of all. `cells` are the first ones, each with its number, and in wide
    values those that are neither 0 nor missing; of `size` altogether. `digest` tells two long values apart.
    """

    form: str
    shape: tuple[int, ...]
    size: int
    dtypes: tuple[str, ...]
    columns: tuple[str, ...] | None
    cells: tuple[tuple[int, Cell], ...]
    nulls: int
    infinite: int
    digest: str = ""

    @property
    def rows(self) -> int | None:
        """The number of rows; None where it has no dimensions."""
        return self.shape[0] if self.shape else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its path in the pipeline, what it is, and what it was given and gave; `error` where it raised."""

    name: str
    kind: str
    before: Snapshot | None
    after: Snapshot | None
    error: str | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """An answer to the example: the label or number, and probabilities in the order of `classes`."""

    value: Label
    probabilities: tuple[float, ...] | None = None
    classes: tuple[Label, ...] | None = None

    def __str__(self) -> str:
        said = f"{self.value:.6g}" if isinstance(self.value, float) else f"{self.value}"
        if self.probabilities is None:
            return said
        names = self.classes or tuple(range(len(self.probabilities)))
        shares = ", ".join(f"{name}: {share:.4g}" for name, share in zip(names, self.probabilities, strict=False))
        return f"{said} ({shares})"


@dataclass(frozen=True, slots=True)
class Walked:
    """A trace: its steps, and its end; None where it does not come to one, for the reason `lost`."""

    steps: tuple[Step, ...]
    end: End | None
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class TraceReport:
    """One example's trace, and whether it ends in the served prediction.

    `row` says which example it is, `example` holds what of it goes in. `served` is the prediction it was held against, `by`
    who served it. `agreeing` is the last step that is known to agree with what serves, `parting` the first known not to.
    `personal` are the columns whose values are never shown.
    """

    row: str
    example: Snapshot
    what: str
    steps: tuple[Step, ...]
    end: End | None
    served: str
    by: str
    agreeing: str | None
    parting: str | None
    personal: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hollow: str | None = None
    logged: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the trace ends in the served prediction, and nothing was lost on the way."""
        return not self.findings
