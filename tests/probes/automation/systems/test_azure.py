"""Azure Pipelines: what makes a step's pytest run live, each beside its neighbour that is not."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

CI = "azure-pipelines.yml"
STEP = "steps:\n- script: pytest\n"


def step(*lines, top=""):
    return f"{top}steps:\n- script: pytest\n" + "".join(f"  {line}\n" for line in lines)


PAIRS = [
    ("triggers", "trigger: [main]\npr: none\n" + STEP, "trigger: none\npr: none\n" + STEP, "manual trigger only"),
    ("nothing said", STEP, "trigger: none\npr: none\n" + STEP, "manual trigger only"),
    ("pull requests", "trigger: none\npr: [main]\n" + STEP, "trigger: none\npr: none\n" + STEP, "manual trigger only"),
    ("schedules", "trigger: none\npr: none\nschedules: [{cron: '0 4 * * *'}]\n" + STEP, "trigger: none\npr: none\n# schedules: [{cron: '0 4 * * *'}]\n" + STEP, "manual trigger only"),
    ("excluded branches", "trigger: {branches: {exclude: [wip]}}\npr: none\n" + STEP, "trigger: {branches: {exclude: ['*']}}\npr: none\n" + STEP, "manual trigger only"),
    ("step's condition", step("condition: always()"), step("condition: false"), "condition: false"),
    ("succeeded", step("condition: and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))"), step("condition: failed()"), "never holds"),
    ("reason", step("condition: ne(variables['Build.Reason'], 'Manual')"), step("condition: eq(variables['Build.Reason'], 'Manual')"), "never holds"),
    ("reasons", step("condition: in(variables['Build.Reason'], 'IndividualCI', 'Manual')"), step("condition: in(variables['Build.Reason'], 'Manual', 'ResourceTrigger')"), "never holds"),
    ("variable", step("condition: eq(variables['go'], 'yes')", top="variables: {go: yes}\n"), step("condition: eq(variables['go'], 'yes')"), "not known to hold"),
    ("variable list", step("condition: eq(variables.go, 'yes')", top="variables: [{name: go, value: yes}]\n"), step("condition: eq(variables.go, 'yes')", top="variables: [{group: secrets}]\n"), "not known to hold"),
    ("enabled", step("enabled: true"), step("enabled: false"), "enabled: false"),
    ("continueOnError", step("continueOnError: false"), step("continueOnError: true"), "continueOnError"),
    ("job's continueOnError", "jobs:\n- job: a\n  " + STEP.replace("\n", "\n  "), "jobs:\n- job: a\n  continueOnError: true\n  " + STEP.replace("\n", "\n  "), "continueOnError"),
    ("job's condition", "jobs: [{job: a, condition: true, steps: [{script: pytest}]}]", "jobs: [{job: a, condition: false, steps: [{script: pytest}]}]", "condition: false"),
    ("stage's condition", "stages: [{stage: a, jobs: [{job: b, steps: [{script: pytest}]}]}]", "stages: [{stage: a, condition: false, jobs: [{job: b, steps: [{script: pytest}]}]}]", "condition: false"),
    ("manual stage", "stages: [{stage: a, jobs: [{job: b, steps: [{script: pytest}]}]}]", "stages: [{stage: a, trigger: manual, jobs: [{job: b, steps: [{script: pytest}]}]}]", "manual"),
    ("depends on", "jobs: [{job: a, steps: []}, {job: b, dependsOn: a, steps: [{script: pytest}]}]", "jobs: [{job: a, condition: false, steps: []}, {job: b, dependsOn: a, steps: [{script: pytest}]}]", "depends on `a`"),
    ("depends on, always", "jobs: [{job: a, condition: false, steps: []}, {job: b, dependsOn: a, condition: always(), steps: [{script: pytest}]}]", "jobs: [{job: a, condition: false, steps: []}, {job: b, dependsOn: [a], steps: [{script: pytest}]}]", "depends on `a`"),
    ("no errexit", "steps:\n- script: |\n    echo\n    pytest\n", "steps:\n- script: |\n    pytest\n    echo\n", "without `set -e`"),
    ("errexit", "steps:\n- bash: |\n    set -e\n    pytest\n    echo\n", "steps:\n- bash: |\n    pytest\n    echo\n", "without `set -e`"),
    ("inline task", "steps:\n- task: CmdLine@2\n  inputs: {script: pytest}\n", "steps:\n- task: CmdLine@2\n  enabled: false\n  inputs: {script: pytest}\n", "enabled: false"),
    ("template condition", "steps:\n- ${{ if eq(variables['Build.Reason'], 'IndividualCI') }}:\n  - script: pytest\n", "steps:\n- ${{ if eq(variables.unknown, 'x') }}:\n  - script: pytest\n", "not known to hold"),
    ("template else", "steps:\n- ${{ if false }}:\n  - script: make\n- ${{ else }}:\n  - script: pytest\n", "steps:\n- ${{ if true }}:\n  - script: make\n- ${{ else }}:\n  - script: pytest\n", None),
    ("parameter", "parameters: [{name: full, type: boolean, default: true}]\nsteps:\n- ${{ if eq(parameters.full, true) }}:\n  - script: pytest\n", "parameters: [{name: full, type: boolean, default: false}]\nsteps:\n- ${{ if eq(parameters.full, true) }}:\n  - script: pytest\n", None),
    ("macro", "variables: {suite: tests}\nsteps: [{script: pytest $(suite)}]", "steps: [{script: pytest $(suite.name)}]", "not in the repository"),
    ("deployment", "jobs: [{deployment: d, strategy: {runOnce: {deploy: {steps: [{script: pytest}]}}}}]", "jobs: [{deployment: d, condition: false, strategy: {runOnce: {deploy: {steps: [{script: pytest}]}}}}]", "condition: false"),
]  # fmt: skip


@pytest.mark.parametrize(("live", "dead", "why"), [case[1:] for case in PAIRS], ids=[case[0] for case in PAIRS])
def test_live_beside_dead(pair, live, dead, why):
    pair({CI: live}, {CI: dead}, why)


ASK = "{task: ManualValidation@1, inputs: {notifyUsers: team-data}}"
RESUMES = "{task: ManualValidation@0, inputs: {onTimeout: resume}}"
REJECTS = "{task: ManualValidation@0, inputs: {onTimeout: reject}}"


def jobs(gate, depends="dependsOn: gate"):
    return (
        f"jobs:\n- {{job: gate, pool: server, steps: [{gate}]}}\n- {{job: t, {depends}, steps: [{{script: pytest}}]}}\n"
    )


def stages(gate, extra=""):
    tests = f"{{stage: second, {extra}jobs: [{{job: t, steps: [{{script: pytest}}]}}]}}"
    return f"stages:\n- {{stage: gate, jobs: [{{job: g, pool: server, steps: [{gate}]}}]}}\n- {tests}\n"


@pytest.mark.parametrize(
    ("live", "dead"),
    [
        (jobs("{task: Delay@1}"), jobs(ASK)),
        (jobs(ASK, "dependsOn: []"), jobs(ASK, "dependsOn: [gate]")),
        (jobs(RESUMES), jobs(REJECTS)),
        (jobs(ASK.replace("task", "enabled: false, task")), jobs(ASK.replace("task", "enabled: true, task"))),
        (jobs("{task: Delay@1}"), jobs(ASK, "dependsOn: gate, condition: always()")),
        (stages(ASK, "dependsOn: [], "), stages(ASK)),
        (stages(RESUMES), stages(ASK, "dependsOn: gate, ")),
        (
            stages("{task: Delay@1}") + "- {stage: third, jobs: []}\n",
            stages(ASK).replace("pytest", "make") + "- {stage: third, jobs: [{job: t, steps: [{script: pytest}]}]}\n",
        ),
    ],
)
def test_a_person_is_asked_before_the_tests(pair, live, dead):
    pair({CI: live}, {CI: dead}, "it waits for a person (`ManualValidation` in `")


def test_a_person_is_asked_by_a_template(find):
    files = {CI: "jobs:\n- template: gate.yml\n- {job: t, dependsOn: gate, steps: [{script: pytest}]}\n"}
    gate = "jobs: [{job: gate, pool: server, steps: [%s]}]"
    assert find({**files, "gate.yml": gate % RESUMES}).live
    assert not find({**files, "gate.yml": gate % ASK}).live


def test_a_stage_depends_on_the_one_before_it(pair):
    second = "- {stage: b, jobs: [{job: t, steps: [{script: pytest}]}]}\n"
    pair(
        {CI: "stages:\n- {stage: a, jobs: []}\n" + second},
        {CI: "stages:\n- {stage: a, condition: false, jobs: []}\n" + second},
        "it depends on `a`",
    )


def branch(condition, trigger="[main]"):
    return f"trigger: {trigger}\npr: none\n" + step(f'condition: "{condition}"')


SOURCE = "variables['Build.SourceBranch']"


@pytest.mark.parametrize(
    ("live", "dead"),
    [
        (branch(f"eq({SOURCE}, 'refs/heads/main')"), branch(f"eq({SOURCE}, 'refs/heads/dev')")),
        (branch(f"startsWith({SOURCE}, 'refs/heads/')"), branch(f"startsWith({SOURCE}, 'refs/tags/')")),
        (branch(f"eq({SOURCE}, 'refs/heads/dev')", "[main, dev]"), branch(f"ne({SOURCE}, 'refs/heads/main')")),
        (
            branch(f"eq({SOURCE}, 'refs/heads/release/1')", "['release/*']"),
            branch(f"eq({SOURCE}, 'refs/heads/main')", "['release/*']"),
        ),
        (
            branch(f"eq({SOURCE}, 'refs/heads/a')", "{branches: {exclude: [b]}}"),
            branch(f"eq({SOURCE}, 'refs/heads/b')", "{branches: {exclude: [b]}}"),
        ),
        (
            branch(f"startsWith({SOURCE}, 'refs/tags/')", "{tags: {include: ['*']}}"),
            branch(f"eq({SOURCE}, 'refs/heads/b')", "{tags: {include: ['*']}}"),
        ),
        (
            branch(f"eq({SOURCE}, 'refs/heads/any')", "{batch: true}"),
            branch(f"startsWith({SOURCE}, 'refs/tags/')", "{batch: true}"),
        ),
        (branch(f"eq({SOURCE}, 'refs/heads/any')", ""), branch(f"startsWith({SOURCE}, 'refs/tags/')", "")),
    ],
)
def test_a_condition_that_contradicts_the_trigger(pair, live, dead):
    pair({CI: live}, {CI: dead}, "never holds by itself")


@pytest.mark.parametrize("key", ["trigger", "pr"])
@pytest.mark.parametrize(
    ("live", "dead"),
    [
        ("include: [src]", "include: [docs]"),
        ("include: [/src/*]", "include: [/docs/*]"),
        ("include: ['*']", "include: [README.md]"),
        ("exclude: ['docs/*']", "exclude: ['**']"),
        ("include: [src], exclude: [src/README.md]", "include: [src], exclude: ['src/*']"),
    ],
)
def test_path_filters_let_code_through_or_not(pair, live, dead, key):
    other = {"trigger": "pr", "pr": "trigger"}[key]
    code = {"src/model.py": "", "docs/conf.py": ""}
    files = ({**code, CI: f"{other}: none\n{key}: {{paths: {{{text}}}}}\n" + STEP} for text in (live, dead))
    pair(*files, f"the `paths` of `{key}` match no Python file")


def test_triggers_and_place(find):
    (run,) = find(
        {CI: "trigger: [main]\npool: {vmImage: ubuntu-latest}\nsteps:\n- script: |\n    pip install .\n    pytest -q\n"}
    ).runs
    assert (run.system, run.triggers) == ("Azure Pipelines", ("push", "pull request"))
    assert [str(place) for place in run.chain] == [f"{CI}:6"]


def test_a_condition_keeps_its_trigger(find):
    (run,) = find({CI: step("condition: eq(variables['Build.Reason'], 'PullRequest')")}).runs
    assert run.triggers == ("pull request",)


TEMPLATE = "parameters:\n- name: suite\n  default: tests\nsteps:\n- script: pytest ${{ parameters.suite }}\n"


@pytest.mark.parametrize(
    ("template", "path"),
    [("ci/t.yml", "ci/t.yml"), ("/ci/t.yml", "ci/t.yml"), ("ci/t.yml@self", "ci/t.yml"), ("./ci/t.yml", "ci/t.yml")],
)
def test_local_templates_are_followed(find, template, path):
    (run,) = find({CI: f"steps:\n- template: {template}\n  parameters: {{suite: tests/unit}}\n", path: TEMPLATE}).runs
    assert run.live
    assert run.selection.paths == ("tests/unit",)
    assert [str(place) for place in run.chain] == [f"{CI}:2", f"{path}:5"]


def test_templates_are_found_beside_the_file_that_names_them(find):
    files = {
        CI: "jobs:\n- template: ci/jobs.yml\n",
        "ci/jobs.yml": "jobs:\n- job: a\n  steps:\n  - template: t.yml\n",
        "ci/t.yml": TEMPLATE,
    }
    (run,) = find(files).runs
    assert [place.path for place in run.chain] == [CI, "ci/jobs.yml", "ci/t.yml"]


def test_extends(find):
    (run,) = find({CI: "extends:\n  template: t.yml\n", "t.yml": TEMPLATE}).live
    assert run.selection.paths == ("tests",)


def test_a_template_of_another_repository_is_told(find):
    found = find({CI: "steps:\n- template: t.yml@shared\n"})
    assert [(d.code, d.location.line) for d in found.diagnostics] == [("ci-not-followed", 2)]


def test_a_template_including_itself_ends(find):
    assert find({CI: "steps:\n- template: t.yml\n", "t.yml": "steps:\n- template: t.yml\n- script: pytest\n"}).live


def test_a_pipeline_in_a_folder_says_what_starts_it(pair):
    path = ".azure-pipelines/ci.yml"
    pair({path: "trigger: [main]\n" + STEP}, {path: STEP}, "no pipeline here includes")


def test_the_matrix_gives_variables(find):
    text = "jobs:\n- job: a\n  strategy: {matrix: {one: {suite: unit}, two: {suite: slow}}}\n  steps: [{script: pytest tests/$(suite)}]\n"
    assert sorted(run.selection.paths[0] for run in find({CI: text}).live) == ["tests/slow", "tests/unit"]


def test_working_directory_and_script_files(find):
    text = (
        "steps:\n- script: pytest\n  workingDirectory: $(Build.SourcesDirectory)/sub\n"
        "- task: Bash@3\n  inputs: {targetType: filePath, filePath: run.sh, arguments: -x}\n"
    )
    runs = find({CI: text, "sub/test_a.py": "", "run.sh": 'pytest "$@"\n'}).live
    assert [(run.command, run.selection.paths) for run in runs] == [("pytest", ("sub",)), ("pytest -x", ("",))]


@pytest.mark.parametrize("text", ["steps: [", "a: &a [*a]"])
def test_broken_file_is_told(find, text):
    assert [d.code for d in find({CI: text}).diagnostics] == ["ci-unreadable"]


@pytest.mark.parametrize("text", ["", "[]", "steps: {script: pytest}", "jobs: [1, [2]]\nvariables: [1]\nparameters: 3"])
def test_odd_shapes_are_no_error(find, text):
    assert find({CI: text}).runs == ()
