"""GitHub Actions: what makes a workflow's pytest run live, each beside its neighbour that is not."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

pytestmark = pytest.mark.mlscore("honesty-2")

CI = ".github/workflows/ci.yml"


def workflow(steps, *, on="[push]", job="", top=""):
    indented = "\n".join("      " + line for line in steps.strip("\n").split("\n"))
    extra = "".join(f"    {line}\n" for line in job.split("\n") if line)
    return f"on: {on}\n{top}jobs:\n  test:\n    runs-on: ubuntu-latest\n{extra}    steps:\n{indented}\n"


PLAIN = "- run: pytest"

PAIRS = [
    ("on a map", workflow(PLAIN, on="{push: {branches: [main]}}"), workflow(PLAIN, on="{workflow_dispatch: {}}"), "manual trigger only"),
    ("on a word", workflow(PLAIN, on="push"), workflow(PLAIN, on="workflow_dispatch"), "manual trigger only"),
    ("on a list", workflow(PLAIN, on="[push, workflow_dispatch]"), workflow(PLAIN, on="[workflow_dispatch]"), "manual trigger only"),
    ("pull request", workflow(PLAIN, on="pull_request"), workflow(PLAIN, on="release"), "it starts only on release"),
    ("merge queue", workflow(PLAIN, on="merge_group"), workflow(PLAIN, on="repository_dispatch"), "repository_dispatch"),
    (
        "schedule",
        workflow(PLAIN, on="\n  schedule:\n    - cron: '0 4 * * *'"),
        workflow(PLAIN, on="\n  workflow_dispatch:\n  # schedule:\n  #   - cron: '0 4 * * *'"),
        "manual trigger only",
    ),
    ("empty schedule", workflow(PLAIN, on="{schedule: [{cron: '0 4 * * *'}]}"), workflow(PLAIN, on="{schedule: []}"), "never let it start"),
    (
        "ignored branches",
        workflow(PLAIN, on="{push: {branches-ignore: [wip]}}"),
        workflow(PLAIN, on="{push: {branches-ignore: ['**']}}"),
        "never let it start",
    ),
    ("types of a pull request", workflow(PLAIN, on="{pull_request: {types: [closed, synchronize]}}"), workflow(PLAIN, on="{pull_request: {types: [closed]}}"), "`types` of `pull_request` (closed) has none that comes with code to review"),
    ("labels", workflow(PLAIN, on="{pull_request_target: {types: opened}}"), workflow(PLAIN, on="{pull_request_target: {types: [labeled, assigned]}}"), "(labeled, assigned) has none"),
    ("the step's failure", workflow(PLAIN), workflow("- {run: pytest, continue-on-error: '${{ vars.SOFT }}'}"), "failure swallowed by `continue-on-error`"),
    ("the job's failure", workflow(PLAIN), workflow(PLAIN, job="continue-on-error: ${{ vars.SOFT }}"), "failure swallowed by the job's `continue-on-error`"),
    ("no trigger", workflow(PLAIN), "jobs: {test: {steps: [{run: pytest}]}}", "no trigger"),
    ("job if", workflow(PLAIN, job="if: true"), workflow(PLAIN, job="if: false"), "if: false"),
    ("job if in braces", workflow(PLAIN, job="if: ${{ true }}"), workflow(PLAIN, job="if: ${{ false }}"), "if: ${{ false }}"),
    (
        "job for an event",
        workflow(PLAIN, job="if: github.event_name == 'push'"),
        workflow(PLAIN, job="if: github.event_name == 'workflow_dispatch'"),
        "never holds by itself",
    ),
    ("step if", workflow("- run: pytest\n  if: always()"), workflow("- run: pytest\n  if: failure()"), "if: failure()"),
    (
        "branch",
        workflow("- run: pytest\n  if: github.ref == 'refs/heads/main'"),
        workflow("- run: pytest\n  if: github.ref == 'refs/heads/main'", on="pull_request"),
        "never holds",
    ),
    (
        "repository variable",
        workflow("- run: pytest\n  if: github.event.pull_request.draft == false", on="pull_request"),
        workflow("- run: pytest\n  if: vars.RUN_TESTS == 'true'", on="pull_request"),
        "not known to hold",
    ),
    (
        "label",
        workflow("- run: pytest\n  if: ${{ !contains(github.event.pull_request.labels.*.name, 'skip') }}", on="pull_request"),
        workflow("- run: pytest\n  if: contains(github.event.pull_request.labels.*.name, 'test')", on="pull_request"),
        "never holds",
    ),
    (
        "commit message",
        workflow("- run: pytest\n  if: \"!contains(github.event.head_commit.message, 'skip')\""),
        workflow("- run: pytest\n  if: contains(github.event.head_commit.message, 'test')"),
        "never holds",
    ),
    (
        "person",
        workflow("- run: pytest\n  if: github.actor != 'a-bot'"),
        workflow("- run: pytest\n  if: github.actor == 'a-bot'"),
        "not known to hold",
    ),
    (
        "manual input",
        workflow("- run: pytest\n  if: github.event.inputs.skip != 'true'", on="[push, workflow_dispatch]"),
        workflow("- run: pytest\n  if: github.event.inputs.test == 'true'", on="[push, workflow_dispatch]"),
        "never holds",
    ),
    (
        "step's continue-on-error",
        workflow("- run: pytest\n  continue-on-error: false"),
        workflow("- run: pytest\n  continue-on-error: true"),
        "continue-on-error",
    ),
    (
        "job's continue-on-error",
        workflow(PLAIN, job="continue-on-error: false"),
        workflow(PLAIN, job="continue-on-error: true"),
        "the job's `continue-on-error`",
    ),
    (
        "experimental part of a matrix",
        workflow(PLAIN, job="strategy: {matrix: {soft: [true, false]}}\ncontinue-on-error: ${{ matrix.soft }}"),
        workflow(PLAIN, job="strategy: {matrix: {soft: [true]}}\ncontinue-on-error: ${{ matrix.soft }}"),
        "continue-on-error",
    ),
    (
        "outcome read later",
        workflow("- id: t\n  run: pytest\n  continue-on-error: true\n- if: steps.t.outcome == 'failure'\n  run: exit 1"),
        workflow("- id: t\n  run: pytest\n  continue-on-error: true\n- if: steps.t.outcome == 'failure'\n  run: echo no"),
        "continue-on-error",
    ),
    (
        "pipefail by shell",
        workflow("- run: pytest | tee log\n  shell: bash"),
        workflow("- run: pytest | tee log"),
        "no `pipefail`",
    ),
    (
        "pipefail by defaults",
        workflow("- run: pytest | tee log", top="defaults: {run: {shell: bash}}\n"),
        workflow("- run: pytest | tee log", top="defaults: {run: {shell: sh}}\n"),
        "no `pipefail`",
    ),
    (
        "login shell",
        workflow("- run: |\n    pytest\n    echo done\n  shell: bash -el {0}"),
        workflow("- run: |\n    pytest\n    echo done\n  shell: bash -l {0}"),
        "without `set -e`",
    ),
    (
        "windows",
        workflow("- run: |\n    pytest\n    echo done"),
        workflow("- run: |\n    pytest\n    echo done").replace("ubuntu", "windows"),
        "without `set -e`",
    ),
    (
        "needed job",
        "on: push\njobs:\n  a: {steps: [{run: echo}]}\n  b: {needs: a, steps: [{run: pytest}]}\n",
        "on: push\njobs:\n  a: {if: false, steps: [{run: echo}]}\n  b: {needs: a, steps: [{run: pytest}]}\n",
        "needs the job `a`",
    ),
    (
        "needed job, always",
        "on: push\njobs:\n  a: {if: false, steps: [{run: echo}]}\n  b: {needs: a, if: always(), steps: [{run: pytest}]}\n",
        "on: push\njobs:\n  a: {if: false, steps: [{run: echo}]}\n  b: {needs: [a], steps: [{run: pytest}]}\n",
        "needs the job `a`",
    ),
    (
        "changed files",
        "on: push\njobs:\n  c:\n    steps: [{id: f, uses: dorny/paths-filter@v3}]\n"
        "  t:\n    needs: c\n    if: needs.c.outputs.py == 'true'\n    steps: [{run: pytest}]\n",
        "on: push\njobs:\n  c:\n    steps: [{id: f, run: ./decide.py}]\n"
        "  t:\n    needs: c\n    if: needs.c.outputs.py == 'true'\n    steps: [{run: pytest}]\n",
        "not known to hold",
    ),
    (
        "another repository",
        workflow("- uses: actions/checkout@v4\n- run: pytest"),
        workflow("- uses: actions/checkout@v4\n  with: {repository: other/project}\n- run: pytest"),
        "another repository",
    ),
    ("a retrying action", workflow("- uses: nick-fields/retry@v3\n  with: {command: pytest}"), workflow("- uses: nick-fields/retry@v3\n  with: {command: pytest || true}"), "|| true"),
    ("unknown action", workflow(PLAIN), workflow("- uses: someone/pytest-action@v1"), None),
    ("not a shell", workflow(PLAIN), workflow("- run: import pytest\n  shell: python"), None),
]  # fmt: skip


@pytest.mark.parametrize(("live", "dead", "why"), [case[1:] for case in PAIRS], ids=[case[0] for case in PAIRS])
def test_live_beside_dead(pair, live, dead, why):
    pair({CI: live}, {CI: dead}, why)


def test_triggers_are_named_and_the_line_is_right(find):
    text = workflow(
        "- uses: actions/checkout@v4\n- name: x\n  run: |\n    pip install .\n\n    pytest -q",
        on="[push, pull_request]",
    )
    (run,) = find({CI: text}).runs
    assert (run.system, run.command, run.triggers) == ("GitHub Actions", "pytest -q", ("push", "pull_request"))
    assert [str(place) for place in run.chain] == [f"{CI}:{text.split(chr(10)).index('          pytest -q') + 1}"]


def test_a_step_for_one_event_keeps_that_trigger_alone(find):
    (run,) = find({CI: workflow("- run: pytest\n  if: github.event_name == 'push'", on="[push, pull_request]")}).runs
    assert run.triggers == ("push",)


def test_a_push_of_tags_is_named_as_such(find):
    (run,) = find({CI: workflow(PLAIN, on="{push: {tags: ['v*']}}")}).runs
    assert run.triggers == ("push of tags",)


def test_folded_commands_find_their_line(find):
    (run,) = find({CI: workflow("- run: >-\n    python -m\n    pytest\n    -m fast")}).runs
    assert (run.command, run.chain[0].line) == ("pytest -m fast", 7)


@pytest.mark.parametrize(
    ("job", "step", "paths"),
    [
        ("", "working-directory: sub", ("sub",)),
        ("defaults: {run: {working-directory: sub}}", "", ("sub",)),
        ("defaults: {run: {working-directory: other}}", "working-directory: ./sub/", ("sub",)),
        ("", "", ("",)),
    ],
)
def test_working_directory(find, job, step, paths):
    text = workflow(f"- run: pytest\n  {step}", job=job)
    (run,) = find({CI: text, "sub/test_a.py": "", "other/test_b.py": ""}).live
    assert run.selection.paths == paths


def test_checkout_into_a_folder_is_the_root(find):
    steps = "- uses: actions/checkout@v4\n  with: {path: main}\n- run: pytest tests\n  working-directory: main"
    (run,) = find({CI: workflow(steps), "tests/test_a.py": ""}).live
    assert run.selection.paths == ("tests",)


def test_the_matrix_is_expanded(find):
    job = "strategy:\n  matrix:\n    suite: [unit, slow]\n    python: ['3.11', '3.12']\n    exclude: [{suite: slow, python: '3.11'}]"
    runs = find({CI: workflow("- run: pytest tests/${{ matrix.suite }}", job=job)}).live
    assert sorted(run.selection.paths[0] for run in runs) == ["tests/slow", "tests/unit"]


def test_an_included_combination_is_expanded(find):
    job = "strategy:\n  matrix:\n    include:\n      - {args: -m slow}\n      - {args: -m fast}"
    runs = find({CI: workflow("- run: pytest ${{ matrix.args }}", job=job)}).live
    assert sorted(run.selection.markexpr for run in runs) == ["fast", "slow"]


def test_a_matrix_from_elsewhere_is_not_known(find):
    job = "strategy:\n  matrix: ${{ fromJSON(needs.plan.outputs.matrix) }}"
    (run,) = find({CI: workflow("- run: pytest ${{ matrix.args }}", job=job)}).runs
    assert not run.live
    assert "not in the repository" in run.why_not


def test_environment_reaches_pytest(find):
    text = workflow("- run: pytest\n  env: {PYTEST_ADDOPTS: -m 'not gpu'}", top="env: {PYTEST_ADDOPTS: -m gpu}\n")
    (run,) = find({CI: text}).live
    assert run.selection.markexpr == "not gpu"


REUSABLE = ".github/workflows/tests.yml"
CALLED = "on: {workflow_call: {inputs: {path: {type: string, default: tests}}}}\njobs: {t: {steps: [{run: 'pytest ${{ inputs.path }}'}]}}\n"


def test_reusable_workflow_is_followed(find):
    caller = f"on: push\njobs:\n  call:\n    uses: ./{REUSABLE}\n    with:\n      path: tests/unit\n"
    (run,) = find({CI: caller, REUSABLE: CALLED}).runs
    assert run.live
    assert run.selection.paths == ("tests/unit",)
    assert [str(place) for place in run.chain] == [f"{CI}:4", f"{REUSABLE}:2"]


@pytest.mark.parametrize(
    ("caller", "why"),
    [
        (f"on: workflow_dispatch\njobs: {{c: {{uses: ./{REUSABLE}}}}}\n", "manual trigger only"),
        (f"on: push\njobs: {{c: {{if: false, uses: ./{REUSABLE}}}}}\n", "if: false"),
        ("on: push\njobs: {c: {steps: [{run: echo}]}}\n", "no live workflow calls it"),
    ],
)
def test_reusable_workflow_that_nothing_live_calls(find, caller, why):
    (run,) = find({CI: caller, REUSABLE: CALLED}).runs
    assert not run.live
    assert why in run.why_not


def test_reusable_workflow_of_another_repository_is_told(find):
    found = find({CI: "on: push\njobs:\n  c:\n    uses: a/b/.github/workflows/t.yml@v1\n"})
    assert found.runs == ()
    assert [(d.code, d.location.line) for d in found.diagnostics] == [("ci-not-followed", 4)]


def test_workflow_calling_itself_ends(find):
    text = f"on: [push, workflow_call]\njobs:\n  again:\n    uses: ./{CI}\n  t:\n    steps: [{{run: pytest}}]\n"
    assert [run.live for run in find({CI: text}).runs] == [True]


def test_workflow_run_follows_a_live_workflow(find):
    first = "name: Build\non: push\njobs: {b: {steps: [{run: make}]}}\n"
    second = "on: {workflow_run: {workflows: [Build], types: [completed]}}\njobs: {t: {steps: [{run: pytest}]}}\n"
    (run,) = find({CI: first, REUSABLE: second}).runs
    assert run.triggers == ("workflow_run after `Build`",)
    (run,) = find({CI: first.replace("push", "workflow_dispatch"), REUSABLE: second}).runs
    assert not run.live


ACTION = (
    "inputs:\n  args: {default: tests}\nruns:\n  using: composite\n  steps:\n"
    "    - run: pytest ${{ inputs.args }}\n      shell: bash\n"
)


def test_composite_action_is_followed(find):
    files = {
        CI: workflow("- uses: ./.github/actions/t\n  with: {args: -m fast}"),
        ".github/actions/t/action.yml": ACTION,
    }
    (run,) = find(files).runs
    assert run.live
    assert run.selection.markexpr == "fast"
    assert [str(place) for place in run.chain] == [f"{CI}:6", ".github/actions/t/action.yml:6"]


@pytest.mark.parametrize(
    ("step", "action", "why"),
    [
        ("- uses: ./.github/actions/t\n  if: false", ACTION, "if: false"),
        ("- uses: ./.github/actions/t\n  continue-on-error: true", ACTION, "continue-on-error"),
        ("- uses: ./.github/actions/t", ACTION.replace("shell: bash", "shell: bash\n      if: false"), "if: false"),
        ("- uses: ./.github/actions/t", ACTION + "      continue-on-error: true\n", "continue-on-error"),
        ("- uses: ./.github/actions/t", ACTION + "      continue-on-error: ${{ env.SOFT }}\n", "continue-on-error"),
    ],
)
def test_composite_action_that_does_not_count(find, step, action, why):
    (run,) = find({CI: workflow(step), ".github/actions/t/action.yaml": action}).runs
    assert not run.live
    assert why in run.why_not


def test_the_repository_is_read_off_the_remote(find):
    text = workflow(PLAIN, job="if: github.repository == 'team/project'")
    config = '[remote "origin"]\n\turl = https://github.com/{}.git\n'
    assert find({CI: text, ".git/config": config.format("team/project")}).live
    assert not find({CI: text, ".git/config": config.format("fork/project")}).live


@pytest.mark.parametrize("text", ["on: [push\n", "a: &a [*a]\n", "\tjobs:\n", "on: push\non: {"])
def test_broken_workflow_is_told(find, text):
    found = find({CI: text})
    assert found.runs == ()
    assert [(d.code, d.location.path) for d in found.diagnostics] == [("ci-unreadable", CI)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "jobs: 3\n",
        "on: push\njobs: {a: b, c: {steps: {run: pytest}}}\n",
        "on: {push: [x]}\njobs: {t: {steps: [pytest, {run: [a]}], if: [x], needs: {a: b}}}",
        "on: push\njobs: {t: {strategy: {matrix: {a: {b: c}, include: x, exclude: [y]}}, steps: [{run: x, env: [y]}]}}",
    ],
)
def test_odd_shapes_are_no_error(find, text):
    assert find({CI: text}).runs == ()
