"""Whether this run is in a CI system, and in which: read off the environment that the system sets."""

from __future__ import annotations

from collections.abc import Mapping

# Each system's own variable; the systems' documentation promises them for every job.
_SYSTEMS = (
    ("GITHUB_ACTIONS", "GitHub Actions"),
    ("GITLAB_CI", "GitLab CI"),
    ("TF_BUILD", "Azure Pipelines"),
    ("JENKINS_URL", "Jenkins"),
    ("CIRCLECI", "CircleCI"),
    ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines"),
    ("TRAVIS", "Travis CI"),
    ("DRONE", "Drone"),
    ("BUILDKITE", "Buildkite"),
    ("TEAMCITY_VERSION", "TeamCity"),
    ("CODEBUILD_BUILD_ID", "AWS CodeBuild"),
)
VARIABLES = ("CI", *(variable for variable, _ in _SYSTEMS))
_NO = frozenset({"", "0", "false", "no", "off"})
_YES = frozenset({"1", "true", "yes", "on"})


def detect_ci(environ: Mapping[str, str]) -> str | None:
    """The name of the CI system that started this process, or None.

    "CI" for a system that sets nothing but `CI=true`. Values that say no (`false`, `0`, empty) do not count.
    """
    for variable, name in _SYSTEMS:
        if environ.get(variable, "").strip().lower() not in _NO:
            return name
    return "CI" if environ.get("CI", "").strip().lower() in _YES else None
