"""The configuration as values: what a project decided, and where each decision was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from mlscore.core.attestation import Attestation, Waiver
from mlscore.core.evidence import Location
from mlscore.core.placement import Conventions
from mlscore.core.policy import GatePolicy
from mlscore.core.rubric import Rubric

Label = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to a finding about a test: the finding no longer counts, for a stated reason."""

    test: str
    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class DataSettings:
    """`[tool.mlscore.data]`: the sources by role, as they are written there, and what the columns mean.

    `memory_mb` is in megabytes, `timeout` in seconds; `engine` reads files.
    """

    ROLES: ClassVar[tuple[str, ...]] = ("train", "validation", "serving", "reference")

    sources: Mapping[str, str] = field(default_factory=dict)
    label: str | None = None
    id: tuple[str, ...] = ()
    time: str | None = None
    memory_mb: int = 400
    timeout: float | None = None
    engine: str = "duckdb"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """`[tool.mlscore.model]`: what predicts, as it is written there, and how it is trained.

    A `source` that is a tuple is a command. `digest` holds the digests of trusted files. `threshold` is None where the
    model's own decision stands. `timeout` is in seconds for one batch, `memory_mb` in megabytes, `batch` in rows.
    `places` are the lines of its keys.
    """

    source: str | tuple[str, ...] | None = None
    task: str | None = None
    features: tuple[str, ...] = ()
    classes: tuple[Label, ...] = ()
    positive: Label | None = None
    threshold: float | None = None
    trusted: bool = False
    digest: tuple[str, ...] = ()
    previous: str | tuple[str, ...] | None = None
    train: str | tuple[str, ...] | None = None
    artefact: str | None = None
    format: str = "jsonl"
    timeout: float = 60.0
    memory_mb: int = 4000
    batch: int = 10_000
    places: Mapping[str, Location] = field(default_factory=dict, compare=False)

    def at(self, key: str) -> Location | None:
        """Where a key of it stands, or where its source does."""
        return self.places.get(key) or self.places.get("source")


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One `[[tool.mlscore.check]]` as it is written; its options are checked by who knows the check.

    `places` are the lines of its keys.
    """

    use: str
    item: str | None = None
    name: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    location: Location | None = None
    places: Mapping[str, Location] = field(default_factory=dict)

    def at(self, key: str) -> Location | None:
        """Where a key of it stands; where it begins, for a key it has not."""
        return self.places.get(key, self.location)


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and its origin: "default", "pyproject.toml:12", "environment MLSCORE_PROFILE", "option --fail-under"."""

    key: str
    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class Config:
    """Everything `load_config` read, checked and resolved.

    `root` is the project's folder (the one that holds the configuration, else the nearest with a `.git` or a
    `pyproject.toml`); `file` is the configuration file or None. `attestation_files` are the files that were read for
    attestations and waivers, besides `file`. `settings` lists every key with its value and origin.
    """

    root: Path
    file: Path | None
    name: str
    rubric: Rubric
    serving: str | None
    gate: GatePolicy
    baseline_path: Path
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    answers: tuple[Answer, ...] = ()
    conventions: Conventions = Conventions()
    pytest_args: tuple[str, ...] = ()
    junit: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    attestation_files: tuple[Path, ...] = ()
    settings: tuple[Setting, ...] = ()
    data: DataSettings = DataSettings()
    model: ModelSettings = ModelSettings()
    checks: tuple[CheckSpec, ...] = ()
