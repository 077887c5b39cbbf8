"""CI files where no CI reads them: listed as dead, with the reason, and only where nothing else is live."""

from __future__ import annotations

import pytest

STEP = "jobs:\n  t:\n    steps:\n      # - run: pytest --old\n      - run: pytest -q\n"
CI = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("path", "system", "why"),
    [
        ("ci/github/workflows/ci.yml", "GitHub Actions", "outside .github/workflows"),
        ("workflows/ci.yml", "GitHub Actions", "outside .github/workflows"),
        ("project/.github/workflows/ci.yml", "GitHub Actions", "outside .github/workflows"),
        (".github/workflows/nested/ci.yml", "GitHub Actions", "outside .github/workflows"),
        (".github/workflows-disabled/ci.yml", "GitHub Actions", "outside .github/workflows"),
        (".github/workflow/ci.yaml", "GitHub Actions", "outside .github/workflows"),
        (".github/workflows/ci.yml.disabled", "GitHub Actions", "switched off by its name"),
        (".github/workflows/ci.yml.bak", "GitHub Actions", "switched off by its name"),
        ("sub/.gitlab-ci.yml", "GitLab CI", "outside the root"),
        ("docs/gitlab-ci.yml", "GitLab CI", "outside the root"),
        ("sub/.travis.yml", "Travis CI", "outside the root"),
        (".travis.yml.old", "Travis CI", "switched off by its name"),
        ("circleci/config.yml", "CircleCI", "outside .circleci/config.yml"),
        ("ci/Jenkinsfile", "Jenkins", "outside the root"),
        ("Jenkinsfile.nightly", "Jenkins", "outside the root"),
        ("sub/bitbucket-pipelines.yml", "Bitbucket Pipelines", "outside the root"),
        ("sub/azure-pipelines.yml", "Azure Pipelines", "outside the root"),
        ("sub/.drone.yml", "Drone", "outside the root"),
        ("buildkite/pipeline.yml", "Buildkite", "outside .buildkite"),
    ],
)
def test_misplaced(find, path, system, why):
    (run,) = find({path: STEP}).runs
    assert (run.live, run.system, run.command) == (False, system, "pytest -q")
    assert why in run.why_not
    assert str(run.chain[0]) == f"{path}:5"


@pytest.mark.parametrize(
    "path", ["README.md", "notes/ci.yml", "docs/workflows.md", ".github/dependabot.yml", "node_modules/x/.travis.yml"]
)
def test_what_does_not_look_like_ci(find, path):
    assert find({path: STEP}).runs == ()


def test_the_right_place_is_live(pair):
    files = {"on": "on: push\n" + STEP}
    pair({CI: files["on"]}, {".github/flows/workflows/ci.yml": files["on"]}, "outside .github/workflows")


def test_they_are_not_listed_beside_a_live_run(find):
    runs = find({CI: "on: push\n" + STEP, "old/workflows/ci.yml": STEP}).runs
    assert [run.live for run in runs] == [True]


def test_installing_pytest_is_not_running_it(find):
    assert find({"workflows/ci.yml": "- run: pip install pytest\n"}).runs == ()
