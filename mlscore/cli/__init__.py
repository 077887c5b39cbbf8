"""The command line: a lazy click group, a file per command."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click

from mlscore import __version__
from mlscore.errors import EXIT_INTERNAL, EXIT_USAGE, ISSUES_URL, MlscoreError

EXIT_INTERRUPTED = 130

# name: (module, attribute, one line for the list of commands); a command's module is imported when it is called, and
# the list of commands is printed without importing any.
COMMANDS = {
    "score": ("mlscore.cli.score", "Gather the evidence, compute the score, judge the gate."),
    "explain": ("mlscore.cli.explain", "What an item asks, why, how to do it, and what earns its points."),
    "next": ("mlscore.cli.next_", "The shortest way to a higher score."),
    "attest": ("mlscore.cli.attest", "Write down that an item was done by hand, with date, link and expiry."),
    "waive": ("mlscore.cli.waive", "Go without an item for a while, for a stated reason."),
    "check": ("mlscore.cli.check", "Run the configured checks on data and models, without pytest."),
    "data": ("mlscore.cli.data", "Look at tables: profile, schema, drift, skew; needs no configuration."),
    "extra": (
        "mlscore.cli.extra",
        "Environments of their own for tools that cannot live beside ours, such as deepchecks.",
    ),
    "map": ("mlscore.cli.map_", "Read a test suite without running it, and place its tests."),
    "init": ("mlscore.cli.init", "Write the configuration, a first marked test and a CI job."),
    "config": ("mlscore.cli.config", "Show the configuration and where each value comes from."),
    "rubric": ("mlscore.cli.rubric", "List, show and check rubrics."),
    "baseline": ("mlscore.cli.baseline", "Write and show the score that the ratchet holds the project to."),
    "render": ("mlscore.cli.render", "Turn a report in JSON into another format."),
    "hook": ("mlscore.cli.hook", "The static part alone, for pre-commit: quick, runs no test."),
    "completion": ("mlscore.cli.completion", "Print the shell's completion script."),
}


class LazyGroup(click.Group):
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
            from mlscore.errors import did_you_mean

            near = did_you_mean(args[0], list(COMMANDS))
            raise click.UsageError(f'there is no command "{args[0]}"{"; " + near if near else ""}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mlscore", message="%(prog)s %(version)s")
@click.option("--traceback", is_flag=True, help="Show Python's traceback when mlscore itself fails.")
@click.pass_context
def group(ctx: click.Context, traceback: bool) -> None:
    """The ML Test Score of a project, from evidence: is this model ready for production?

    \b
    Exit codes:
      0    the gate is met, or there is nothing to judge
      1    the gate is not met
      2    usage, configuration, or a file that cannot be read or written
      3    mlscore itself failed
      130  interrupted with Ctrl-C
    """
    ctx.obj = {"traceback": traceback}


def main(args: list[str] | None = None) -> None:
    """Run the `mlscore` command and exit with its code."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run the `mlscore` command and return its exit code; every error becomes one sentence on standard error."""
    _prepare_streams()
    try:
        code: Any = group.main(args=args, prog_name="mlscore", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("mlscore: interrupted", err=True)
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        _show(error)
        return EXIT_USAGE
    except MlscoreError as error:
        from mlscore.report.text import clean

        # What stands in a file may be quoted here, and must not command the terminal.
        click.echo(f"mlscore: {clean(str(error))}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # The reader of a pipe went away (`mlscore score | head`): not an error of ours, and nobody is left to tell.
        _silence_stdout()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return _own_failure(error, args)
        click.echo(
            "mlscore: the output cannot be written: the disk is full; make room, or name another place", err=True
        )
        _silence_stdout()
        return EXIT_USAGE
    except Exception as error:
        return _own_failure(error, args)
    return code if isinstance(code, int) else 0


def _prepare_streams() -> None:
    """A stream that was closed before we began swallows what it gets; what a locale cannot hold becomes an escape."""
    if sys.stdout is None or sys.stderr is None:
        import io

        sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _show(error: click.ClickException) -> None:
    """click's own complaint about a call, in one sentence as all others; without a command at all, the help."""
    context = getattr(error, "ctx", None)
    if context is None or type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    what = error.format_message().removesuffix(".").replace(". Did you mean", "; did you mean")
    hint = "" if what.endswith("?") else f"; see: {context.command_path} --help"
    click.echo(f"mlscore: {what[:1].lower()}{what[1:]}{hint}", err=True)


def _own_failure(error: Exception, args: list[str] | None) -> int:
    given = sys.argv[1:] if args is None else args
    if "--traceback" in given:
        import traceback

        traceback.print_exception(error)
    click.echo(
        f"mlscore: internal error: {type(error).__name__}: {error}; this is our fault: please report it at {ISSUES_URL} "
        "with what `mlscore --traceback ...` prints",
        err=True,
    )
    return EXIT_INTERNAL


def _silence_stdout() -> None:
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
