"""The kinds of checks that the flights example has no use for still run on its data and files, and find faults there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlscore.predictors.provenance import write_note

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"
CHECKS = """
[[tool.mlscore.check]]
use = "erasure"
erased = "erased.csv"
sources = ["train", "serving"]

[[tool.mlscore.check]]
use = "k-anonymity"
columns = {columns}
bins = {bins}
k = 5
sensitive = ["late"]

[[tool.mlscore.check]]
use = "access"
paths = ["checks"]
mode = "0644"

[[tool.mlscore.check]]
use = "feature-lead-time"
schema = "checks/features.toml"
tags = "v*"
median = 10
worst = {worst}
"""
HIDDEN = "2013-01-01-UA1545-EWR"
"""The first flight of the year: it is in the training data."""


@pytest.fixture
def project(tmp_path):
    """The example as a project of its own, whose last feature waited 18 days for the second release."""
    root = tmp_path / "flights"
    shutil.copytree(FLIGHTS, root, ignore=shutil.ignore_patterns("__pycache__", "tests", "docs"))
    settings = (root / "pyproject.toml").read_text(encoding="utf-8").partition("[[tool.mlscore.check]]")[0]
    for path in (root / "checks").iterdir():
        path.chmod(0o644)
    (root / "checks").chmod(0o755)
    features = root / "checks" / "features.toml"
    whole = features.read_text(encoding="utf-8")
    first, last = whole.rsplit("[[feature]]", 1)
    git(root, "2026-01-05", "init", "-q", "-b", "main")
    for text, day, tag, released in (
        (first, "2026-01-05", "v1.0", "2026-01-12"),
        (whole, "2026-02-02", "v1.1", "2026-02-20"),
    ):
        features.write_text(text, encoding="utf-8")
        git(root, day, "add", "checks")
        git(root, day, "commit", "-q", "-m", "Features")
        git(root, released, "tag", "-a", "-m", tag, tag)
    assert 'name = "visib"' in last

    def check(*, erased, worst, columns):
        (root / "pyproject.toml").write_text(
            settings
            + CHECKS.format(
                worst=worst,
                columns=list(columns),
                bins="{{ {} }}".format(", ".join(f"{c} = {w}" for c, w in columns.items() if w)),
            ),
            encoding="utf-8",
        )
        (root / "erased.csv").write_text(f"id\n{erased}\n", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "mlscore", "check", "--report", "json"],
            cwd=root, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr
        return {one["check"]: one for one in json.loads(done.stdout)["checks"]}

    return root, check


def git(root, day, *arguments):
    moment = f"{day}T12:00:00+0000"
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in
           (("NAME", "flights-team"), ("EMAIL", "team@example.org"), ("DATE", moment))}  # fmt: skip
    env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True)


@pytest.fixture
def reviewed(tmp_path):
    """The example as a project of its own, whose released model was trained from a commit that another had reviewed."""
    root = tmp_path / "flights"
    shutil.copytree(FLIGHTS, root, ignore=shutil.ignore_patterns("__pycache__", "tests", "docs", "*.provenance.json"))
    settings = (root / "pyproject.toml").read_text(encoding="utf-8").partition("[[tool.mlscore.check]]")[0]
    settings += '[[tool.mlscore.check]]\nuse = "provenance"\ncode = ["flights"]\n'
    (root / "pyproject.toml").write_text(
        settings.replace('previous = "models', '# previous = "models'), encoding="utf-8"
    )
    git(root, "2026-01-05", "init", "-q", "-b", "main")
    git(root, "2026-01-05", "add", ".")
    message = "Train on half a year\n\nReviewed-by: ml-platform <platform@example.org>"
    git(root, "2026-01-05", "commit", "-q", "-m", message)
    return root


def provenance(root):
    done = subprocess.run(
        [sys.executable, "-m", "mlscore", "check", "--report", "json"],
        cwd=root, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    (one,) = json.loads(done.stdout)["checks"]
    return one


@pytest.mark.slow
def test_the_origin_of_the_released_model_is_judged_by_its_note_and_the_review(reviewed):
    model = reviewed / "models" / "flights.skops"
    write_note(model, root=reviewed)
    assert provenance(reviewed)["outcome"] == "passed"
    with (reviewed / "flights" / "train.py").open("a", encoding="utf-8") as code:
        code.write("# changed by nobody knows whom\n")
    git(reviewed, "2026-01-06", "commit", "-q", "-am", "Straight to the branch")
    write_note(model, root=reviewed)
    found = provenance(reviewed)
    assert found["outcome"] == "failed"
    assert "without a trace of a review" in found["findings"][0]


@pytest.mark.slow
def test_they_pass_where_nothing_is_wrong(project):
    _, check = project
    found = check(erased="2012-12-31-UA1-EWR", worst=60, columns={"clock": 6})
    outcomes = {name: one["outcome"] for name, one in found.items()}
    assert outcomes == dict.fromkeys(("erasure", "k-anonymity", "access", "feature-lead-time"), "passed"), found


@pytest.mark.slow
def test_each_finds_what_is_wrong(project):
    root, check = project
    (root / "checks" / "policy.toml").chmod(0o666)
    # One carrier flew fewer than five times in these months.
    found = check(erased=HIDDEN, worst=15, columns={"carrier": None})
    assert {one["outcome"] for one in found.values()} == {"failed"}, found
    assert HIDDEN not in json.dumps(found["erasure"])
    assert "checks/policy.toml" in found["access"]["findings"][0]
    assert "visib" in found["feature-lead-time"]["findings"][0]
