"""Running the command in this process, in a folder of its own, as a person would."""

import json
from dataclasses import dataclass

import pytest

from mlscore.cli import run as run_command


@dataclass(frozen=True)
class Done:
    """What a command left: exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project's folder, the current one; no CI around it."""
    from mlscore.project.ci import detect_ci

    folder = tmp_path / "proyecto ñandú"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    assert detect_ci({}) is None
    return folder


@pytest.fixture
def mlscore(project, capsys):
    """`mlscore("explain", "data-1")` runs the command in this process."""

    def call(*args):
        capsys.readouterr()
        code = run_command([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture
def write(project):
    """`write("a/b.py", text)` writes a file of the project."""

    def put(name, text):
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put
