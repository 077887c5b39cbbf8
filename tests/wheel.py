"""Tests the built packages: installs the wheel in an environment of its own and uses all three doors from there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

SUITE = """
from pathlib import Path
import pytest

@pytest.mark.mlscore("data-1")
def test_schema():
    assert Path(__file__).name == "test_data.py"
"""


def main(folder: str) -> None:
    """Check the newest wheel and sdist in `folder`; any failure raises."""
    wheel = max(Path(folder).glob("*.whl"), key=lambda p: p.stat().st_mtime)
    sdist = max(Path(folder).glob("*.tar.gz"), key=lambda p: p.stat().st_mtime)
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "mlscore/py.typed",
        "mlscore/_rubrics/ml-test-score.toml",
        "mlscore/_rubrics/ml-test-score-2016.toml",
        "mlscore/_rubrics/rubric.schema.json",
        "mlscore/report/report.schema.json",
        *(f"mlscore/report/data-{name}.schema.json" for name in ("profile", "drift", "schema", "skew")),
        "mlscore/project/config.schema.json",
    ):
        assert needed in names, f"{needed} is not in {wheel.name}"
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"rubrics/ml-test-score.toml", "tests/conformance/cases.toml", "LICENSE", "README.md"} <= inside
    with tempfile.TemporaryDirectory(prefix="mlscore wheel ñ ") as scratch:
        use(wheel.resolve(), Path(scratch))
    print(f"{wheel.name} and {sdist.name} are sound")


def use(wheel: Path, scratch: Path) -> None:
    """Install the wheel and call command, plugin and hook from outside the checkout."""
    subprocess.run([sys.executable, "-m", "venv", scratch / "env"], check=True)
    python = scratch / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel], check=True)
    project = scratch / "project"
    (project / "tests").mkdir(parents=True)
    (project / "tests" / "test_data.py").write_text(SUITE, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "PYTHONPATH", "GITHUB_ACTIONS")}
    mlscore = python.with_name("mlscore")

    def call(*command: object, code: int = 0) -> str:
        done = subprocess.run(
            [str(part) for part in command], cwd=project, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    assert call(mlscore, "--version").startswith("mlscore ")
    assert "ml-test-score-2016" in call(mlscore, "rubric", "list")
    assert "What earns" in call(mlscore, "explain", "data-1")
    assert "ML Test Score" in call(python, "-m", "pytest", "--mlscore")
    call(python, "-m", "pytest", "--mlscore", "--mlscore-fail-under=1", code=1)
    assert '"data-1"' in call(mlscore, "score", "--report", "json")
    call(mlscore, "hook")


if __name__ == "__main__":
    main(sys.argv[1])
