"""What a run of a pipeline is: its stages, what each of them made, what was found, and the environment it ran in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a pipeline.

    `needs` and `makes` are paths relative to the project, `folder` the working folder. `copies` says that what it makes
    may equal what it needs. `environment` is what its command needs beside the run's own.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    copies: bool = False
    folder: str = "."
    environment: Mapping[str, str] = field(default_factory=dict)


class Kind(StrEnum):
    """What may be wrong with a run."""

    NEEDS = "a stage lacks what it needs"
    FAILED = "a stage failed"
    HUNG = "a stage did not end"
    MISSING = "a stage did not write what it makes"
    EMPTY = "what a stage makes is empty"
    OLD = "what a stage makes is older than the run"
    UNREADABLE = "what a stage makes cannot be read"
    SAME = "what a stage makes is what it was given"
    SWAPPED = "columns changed places"
    CHANGED = "a stage changed what is not its own"
    READ = "a stage read outside of its folder"
    WROTE = "a stage wrote outside of its folder"
    PATH = "what a stage makes holds the path of the folder it was made in"
    LEFT = "a stage left processes behind"
    AGAIN = "a second run does not do as well"
    GATE = "the result is not good enough"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the stage it is wrong with, None for the pipeline as a whole."""

    kind: Kind
    says: str
    stage: str | None = None

    def __str__(self) -> str:
        return self.says if self.stage is None else f"{self.stage}: {self.says}"


@dataclass(frozen=True, slots=True)
class Output:
    """What a stage made: its size in bytes, and rows and columns where it is a table."""

    path: str
    bytes: int
    digest: str
    rows: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageRun:
    """How one stage went: its exit code (None: its time was up), seconds, and what it made."""

    name: str
    command: str
    code: int | None
    seconds: float
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """What the quality gate said of the model that was made."""

    model: str
    passed: bool
    summary: str
    hollow: str | None = None


@dataclass(frozen=True, slots=True)
class IntegrationReport:
    """One pipeline run in a clean folder.

    `files` were copied; `sample` says what was put in place. `stages` ran, `again` once more, `not_run` not at all.
    `environment` says what the run was given.
    """

    files: int
    sample: str | None
    stages: tuple[StageRun, ...]
    again: tuple[StageRun, ...]
    not_run: tuple[str, ...]
    findings: tuple[Finding, ...]
    gate: Gate | None
    environment: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def seconds(self) -> float:
        """The seconds of the first run."""
        return sum(one.seconds for one in self.stages)
