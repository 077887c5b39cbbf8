"""A small pipeline in a git repository: a sample is prepared, and a model made of it, by scripts that take no time."""

from __future__ import annotations

import subprocess

import pytest

from mlscore.checks.integration.judge import check_integration
from mlscore.checks.integration.shapes import Stage

PREPARE = """\
import csv
with open("raw.csv") as file:
    rows = list(csv.DictReader(file))
with open("prepared.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, ["a", "b", "late"])
    writer.writeheader()
    writer.writerows({"a": row["a"], "b": row["b"], "late": int(int(row["a"]) > 50)} for row in rows)
"""
TRAIN = """\
import json
with open("prepared.csv") as file:
    rows = len(list(file)) - 1
with open("model.json", "w") as file:
    json.dump({"rows": rows}, file)
"""
PUT = """\
def put(folder, rows):
    lines = [f"{i * 37 % 100},{i / 7}" for i in range(rows)]
    (folder / "raw.csv").write_text("a,b\\n" + "\\n".join(lines) + "\\n", encoding="utf-8")
"""
STAGES = (
    Stage("prepare", ("python", "prepare.py"), needs=("raw.csv",), makes=("prepared.csv",)),
    Stage("train", ("python", "train.py"), needs=("prepared.csv",), makes=("model.json",)),
)


def put(folder, rows=200):
    names = {}
    exec(PUT, names)
    names["put"](folder, rows)
    return f"{rows} rows at raw.csv"


@pytest.fixture
def git(tmp_path):
    """`git(words)`: git in the project, whose files are in a folder of that name."""
    root = tmp_path / "project"
    root.mkdir()

    def run(*words):
        who = ("-c", "user.name=ml-platform", "-c", "user.email=ml@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)

    run("init", "-q")
    return run


@pytest.fixture
def project(git, tmp_path):
    """`project(files)`: the folder of the project with its scripts, or other files in their place, tracked by git.

    WHOLE in a file stands for what is there otherwise.
    """

    def make(files=None, untracked=None):
        root = tmp_path / "project"
        plain = {"prepare.py": PREPARE, "train.py": TRAIN, "sampling.py": PUT}
        for name, text in {**plain, **(files or {})}.items():
            text = text.replace("WHOLE", plain.get(name, ""))
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        git("add", "-A")
        for name, text in (untracked or {}).items():
            (root / name).write_text(text, encoding="utf-8")
        return root

    return make


@pytest.fixture
def go(project):
    """`go(files, stages)`: the report of a run; the sample is put at raw.csv."""

    def make(files=None, stages=STAGES, untracked=None, before=lambda root: None, **options):
        options = {"sample": put, "twice": False, "timeout": 60.0, **options}
        root = project(files, untracked)
        before(root)
        return check_integration(stages, root, **options)

    return make
