"""What a check is: the item it is evidence for, the options it takes, and the result it yields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mlscore.core.evidence import Outcome, Value

if TYPE_CHECKING:
    from mlscore.checks.context import Context

Figure = int | float | str | bool | None


class Takes(StrEnum):
    """What an option of a check takes."""

    TEXT = "text"
    TEXTS = "text or texts"
    SOURCE = "source"
    FLAG = "flag"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    CHOICE = "choice"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a check, as it stands in the configuration.

    A SOURCE is a role of `[tool.mlscore.data]` ("train") or whatever `mlscore.tables.open_table` takes as text. A COUNT is
    a whole number from 1, a NUMBER any finite one, a SHARE one from 0 to 1. An option without `default` that is not
    `required` is None when it is left out.
    """

    name: str
    takes: Takes
    help: str
    default: object = None
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    `summary` is one line. `findings` say what was found, one line each, the worst first. `unknown` says what could not be
    judged: it never helps. `notes` say how it was judged. `hollow` is the reason why the check could not have failed,
    None when it could. `details` are the figures behind it, as JSON. No text of a result holds a personal value or a
    password.
    """

    passed: bool
    summary: str
    values: tuple[Value, ...] = ()
    findings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hollow: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    def with_unknown(self, not_judged: tuple[str, ...]) -> CheckResult:
        """The result with more that could not be judged."""
        return replace(self, unknown=(*self.unknown, *not_judged))

    @property
    def outcome(self) -> Outcome:
        """The result as evidence says it."""
        if not self.passed:
            return Outcome.FAILED
        return Outcome.PASSED if self.hollow is None else Outcome.HOLLOW


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check: what `use = "…"` in the configuration names.

    `items` are the rubric's items it can be evidence for, its own first. `run` imports what is heavy itself. `speaks` says
    which of the items these options leave, for a kind of which each use speaks to others: with several of them the item
    has to be named.
    """

    id: str
    title: str
    items: tuple[str, ...]
    options: tuple[Option, ...]
    run: Callable[[Context], CheckResult]
    speaks: Callable[[Mapping[str, object]], tuple[str, ...]] | None = None

    def option(self, name: str) -> Option | None:
        """The option of that name."""
        return next((option for option in self.options if option.name == name), None)
