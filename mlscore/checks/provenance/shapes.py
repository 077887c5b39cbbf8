"""What is said of a served model's origin: its record, the changes of its code with their reviews, the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pull:
    """A merged pull or merge request, as a platform says it.

    `commits` are what it brought to the branch. `approvers` are who approved and is not the author; None where the
    platform's file does not say.
    """

    number: str
    commits: tuple[str, ...]
    approvers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the training code on the deployment branch: `reviewed` is None where nobody can tell; `why` says."""

    commit: str
    reviewed: bool | None
    why: str
    pull: str | None = None


@dataclass(frozen=True, slots=True)
class ProvenanceReport:
    """Where the served model comes from. `arrival` is the commit by which its own reached the branch."""

    digest: str | None
    commit: str | None
    branch: str
    arrival: str | None = None
    changes: tuple[Change, ...] = ()
    findings: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    recorded: Mapping[str, str | bool | None] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing was found. What is not known is no finding, but makes the report hollow."""
        return not self.findings

    @property
    def hollow(self) -> str | None:
        """Why the report is no evidence, None where it is."""
        return f"the model's origin is not known whole: {self.not_judged[0]}" if self.not_judged else None
