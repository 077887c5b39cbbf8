"""Which CI system a run is in, by its variables."""

import pytest

from mlscore.project.ci import detect_ci


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"GITHUB_ACTIONS": "true"}, "GitHub Actions"),
        ({"GITLAB_CI": "true"}, "GitLab CI"),
        ({"TF_BUILD": "True"}, "Azure Pipelines"),
        ({"JENKINS_URL": "https://ci.example/"}, "Jenkins"),
        ({"CIRCLECI": "true"}, "CircleCI"),
        ({"BITBUCKET_BUILD_NUMBER": "17"}, "Bitbucket Pipelines"),
        ({"TRAVIS": "true"}, "Travis CI"),
        ({"DRONE": "true"}, "Drone"),
        ({"BUILDKITE": "true"}, "Buildkite"),
        ({"TEAMCITY_VERSION": "2026.1"}, "TeamCity"),
        ({"CODEBUILD_BUILD_ID": "p:1"}, "AWS CodeBuild"),
        ({"CI": "true"}, "CI"),
        ({"CI": "1"}, "CI"),
        ({"CI": "true", "GITLAB_CI": "true"}, "GitLab CI"),
        ({"CI": "false", "GITHUB_ACTIONS": "true"}, "GitHub Actions"),
    ],
)
def test_each_system_is_known_by_its_own_variable(environ, name):
    assert detect_ci(environ) == name


@pytest.mark.parametrize("value", ["", "0", "false", "False", "FALSE", " false ", "no", "off"])
@pytest.mark.parametrize("variable", ["CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL"])
def test_a_value_that_says_no_does_not_count(variable, value):
    assert detect_ci({variable: value}) is None


def test_outside_ci_there_is_none():
    assert detect_ci({}) is None
    assert detect_ci({"HOME": "/home/x", "CI_SOMETHING": "1", "CI": "somewhere"}) is None
