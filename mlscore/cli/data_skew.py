"""`mlscore data skew`: served features against the same examples computed by the training code."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from mlscore.cli._tables import deliver_forms, forms_option, limits, open_source
from mlscore.errors import EXIT_GATE_NOT_MET

SHARE = click.FloatRange(0, 1)


@click.command("skew")
@click.argument("served")
@click.argument("recomputed")
@click.option("--id", "ids", multiple=True, required=True, metavar="COLUMN", help="Tells examples apart; repeatable.")
@click.option("--column", "-c", "columns", multiple=True, help="Compare this feature only; repeatable. Default: all.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="Leave this column out; repeatable.")
@click.option("--time", metavar="COLUMN", help="The column that orders examples: a lag is looked for along it.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    metavar="T",
    help="How far numbers may differ, relative to themselves. Default: 1e-6 for floating point, 0 for others.",
)
@click.option("--limit", type=SHARE, default=0.0, show_default=True, help="Share of examples that may differ.")
@click.option(
    "--matched", type=SHARE, default=0.95, show_default=True, help="Least share of served ids that must be matched."
)
@limits
@forms_option
def command(
    served: str,
    recomputed: str,
    ids: tuple[str, ...],
    columns: tuple[str, ...],
    ignore: tuple[str, ...],
    time: str | None,
    tolerance: float | None,
    limit: float,
    matched: float,
    path: Path,
    memory_mb: int | None,
    timeout: int | None,
    engine: str | None,
    reports: tuple[str, ...],
) -> int:
    """Join SERVED features with RECOMPUTED ones by id, and say which differ and why they probably do.

    Exit code 1 when a feature is skewed, or when too little could be compared to say so.

    \b
    Example:
      mlscore data skew logged.parquet features.pipeline:recompute --id flight --report json:skew.json
    """
    from mlscore.checks.skew.exact import check_skew
    from mlscore.checks.skew.results import exact_result
    from mlscore.checks.text import result_lines
    from mlscore.core.codec import dumps
    from mlscore.report.text import clean_line

    with ExitStack() as stack:
        left, right = (
            stack.enter_context(open_source(s, path, memory_mb, timeout, engine)) for s in (served, recomputed)
        )
        report = check_skew(
            left,
            right,
            id=ids,
            columns=columns or None,
            ignore=ignore,
            time=time,
            tolerance=tolerance,
            limit=limit,
            least_matched=matched,
        )
    result = exact_result(report)
    lines = result_lines(result)
    deliver_forms(
        reports,
        terminal=lambda: "\n".join(map(clean_line, lines)) + "\n",
        json=lambda: dumps(report),
        markdown=lambda: _markdown(lines),
    )
    return 0 if result.passed and result.hollow is None else EXIT_GATE_NOT_MET


def _markdown(lines: list[str]) -> str:
    from mlscore.report.markdown import text as markdown_text

    first, *rest = (markdown_text(line.strip().removeprefix("- ")) for line in lines)
    return "\n".join([f"### {first}", "", *(f"- {line}" for line in rest)]) + "\n"
