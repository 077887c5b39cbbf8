"""Peers are measured in environments of their own: nothing of theirs is imported into our process, or installed with us."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = {"deepchecks", "evidently", "whylogs"}
# The one runs in deepchecks' own environment, the other starts it there.
APART = {"mlscore/checks/deepchecks/inside.py", "mlscore/checks/deepchecks/run.py"}
CODE = sorted(path for room in ("mlscore", "benchmarks", "docs", "examples") for path in (ROOT / room).rglob("*.py"))


def imported(text):
    """The first names of all that a module's code imports, by statement or by calling something that imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__", "need", "find_spec", "importorskip"):
                found |= {
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    return {name.partition(".")[0] for name in found}


def test_no_module_imports_a_peer():
    assert len(CODE) > 300
    guilty = {str(path.relative_to(ROOT)) for path in CODE if imported(path.read_text(encoding="utf-8")) & PEERS}
    assert guilty == APART


def test_what_runs_in_an_environment_of_its_own_is_not_loaded_into_ours():
    code = "import sys, mlscore.checks.deepchecks.inside, mlscore.checks.deepchecks.run; print('deepchecks' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    "text",
    [
        "import deepchecks.tabular as dc",
        "def f():\n    from evidently.presets import DataDriftPreset",
        "importlib.import_module('whylogs')",
        "need('deepchecks.tabular', 'data')",
        "__import__('evidently')",
    ],
)
def test_an_import_of_a_peer_would_be_seen(text):
    assert imported(text) & PEERS


def test_no_peer_is_installed_with_us():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    assert {re.split(r"[^\w-]", one)[0].lower() for one in wanted} & PEERS == set()
