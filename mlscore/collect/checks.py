"""Running one configured check, whatever becomes of it: its result, and the case that tells of it as of a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from mlscore.checks.base import CheckResult
from mlscore.checks.configured import Configured
from mlscore.checks.context import Context
from mlscore.collect.cases import Case
from mlscore.core.evidence import Outcome
from mlscore.core.placement import Placement
from mlscore.errors import ISSUES_URL, MlscoreError
from mlscore.project.config import Config

if TYPE_CHECKING:
    from mlscore.tables.shapes import Progress

WHY = "configured check"


@dataclass(frozen=True, slots=True)
class Ran:
    """One check that ran: its case, and its result where it came to one. `error` is what a person reads otherwise."""

    configured: Configured
    case: Case
    result: CheckResult | None
    error: str = ""


def check_case(one: Configured, config: Config, *, ci: str | None = None) -> Case:
    """The case of a check that has not run yet; its place is its table in the configuration."""
    location = one.spec.location
    return Case(
        nodeid=one.nodeid,
        path=location.path if location else (config.file.name if config.file else "mlscore.toml"),
        line=location.line if location else None,
        qualname=f"{one.item}.{one.name}",
        outcome=Outcome.NOT_RUN,
        placement=Placement((one.item,), why=WHY),
        ci=ci,
        check=one.check.id,
    )


def run_check(
    one: Configured,
    config: Config,
    *,
    today: date,
    at: str,
    ci: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Ran:
    """Run a check. `at` is the time at which it began, as ISO text in UTC; no failure of it gets out."""
    case = replace(check_case(one, config, ci=ci), at=at)
    context = Context(
        root=config.root,
        data=config.data,
        options=one.options,
        today=today,
        where=one.spec.location,
        progress=progress,
        model=config.model,
        item=one.item,
    )
    try:
        result = one.check.run(context)
    except MlscoreError as error:
        return Ran(one, replace(case, outcome=Outcome.ERROR, detail=str(error)), None, str(error))
    except Exception as error:
        own = one.check.run.__module__.startswith("mlscore.")
        help_ = f"; please report it at {ISSUES_URL}" if own else ""
        text = f'the check "{one.check.id}" failed inside ({type(error).__name__}: {error}){help_}'
        return Ran(one, replace(case, outcome=Outcome.ERROR, detail=text), None, text)
    detail = result.summary if result.hollow is None else f"{result.hollow} ({result.summary})"
    return Ran(one, replace(case, outcome=result.outcome, detail=detail, values=result.values), result)
