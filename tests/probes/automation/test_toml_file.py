"""TOML values with the lines they stand on."""

from __future__ import annotations

import pytest

from mlscore.probes.automation.toml_file import nearest, read_toml

TEXT = """\
[project]
name = "x"  # pytest

[tool.poe.tasks]
lint = "ruff"
test = "pytest -q"
"odd name" = "pytest"

[tool.poe.tasks.long]
help = "runs it"
shell = \"\"\"
set -e
pytest
\"\"\"

[tool.pdm]
scripts.test = { cmd = "pytest" }
scripts.many = [
  "echo",
  "pytest",
]
"""


@pytest.mark.parametrize(
    ("keys", "word", "line"),
    [
        (("tool", "poe", "tasks", "test"), "pytest", 6),
        (("tool", "poe", "tasks", "lint"), "pytest", 5),
        (("tool", "poe", "tasks", "odd name"), "pytest", 7),
        (("tool", "poe", "tasks", "long"), "pytest", 13),
        (("tool", "poe", "tasks", "long", "shell"), "pytest", 13),
        (("tool", "pdm", "scripts", "test"), "pytest", 17),
        (("tool", "pdm", "scripts", "many"), "pytest", 20),
        (("tool", "pdm", "scripts", "many"), "make", 18),
        (("tool", "pdm", "scripts"), "", 16),
    ],
)
def test_places(repository, keys, word, line):
    file = read_toml(repository({"pyproject.toml": TEXT}), "pyproject.toml")
    assert file.place(word, *keys).line == line


def test_tables(repository):
    file = read_toml(repository({"pyproject.toml": TEXT}), "pyproject.toml")
    assert file.table("tool", "poe", "tasks")["lint"] == "ruff"
    assert file.table("tool", "nothing", "here") == {}
    assert file.table("project", "name") == {}


@pytest.mark.parametrize("text", ["[", "a = ", "a = 1\na = 2", "a = " + "[" * 3000])
def test_what_is_no_toml_is_none(repository, text):
    assert read_toml(repository({"x.toml": text}), "x.toml") is None
    assert read_toml(repository({}), "x.toml") is None


def test_the_nearest_file_upwards(repository):
    tree = repository({"x.toml": "", "a/x.toml": "", "a/b/c/y": ""})
    assert nearest(tree, "a/b/c", "x.toml") == "a/x.toml"
    assert nearest(tree, "", "x.toml") == "x.toml"
    assert nearest(tree, "a", "z.toml") is None
    assert nearest(tree, None, "x.toml") is None
