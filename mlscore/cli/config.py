"""`mlscore config`: the configuration, and where each value comes from."""

from __future__ import annotations

from pathlib import Path

import click

from mlscore.cli._shared import deliver_result, load, override_options, project_argument, result_option


@click.group("config")
def command() -> None:
    """Show the configuration."""


@command.command("show")
@project_argument
@override_options
@result_option
def show(
    path: Path,
    rubric: str | None,
    profile: str | None,
    fail_under: str | None,
    strict: bool | None,
    reports: tuple[str, ...],
) -> None:
    """Print every value and its origin.

    An origin is "default", a profile, a file with its line, a variable of the environment, or an option.
    """
    config = load(path, rubric=rubric, profile=profile, fail_under=fail_under, strict=strict)
    settings = config.settings
    rows = [(s.key, _value(s.value), s.origin) for s in settings]
    widths = [max(len(row[n]) for row in rows) for n in (0, 1)]
    lines = [f"{key:<{widths[0]}}  {value:<{min(widths[1], 60)}}  {origin}".rstrip() for key, value, origin in rows]
    head = f"root  {config.root}\nfile  {config.file or 'none'}\n\n"
    data = {
        "root": str(config.root),
        "file": str(config.file) if config.file else None,
        "settings": [{"key": s.key, "value": _plain(s.value), "origin": s.origin} for s in settings],
    }
    deliver_result(data, head + "\n".join(lines) + "\n", reports)


def _value(value: object) -> str:
    from fractions import Fraction

    from mlscore.core.points import show as show_points

    if isinstance(value, Fraction):
        return show_points(value)
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return ", ".join(_value(v) for v in value) or "-"
    return str(value)


def _plain(value: object) -> object:
    """What JSON can say of a value: itself, or its text."""
    from fractions import Fraction

    if value is None or isinstance(value, (bool, int, str, Fraction)):
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    return str(value)
