"""The frame of the command line: help, version, misspelt commands, exit codes, pipes, and our own failures."""

import subprocess
import sys
from importlib import import_module

import click
import pytest

from mlscore import __version__
from mlscore.cli import COMMANDS, group
from mlscore.errors import ISSUES_URL, InternalError


def test_version(mlscore):
    done = mlscore("--version")
    assert (done.code, done.out) == (0, f"mlscore {__version__}\n")


def test_help_lists_every_command(mlscore):
    done = mlscore("--help")
    assert done.code == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in done.out] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_under_its_name(mlscore, name):
    done = mlscore(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: mlscore {name} ")
    assert import_module(COMMANDS[name][0]).command.help


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["scroe"], 'there is no command "scroe"; did you mean "score"?'),
        (["zzz"], 'mlscore: there is no command "zzz"; see: mlscore --help\n'),
        (["explain"], "mlscore: missing argument 'ITEM'; see: mlscore explain --help\n"),
        (["score", "--frobnicate"], "no such option"),
        (["score", "no such folder"], "no such folder: there is no such file or folder; check the path"),
        (["explain", "data-9"], 'the rubric "ml-test-score" has no item "data-9"; did you mean "data-'),
        (["render", "missing.json"], "missing.json"),
        (["score", "--report", "jsn"], 'there is no report type "jsn"; did you mean "json"?'),
        (["score", "--junit", "a.xml", "--no-tests"], "--junit and --no-tests do not go together"),
        (["score", "--from", "a.json", "--no-tests"], "--no-tests and --from do not go together"),
        (["rubric", "show", "--report", "markdown"], 'this result has no form "markdown"'),
        (["baseline", "show"], "there is no baseline yet; mlscore baseline write"),
    ],
)
def test_usage_errors_are_one_sentence_and_exit_code_2(mlscore, args, said):
    done = mlscore(*args, *(["--no-tests"] if args[:2] == ["score", "--report"] else []))
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert "Traceback" not in done.err


def failing(monkeypatch, error):
    @click.command("explain")
    def command():
        raise error

    monkeypatch.setattr(import_module("mlscore.cli.explain"), "command", command)


def test_our_own_failure_says_where_to_report_it(mlscore, monkeypatch):
    failing(monkeypatch, ZeroDivisionError("oops"))
    done = mlscore("explain")
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "internal error: ZeroDivisionError: oops" in done.err
    assert ISSUES_URL in done.err
    assert "Traceback" in mlscore("--traceback", "explain").err


@pytest.mark.parametrize(
    ("error", "code"), [(InternalError("broken"), 3), (KeyboardInterrupt(), 130), (click.Abort(), 130)]
)
def test_exit_codes(mlscore, monkeypatch, error, code):
    failing(monkeypatch, error)
    done = mlscore("explain")
    assert done.code == code
    assert "Traceback" not in done.err


def test_a_reader_that_goes_away_is_no_error(project):
    command = f'"{sys.executable}" -m mlscore rubric show | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_listing_the_commands_imports_none_of_them(project):
    code = (
        "import sys; from mlscore.cli import run; run(['--help']); "
        "print([m for m in sys.modules if m.startswith('mlscore.') and m not in ('mlscore.cli', 'mlscore.errors')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_imports_nothing_heavy(project):
    code = (
        "import sys; from mlscore.cli import run; run(['--version']); "
        "print([m for m in ('rich', 'tomllib', 'yaml', 'fractions', 'pytest', 'importlib.metadata') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_explain_imports_nothing_heavy(project):
    code = (
        "import sys; from mlscore.cli import run; run(['explain', 'data-1']); "
        "print([m for m in ('rich', 'yaml', 'tomlkit', 'pytest', 'importlib.metadata') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(mlscore, shell):
    done = mlscore("completion", shell)
    assert done.code == 0
    assert "_MLSCORE_COMPLETE" in done.out


def test_completion_completes_commands(project, monkeypatch, capsys):
    monkeypatch.setenv("_MLSCORE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "mlscore ba")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit):
        group.main(args=[], prog_name="mlscore", complete_var="_MLSCORE_COMPLETE")
    assert "baseline" in capsys.readouterr().out


def test_a_full_disk_is_not_our_fault(project):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mlscore", "rubric", "show"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "mlscore: the output cannot be written: the disk is full; make room, or name another place\n"


@pytest.mark.parametrize("command", [("rubric", "list"), ("config", "show"), ("explain", "data-1"), ("hook",)])
def test_a_dash_is_standard_output(mlscore, project, command):
    done = mlscore(*command, "--report", "json:-")
    assert done.code == 0
    assert done.data
    assert not (project / "-").exists()
