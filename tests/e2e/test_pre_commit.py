"""The hook under pre-commit itself: installed from this repository, on a repository the test makes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOUND = """
import json
import pytest

@pytest.mark.mlscore("data-1")
def test_schema():
    assert json.load(open("data.json"))["age"] < 120
"""


def git(folder, *args):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *args], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def hooks(tmp_path_factory):
    """A git repository with what pre-commit installs from."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in ("mlscore", "rubrics"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Add the hook")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.mark.slow
def test_try_repo(hooks, home, tmp_path):
    project = tmp_path / "a project with ñ"
    (project / "tests").mkdir(parents=True)
    (project / "mlscore.toml").write_text('name = "demo"\n', encoding="utf-8")
    suite = project / "tests" / "test_data.py"
    suite.write_text(SOUND, encoding="utf-8")
    git(project, "init", "-q")
    git(project, "add", ".")

    def try_repo():
        git(project, "add", ".")
        command = [sys.executable, "-m", "pre_commit", "try-repo", hooks, "mlscore", "--all-files", "--verbose"]
        env = {**os.environ, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
        return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)

    done = try_repo()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout

    suite.write_text(SOUND.replace('json.load(open("data.json"))["age"] < 120', "True"), encoding="utf-8")
    done = try_repo()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "tests/test_data.py:7" in done.stdout

    (project / "mlscore.toml").write_text('nme = "demo"\n', encoding="utf-8")
    done = try_repo()
    assert done.returncode == 1
    assert 'did you mean "name"?' in done.stdout
