"""Bitbucket, Travis, Drone and Buildkite: live pytest runs, each beside a neighbour that is not."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

BITBUCKET, TRAVIS, DRONE, BUILDKITE = "bitbucket-pipelines.yml", ".travis.yml", ".drone.yml", ".buildkite/pipeline.yml"
PYTHONS = "language: python\npython: ['3.11', nightly]\n"

PAIRS = [
    (BITBUCKET, "default", "pipelines: {default: [{step: {script: [pytest]}}]}", "pipelines: {custom: {x: [{step: {script: [pytest]}}]}}", "custom"),
    (BITBUCKET, "pull requests", "pipelines: {pull-requests: {'**': [{step: {script: [pytest]}}]}}", "pipelines: {custom: {'**': [{step: {script: [pytest]}}]}}", "custom"),
    (BITBUCKET, "manual step", "pipelines: {default: [{step: {trigger: automatic, script: [pytest]}}]}", "pipelines: {default: [{step: {trigger: manual, script: [pytest]}}]}", "trigger: manual"),
    (BITBUCKET, "after a manual step", "pipelines: {default: [{step: {script: [pytest]}}, {step: {trigger: manual, script: [make]}}]}", "pipelines: {default: [{step: {trigger: manual, script: [make]}}, {step: {script: [pytest]}}]}", "trigger: manual"),
    (BITBUCKET, "manual stage", "pipelines: {default: [{stage: {steps: [{step: {script: [pytest]}}]}}]}", "pipelines: {default: [{stage: {trigger: manual, steps: [{step: {script: [pytest]}}]}}]}", "trigger: manual"),
    (BITBUCKET, "on-fail", "pipelines: {default: [{step: {on-fail: {strategy: fail}, script: [pytest]}}]}", "pipelines: {default: [{step: {on-fail: {strategy: ignore}, script: [pytest]}}]}", "on-fail"),
    (BITBUCKET, "after-script", "pipelines: {default: [{step: {script: [pytest]}}]}", "pipelines: {default: [{step: {script: [make], after-script: [pytest]}}]}", "after-script"),
    (BITBUCKET, "left of and", "pipelines: {default: [{step: {script: [cd . && pytest]}}]}", "pipelines: {default: [{step: {script: [pytest && echo ok]}}]}", "left of `&&`"),
    (BITBUCKET, "pipe", "pipelines: {default: [{step: {script: [set -o pipefail, pytest | tee x]}}]}", "pipelines: {default: [{step: {script: [pytest | tee x]}}]}", "no `pipefail`"),
    (BITBUCKET, "anchor", "definitions: {steps: [{step: &t {script: [pytest]}}]}\npipelines: {default: [{step: *t}]}", "definitions: {steps: [{step: &t {script: [pytest]}}]}\npipelines: {default: [{step: {script: [make]}}]}", None),
    (TRAVIS, "script", "script: pytest\n", "script: make\nafter_success: pytest\n", "after_success"),
    (TRAVIS, "every command counts", "script: [pytest, echo]\n", "script: ['pytest; echo']\n", "without `set -e`"),
    (TRAVIS, "job", "jobs: {include: [{script: pytest}]}\n", "jobs: {include: [{name: x, script: pytest}], allow_failures: [{name: x}]}\n", "allow_failures"),
    (TRAVIS, "allowed value", PYTHONS + "script: pytest\nmatrix: {allow_failures: [{python: nightly}]}\n", PYTHONS.replace("'3.11', ", "") + "script: pytest\nmatrix: {allow_failures: [{python: nightly}]}\n", "allow_failures"),
    (TRAVIS, "if type", "if: type = push\nscript: pytest\n", "if: type = api\nscript: pytest\n", "never holds"),
    (TRAVIS, "if in", "if: type IN (push, pull_request)\nscript: pytest\n", "if: type NOT IN (push, pull_request)\nscript: pytest\n", "never holds"),
    (TRAVIS, "if false", "if: branch = main\nscript: pytest\n", "if: false\nscript: pytest\n", "if: false"),
    (TRAVIS, "if unknown", "script: pytest\n", "if: env(RUN) = yes\nscript: pytest\n", "not known to hold"),
    (DRONE, "plain", "kind: pipeline\nsteps: [{commands: [pytest]}]\n", "kind: secret\nsteps: [{commands: [pytest]}]\n", None),
    (DRONE, "trigger", "trigger: {event: [push]}\nsteps: [{commands: [pytest]}]\n", "trigger: {event: [promote]}\nsteps: [{commands: [pytest]}]\n", "manual"),
    (DRONE, "excluded", "trigger: {event: {exclude: [promote]}}\nsteps: [{commands: [pytest]}]\n", "trigger: {event: {exclude: [push, pull_request, tag, cron]}}\nsteps: [{commands: [pytest]}]\n", "manual"),
    (DRONE, "when", "steps: [{commands: [pytest], when: {event: pull_request}}]\n", "steps: [{commands: [pytest], when: {event: rollback}}]\n", "never holds"),
    (DRONE, "failure", "steps: [{commands: [pytest], failure: always}]\n", "steps: [{commands: [pytest], failure: ignore}]\n", "failure: ignore"),
    (DRONE, "detach", "steps: [{commands: [pytest], detach: false}]\n", "steps: [{commands: [pytest], detach: true}]\n", "background"),
    (DRONE, "status", "steps: [{commands: [pytest], when: {status: [success, failure]}}]\n", "steps: [{commands: [pytest], when: {status: [failure]}}]\n", "only after a failure"),
    (DRONE, "errexit", "steps: [{commands: [pytest, echo]}]\n", "steps: [{commands: [set +e, pytest, echo]}]\n", "without `set -e`"),
    (BUILDKITE, "command", "steps: [{command: pytest}]\n", "steps: [{command: pytest, soft_fail: true}]\n", "soft_fail"),
    (BUILDKITE, "exit status", "steps: [{commands: [pytest], soft_fail: [{exit_status: 5}]}]\n", "steps: [{commands: [pytest], soft_fail: [{exit_status: 1}]}]\n", "soft_fail"),
    (BUILDKITE, "any status", "steps: [{commands: [pytest], soft_fail: false}]\n", "steps: [{commands: [pytest], soft_fail: [{exit_status: '*'}]}]\n", "soft_fail"),
    (BUILDKITE, "if", "steps: [{command: pytest, if: build.branch == 'main'}]\n", "steps: [{command: pytest, if: build.source == 'ui'}]\n", "never holds"),
    (BUILDKITE, "if false", "steps: [{command: pytest, if: 'true'}]\n", "steps: [{command: pytest, if: 'false'}]\n", "never holds"),
    (BUILDKITE, "skip", "steps: [{command: pytest, skip: false}]\n", "steps: [{command: pytest, skip: broken}]\n", "skip"),
    (BUILDKITE, "block", "steps: [{command: pytest}, {block: go}]\n", "steps: [{block: go}, {command: pytest}]\n", "waits for a person"),
    (BUILDKITE, "block in words", "steps: [wait, {command: pytest}]\n", "steps: [block, {command: pytest}]\n", "waits for a person"),
    (BUILDKITE, "block passed by", "steps: [{block: go}, {command: pytest, depends_on: build}]\n", "steps: [{block: go}, wait, {command: pytest}]\n", "waits for a person"),
    (BUILDKITE, "group", "steps: [{group: g, steps: [{command: pytest}]}]\n", "steps: [{group: g, skip: true, steps: [{command: pytest}]}]\n", "skip"),
    (BUILDKITE, "pipe", "steps: [{commands: [set -o pipefail, pytest | tee x]}]\n", "steps: [{commands: [pytest | tee x]}]\n", "no `pipefail`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "live", "dead", "why"), [(c[0], *c[2:]) for c in PAIRS], ids=[f"{c[0]}-{c[1]}" for c in PAIRS]
)
def test_live_beside_dead(pair, path, live, dead, why):
    pair({path: live}, {path: dead}, why)


@pytest.mark.parametrize(
    ("path", "text", "system", "triggers", "line"),
    [
        (BITBUCKET, "pipelines:\n  default:\n    - parallel:\n        - step:\n            script:\n              - pytest\n", "Bitbucket Pipelines", ("push",), 6),
        (BITBUCKET, "pipelines:\n  tags:\n    v*:\n      - step:\n          script:\n            - pytest\n", "Bitbucket Pipelines", ("push of tags",), 6),
        (TRAVIS, "language: python\nscript:\n  - make\n  - pytest\n", "Travis CI", ("push", "pull_request"), 4),
        (TRAVIS, "if: type = cron\nscript:\n  - pytest\n", "Travis CI", ("schedule",), 3),
        (DRONE, "kind: pipeline\n---\nkind: pipeline\ntrigger: {event: [cron]}\nsteps:\n- name: t\n  commands:\n  - pytest\n", "Drone", ("schedule",), 8),
        (DRONE, "steps:\n- commands:\n  - pytest\n", "Drone", ("push", "pull request", "push of tags"), 3),
        (BUILDKITE, "steps:\n  - label: t\n    commands:\n      - make\n      - pytest\n", "Buildkite", ("push",), 5),
        (BUILDKITE, "steps:\n  - if: build.source == 'schedule'\n    command: |\n      make\n      pytest\n", "Buildkite", ("schedule",), 5),
        (BUILDKITE, "- command: pytest\n", "Buildkite", ("push",), 1),
    ],
)  # fmt: skip
def test_triggers_and_place(find, path, text, system, triggers, line):
    (run,) = find({path: text}).runs
    assert run.live
    assert (run.system, run.triggers, str(run.chain[0])) == (system, triggers, f"{path}:{line}")


def test_travis_keeps_the_folder_between_phases(find):
    (run,) = find({TRAVIS: "before_script: cd sub\nscript: pytest\n", "sub/test_a.py": ""}).live
    assert run.selection.paths == ("sub",)


def test_travis_environment_of_a_job(find):
    text = "env: {global: [A=tests]}\njobs: {include: [{env: B=-x, script: pytest $A $B}]}\n"
    (run,) = find({TRAVIS: text}).live
    assert (run.command, run.selection.paths) == ("pytest tests -x", ("tests",))


def test_buildkite_file_of_another_name_is_not_known_to_run(find):
    (run,) = find({".buildkite/pipeline.nightly.yml": "steps: [{command: pytest}]\n"}).runs
    assert not run.live
    assert "uploads" in run.why_not


CODE = {"src/model.py": "", "docs/conf.py": ""}
BB = "pipelines: {default: [{step: {condition: {changesets: {%s}}, script: [pytest]}}]}"
CHANGES = [
    (BITBUCKET, BB % "includePaths: ['src/**']", BB % "includePaths: ['docs/**']", "`condition: changesets` matches no Python file"),
    (BITBUCKET, BB % "excludePaths: ['docs/**']", BB % "excludePaths: ['**']", "`condition: changesets` matches no Python file"),
    (DRONE, "trigger: {paths: {include: [src/*]}}\nsteps: [{commands: [pytest]}]\n", "trigger: {paths: {include: [docs/*]}}\nsteps: [{commands: [pytest]}]\n", "its `paths` match no Python file"),
    (DRONE, "steps: [{commands: [pytest], when: {paths: ['**/*.py']}}]\n", "steps: [{commands: [pytest], when: {paths: [README.md]}}]\n", "its `paths` match no Python file"),
    (BUILDKITE, "steps: [{command: pytest, if_changed: 'src/**'}]", "steps: [{command: pytest, if_changed: 'docs/**'}]", "`if_changed` matches no Python file"),
    (BUILDKITE, "steps: [{command: pytest, if_changed: {include: '**/*.{py,toml}'}}]", "steps: [{command: pytest, if_changed: {include: '**', exclude: '**/*.py'}}]", "`if_changed` matches no Python file"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "live", "dead", "why"), CHANGES)
def test_filters_of_changed_files_let_code_through_or_not(pair, path, live, dead, why):
    pair({**CODE, path: live}, {**CODE, path: dead}, why)


UPLOAD = "steps: [{command: buildkite-agent pipeline upload %s}]\n"


@pytest.mark.parametrize("name", [".buildkite/test.yml", ".buildkite/pipeline.nightly.yml", "ci/steps.yml"])
def test_buildkite_uploaded_files_are_followed(find, name):
    files = {BUILDKITE: UPLOAD % f"--replace {name}", name: "steps:\n- label: t\n  command: pytest\n"}
    (run,) = find(files).runs
    assert run.live
    assert [str(place) for place in run.chain] == [f"{BUILDKITE}:1", f"{name}:3"]


@pytest.mark.parametrize(
    ("outer", "inner", "why"),
    [
        (UPLOAD % ".buildkite/test.yml", "steps: [{command: pytest, soft_fail: true}]", "soft_fail"),
        (UPLOAD % ".buildkite/test.yml", "steps: [{block: go}, {command: pytest}]", "waits for a person"),
        (
            "steps: [{block: go}, {command: buildkite-agent pipeline upload .buildkite/test.yml}]",
            "steps: [{command: pytest}]",
            "waits for a person",
        ),
        (
            UPLOAD % "--dry-run .buildkite/test.yml",
            "steps: [{command: pytest}]",
            "whether anything uploads `.buildkite/test.yml` is not known",
        ),
        (
            UPLOAD % ".buildkite/other.yml",
            "steps: [{command: pytest}]",
            "whether anything uploads `.buildkite/test.yml` is not known",
        ),
    ],
)
def test_buildkite_uploads_that_do_not_count(find, outer, inner, why):
    (run,) = find({BUILDKITE: outer, ".buildkite/test.yml": inner}).runs
    assert not run.live
    assert why in run.why_not


def test_buildkite_uploading_itself_ends(find):
    (run,) = find(
        {BUILDKITE: f"steps: [{{command: pytest}}, {{command: buildkite-agent pipeline upload {BUILDKITE}}}]"}
    ).live[:1]
    assert run.triggers == ("push",)


def test_buildkite_doubled_dollars_reach_the_shell(find):
    (run,) = find({BUILDKITE: "env: {SUITE: tests}\nsteps: [{command: pytest $$SUITE}]\n"}).live
    assert run.selection.paths == ("tests",)


@pytest.mark.parametrize("path", [BITBUCKET, TRAVIS, DRONE, BUILDKITE])
def test_broken_files_are_told(find, path):
    found = find({path: "a: ["})
    assert found.runs == ()
    assert [(d.code, d.location.path) for d in found.diagnostics] == [("ci-unreadable", path)]


@pytest.mark.parametrize("path", [BITBUCKET, TRAVIS, DRONE, BUILDKITE])
@pytest.mark.parametrize(
    "text", ["", "[]", "3", "pipelines: [1]\nsteps: {a: b}\nscript: {a: b}\njobs: 1\ntrigger: 2\nif: [x]"]
)
def test_odd_shapes_are_no_error(find, path, text):
    assert find({path: text}).runs == ()
