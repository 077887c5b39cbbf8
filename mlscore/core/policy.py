"""What the gate is to hold a project to: thresholds, floors, must-haves, and the profiles of the stages."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlscore.core.baseline import Baseline


@dataclass(frozen=True, slots=True)
class Threshold:
    """Least points for the total (`section` None) or a section, and where that was written."""

    least: Fraction
    section: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class MustHave:
    """An item that must reach a level, "manual" or "automated"."""

    item: str
    level: str = "manual"
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What must hold for exit code 0.

    `on` is "verified" or "practised". `partial` says what a partial run does to the gate: "skip" leaves it unjudged and
    says so, "judge" judges what was reached, "fail" does not meet it. `strict` turns every warning into a failure, a
    partial run's too. `ratchet` asks for a baseline: without one the gate is not met.
    """

    on: str = "verified"
    fail_under: Threshold | None = None
    floors: tuple[Threshold, ...] = ()
    must_have: tuple[MustHave, ...] = ()
    baseline: Baseline | None = None
    baseline_origin: str | None = None
    ratchet: bool = False
    partial: str = "skip"
    strict: bool = False
    profile: str | None = None

    @property
    def required(self) -> frozenset[str]:
        """The ids of the items that the gate asks for by name."""
        return frozenset(must.item for must in self.must_have)


PROFILES: dict[str, GatePolicy] = {
    # A proof of concept: something in every section would be too much to ask; the data and a baseline are not.
    "poc": GatePolicy(
        profile="poc", fail_under=Threshold(Fraction(0)), must_have=(MustHave("data-1"), MustHave("model-5"))
    ),
    # Before real users: no section empty (band two of the paper), and quality is judged before anything is served.
    "staging": GatePolicy(
        profile="staging",
        fail_under=Threshold(Fraction(1)),
        must_have=(MustHave("data-1"), MustHave("model-5"), MustHave("infra-3"), MustHave("infra-4")),
    ),
    # Serving: reasonably tested (band four), with the way back and the watch over inputs and quality in place.
    "production": GatePolicy(
        profile="production",
        fail_under=Threshold(Fraction(5, 2)),
        must_have=(
            MustHave("data-1", "automated"),
            MustHave("model-6"),
            MustHave("infra-3", "automated"),
            MustHave("infra-4", "automated"),
            MustHave("infra-7"),
            MustHave("monitor-2"),
            MustHave("monitor-7"),
        ),
    ),
}
