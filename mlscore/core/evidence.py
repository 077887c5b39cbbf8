"""Evidence: one observed fact about a rubric item, with its source, outcome, place, figures and time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What one piece of evidence says. Only PASSED ever raises a verified score."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    NOT_RUN = "not run"
    HOLLOW = "hollow"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


class SourceKind(StrEnum):
    """Who observed it."""

    TEST = "test"
    CHECK = "check"
    ATTESTATION = "attestation"
    PROBE = "probe"


class ProofKind(StrEnum):
    """Why a test or check counts as run by itself on a repeated basis."""

    THIS_RUN = "this run is in CI"
    WORKFLOW = "a live CI workflow runs it"
    HISTORY = "repeated unattended runs"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in the project: a path with forward slashes, relative to the root, and a line from 1 (or None)."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Value:
    """A figure attached to evidence, with the threshold it was held against where there is one."""

    name: str
    value: int | float | str | bool | None
    unit: str | None = None
    threshold: int | float | str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What kind of thing observed the fact, and its name (a test's node id, a check's id, an attestation's owner)."""

    kind: SourceKind
    name: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One reason why evidence counts as automated; `chain` leads from the CI file to the command, outermost first."""

    kind: ProofKind
    summary: str
    chain: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observed fact about one item.

    `at` is an ISO 8601 time in UTC or a date; `proofs` are the reasons why it counts as automated (none: manual);
    `missing` says in words what would earn the rest; `reason` is the machine-readable word behind a HOLLOW outcome.
    """

    item: str
    source: Source
    outcome: Outcome
    summary: str = ""
    location: Location | None = None
    values: tuple[Value, ...] = ()
    at: str | None = None
    proofs: tuple[Proof, ...] = ()
    missing: tuple[str, ...] = ()
    until: str | None = None


class Severity(StrEnum):
    """How much a diagnostic matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something a reader of the report should know that is not evidence: a stale path, a weak test, a partial run."""

    severity: Severity
    code: str
    message: str
    location: Location | None = None
    help: str | None = None
