"""GitLab CI: what makes a job's pytest run live, each beside its neighbour that is not."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

pytestmark = pytest.mark.mlscore("honesty-2")

CI = ".gitlab-ci.yml"


def job(*lines, script="    - pytest", top=""):
    body = "".join(f"  {line}\n" for line in lines)
    return f"{top}test:\n{body}  script:\n{script}\n"


MR = '$CI_PIPELINE_SOURCE == "merge_request_event"'
PAIRS = [
    ("plain", job(), job("when: manual"), "manual trigger only"),
    ("when", job("when: always"), job("when: never"), "when: never"),
    ("delayed", job("when: delayed", "start_in: 5 minutes"), job("when: on_failure"), "only on failure"),
    ("hidden", job(), job().replace("test:", ".test:"), None),
    ("allow_failure", job("allow_failure: false"), job("allow_failure: true"), "allow_failure"),
    ("exit codes", job("allow_failure: {exit_codes: 5}"), job("allow_failure: {exit_codes: [1, 5]}"), "allow_failure"),
    ("rules", job("rules:", f"  - if: {MR}"), job("rules:", '  - if: $CI_PIPELINE_SOURCE == "web"'), "no rule lets it run"),
    ("rules when", job("rules:", f"  - if: {MR}", "    when: always"), job("rules:", f"  - if: {MR}", "    when: never"), "when: never"),
    ("rules manual", job("rules:", f"  - if: {MR}"), job("rules:", f"  - if: {MR}", "    when: manual"), "manual trigger only"),
    ("rules order", job("rules:", "  - when: on_success", "  - when: never"), job("rules:", "  - when: never", "  - when: on_success"), "when: never"),
    ("rules variable", job("rules:", '  - if: $SUITE == "full"', top="variables: {SUITE: full}\n"), job("rules:", '  - if: $SUITE == "full"'), "not known to hold"),
    ("rules default branch", job("rules:", "  - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"), job("rules:", "  - if: $SECRET_SWITCH"), "not known to hold"),
    ("rules regex", job("rules:", "  - if: $CI_PIPELINE_SOURCE =~ /^push|schedule$/"), job("rules:", "  - if: $CI_PIPELINE_SOURCE =~ /^web$/"), "no rule lets it run"),
    ("rules soft", job("rules:", f"  - if: {MR}"), job("rules:", f"  - if: {MR}", "    allow_failure: true"), "allow_failure"),
    ("rules changes", job("rules:", "  - changes: ['*.py']"), job("rules:", "  - changes: ['*.py']", "    when: manual"), "manual trigger only"),
    ("job's when in rules", job("rules:", f"  - if: {MR}"), job("when: manual", "rules:", f"  - if: {MR}"), "manual trigger only"),
    ("message", job("rules:", '  - if: $CI_COMMIT_MESSAGE !~ /skip/'), job("rules:", "  - if: $CI_COMMIT_MESSAGE =~ /run-tests/"), "no rule lets it run"),
    ("only", job("only: [main, merge_requests]"), job("only: [web]"), "only: web"),
    ("only refs", job("only: {refs: [schedules]}"), job("only: {refs: [api]}"), "only: api"),
    ("only variables", job("only: {variables: [$CI_COMMIT_BRANCH]}"), job("only: {variables: [$RUN_ME]}"), "not known to hold"),
    ("except", job("except: [tags]"), job("except: [branches]"), "except: branches"),
    ("workflow rules", "workflow: {rules: [{when: always}]}\n" + job(), "workflow: {rules: [{when: never}]}\n" + job(), "workflow: rules"),
    (
        "workflow rules for schedules",
        f"workflow:\n  rules:\n    - if: {MR}\n" + job("rules:", "  - when: on_success"),
        'workflow:\n  rules:\n    - if: $CI_PIPELINE_SOURCE == "api"\n' + job("rules:", "  - when: on_success"),
        "workflow: rules",
    ),
    ("after_script", job(), "test:\n  script: [make]\n  after_script: [pytest]\n", "after_script"),
    ("before_script", "default: {before_script: [pytest]}\nt: {script: [make]}\n", "default: {before_script: [pytest]}\nt: {inherit: {default: false}, script: [make]}\n", None),
    ("errexit", job(script="    - pytest\n    - echo"), job(script="    - set +e\n    - pytest\n    - echo"), "without `set -e`"),
    ("pipefail", job(script="    - pytest | tee log"), job(script="    - set +o pipefail\n    - pytest | tee log"), "no `pipefail`"),
    ("swallowed", job(script="    - pytest"), job(script="    - pytest || true"), "|| true"),
    ("left of and", job(script="    - pytest && echo ok"), job(script="    - pytest && echo ok\n    - echo"), "left of `&&`"),
    ("extends", ".base: {when: always}\n" + job("extends: .base"), ".base: {when: manual}\n" + job("extends: .base"), "manual trigger only"),
    ("extends overridden", ".base: {when: manual}\n" + job("extends: .base", "when: always"), ".base: {when: always}\n" + job("extends: [.base]", "when: manual"), "manual trigger only"),
    ("anchors", ".base: &base {allow_failure: false}\n" + job("<<: *base"), ".base: &base {allow_failure: true}\n" + job("<<: *base"), "allow_failure"),
    ("variable in a command", job(script="    - pytest $SUITE", top="variables: {SUITE: tests}\n"), job(script="    - pytest $SUITE"), "not in the repository"),
]  # fmt: skip


@pytest.mark.parametrize(("live", "dead", "why"), [case[1:] for case in PAIRS], ids=[case[0] for case in PAIRS])
def test_live_beside_dead(pair, live, dead, why):
    pair({CI: live}, {CI: dead}, why)


CODE = {"src/model.py": "", "tests/test_model.py": "", "docs/conf.py": ""}
ONLY_DOCS, NO_CODE = "docs/**/*", "match no Python file of the repository"
CHANGES = [
    (job("rules:", "  - changes: ['src/**/*']"), job("rules:", f"  - changes: ['{ONLY_DOCS}']"), f"`rules: changes` {NO_CODE}"),
    (job("rules:", "  - changes: {paths: ['**/*.{py,toml}']}"), job("rules:", f"  - changes: {{paths: ['{ONLY_DOCS}']}}"), NO_CODE),
    (job("rules:", f"  - changes: ['{ONLY_DOCS}']", "  - when: on_success"), job("rules:", f"  - changes: ['{ONLY_DOCS}']", "  - when: never"), NO_CODE),
    (job("rules:", "  - if: $CI_COMMIT_BRANCH", "    changes: ['tests/*']"), job("rules:", "  - if: $CI_COMMIT_BRANCH", "    changes: ['*']"), NO_CODE),
    (job("rules:", f"  - changes: ['{ONLY_DOCS}']", "    when: never", "  - when: always"), job("rules:", f"  - changes: ['{ONLY_DOCS}']", "    when: always"), NO_CODE),
    (job("rules:", "  - changes: [$WHERE]"), job("rules:", "  - changes: [README.md]"), NO_CODE),
    (job("only: {changes: ['**/*.py']}"), job(f"only: {{changes: ['{ONLY_DOCS}']}}"), f"`only: changes` {NO_CODE}"),
    (job("only: {refs: [merge_requests], changes: ['src/*']}"), job("only: {refs: [merge_requests], changes: ['docs/*']}"), NO_CODE),
    (job(f"except: {{changes: ['{ONLY_DOCS}']}}"), job("except: {changes: ['**/*']}"), "`except: changes` keeps every Python file"),
]  # fmt: skip


@pytest.mark.parametrize(("live", "dead", "why"), CHANGES)
def test_changes_let_code_through_or_not(pair, live, dead, why):
    pair({**CODE, CI: live}, {**CODE, CI: dead}, why)


def test_a_schedule_passes_every_filter_of_changes(find):
    text = job("rules:", '  - if: $CI_PIPELINE_SOURCE == "schedule"', f"    changes: ['{ONLY_DOCS}']")
    assert [run.triggers for run in find({**CODE, CI: text}).live] == [("schedule",)]


def test_a_workflow_for_changed_documents_makes_no_schedule(find):
    text = f"workflow: {{rules: [{{changes: ['{ONLY_DOCS}']}}]}}\n" + job()
    assert not find({**CODE, CI: text}).live
    assert find({**CODE, CI: text.replace("docs", "src")}).live


def staged(gate, *lines):
    """A pipeline with a job before the tests, which a person may have to start."""
    return f"stages: [first, second]\ngate: {{stage: first, script: [echo], {gate}}}\n" + job("stage: second", *lines)


BLOCKS, NEEDS = (
    "`gate` of an earlier stage blocks it until a person starts it",
    "it needs `gate`, which a person must start",
)
MANUAL = "when: manual, allow_failure: false"
WAITING = [
    (staged("when: manual"), staged(MANUAL), BLOCKS),
    (staged("when: on_success, allow_failure: false"), staged(MANUAL), BLOCKS),
    (staged("rules: [{when: manual, allow_failure: true}]"), staged("rules: [{when: manual}]"), BLOCKS),
    (staged("allow_failure: true, rules: [{when: manual}]"), staged("allow_failure: false, rules: [{when: manual}]"), BLOCKS),
    (staged("rules: [{if: $CI_COMMIT_TAG, when: manual}]"), staged("rules: [{if: $CI, when: manual}]"), BLOCKS),
    (staged(MANUAL + ", only: [web]"), staged(MANUAL + ", only: [branches]"), BLOCKS),
    (staged(MANUAL + ", only: [main]"), staged(MANUAL), BLOCKS),
    (staged(MANUAL, "needs: []"), staged(MANUAL, "needs: [gate]"), NEEDS),
    (staged("when: manual", "needs: [{job: other, project: a/b}]"), staged("when: manual", "needs: [{job: gate}]"), NEEDS),
    (
        staged("when: on_success", "needs: [middle]") + "middle: {stage: first, script: [echo], needs: [gate]}\n",
        staged("when: manual", "needs: [middle]") + "middle: {stage: first, script: [echo], needs: [gate]}\n",
        NEEDS,
    ),
    (staged(MANUAL).replace("stage: second", "stage: first"), staged(MANUAL), BLOCKS),
    (staged(MANUAL).replace("[first, second]", "[second, first]"), staged(MANUAL), BLOCKS),
    (staged(MANUAL).replace("stage: first", "stage: .post"), staged(MANUAL).replace("stage: first", "stage: .pre"), BLOCKS),
    ("gate: {stage: deploy, script: [echo], " + MANUAL + "}\n" + job(), "gate: {stage: build, script: [echo], " + MANUAL + "}\n" + job(), BLOCKS),
]  # fmt: skip


@pytest.mark.parametrize(("live", "dead", "why"), WAITING)
def test_a_manual_job_before_the_tests(pair, live, dead, why):
    pair({CI: live}, {CI: dead}, why)


def test_jobs_that_need_each_other_end(find):
    text = job("needs: [other]") + "other: {script: [echo], needs: [test]}\n"
    assert find({CI: text}).live


@pytest.mark.parametrize(
    ("lines", "triggers"),
    [
        ((), ("push",)),
        (("rules:", "  - when: on_success"), ("push", "merge request")),
        (("rules:", f"  - if: {MR}"), ("merge request",)),
        (("rules:", '  - if: $CI_PIPELINE_SOURCE == "schedule"'), ("schedule",)),
        (("only: [merge_requests]",), ("merge request",)),
        (("only: [schedules]",), ("schedule",)),
        (("only: [/^release/]",), ("push",)),
        (("only: [tags]",), ("push of tags",)),
        (("only: [tags, merge_requests]",), ("push of tags", "merge request")),
        (("only: [tags, branches]",), ("push",)),
        (("only: {changes: [x]}",), ("push",)),
        (("rules:", "  - if: $CI_COMMIT_TAG"), ("push of tags",)),
        (("rules:", "  - if: $CI_COMMIT_TAG", "  - if: $CI_COMMIT_BRANCH"), ("push",)),
    ],
)
def test_triggers(find, lines, triggers):
    (run,) = find({CI: job(*lines)}).live
    assert run.triggers == triggers


def test_local_includes_are_merged_and_places_kept(find):
    main = "include:\n  - local: /ci/jobs.yml\n  - ci/*.more.yml\ntest:\n  variables: {SUITE: tests/unit}\n"
    files = {
        CI: main,
        "ci/jobs.yml": "test:\n  stage: test\n  script:\n    - pytest $SUITE\n",
        "ci/a.more.yml": "other:\n  script: pytest -m slow\n",
    }
    runs = {run.command: run for run in find(files).live}
    assert runs["pytest tests/unit"].chain[0].path == "ci/jobs.yml"
    assert runs["pytest tests/unit"].chain[0].line == 4
    assert "pytest -m slow" in runs


@pytest.mark.parametrize(
    "include",
    [
        "include: https://example.org/ci.yml",
        "include: [{remote: 'https://example.org/ci.yml'}]",
        "include: [{project: a/b, file: /ci.yml}]",
        "include: [{template: Python.gitlab-ci.yml}]",
        "include: [{component: a/b/c@1}]",
    ],
)
def test_what_is_not_in_the_repository_is_told(find, include):
    found = find({CI: f"{include}\n"})
    assert found.runs == ()
    assert [(d.code, d.location.path, d.location.line) for d in found.diagnostics] == [("ci-not-followed", CI, 1)]


def test_a_cycle_of_includes_ends(find):
    files = {
        CI: "include: a.yml\n" + job(),
        "a.yml": "include: b.yml\n",
        "b.yml": "include: a.yml\nx: {script: pytest -x}\n",
    }
    assert sorted(run.command for run in find(files).live) == ["pytest", "pytest -x"]


def test_a_cycle_of_extends_ends(find):
    (run,) = find({CI: ".a: {extends: .b}\n.b: {extends: .a}\n" + job("extends: .a")}).live
    assert run.command == "pytest"


def test_references_are_taken_in(find):
    text = ".setup:\n  script:\n    - cd sub\n    - set -x\ntest:\n  script:\n    - !reference [.setup, script]\n    - pytest\n"
    (run,) = find({CI: text, "sub/test_a.py": ""}).live
    assert run.selection.paths == ("sub",)
    assert run.chain[0].line == 8


def test_a_reference_to_itself_ends(find):
    assert find({CI: ".a: {script: [!reference [.a, script]]}\nt: {script: [!reference [.a, script], pytest]}\n"}).live


def test_rules_by_reference(find):
    text = ".r: {rules: [{when: never}]}\nt:\n  rules:\n    - !reference [.r, rules]\n  script: pytest\n"
    (run,) = find({CI: text}).runs
    assert "when: never" in run.why_not


def test_parallel_matrix(find):
    text = "t:\n  parallel: {matrix: [{SUITE: [unit, slow]}, {SUITE: e2e}]}\n  script: pytest tests/$SUITE\n"
    assert sorted(run.selection.paths[0] for run in find({CI: text}).live) == ["tests/e2e", "tests/slow", "tests/unit"]


CHILD = "t:\n  rules: [{if: $CI_PIPELINE_SOURCE == 'parent_pipeline'}]\n  script: pytest\n"


def test_child_pipeline_that_is_waited_for(pair):
    start = "c:\n  trigger:\n    include: ci/child.yml\n"
    pair(
        {CI: start + "    strategy: depend\n", "ci/child.yml": CHILD},
        {CI: start, "ci/child.yml": CHILD},
        "strategy: depend",
    )


def test_child_pipeline_has_the_way_to_it_in_its_chain(find):
    (run,) = find({CI: "c:\n  trigger: {include: [{local: x.yml}], strategy: depend}\n", "x.yml": CHILD}).live
    assert [str(place) for place in run.chain] == [f"{CI}:2", "x.yml:3"]
    assert run.triggers == ("push",)


def test_inputs_of_the_file_itself(find):
    text = "spec: {inputs: {suite: {default: tests}}}\n---\nt: {script: 'pytest $[[ inputs.suite ]]'}\n"
    (run,) = find({CI: text}).live
    assert run.selection.paths == ("tests",)


@pytest.mark.parametrize("text", ["t: [", "t: &a {x: *a}\n", "\t"])
def test_broken_file_is_told(find, text):
    found = find({CI: text})
    assert found.runs == ()
    assert [d.code for d in found.diagnostics] == ["ci-unreadable"]


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "t: {script: {a: b}}", "t: {script: [[a, [b]], {c: d}], rules: 3, only: {}}"]
)
def test_odd_shapes_are_no_error(find, text):
    assert find({CI: text}).runs == ()
