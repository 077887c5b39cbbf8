"""Makes small repositories out of tables of files and asks what their CI runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlscore.probes.automation import find_ci_runs
from mlscore.probes.automation.engine import Engine, Shell
from mlscore.probes.automation.shell_state import Unit
from mlscore.project.tree import Tree


@pytest.fixture
def repository(tmp_path):
    """Writes files into a fresh folder and gives its tree."""
    count = 0

    def make(files):
        nonlocal count
        count += 1
        root = Path(tmp_path) / f"repository-{count}"
        root.mkdir()
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return Tree(root)

    return make


@pytest.fixture
def find(repository):
    """The automation of a repository made of these files."""

    def run(files):
        found = find_ci_runs(repository(files))
        assert [d.message for d in found.diagnostics if d.code == "ci-failed"] == []
        return found

    return run


@pytest.fixture
def follow(repository):
    """The leads of a shell script in a repository made of these files."""

    def run(script, files=None, *, errexit=True, pipefail=False, between="joined", env=None):
        engine = Engine(repository(files or {}))
        units = [Unit(script, "ci.yml", 10)] if isinstance(script, str) else [Unit(t, "ci.yml", 10) for t in script]
        return engine.script(units, shell=Shell(errexit, pipefail, between), env=env or {})

    return run


@pytest.fixture
def pair(find):
    """Checks a repository whose run is live beside one that differs in one thing and whose run is not."""

    def check(live_files, dead_files, why):
        live, dead = find(live_files), find(dead_files)
        assert live.live, [run.why_not for run in live.runs] or "no run found"
        assert not dead.live, [run.command for run in dead.live]
        if why is None:
            assert dead.runs == ()
        else:
            assert any(why in (run.why_not or "") for run in dead.runs), [run.why_not for run in dead.runs]

    return check
