"""`mlscore data`: look at tables without any configuration: profile, schema, drift, skew."""

from __future__ import annotations

import click

from mlscore.errors import UsageError, did_you_mean

# name: (module, one line); a command's module is imported when it is called.
COMMANDS = {
    "profile": ("mlscore.cli.data_profile", "A table in figures: missing, distinct, range, shape, frequent values."),
    "schema": ("mlscore.cli.data_schema", "Propose a schema, hold a table against one, compare two."),
    "drift": ("mlscore.cli.data_drift", "A table against a reference, with thresholds learnt from the reference."),
    "skew": ("mlscore.cli.data_skew", "Served features against the same examples computed anew."),
}


class DataGroup(click.Group):
    """A group whose commands live in modules that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(COMMANDS[name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a misspelt one, say which was meant."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = did_you_mean(args[0], tuple(COMMANDS))
            raise UsageError(
                f'there is no command "data {args[0]}"', hint=near or f"the commands are {', '.join(COMMANDS)}"
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group("data", cls=DataGroup)
def command() -> None:
    """Look at tables: files, folders, globs, object stores, Delta tables, servers.

    A source is a path or URL ("flights.parquet", "days/*.csv", "s3://bucket/flights/",
    "postgresql://server/base?table=flights"), a role of `[tool.mlscore.data]` ("train"), or a Python function
    ("package.module:function"); ${NAME} in it is replaced by that environment variable. Needs the extra `data`.
    """
