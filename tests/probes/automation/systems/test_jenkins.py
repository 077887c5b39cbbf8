"""Jenkins: what makes a step's pytest run live, each beside its neighbour that is not."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

CI = "Jenkinsfile"


def pipeline(steps, *, stage="", top=""):
    return f"pipeline {{\n  agent any\n{top}\n  stages {{\n    stage('Test') {{\n{stage}\n      steps {{\n{steps}\n      }}\n    }}\n  }}\n}}\n"


PAIRS = [
    ("single quotes", pipeline("sh 'pytest'"), pipeline("// sh 'pytest'"), None),
    ("double quotes", pipeline('sh "pytest"'), pipeline('/* sh "pytest" */'), None),
    ("named", pipeline("sh(script: 'pytest', label: 'tests')"), pipeline("sh(script: 'pytest', returnStatus: true)"), "returnStatus: true"),
    ("named without brackets", pipeline("sh script: 'pytest', returnStdout: true"), pipeline("sh script: 'pytest', returnStatus: true"), "returnStatus: true"),
    ("swallowed", pipeline("sh 'pytest'"), pipeline("sh 'pytest || true'"), "|| true"),
    ("errexit", pipeline("sh '''\npytest\necho\n'''"), pipeline("sh '''\nset +e\npytest\necho\n'''"), "without `set -e`"),
    ("shebang", pipeline("sh '''#!/bin/bash -e\npytest\necho\n'''"), pipeline("sh '''#!/bin/bash\npytest\necho\n'''"), "without `set -e`"),
    ("pipe", pipeline("sh 'set -o pipefail; pytest | tee log'"), pipeline("sh 'pytest | tee log'"), "no `pipefail`"),
    ("catchError", pipeline("catchError { sh 'pytest' }"), pipeline("catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') { sh 'pytest' }"), "catchError"),
    ("unstable", pipeline("catchError(buildResult: 'FAILURE') { sh 'pytest' }"), pipeline("catchError(buildResult: 'UNSTABLE') { sh 'pytest' }"), "catchError"),
    ("warnError", pipeline("timeout(5) { sh 'pytest' }"), pipeline("warnError('x') { sh 'pytest' }"), "warnError"),
    ("try", pipeline("script { try { sh 'pytest' } catch (e) { throw e } }"), pipeline("script { try { sh 'pytest' } catch (e) { echo 'x' } }"), "catch"),
    ("try, failing", pipeline("script { try { sh 'pytest' } catch (e) { currentBuild.result = 'FAILURE' } }"), pipeline("script { try { sh 'pytest' } catch (e) { currentBuild.result = 'SUCCESS' } }"), "catch"),
    ("finally", pipeline("script { try { sh 'pytest' } finally { junit 'x' } }"), pipeline("script { try { sh 'make' } catch (e) { sh 'pytest' } }"), "only after a failure"),
    ("status that is read", pipeline("script { if (sh(script: 'pytest', returnStatus: true) != 0) { error 'no' } }"), pipeline("script { if (sh(script: 'pytest', returnStatus: true) != 0) { echo 'no' } }"), "decides an `if`"),
    ("when branch", pipeline("sh 'pytest'", stage="when { branch 'main' }"), pipeline("sh 'pytest'", stage="when { expression { false } }"), "never holds"),
    ("when expression", pipeline("sh 'pytest'", stage="when { expression { return true } }"), pipeline("sh 'pytest'", stage="when { expression { return false } }"), "never holds"),
    ("when not", pipeline("sh 'pytest'", stage="when { not { expression { false } } }"), pipeline("sh 'pytest'", stage="when { not { expression { true } } }"), "never holds"),
    ("when anyOf", pipeline("sh 'pytest'", stage="when { anyOf { branch 'main'; expression { false } } }"), pipeline("sh 'pytest'", stage="when { allOf { branch 'main'; expression { false } } }"), "never holds"),
    ("when env", pipeline("sh 'pytest'", stage="when { expression { env.BRANCH_NAME == 'main' } }"), pipeline("sh 'pytest'", stage="when { expression { env.RUN_TESTS == 'yes' } }"), "not known to hold"),
    ("when triggered", pipeline("sh 'pytest'", stage="when { triggeredBy 'SCMTrigger' }"), pipeline("sh 'pytest'", stage="when { triggeredBy 'UserIdCause' }"), "never holds"),
    ("when timer", pipeline("sh 'pytest'", stage="when { triggeredBy 'TimerTrigger' }", top="triggers { cron('H 4 * * *') }"), pipeline("sh 'pytest'", stage="when { triggeredBy 'TimerTrigger' }", top="triggers { pollSCM('H 4 * * *') }"), "never holds"),
    ("parameter", pipeline("sh 'pytest'", stage="when { expression { params.FULL } }", top="parameters { booleanParam(name: 'FULL', defaultValue: true) }"), pipeline("sh 'pytest'", stage="when { expression { params.FULL } }", top="parameters { booleanParam(name: 'FULL', defaultValue: false) }"), "never holds"),
    ("if", pipeline("script { if (env.CHANGE_ID) { sh 'pytest' } }"), pipeline("script { if (someSwitch) { sh 'pytest' } }"), "runs only if"),
    ("else", pipeline("script { if (false) { sh 'x' } else { sh 'pytest' } }"), pipeline("script { if (true) { sh 'x' } else { sh 'pytest' } }"), None),
    ("input", pipeline("sh 'pytest'\ninput 'go on?'"), pipeline("input 'go on?'\nsh 'pytest'"), "waits for a person"),
    ("stage input", pipeline("sh 'pytest'"), pipeline("sh 'pytest'", stage="input { message 'go on?' }"), "waits for a person"),
    ("post", "pipeline { stages { stage('a') { steps { echo 'x' } } }\n post { always { sh 'pytest' } } }", "pipeline { stages { stage('a') { steps { echo 'x' } } }\n post { failure { sh 'pytest' } } }", "only after a failure"),
    ("scripted", "node('x') { stage('t') { sh 'pytest' } }", "node('x') { stage('t') { warnError('no') { sh 'pytest' } } }", "warnError"),
    ("a method", "def test() {\n  sh 'pytest'\n}\nnode { test() }", "def test() {\n  sh 'pytest'\n}\nnode { echo 'x' }", None),
    ("variable", pipeline('sh "pytest ${SUITE}"', top="environment { SUITE = 'tests' }"), pipeline('sh "pytest ${SUITE}"', top="environment { SUITE = credentials('x') }"), "not in the repository"),
    ("shell variable", pipeline("sh 'pytest $SUITE'", top="environment { SUITE = 'tests' }"), pipeline("sh 'pytest $SUITE'"), "not in the repository"),
    ("at the root", pipeline("sh 'pytest'"), "", None),
]  # fmt: skip


@pytest.mark.parametrize(("live", "dead", "why"), [case[1:] for case in PAIRS], ids=[case[0] for case in PAIRS])
def test_live_beside_dead(pair, live, dead, why):
    pair({CI: live}, {CI: dead}, why)


ASSUMED = "push (assuming a multibranch job, as the Jenkinsfile names no trigger for pushes)"


@pytest.mark.parametrize(
    ("top", "triggers"),
    [
        ("", (ASSUMED,)),
        ("triggers { cron('H 4 * * *') }", (ASSUMED, "schedule")),
        ("// it ran by cron 'til the nightly went", (ASSUMED,)),
        ("triggers { pollSCM('H/5 * * * *') }", ("push (pollSCM)",)),
        ("triggers { githubPush() }", ("push (githubPush)",)),
        ("triggers { gitlab(triggerOnPush: true) }", ("push (gitlab)",)),
        ("triggers { cron '@daily'\n pollSCM '@hourly' }", ("push (pollSCM)", "schedule")),
        ("triggers { pollSCM('@hourly') }\n// triggers { cron('H 4 * * *') }", ("push (pollSCM)",)),
        ("triggers { cron('@daily') }\n// cron('@weekly')", (ASSUMED, "schedule")),
        ("environment { HINT = \"// triggers { cron('@daily') }\" }", (ASSUMED,)),
    ],
)
def test_triggers(find, top, triggers):
    (run,) = find({CI: pipeline("sh 'pytest'", top=top)}).live
    assert run.triggers == triggers


@pytest.mark.parametrize(
    ("top", "why"),
    [
        ("// triggers { cron('H 4 * * *') }", "its trigger `cron('H 4 * * *')` is commented out (line "),
        ("/* triggers {\n cron('H 4 * * *') } */", "its trigger `cron('H 4 * * *')` is commented out (line "),
        ("// triggers { pollSCM '@hourly' }", "its trigger `pollSCM '@hourly'` is commented out (line "),
        ("triggers {\n// githubPush()\n}", "its trigger `githubPush()` is commented out (line "),
        ("triggers { cron('') }", "the schedule of its `cron` is empty (line "),
    ],
)
def test_a_disabled_trigger_is_no_multibranch_job(find, top, why):
    text = pipeline("sh 'pytest'", top=top)
    (run,) = find({CI: text}).runs
    assert run.why_not is not None
    assert run.why_not.startswith(why)
    line = int(run.why_not.removeprefix(why).rstrip(")"))
    assert any(word in text.splitlines()[line - 1] for word in ("cron", "pollSCM", "githubPush"))


@pytest.mark.parametrize(
    "stage", ["when { branch 'main' }", "when { changeRequest() }", "when { expression { env.BRANCH_NAME == 'main' } }"]
)
def test_what_only_a_multibranch_job_knows_speaks_for_one(find, stage):
    text = pipeline("sh 'pytest'", stage=stage, top="// triggers { cron('H 4 * * *') }")
    (run,) = find({CI: text}).live
    assert run.triggers == (ASSUMED,)


def test_scripted_properties(find):
    (run,) = find({CI: "properties([pipelineTriggers([cron('@daily')])])\nnode { sh 'pytest' }\n"}).live
    assert run.triggers == (ASSUMED, "schedule")


def test_places_in_long_strings(find):
    text = pipeline('sh """\n  pip install . \\\n    --quiet\n  pytest -q\n"""')
    (run,) = find({CI: text}).runs
    assert [str(place) for place in run.chain] == [f"{CI}:{text.split(chr(10)).index('  pytest -q') + 1}"]


def test_dir_and_environment(find):
    text = pipeline("dir('sub') { withEnv(['PYTEST_ADDOPTS=-m slow']) { sh 'pytest' } }\nsh 'pytest -x'")
    runs = {run.command: run.selection for run in find({CI: text, "sub/test_a.py": ""}).live}
    assert (runs["pytest"].paths, runs["pytest"].markexpr) == (("sub",), "slow")
    assert (runs["pytest -x"].paths, runs["pytest -x"].markexpr) == (("",), None)


def test_containers_parallel_branches_and_nested_stages(find):
    text = (
        "pipeline { stages { stage('a') { parallel { stage('b') { steps { sh 'pytest -k b' } }\n"
        "stage('c') { stages { stage('d') { steps { sh 'pytest -k d' } } } } } } } }\n"
        "node { docker.image('x').inside('-u root') { sh 'pytest -k e' }\n parallel(f: { sh 'pytest -k f' }, g: { sh 'pytest -k g' }) }\n"
    )
    assert sorted(run.selection.keyword for run in find({CI: text}).live) == ["b", "d", "e", "f", "g"]


def test_a_method_calling_itself_ends(find):
    assert find({CI: "def a() {\n  a()\n  sh 'pytest'\n}\na()\n"}).live


@pytest.mark.parametrize(
    "text", ["pipeline {", "node { sh 'pytest }", "node ( }", "}", "node { \\u0000 ` }", "{" * 100]
)
def test_broken_file_is_told(find, text):
    found = find({CI: text})
    assert found.runs == ()
    assert [(d.code, d.location.path) for d in found.diagnostics] == [("ci-unreadable", CI)]


@pytest.mark.parametrize(("live", "dead"), [("src/**", "docs/**"), ("**/*.py", "*.md"), ("**/model.py", "README.md")])
def test_a_changeset_lets_code_through_or_not(pair, live, dead):
    text = "pipeline { agent any\n stages { stage('t') { when { changeset '%s' }\n steps { sh 'pytest' } } } }\n"
    code = {"src/model.py": "", "docs/conf.py": ""}
    pair({**code, CI: text % live}, {**code, CI: text % dead}, "never holds by itself")
