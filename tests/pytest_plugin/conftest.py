"""A small project whose suite runs under the plugin, and what came of it in few words."""

import json
import os
from types import SimpleNamespace

import pytest

# Imported here, so that the tester does not load them anew for each run in this process.
import mlscore.pipeline
import mlscore.probes.automation
import mlscore.probes.hollow
import mlscore.project.ci
import mlscore.project.load
import mlscore.project.rubrics
import mlscore.pytest_plugin.activate
import mlscore.pytest_plugin.figures
import mlscore.report.json_report
import mlscore.report.targets
import mlscore.report.terminal  # noqa: F401

CI_VARIABLES = (
    "CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "CIRCLECI", "BITBUCKET_BUILD_NUMBER", "TRAVIS",
    "DRONE", "BUILDKITE", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE",
)  # fmt: skip

PYPROJECT = """
[project]
name = "demo"
[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "function"
"""


class Project:
    """A project in a folder of its own, with `pyproject.toml`; its suite is run in this process."""

    def __init__(self, pytester):
        self.pytester = pytester
        self.path = pytester.path
        self.configure("")

    def configure(self, text, pytest_options=""):
        (self.path / "pyproject.toml").write_text(f"{PYPROJECT}{pytest_options}\n{text}", encoding="utf-8")

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import os, pytest\n" + text, encoding="utf-8")
        return path

    def pytest(self, *args, subprocess=False):
        """Run pytest as it is, without asking for a score."""
        args = ("-p", "no:cacheprovider", *args)
        if subprocess or any(a == "-n" for a in args):
            return self.pytester.runpytest_subprocess(*args)
        return self.pytester.runpytest_inprocess(*args)

    def score(self, *args, subprocess=False, cache=False):
        """Run pytest with `--mlscore` and read the report it wrote."""
        target = self.path / "report.json"
        target.unlink(missing_ok=True)
        options = ["--mlscore", "--mlscore-report=terminal", f"--mlscore-report=json:{target}"]
        if not cache:
            options += ["-p", "no:cacheprovider"]
        run = self.pytester.runpytest_subprocess if subprocess or "-n" in args else self.pytester.runpytest_inprocess
        result = run(*options, *args)
        report = json.loads(target.read_text(encoding="utf-8")) if target.exists() else None
        return Scored(result, report)


class Scored:
    """A finished run: pytest's result and the report."""

    def __init__(self, result, report):
        self.result = result
        self.code = int(result.ret)
        self.report = report
        self.output = result.stdout.str() + result.stderr.str()

    def evidence(self, item):
        """Each piece of evidence of an item, as (test, outcome, summary)."""
        found = next(i for i in self.report["items"] if i["id"] == item)
        return [(e["source"]["name"], e["outcome"], e["summary"]) for e in found["evidence"]]

    def outcome(self, item):
        """The one outcome an item's evidence has, and its summary."""
        (only,) = self.evidence(item)
        return only[1], only[2]

    def item(self, item):
        return next(i for i in self.report["items"] if i["id"] == item)

    @property
    def run(self):
        return SimpleNamespace(**self.report["run"])

    @property
    def gate(self):
        return self.report["gate"]


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch):
    """The inner runs are not in CI, wherever these tests run; and nothing of the user's reaches them."""
    for name in [*CI_VARIABLES, *(n for n in os.environ if n.startswith("MLSCORE_"))]:
        monkeypatch.delenv(name, raising=False)
    for name in ("FORCE_COLOR", "PY_COLORS", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(pytester):
    return Project(pytester)
