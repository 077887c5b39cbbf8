"""Writes the pages that follow from code and data: items, command line, configuration. `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from docs import faults, model_faults
from mlscore.cli import COMMANDS, group
from mlscore.core.points import show
from mlscore.core.rubric import Item, Rubric
from mlscore.project.keys import TABLES, TOP, Key, Kind
from mlscore.project.rubrics import load_rubric

DOCS = Path(__file__).parent
NOTE = "<!-- Written by `python -m docs.generate`; do not edit by hand. -->\n\n"


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    rubric = load_rubric("ml-test-score", root=DOCS)
    found = {DOCS / "cli.md": NOTE + _command_line(), DOCS / "configuration.md": NOTE + _configuration()}
    found[DOCS / "data" / "faults.md"] = NOTE + faults.page()
    found[DOCS / "models" / "faults.md"] = NOTE + model_faults.page()
    found[DOCS / "items" / "index.md"] = NOTE + _index(rubric)
    for item in rubric.items:
        found[DOCS / "items" / f"{item.id}.md"] = NOTE + _item(rubric, item)
    return found


def _index(rubric: Rubric) -> str:
    lines = ["# The 28 items", "", f"{rubric.title}, {rubric.id} {rubric.version}. Source: {rubric.source}", ""]
    for section in rubric.sections:
        lines += [f"## {section.title}", "", "| item | title |", "|---|---|"]
        lines += [f"| [{item.id}]({item.id}.md) | {item.title} |" for item in rubric.items_of(section.id)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _item(rubric: Rubric, item: Item) -> str:
    points = {level.id: show(level.points) for level in rubric.levels}
    lines = [f"# {item.id}: {item.title}", "", f"*{item.question}*", "", item.why, "", "## How to do it", ""]
    lines += [f"- {step}" for step in item.how]
    lines += ["", f"## What earns {points['manual']} (manual)", "", item.manual]
    lines += ["", f"## What earns {points['automated']} (automated)", "", item.automated]
    lines += ["", "## How one fools oneself", "", item.pitfall, "", "## A first test", ""]
    lines += ["```python", item.recipe.rstrip(), "```", "", "## References", ""]
    lines += [f"- {reference}" for reference in item.references]
    return "\n".join(lines) + "\n"


def _command_line() -> str:
    lines = [
        "# Command line",
        "",
        "| exit code | meaning |",
        "|---|---|",
        "| 0 | the gate is met, or there is nothing to judge (a partial run is not judged unless it is to be) |",
        "| 1 | the gate is not met, or a check found something |",
        "| 2 | usage, configuration, or a file that cannot be read or written: one sentence says which and what to do |",
        "| 3 | mlscore itself failed: the message says where to report it |",
        "| 130 | interrupted with Ctrl-C; no file is half-written |",
        "",
    ]
    context = click.Context(group, info_name="mlscore", terminal_width=100)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        lines += _command(command, click.Context(command, info_name=f"mlscore {name}", terminal_width=100))
    return "\n".join(lines).rstrip() + "\n"


def _command(command: click.Command, context: click.Context) -> list[str]:
    lines = [f"## {context.info_name}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            inside = click.Context(inner, info_name=f"{context.info_name} {name}", terminal_width=100)
            lines += _command(inner, inside)
    return lines


def _configuration() -> str:
    lines = [
        "# Configuration",
        "",
        "In `pyproject.toml` under `[tool.mlscore]`, or in `mlscore.toml` at the top level (not both). An option wins over",
        "the environment, that over the file, that over the profile, that over the default; `mlscore config show` prints",
        "every value with its origin.",
        "",
        "A mistake is one sentence with file, line and key, a suggestion where one is near, and exit code 2. Editors",
        "complete and check `mlscore.toml` with the JSON Schema in `mlscore/project/config.schema.json`.",
        "",
    ]
    for table, keys in TABLES.items():
        lines += [f"## {_title(table)}", "", "| key | takes | what it decides |", "|---|---|---|"]
        lines += [f"| `{key.name}` | {_takes(key)} | {_cell(key.help)}{_environment(key)} |" for key in keys]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _title(table: str) -> str:
    if not table:
        return "`[tool.mlscore]`"
    several = any(k.name == table and k.kind is Kind.TABLES for k in TABLES[TOP])
    return f"`[[tool.mlscore.{table}]]`" if several else f"`[tool.mlscore.{table}]`"


def _takes(key: Key) -> str:
    text = ", ".join(f"`{choice}`" for choice in key.choices) if key.choices else str(key.kind)
    return f"{text}; required" if key.required else text


def _environment(key: Key) -> str:
    return f" Environment: `{key.variable}`." if key.environment else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write the pages, or with --check say which are not current."""
    stale = []
    for path, text in pages().items():
        current = path.read_text(encoding="utf-8") if path.exists() else None
        if current == text:
            continue
        stale.append(path)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(DOCS.parent)} is not current: python -m docs.generate", file=sys.stderr)
        return 1 if stale else 0
    print(f"{len(stale)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
