"""Reports that other tools wrote: the check `report` takes their verdicts, and holds their metrics against limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.checks.reports.catalogue import FORMATS, ITEMS

if TYPE_CHECKING:
    from mlscore.checks.context import Context


def _run(context: Context) -> CheckResult:
    from mlscore.checks.reports.run import run_report

    return run_report(context)


def _speaks(options: Mapping[str, object]) -> tuple[str, ...]:
    """The items that reports of the named format speak to."""
    known = FORMATS.get(str(options.get("format")))
    return ITEMS if known is None else known.items


CHECKS = (
    Check(
        id="report",
        title="The report of another tool is good, recent, and about the right thing",
        items=ITEMS,
        options=(
            Option(
                "file",
                Takes.TEXT,
                "the report, or a glob of several: a file, or the folder of an MLflow run or a TFX blessing",
                required=True,
            ),
            Option("format", Takes.CHOICE, "what wrote it; told from the content by default", choices=tuple(FORMATS)),
            Option(
                "rules", Takes.TEXTS, "the rules that count, * for anything; all that speak to the item by default", ()
            ),
            Option("limits", Takes.TABLE, 'limits of metrics: {accuracy = {least = 0.8}, "recall:*" = {least = 0.6}}'),
            Option("allow-warnings", Takes.FLAG, "rules that the tool calls warnings do not fail", False),
            Option("most-age", Takes.COUNT, "days that the report may be old"),
            Option("newest", Takes.FLAG, "of several reports the newest alone counts, by the dates they say", False),
            Option("about", Takes.TABLE, 'what it has to be about: {model = "flights-7", data = "2026-11"}'),
        ),
        run=_run,
        speaks=_speaks,
    ),
)
