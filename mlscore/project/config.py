"""The configuration as values: what a project decided, and where each decision was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlscore.core.attestation import Attestation, Waiver
from mlscore.core.evidence import Location
from mlscore.core.placement import Conventions
from mlscore.core.policy import GatePolicy
from mlscore.core.rubric import Rubric


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to a finding about a test: the finding no longer counts, for a stated reason."""

    test: str
    reason: str
    location: Location | None = None


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
