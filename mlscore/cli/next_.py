"""`mlscore next`: the shortest way to a higher score, from what is nearest."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlscore.cli._shared import (
    deliver_result,
    evidence_options,
    find_report,
    project_argument,
    result_option,
    rubric_option,
)

if TYPE_CHECKING:
    from mlscore.core.report import Advice, Report
    from mlscore.core.rubric import Rubric


@click.command("next")
@project_argument
@click.option("--limit", metavar="N", default=5, show_default=True, type=click.IntRange(1), help="How many steps.")
@evidence_options
@rubric_option
@result_option
def command(
    path: Path,
    limit: int,
    reports: tuple[str, ...],
    **evidence: Any,
) -> None:
    """Name the steps that raise the total soonest: the binding section's items, nearest first, each with a recipe.

    Runs the project's tests with pytest, unless --junit, --from or --no-tests says where the evidence is.

    \b
    Examples:
      mlscore next
      mlscore next --from report.json --limit 3
    """
    from mlscore.core.advise import advise

    config, report = find_report(path, judged=False, **evidence)
    steps = advise(config.rubric, report.items, report.score, must_have=config.gate.required, limit=limit)
    deliver_result({"next": list(steps)}, _text(config.rubric, report, steps), reports)


def _text(rubric: Rubric, report: Report, steps: tuple[Advice, ...]) -> str:
    from mlscore.core.advise import total_if
    from mlscore.core.points import show

    score = report.score
    if not steps:
        return f"Nothing is left to gain: the total is {show(score.verified)} of {show(score.possible)}.\n"
    lines = [f"The total is {show(score.verified)} of {show(score.possible)} (verified)."]
    if score.binding:
        lines.append(f"It is held down by: {', '.join(score.binding)}. Only their items raise it.")
    for number, step in enumerate(steps, 1):
        lines += ["", f"{number}. {step.item}  {step.title}  (+{show(step.gain)})", f"   {step.action}"]
        lines += [line for how in step.how for line in _wrap(how)]
        if step.snippet:
            lines += ["", *("     " + line for line in step.snippet.rstrip().splitlines())]
    after = total_if(rubric, report.items, steps)
    if after > score.verified:
        lines += ["", f"With these steps the total would be {show(after)}."]
    else:
        lines += ["", f"The total rises once every one of {', '.join(score.binding)} has risen: see more with --limit."]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent="   - ", subsequent_indent="     ", break_on_hyphens=False)
