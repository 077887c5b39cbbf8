"""What the quality gate finds: the loss against its limits, and what a gate of the project's own did with bad models."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.checks.intervals import Interval


@dataclass(frozen=True, slots=True)
class Quality:
    """A model against fixed limits and against the previous release, on the same rows.

    `loss` is the mean over the rows. `constant` is that of the best answer that is the same for all rows, None where there
    is none to compare. `previous` is the previous release's, `worsening` the mean of the differences of the same rows, and
    `noticed` the worsening that would be noticed in four of five cases; None without a previous release. `changed` is the
    share of rows that the two answer differently.
    """

    measure: str
    rows: int
    loss: Interval
    constant: float | None
    limit: float | None
    previous: float | None
    worsening: Interval | None
    allowed: float
    noticed: float | None
    p: float | None
    changed: float | None
    most_changed: float | None
    refusals: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def passed(self) -> bool:
        """Whether no limit is exceeded."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Try:
    """One model that a gate was given, and what became of it.

    `loss` and `healthy` are mean losses on the same rows, where these were measured (NaN never equals). `code` is the
    gate's exit code, None where it did not end. `worse` says whether the model is worse for certain.
    """

    model: str
    what: str
    code: int | None
    ended: str
    words: str
    loss: float | None = None
    healthy: float | None = None
    worse: bool = True

    @property
    def accepted(self) -> bool:
        """Whether the gate let it through."""
        return self.code == 0

    @property
    def decided(self) -> bool:
        """Whether the gate came to a decision."""
        return self.code is not None and self.code >= 0


@dataclass(frozen=True, slots=True)
class GateTrial:
    """A gate's answers: to the released model, to the same model written anew, and to models broken on purpose."""

    command: str
    released: Try
    rewritten: Try | None
    broken: tuple[Try, ...]
    not_judged: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        """What is wrong with the gate, worst first."""
        found = [
            f"the gate accepts a model that is broken on purpose: {one.model} ({one.what}{_losses(one)})"
            for one in self.broken
            if one.accepted and one.worse
        ]
        found += [
            f"the gate {one.ended} when it was given {one.model}: {one.words or 'it said nothing'}"
            for one in (self.released, *self.broken)
            if not one.decided
        ]
        if self.released.decided and not self.released.accepted:
            found.append(
                f"the gate refuses the released model too ({self.released.ended}: "
                f"{self.released.words or 'it said nothing'}), so that its refusals say nothing"
            )
        return tuple(found)

    @property
    def refused(self) -> int:
        """How many of the models that are worse for certain were refused."""
        return sum(one.worse and one.decided and not one.accepted for one in self.broken)

    @property
    def hollow(self) -> str | None:
        """Why the trial says nothing, None where it does."""
        if self.rewritten is not None and not self.rewritten.accepted:
            return (
                "the gate refuses the unchanged model when it is written anew, so that it may refuse the broken ones for "
                f"the same reason ({self.rewritten.words or self.rewritten.ended})"
            )
        if not any(one.worse and one.decided for one in self.broken):
            return "the gate was given no model that is worse for certain"
        return None


def _losses(one: Try) -> str:
    if one.loss is None or one.healthy is None:
        return ""
    return f"; loss {one.loss:.4g}, {one.healthy:.4g} unbroken"
