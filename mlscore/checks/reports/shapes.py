"""What a report of another tool says: its verdicts, its metrics, who wrote it and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mlscore.checks.base import Figure


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict of a tool: a test, a condition, an expectation.

    `name` is what the tool calls it. `passed` is None where it came to no verdict: it errored, was skipped, or is not
    known here. `severity` is the tool's own word ("fail", "warn", "error", "critical"), `detail` says the rest in a
    line. `column` is what it is about, `value` what was observed, `limit` what that was held against. `items` are the
    rubric's items it speaks to, where these are not those of the whole report. `known` is False for a rule that the
    reader does not know: what its verdict means is not known either.
    """

    name: str
    passed: bool | None
    severity: str = ""
    detail: str = ""
    column: str | None = None
    value: Figure = None
    limit: Figure = None
    items: tuple[str, ...] = ()
    known: bool = True

    @property
    def title(self) -> str:
        """The name, with the column where there is one and the name does not say it."""
        return self.name if self.column is None or self.column in self.name else f"{self.name}:{self.column}"


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was read.

    `version` is the tool's (None: the report does not say), `made` when it was written, in UTC (None: unknown).
    `metrics` are numbers by name, NaN and infinities among them. `format` is the reader's name, `items` those of the
    rubric the report speaks to by default. `about` says what was judged ("model", "data", ...: name or digest) where the
    report tells. `notes` say how it was read, `untried` which
    versions the reader was tried with, where the report's is a later one.
    """

    tool: str
    version: str | None = None
    made: datetime | None = None
    findings: tuple[Finding, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    format: str = ""
    items: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    untried: str | None = None

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings with a bad verdict."""
        return tuple(one for one in self.findings if one.passed is False)

    @property
    def judged(self) -> tuple[Finding, ...]:
        """The findings with a verdict."""
        return tuple(one for one in self.findings if one.passed is not None)
