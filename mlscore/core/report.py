"""The report: everything one run of the line found, as one value that survives JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mlscore.core.evidence import Diagnostic, Evidence, Location

SCHEMA = "mlscore-report/1"


class Verdict(StrEnum):
    """What an item's evidence says, taken together, in one word for a person."""

    VERIFIED = "verified"
    FAILING = "failing"
    ERROR = "error"
    HOLLOW = "hollow"
    EXPIRED = "expired"
    SKIPPED = "skipped"
    NOT_RUN = "not run"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"
    NO_EVIDENCE = "no evidence"


@dataclass(frozen=True, slots=True)
class Tool:
    """What wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The scored project. `commit` is None without git; `shallow` and `dirty` are None when unknown."""

    name: str
    commit: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    serving: str | None = None


@dataclass(frozen=True, slots=True)
class RubricRef:
    """Which ruler measured: `digest` changes when points, bands, rule, sections or items change, not with texts."""

    id: str
    version: str
    digest: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was run to gather the evidence, and how much of the suite it reached.

    `tests` is the number of tests that ran to an outcome, `marked` how many of them are marked for an item. A partial run
    says why in `partial` and which items' tests it did not reach in `unreached`. `errors` are collection errors.
    """

    kind: str
    ci: str | None = None
    tests: int = 0
    marked: int = 0
    partial: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    interrupted: str | None = None


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """A waiver in force, as the report shows it."""

    reason: str
    note: str
    author: str
    until: str


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item's standing: the level at which its test is practised, and its points practised and verified."""

    id: str
    section: str
    title: str
    level: str
    practised: Fraction
    verified: Fraction
    possible: Fraction
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    waiver: WaiverNote | None = None


@dataclass(frozen=True, slots=True)
class BandRef:
    """The band a total lies in."""

    id: str
    title: str
    reading: str


@dataclass(frozen=True, slots=True)
class SectionScore:
    """One section's points."""

    id: str
    title: str
    practised: Fraction
    verified: Fraction
    possible: Fraction
    out_of_reach: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The total in both senses. `band` reads the verified total and is None where it lies in no band of the rubric."""

    practised: Fraction
    verified: Fraction
    possible: Fraction
    band: BandRef | None
    practised_band: BandRef | None
    binding: tuple[str, ...]
    sections: tuple[SectionScore, ...]
    rule: str = "min"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule of the gate. `passed` is None when it could not be judged; `to_meet` says what would meet it."""

    id: str
    passed: bool | None
    summary: str
    wanted: str = ""
    found: str = ""
    to_meet: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class GateResult:
    """The gate's decision: met, not met, or None (not judged, and `reason` says why)."""

    passed: bool | None
    rules: tuple[RuleResult, ...] = ()
    on: str = "verified"
    profile: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One step towards a higher total: the item, what it would gain, and how to take the step."""

    item: str
    section: str
    title: str
    action: str
    gain: Fraction
    why: str
    how: tuple[str, ...] = ()
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A test that names no item, only a section at most: it earns nothing, and may be meant for `suggested`."""

    id: str
    section: str | None
    suggested: str | None
    why: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One run's result, whole."""

    schema: str
    tool: Tool
    project: ProjectFacts
    rubric: RubricRef
    generated_at: str
    run: RunFacts
    score: Score
    items: tuple[ItemResult, ...]
    gate: GateResult
    next: tuple[Advice, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def item(self, item_id: str) -> ItemResult:
        """The result of one item. Raises KeyError when the report has none of that id."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def section_items(self, section_id: str) -> tuple[ItemResult, ...]:
        """The results of one section, in the rubric's order."""
        return tuple(i for i in self.items if i.section == section_id)
