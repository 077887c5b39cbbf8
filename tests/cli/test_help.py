"""What `--help` says: of every command, every option, every exit code, in every language of the user's."""

import os
import subprocess
import sys

import click
import pytest

from mlscore.cli import COMMANDS, EXIT_INTERRUPTED, group
from mlscore.errors import EXIT_GATE_NOT_MET, EXIT_INTERNAL, EXIT_OK, EXIT_USAGE

pytestmark = pytest.mark.mlscore("doors-3")


def every_command():
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        yield (name,), command
        for inner, deeper in getattr(command, "commands", {}).items():
            yield (name, inner), deeper


ALL = dict(every_command())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_and_option_says_what_it_is_for(words, mlscore):
    done = mlscore(*words, "--help")
    assert done.code == 0
    assert done.err == ""
    assert ALL[words].help
    options = [p for p in ALL[words].params if isinstance(p, click.Option)]
    for option in options:
        assert option.help, option.name
        assert option.help.endswith((".", "]")), option.help
        assert option.opts[0] in done.out


@pytest.mark.parametrize("words", [w for w in ALL if w not in [("config",), ("rubric",), ("baseline",)]], ids=" ".join)
def test_a_date_shows_its_form_and_what_has_a_default_names_it(words):
    for option in ALL[words].params:
        if option.name in ("on", "expires"):
            assert option.metavar == "YYYY-MM-DD"
        if option.name in ("on", "expires", "rubric", "profile", "fail_under", "path", "ci") and isinstance(
            option, click.Option
        ):
            assert "default" in option.help.lower() or words[0] in ("init", "map"), (words, option.name)


@pytest.mark.parametrize("name", ["score", "next", "attest", "waive", "init", "render"])
def test_examples_stand_line_by_line(name, mlscore):
    out = mlscore(name, "--help").out
    lines = [line for line in out.splitlines() if line.startswith(f"    mlscore {name}")]
    assert lines, out


@pytest.mark.parametrize("name", [(), ("config",), ("rubric",), ("baseline",)], ids=" ".join)
def test_no_line_of_a_list_of_commands_is_cut(name, mlscore):
    listed = mlscore(*name, "--help").out.partition("Commands:")[2]
    assert listed.count(".\n") >= 1
    assert "..." not in listed


def test_every_exit_code_is_listed(mlscore):
    out = mlscore("--help").out
    for code in (EXIT_OK, EXIT_GATE_NOT_MET, EXIT_USAGE, EXIT_INTERNAL, EXIT_INTERRUPTED):
        assert f"\n    {code:<4} " in out


@pytest.mark.parametrize("locale", ["C", "POSIX", "es_ES.UTF-8", "tr_TR.UTF-8", "C.UTF-8"])
def test_no_locale_breaks_anything(locale, project, write):
    write("datos ñ/prueba.md", "# Hecho\n")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    environ |= {"LC_ALL": locale, "LANG": locale}

    def run(*args):
        return subprocess.run(
            [sys.executable, "-m", "mlscore", *args], capture_output=True, env=environ, cwd=project, check=False
        )

    assert run("--help").returncode == 0
    linked = ("--owner", "equipo", "--what", "revisión", "--link", "datos ñ/prueba.md")
    assert run("attest", "infra-7", *linked).returncode == 0
    scored = run("score", "--no-tests", "-r", "terminal", "-r", "json:a.json", "-r", "markdown:a.md")
    assert (scored.returncode, scored.stderr) == (0, b"")
    assert b"infra-7" in scored.stdout
    assert "revisión" in (project / "a.json").read_text(encoding="utf-8")
    assert run("explain", "data-1").returncode == 0
    assert run("next", "--from", "a.json").returncode == 0
    wrong = run("explain", "dáta-1")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(b"mlscore: ")
