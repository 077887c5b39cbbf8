"""CircleCI: what makes a job's pytest run live, each beside its neighbour that is not."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

CI = ".circleci/config.yml"


def config(step="run: pytest", *, workflow="{jobs: [t]}", job="", top=""):
    lines = "".join(f"    {line}\n" for line in job.split("\n") if line)
    return f"version: 2.1\n{top}jobs:\n  t:\n    docker: [{{image: python}}]\n{lines}    steps:\n      - checkout\n      - {step}\nworkflows:\n  w: {workflow}\n"


SWITCH = "parameters: {{full: {{type: boolean, default: {}}}}}\n"
PAIRS = [
    ("workflow", config(), config(workflow="{jobs: [other]}"), "no workflow runs this job"),
    ("schedule", config(workflow="{triggers: [{schedule: {cron: '0 4 * * *'}}], jobs: [t]}"), config(workflow="{triggers: [], jobs: [t]}"), "schedule is empty"),
    ("approval", config(workflow="{jobs: [{hold: {type: approval}}, t]}"), config(workflow="{jobs: [{hold: {type: approval}}, {t: {requires: [hold]}}]}"), "approval"),
    ("approval further up", config(workflow="{jobs: [a, {t: {requires: [a]}}]}"), config(workflow="{jobs: [{hold: {type: approval}}, {a: {requires: [hold]}}, {t: {requires: [a]}}]}"), "approval"),
    ("workflow when", config(workflow="{when: true, jobs: [t]}"), config(workflow="{when: false, jobs: [t]}"), "`when` never holds"),
    ("workflow unless", config(workflow="{unless: false, jobs: [t]}"), config(workflow="{unless: true, jobs: [t]}"), "`unless` never holds"),
    ("parameter", config(workflow="{when: << pipeline.parameters.full >>, jobs: [t]}", top=SWITCH.format("true")), config(workflow="{when: << pipeline.parameters.full >>, jobs: [t]}", top=SWITCH.format("false")), "never holds"),
    ("equal", config(workflow="{when: {equal: [main, << pipeline.git.branch >>]}, jobs: [t]}"), config(workflow="{when: {equal: [api, << pipeline.trigger_source >>]}, jobs: [t]}"), "never holds"),
    ("not", config(workflow="{when: {not: {equal: [api, << pipeline.trigger_source >>]}}, jobs: [t]}"), config(workflow="{when: {and: [true, {not: true}]}, jobs: [t]}"), "never holds"),
    ("expression", config(workflow="{when: pipeline.git.branch == 'main', jobs: [t]}"), config(workflow="{when: pipeline.trigger_source == 'api', jobs: [t]}"), "never holds"),
    ("filters", config(workflow="{jobs: [{t: {filters: {branches: {only: main}}}}]}"), config(workflow="{jobs: [{t: {filters: {branches: {ignore: /.*/}}}}]}"), "leave out all branches"),
    ("step when", config("run: {command: pytest, when: always}"), config("run: {command: pytest, when: on_fail}"), "only after a failure"),
    ("background", config("run: {command: pytest}"), config("run: {command: pytest, background: true}"), "background"),
    ("conditional step", config("when: {condition: true, steps: [{run: pytest}]}"), config("when: {condition: false, steps: [{run: pytest}]}"), "never holds"),
    ("unless step", config("unless: {condition: false, steps: [{run: pytest}]}"), config("unless: {condition: true, steps: [{run: pytest}]}"), "never holds"),
    ("pipefail", config("run: pytest | tee log"), config("run: {command: pytest | tee log, shell: /bin/sh -e}"), "no `pipefail`"),
    ("job's shell", config("run: pytest | tee log", job="shell: /bin/bash -eo pipefail"), config("run: pytest | tee log", job="shell: /bin/bash -e"), "no `pipefail`"),
    ("executor's shell", config("run: pytest | tee log", job="executor: e", top="executors: {e: {shell: bash -eo pipefail}}\n"), config("run: pytest | tee log", job="executor: e", top="executors: {e: {shell: bash -e}}\n"), "no `pipefail`"),
    ("swallowed", config("run: pytest"), config("run: pytest || true"), "|| true"),
    ("split tests", config("run: pytest $(echo tests)"), config('run: ./names | circleci tests split | xargs pytest'), "xargs"),
    ("build job alone", "version: 2\njobs: {build: {steps: [{run: pytest}]}}\n", "version: 2\njobs: {other: {steps: [{run: pytest}]}}\n", "no workflow runs this job"),
]  # fmt: skip


@pytest.mark.parametrize(("live", "dead", "why"), [case[1:] for case in PAIRS], ids=[case[0] for case in PAIRS])
def test_live_beside_dead(pair, live, dead, why):
    pair({CI: live}, {CI: dead}, why)


def test_triggers_and_place(find):
    (run,) = find(
        {CI: config("run:\n          name: x\n          command: |\n            pip install .\n            pytest -q")}
    ).runs
    assert (run.system, run.triggers) == ("CircleCI", ("push",))
    assert [str(place) for place in run.chain] == [f"{CI}:11"]


def test_a_scheduled_pipeline(find):
    (run,) = find(
        {CI: config(workflow="{when: {equal: [scheduled_pipeline, << pipeline.trigger_source >>]}, jobs: [t]}")}
    ).live
    assert run.triggers == ("schedule",)


def test_commands_and_parameters_are_followed(find):
    top = "commands:\n  suite:\n    parameters: {name: {type: string, default: unit}}\n    steps:\n      - run: pytest tests/<< parameters.name >>\n"
    (run,) = find({CI: config("suite: {name: slow}", top=top)}).live
    assert run.selection.paths == ("tests/slow",)
    assert [place.line for place in run.chain] == [12, 6]


def test_a_command_calling_itself_ends(find):
    top = "commands: {again: {steps: [again, {run: pytest}]}}\n"
    assert find({CI: config("again", top=top)}).live


def test_job_parameters_and_matrix(find):
    text = config(
        "run: pytest tests/<< parameters.suite >>",
        job="parameters: {suite: {type: string}}",
        workflow="{jobs: [{t: {matrix: {parameters: {suite: [unit, slow]}}}}]}",
    )
    assert sorted(run.selection.paths[0] for run in find({CI: text}).live) == ["tests/slow", "tests/unit"]


@pytest.mark.parametrize(
    ("job", "step", "paths"),
    [
        ("", "run: {command: pytest, working_directory: sub}", ("sub",)),
        ("", "run: {command: pytest, working_directory: ~/project/sub}", ("sub",)),
        ("working_directory: ~/repo", "run: {command: pytest, working_directory: ~/repo/sub}", ("sub",)),
        ("working_directory: ~/repo", "run: pytest", ("",)),
    ],
)
def test_folders(find, job, step, paths):
    (run,) = find({CI: config(step, job=job), "sub/test_a.py": ""}).live
    assert run.selection.paths == paths


@pytest.mark.parametrize("text", ["jobs: [", "a: &a {b: *a}"])
def test_broken_file_is_told(find, text):
    assert [d.code for d in find({CI: text}).diagnostics] == ["ci-unreadable"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "jobs: 1\nworkflows: [2]", "jobs: {t: {steps: [[], 1, {}]}}\nworkflows: {w: {jobs: [{}, 3, {t: x}]}}"],
)
def test_odd_shapes_are_no_error(find, text):
    assert find({CI: text}).runs == ()
