"""What checking a schema found: a result per rule, what was not judged, and whether the schema could have failed at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlscore.checks.schema.shapes import Unmapped, label

if TYPE_CHECKING:
    from mlscore.checks.schema.power import Power


SAMPLE = "a sample of"  # what `judged` begins with where not all rows were looked at


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule against the rows.

    `rows` is how many rows were looked at, `checked` how many values of them the rule was held against (missing ones
    are left out unless the rule is about them), `violations` how many of these break it. `judged` says on which rows.
    `examples` are values that break it, in a form that shows nothing personal.
    """

    column: str | None
    rule: str
    topic: str
    violations: int
    rows: int
    checked: int
    passed: bool
    tolerated: float = 0.0
    warns: bool = False
    examples: tuple[str, ...] = ()
    note: str = ""
    origin: str = ""
    judged: str = "all rows"

    @property
    def sampled(self) -> bool:
        """Whether not all rows were looked at."""
        return self.judged.startswith(SAMPLE)

    @property
    def id(self) -> str:
        """The rule with its column, as `age: in_range(0, 120)`."""
        return label(self.column, self.rule)

    @property
    def share(self) -> float:
        """The share of the values checked that break the rule."""
        return self.violations / self.checked if self.checked else float(bool(self.violations))

    def to_json(self) -> dict[str, Any]:
        """The result as JSON knows it."""
        return {
            "column": self.column,
            "rule": self.rule,
            "violations": self.violations,
            "rows": self.rows,
            "checked": self.checked,
            "share": self.share,
            "tolerated": self.tolerated,
            "passed": self.passed,
            "warns": self.warns,
            "examples": list(self.examples),
            "note": self.note or None,
            "origin": self.origin or None,
            "judged": self.judged,
        }


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """A schema against a source. `hollow` is the reason why it could not have failed, None when it could."""

    schema: str
    source: str
    rows: int
    rules: tuple[RuleResult, ...]
    unknown: tuple[Unmapped, ...] = ()
    hollow: str | None = None
    power: Power | None = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """The rules that fail, those broken by the largest share first."""
        found = [rule for rule in self.rules if not rule.passed and not rule.warns]
        return tuple(sorted(found, key=lambda rule: -rule.share))

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """The rules that are broken and only warn."""
        return tuple(rule for rule in self.rules if not rule.passed and rule.warns)

    @property
    def passed(self) -> bool:
        """Whether no rule fails. What is unknown does not fail, and earns nothing: see `hollow` and `unknown`."""
        return not self.broken

    def result(self, id_: str) -> RuleResult:
        """The result of the rule of that id. Raises KeyError."""
        for rule in self.rules:
            if rule.id == id_:
                return rule
        raise KeyError(id_)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON knows it."""
        return {
            "schema": self.schema,
            "source": self.source,
            "rows": self.rows,
            "passed": self.passed,
            "rules": [rule.to_json() for rule in self.rules],
            "unknown": [
                {"column": u.column, "rule": u.rule, "reason": u.reason, "origin": u.origin or None}
                for u in self.unknown
            ],
            "hollow": self.hollow,
            "power": None if self.power is None else self.power.to_json(),
            "seconds": round(self.seconds, 3),
        }
