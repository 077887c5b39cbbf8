"""`mlscore check`: run the configured checks without pytest, and say what they found."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlscore.cli._shared import deliver_result, load, now, project_option, result_option, rubric_option
from mlscore.cli._tables import Ticker
from mlscore.errors import EXIT_GATE_NOT_MET, UsageError

if TYPE_CHECKING:
    from mlscore.collect.checks import Ran


@click.command("check")
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@click.option("--list", "listed", is_flag=True, help="List the configured checks and the kinds there are; run nothing.")
@project_option
@rubric_option
@result_option
def command(checks: tuple[str, ...], listed: bool, path: Path, rubric: str | None, reports: tuple[str, ...]) -> int:
    """Run the checks that `[[tool.mlscore.check]]` configures, without pytest.

    CHECK is an item ("data-1"), a section ("data"), a kind ("schema"), or a check's name; all of them by default. Exit
    code 1 when a check finds something or comes to no result. `pytest --mlscore` runs the same checks beside the tests.

    \b
    Examples:
      mlscore check
      mlscore check data-1 data-5
      mlscore check data --report json:checks.json
    """
    from mlscore.checks.configured import configured_checks, select_checks

    config = load(path, rubric=rubric)
    found = configured_checks(config)
    if listed:
        from mlscore.checks.registry import known_checks

        kinds = {c.id: {"title": c.title, "items": c.items} for c in known_checks().values()}
        data = {"configured": [{"name": c.name, "check": c.check.id, "item": c.item} for c in found], "kinds": kinds}
        wide = max((len(c.name) for c in found), default=0)
        lines = [f"{c.item:<10} {c.name:<{wide}}  {c.check.title}  {c.spec.location}" for c in found]
        lines += ["", "kinds of checks:"] if lines else ["no check is configured; kinds of checks:"]
        wide = max(map(len, known_checks()))
        lines += [f"  {c.id:<{wide}}  {c.title} ({', '.join(c.items)})" for c in known_checks().values()]
        deliver_result(data, "\n".join(lines) + "\n", reports)
        return 0
    if not found:
        raise UsageError(
            "no check is configured", where=str(config.file or config.root), hint="see: mlscore check --list"
        )
    ran = [_run(one, config) for one in select_checks(found, checks)]
    deliver_result({"checks": [_data(one) for one in ran]}, _text(ran), reports)
    return EXIT_GATE_NOT_MET if any(r.case.outcome.value != "passed" for r in ran) else 0


def _run(one: Any, config: Any) -> Ran:
    from mlscore.collect.checks import run_check
    from mlscore.project.ci import detect_ci

    started = now()
    return run_check(
        one,
        config,
        today=started.date(),
        at=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ci=detect_ci(os.environ),
        progress=Ticker(one.name),
    )


def _data(ran: Ran) -> dict[str, object]:
    case, result = ran.case, ran.result
    return {
        "check": case.check,
        "item": ran.configured.item,
        "name": ran.configured.name,
        "outcome": case.outcome.value,
        "summary": result.summary if result else ran.error,
        "values": list(case.values),
        "findings": list(result.findings) if result else [],
        "unknown": list(result.unknown) if result else [],
        "notes": list(result.notes) if result else [],
        "hollow": result.hollow if result else None,
        "details": dict(result.details) if result else {},
        "location": str(ran.configured.spec.location),
        "at": case.at,
    }


def _text(ran: Iterable[Ran]) -> str:
    from mlscore.checks.text import result_lines
    from mlscore.report.text import clean_line

    blocks = []
    for one in ran:
        lines = result_lines(one.result) if one.result else [one.error]
        outcome = f"{one.case.outcome.value:<8}"
        head = f"{one.configured.item} {one.configured.name}: {lines[0]}"
        blocks.append(outcome + "\n".join(clean_line(line) for line in (head, *lines[1:])))
    return "\n".join(blocks) + "\n"
