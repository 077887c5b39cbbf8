"""GitHub Actions: conditions and filters against what starts the workflow, each live case beside one that is not."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

pytestmark = pytest.mark.mlscore("honesty-2")

CI, CALLED = ".github/workflows/ci.yml", ".github/workflows/tests.yml"
CODE = {"src/model.py": "", "tests/test_model.py": "", "docs/conf.py": ""}


def workflow(on, condition=None, *, step=False):
    extra = "" if condition is None else f"if: {condition}"
    job, own = ("", f"        {extra}\n") if step else (f"    {extra}\n", "")
    return f"on: {on}\njobs:\n  test:\n    runs-on: ubuntu-latest\n{job}    steps:\n      - run: pytest\n{own}"


MAIN = "{push: {branches: [main]}}"
# The trigger, a condition that holds in its runs, and one that never does.
CONDITIONS = [
    (MAIN, "github.ref == 'refs/heads/main'", "github.ref == 'refs/heads/dev'"),
    (MAIN, "github.ref_name != 'dev'", "github.ref != 'refs/heads/main'"),
    (MAIN, "startsWith(github.ref, 'refs/heads/')", "startsWith(github.ref, 'refs/tags/')"),
    (MAIN, "endsWith(github.ref, '/main')", "contains(github.ref, 'release')"),
    (MAIN, "github.ref_type == 'branch'", "github.ref_type == 'tag'"),
    (MAIN, "github.event.ref == 'refs/heads/main'", "github.event.ref == 'refs/heads/dev'"),
    (MAIN, "github.event_name == 'push' && github.ref_name == 'main'", "github.event_name == 'push' && github.ref_name == 'dev'"),
    (MAIN, "github.event_name == 'push'", "github.event_name == 'workflow_dispatch'"),
    (MAIN, "contains(fromJSON('[\"main\"]'), github.ref_name)", "contains(fromJSON('[\"dev\"]'), github.ref_name)"),
    ("{push: {branches: [main, dev]}}", "github.ref_name == 'dev'", "github.ref_name == 'release'"),
    ("{push: {branches: ['release/**']}}", "github.ref == 'refs/heads/release/1'", "github.ref == 'refs/heads/main'"),
    ("{push: {branches: ['release/**']}}", "startsWith(github.ref, 'refs/heads/release/1')", "startsWith(github.ref, 'refs/heads/feature')"),
    ("{push: {branches: ['release/**']}}", "contains(github.ref, 'release/')", "!contains(github.ref, 'release/')"),
    ("{push: {branches: ['**', '!dev']}}", "github.ref_name == 'main'", "github.ref_name == 'dev'"),
    ("{push: {branches-ignore: [dev]}}", "github.ref_name == 'main'", "github.ref_name == 'dev'"),
    ("{push: {tags: ['v*']}}", "startsWith(github.ref, 'refs/tags/v1')", "github.ref == 'refs/heads/main'"),
    ("{push: {tags-ignore: [old]}}", "github.ref_type == 'tag'", "github.ref_name == 'old'"),
    ("push", "startsWith(github.ref, 'refs/tags/')", "startsWith(github.ref, 'refs/pull/')"),
    ("push", "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)", "github.base_ref == 'main'"),
    ("{pull_request: {branches: [main]}}", "github.base_ref == 'main'", "github.base_ref == 'dev'"),
    ("{pull_request: {branches: [main]}}", "github.event.pull_request.base.ref == 'main'", "github.event.pull_request.base.ref == 'dev'"),
    ("pull_request", "startsWith(github.ref, 'refs/pull/')", "github.ref == 'refs/heads/main'"),
    ("pull_request_target", "github.ref == 'refs/heads/main'", "startsWith(github.ref, 'refs/pull/')"),
    ("{schedule: [{cron: '1 1 * * *'}]}", "github.ref == 'refs/heads/main'", "startsWith(github.ref, 'refs/tags/')"),
    ("merge_group", "startsWith(github.ref, 'refs/heads/gh-readonly-queue/')", "github.ref == 'refs/heads/main'"),
    ("[push, workflow_dispatch]", "inputs.skip == false", "inputs.run == true"),
    ("[push, workflow_dispatch]", "inputs.skip != 'true'", "inputs.run"),
]  # fmt: skip


@pytest.mark.parametrize("step", [False, True], ids=["job", "step"])
@pytest.mark.parametrize(("on", "live", "dead"), CONDITIONS)
def test_a_condition_beside_one_that_contradicts_the_trigger(pair, on, live, dead, step):
    pair(
        {CI: workflow(on, f"${{{{ {live} }}}}", step=step)},
        {CI: workflow(on, f"${{{{ {dead} }}}}", step=step)},
        "never holds",
    )


# The type of the input, the value that is given or declared, and what is asked of it.
INPUTS = [
    ("boolean", "true", "false", "inputs.run"),
    ("boolean", "true", "false", "inputs.run == true"),
    ("boolean", "false", "true", "inputs.run == false"),
    ("boolean", "false", "true", "!inputs.run"),
    ("boolean", "true", "false", "github.event_name == 'push' && inputs.run"),
    ("boolean", "true", "''", "inputs.run"),
    ("string", "'true'", "'false'", "inputs.run == 'true'"),
    ("string", "'false'", "''", "inputs.run"),
    ("number", "1", "0", "inputs.run"),
    ("boolean", "${{ github.event_name == 'push' }}", "${{ github.event_name != 'push' }}", "inputs.run"),
    ("boolean", "${{ github.ref == 'refs/heads/main' }}", "${{ github.ref == 'refs/pull/1' }}", "inputs.run"),
]


def called(kind, condition, default="", *, step=False):
    declared = f"{{type: {kind}, default: {default}}}" if default else f"{{type: {kind}}}"
    return workflow(f"\n  workflow_call:\n    inputs:\n      run: {declared}", f"${{{{ {condition} }}}}", step=step)


def caller(value=None, on="push"):
    given = "" if value is None else f"    with:\n      run: {value}\n"
    return f"on: {on}\njobs:\n  call:\n    uses: ./{CALLED}\n{given}"


@pytest.mark.parametrize("step", [False, True], ids=["job", "step"])
@pytest.mark.parametrize(("kind", "yes", "no", "condition"), INPUTS)
def test_an_input_of_a_reusable_workflow_decides(pair, kind, yes, no, condition, step):
    text = called(kind, condition, step=step)
    pair({CI: caller(yes), CALLED: text}, {CI: caller(no), CALLED: text}, "never holds")


@pytest.mark.parametrize(("kind", "yes", "no", "condition"), [c for c in INPUTS if "$" not in c[1]])
def test_an_input_left_to_its_default_decides(pair, kind, yes, no, condition):
    files = ({CI: caller(), CALLED: called(kind, condition, default)} for default in (yes, no))
    pair(*files, "never holds")


def test_a_boolean_input_never_equals_the_word(find):
    # GitHub compares a boolean with a text as numbers.
    found = find({CI: caller("true"), CALLED: called("boolean", "inputs.run == 'true'")})
    assert [run.live for run in found.runs] == [False]


def test_an_input_left_out_without_a_default_is_empty(find):
    for kind in ("boolean", "string", "number"):
        assert not find({CI: caller(), CALLED: called(kind, "inputs.run")}).live
        assert find({CI: caller(), CALLED: called(kind, "!inputs.run")}).live


def test_inputs_that_an_event_makes_keep_that_event_alone(find):
    value = "${{ github.event_name == 'push' }}"
    found = find({CI: caller(value, on="[push, pull_request]"), CALLED: called("boolean", "inputs.run")})
    assert [run.triggers for run in found.live] == [("push",)]


FILTERS = [
    ("paths: ['src/**']", "paths: ['docs/**']", "match no Python file"),
    ("paths: ['**.py']", "paths: ['*.py']", "match no Python file"),
    ("paths: ['**/*.py', '!docs/**']", "paths: ['**', '!**.py']", "match no Python file"),
    ("paths: ['**/model.py']", "paths: [requirements.txt]", "match no Python file"),
    ("paths: ['tests?/*.p[xy]']", "paths: ['test/*.py']", "match no Python file"),
    ("paths-ignore: ['docs/**', '**.md']", "paths-ignore: ['**']", "never let it start"),
    ("paths-ignore: ['src/**']", "paths-ignore: ['src/**', 'tests/**']", "leaves out every Python file"),
]


@pytest.mark.parametrize("event", ["push", "pull_request"])
@pytest.mark.parametrize(("live", "dead", "why"), FILTERS)
def test_path_filters_let_code_through_or_not(pair, live, dead, why, event):
    files = ({**CODE, CI: workflow(f"{{{event}: {{{text}}}}}")} for text in (live, dead))
    pair(*files, why)


def test_a_path_filter_takes_away_its_own_trigger_alone(find):
    (run,) = find({**CODE, CI: workflow("{push: {paths: ['docs/**']}, pull_request: {}}")}).runs
    assert (run.live, run.triggers) == (True, ("pull_request",))


def test_where_there_is_no_code_a_path_filter_is_not_accused(find):
    assert find({CI: workflow("{push: {paths: ['docs/**']}}"), "docs/conf.py": ""}).live


def test_a_release_only_trigger_says_so(find):
    (run,) = find({CI: workflow("{push: {tags: ['v*']}}")}).live
    assert run.triggers == ("push of tags",)
    (run,) = find({CI: workflow("{push: {tags: ['v*'], branches: [main]}}")}).live
    assert run.triggers == ("push",)
