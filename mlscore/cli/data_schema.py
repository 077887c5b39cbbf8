"""`mlscore data schema`: propose a schema, hold a table against one, compare two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlscore.cli._shared import deliver_result, result_option
from mlscore.cli._tables import deliver_forms, forms_option, limits, open_source
from mlscore.errors import EXIT_GATE_NOT_MET

if TYPE_CHECKING:
    from mlscore.checks.schema.shapes import Schema
    from mlscore.tables.table import Table


@click.group("schema")
def command() -> None:
    """Propose a schema of a table, hold a table against a schema, compare two schemas.

    A SCHEMA is mlscore's TOML, pandera's YAML or object ("package.module:SCHEMA"), a Frictionless Table Schema, TFDV's
    schema.pbtxt, or a suite of Great Expectations.
    """


@command.command("infer")
@click.argument("source")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Write it here; must not exist.")
@click.option("--form", type=click.Choice(("toml", "pandera")), default="toml", show_default=True, help="Its language.")
@limits
@result_option
def infer(
    source: str,
    output: Path | None,
    form: str,
    path: Path,
    memory_mb: int | None,
    timeout: int | None,
    engine: str | None,
    reports: tuple[str, ...],
) -> int:
    """Propose a schema of SOURCE, with a reason beside each rule. Correct it before you rely on it.

    With --report json each rule comes with its reason and with how many values of SOURCE break it.

    \b
    Examples:
      mlscore data schema infer train.parquet -o schema.toml
      mlscore data schema infer train.parquet --report json:proposed.json
    """
    from mlscore.checks.schema.infer import infer_schema
    from mlscore.checks.schema.pandera_writer import write_pandera_yaml
    from mlscore.checks.schema.toml_form import write_toml
    from mlscore.errors import OutputError
    from mlscore.project.write import write_atomically

    if output is not None and output.exists():
        raise OutputError(
            "the file is there already", where=str(output), hint="name another, and compare: mlscore data schema diff"
        )
    with open_source(source, path, memory_mb, timeout, engine) as table:
        schema = infer_schema(table)
        data = _proposal(schema, table) if any(wanted.startswith("json") for wanted in reports) else None
    text = write_toml(schema) if form == "toml" else write_pandera_yaml(schema)
    if output is not None:
        write_atomically(output, text)
        rules = sum(len(column.rules) for column in schema.columns)
        size = f"{len(schema.columns)} columns, {rules} rules"
        text = f"wrote {output}: {size}; correct them, then: mlscore data schema check\n"
    deliver_result(data, text, reports)
    return 0


def _proposal(schema: Schema, table: Table) -> dict[str, object]:
    """The rules as JSON, each with its reason, held against the table that they were learnt from."""
    from mlscore.checks.schema.check import check_schema
    from mlscore.checks.schema.shapes import label

    reasons = {label(name, rule.text): rule.reason for name, rule in schema.each()}
    found = check_schema(schema, table)
    rules = [{**rule.to_json(), "reason": reasons.get(rule.id) or None} for rule in found.rules]
    return {**found.to_json(), "rules": rules}


@command.command("check")
@click.argument("schema")
@click.argument("source")
@click.option(
    "--tolerated",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of values that may break a rule which names no share of its own.",
)
@click.option("--all-rows", is_flag=True, help="Run checks that are code on all rows, not on a sample of 100,000.")
@click.option("--power", is_flag=True, help="Put faults into a sample, and say which the schema would miss.")
@limits
@forms_option
def check(
    schema: str,
    source: str,
    tolerated: float,
    all_rows: bool,
    power: bool,
    path: Path,
    memory_mb: int | None,
    timeout: int | None,
    engine: str | None,
    reports: tuple[str, ...],
) -> int:
    """Hold SOURCE against SCHEMA, in one pass. Exit code 1 when a rule is broken, or none could be.

    \b
    Example:
      mlscore data schema check schema.toml today.parquet --report json:schema.json
    """
    from mlscore.checks.schema.check import check_schema
    from mlscore.checks.schema.customs import CUSTOM_ROWS
    from mlscore.checks.schema.text import schema_text
    from mlscore.core.codec import dumps
    from mlscore.report.text import clean_line

    with open_source(source, path, memory_mb, timeout, engine) as table:
        custom_rows = None if all_rows else CUSTOM_ROWS
        report = check_schema(schema, table, tolerated=tolerated, custom_rows=custom_rows, power=power)
    lines = [clean_line(line) for line in schema_text(report).splitlines()]
    deliver_forms(
        reports,
        terminal=lambda: "\n".join(lines) + "\n",
        json=lambda: dumps(report.to_json()),
        markdown=lambda: _markdown(lines),
    )
    return 0 if report.passed and report.hollow is None else EXIT_GATE_NOT_MET


@command.command("diff")
@click.argument("old")
@click.argument("new")
@result_option
def diff(old: str, new: str, reports: tuple[str, ...]) -> int:
    """Name each change from schema OLD to NEW, and whether it loosens or tightens. Exit code 1 when there is any.

    \b
    Example:
      mlscore data schema diff schema.toml proposed.toml
    """
    from mlscore.checks.schema.diff import diff_schemas
    from mlscore.checks.schema.text import diff_text
    from mlscore.report.text import clean_line

    changes = diff_schemas(old, new)
    text = "".join(clean_line(line) + "\n" for line in diff_text(changes).splitlines())
    deliver_result({"changes": [change.to_json() for change in changes]}, text, reports)
    return EXIT_GATE_NOT_MET if changes else 0


def _markdown(lines: list[str]) -> str:
    from mlscore.report.markdown import text as markdown_text

    first, *rest = lines
    return "\n".join([f"### {markdown_text(first)}", "", *(f"- {markdown_text(line.strip())}" for line in rest)]) + "\n"
