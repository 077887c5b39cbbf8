"""What everyone pays who installed us and asks for no score: nothing heavy, a marker that is known, a fixture."""

import json
import subprocess
import sys

import pytest

PASSES = "@pytest.mark.mlscore('data-1')\ndef test_x(mlscore_evidence):\n    mlscore_evidence('auc', 0.5)\n"

MODULES = """
import json, sys
import pytest
loaded = []
class Watch:
    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self):
        loaded.extend(sys.modules)
code = pytest.main(["-p", "no:cacheprovider", "-p", "{plugin}", "--collect-only", "-q"], plugins=[Watch()])
print(json.dumps([int(code), loaded]), file=sys.stderr)
"""


def modules(project, plugin):
    """The modules that pytest has loaded after collecting nothing, with no plugin but the one named."""
    done = subprocess.run(
        [sys.executable, "-c", MODULES.format(plugin=plugin)],
        cwd=project.path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    code, loaded = json.loads(done.stderr.strip().splitlines()[-1])
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
    return set(loaded)


def test_the_door_imports_nothing_but_itself(project):
    added = modules(project, "mlscore.pytest_plugin") - modules(project, "no:nothing")
    assert added == {"mlscore", "mlscore.pytest_plugin"}


def test_the_marker_is_known_to_a_strict_run(project):
    project.write("test_a.py", PASSES)
    project.pytest("--strict-markers").assert_outcomes(passed=1)
    assert project.score("--strict-markers").code == 0
    project.pytest("--markers").stdout.fnmatch_lines(["@pytest.mark.mlscore(*items): *"])


def test_without_being_asked_nothing_changes(project):
    project.write("test_a.py", PASSES)
    project.configure("[tool.mlscore]\nfail-under = 7\n")
    result = project.pytest("--junitxml=j.xml")
    assert result.ret == 0
    assert "ML Test Score" not in result.stdout.str()
    assert "property" not in (project.path / "j.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "option",
    [
        "--mlscore",
        "--mlscore-fail-under=0",
        "--mlscore-report=terminal",
        "--mlscore-rubric=ml-test-score",
        "--mlscore-profile=poc",
        "--mlscore-strict",
    ],
)
def test_every_option_asks_for_a_score(project, option):
    project.write("test_a.py", PASSES)
    assert "ML Test Score" in project.pytest(option).stdout.str()


def test_pytests_configuration_can_ask_for_it(project):
    project.write("test_a.py", PASSES)
    project.configure("", "mlscore = true")
    assert "ML Test Score" in project.pytest("--strict-config").stdout.str()
    assert "ML Test Score" not in project.pytest("-o", "mlscore=false").stdout.str()


def test_it_can_be_switched_off_altogether(project):
    project.write("test_a.py", "def test_x():\n    pass\n")
    assert project.pytest("-p", "no:mlscore").ret == 0
