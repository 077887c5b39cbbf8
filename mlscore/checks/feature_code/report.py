"""What was found about feature functions: the properties, violations with counterexamples, and what was not judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.tables.shapes import Scalar

SCHEMA = "mlscore.feature-code/1"
MASKED = "•••"


class Property(StrEnum):
    """What a feature function should be, in the order in which it is looked at."""

    RUNS = "runs"
    SELF_CONTAINED = "self-contained"
    ROWS = "rows"
    UNMUTATED = "unmutated"
    NULLS = "nulls"
    INFINITIES = "infinities"
    DTYPES = "dtypes"
    DETERMINISTIC = "deterministic"
    ORDER = "order"
    ALONE = "alone"
    INDEX = "index"
    SERVING = "serving"
    FRESH = "fresh-process"
    VARIES = "varies"

    @property
    def says(self) -> str:
        """What it asks of a function, in a few words."""
        return _SAYS[self]


_SAYS = {
    Property.RUNS: "it returns features for every valid batch",
    Property.SELF_CONTAINED: "it needs no network and writes no file",
    Property.ROWS: "one row of features for each row given",
    Property.UNMUTATED: "what it is given stays as it is",
    Property.NULLS: "no null where the input has none",
    Property.INFINITIES: "no infinity where the input has none",
    Property.DTYPES: "the same columns and dtypes in every batch",
    Property.DETERMINISTIC: "twice the same batch gives the same features",
    Property.ORDER: "the order of the rows makes no difference",
    Property.ALONE: "a row alone gives what it gives among others",
    Property.INDEX: "the labels of the index make no difference",
    Property.SERVING: "what went through the serving format gives the same features",
    Property.FRESH: "another process gives the same features",
    Property.VARIES: "its features depend on the input",
}


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A smallest batch found that violates a property: columns and rows of values.

    Left out are `others` columns, which hold their simplest value. A value of real data is masked. `real`: it was found
    among real rows, or by changing them.
    """

    columns: tuple[str, ...]
    dtypes: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    others: int = 0
    real: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """A property that a function violates, how that shows, and a batch that shows it."""

    property: Property
    says: str
    counterexample: Counterexample | None = None
    batches: int = 1  # how many batches violated it before it was shrunk


@dataclass(frozen=True, slots=True)
class Off:
    """A property that was switched off, and why."""

    property: Property
    reason: str


class Executed(StrEnum):
    """Whether tests execute a function, by the coverage data."""

    YES = "executed"
    NO = "not executed"
    UNMARKED = "executed by unmarked tests alone"
    UNKNOWN = "not judged"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What coverage data say of a function: lines of its body, how many were executed, by which tests (a few of them)."""

    executed: Executed
    says: str
    lines: int = 0
    hit: int = 0
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionReport:
    """One function. `judged` are the properties that were tried, `not_judged` says of others why not.

    `batches` were generated and tried, `planned` of them were to be; `rows` are real rows. `notes` are worth
    knowing and no violation: warnings, printing, files that are read. `seconds` is the time it took.
    """

    name: str
    form: str
    batches: int
    planned: int
    rows: int
    calls: int
    seconds: float
    judged: tuple[Property, ...]
    violations: tuple[Violation, ...] = ()
    off: tuple[Off, ...] = ()
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    coverage: Coverage = Coverage(Executed.UNKNOWN, "there are no coverage data")

    @property
    def passed(self) -> bool:
        """No property is violated, and no coverage data say that tests leave it out."""
        return not self.violations and self.coverage.executed in (Executed.YES, Executed.UNKNOWN)

    def violation(self, of: Property) -> Violation | None:
        """The violation of a property, or None."""
        return next((one for one in self.violations if one.property is of), None)


@dataclass(frozen=True, slots=True)
class FeatureCodeReport:
    """The whole answer, a report per function. `notes` are about the schema and the rows."""

    functions: tuple[FunctionReport, ...]
    seed: int
    notes: tuple[str, ...] = ()
    schema: str = SCHEMA

    @property
    def passed(self) -> bool:
        """Every function passed."""
        return all(one.passed for one in self.functions)

    @property
    def hollow(self) -> str | None:
        """The reason why nothing could have been found, or None."""
        if not any(one.judged or one.violations for one in self.functions):
            return "every property is switched off: nothing was tried"
        return None

    def function(self, name: str) -> FunctionReport:
        """The report of the function of that name. Raises KeyError."""
        for one in self.functions:
            if one.name == name:
                return one
        raise KeyError(name)
