"""`mlscore completion`: the shell's completion script."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL; for bash: eval "$(mlscore completion bash)"."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    if script is None:  # pragma: no cover - click knows the three that the choice admits
        raise click.UsageError(f"click has no completion for {shell}")
    click.echo(script(ctx.find_root().command, {}, "mlscore", "_MLSCORE_COMPLETE").source())
