"""The sentences that say which line earned the half point, or what is missing for it."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

from dataclasses import replace

import pytest

from mlscore.core.evidence import Location, ProofKind
from mlscore.probes.automation import proofs_for

pytestmark = pytest.mark.mlscore("honesty-2")

CI = ".github/workflows/ci.yml"


def ask(runs, *, path="tests/test_a.py", name="test_x", markers=("mlscore",)):
    return proofs_for(runs, path=path, nodeid=f"{path}::{name}", markers=frozenset(markers), name=name)


def steps(*lines, on="[push, pull_request]"):
    body = "".join(f"      - {line}\n" for line in lines)
    return f"on: {on}\njobs:\n  t:\n    steps:\n{body}"


def test_a_live_run_is_a_proof(find):
    proofs, missing = ask(find({CI: steps("run: pytest -q"), "tests/test_a.py": ""}))
    assert missing == ()
    (proof,) = proofs
    assert proof.kind is ProofKind.WORKFLOW
    assert proof.summary == "GitHub Actions runs `pytest -q` on push and pull_request"
    assert proof.chain == (Location(CI, 5),)


def test_the_way_to_the_command_is_told(find):
    files = {CI: steps("run: make test"), "Makefile": ".PHONY: test\ntest:\n\t./run.sh\n", "run.sh": "pytest -q\n"}
    ((proof,), _) = ask(find(files))
    assert proof.summary == "GitHub Actions runs `pytest -q` (through `make test`) on push and pull_request"
    assert [str(place) for place in proof.chain] == [f"{CI}:5", "Makefile:3", "run.sh:1"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "no CI workflow runs pytest"),
        ({CI: steps("run: make lint")}, "no CI workflow runs pytest"),
        (
            {CI: steps("run: pytest || true")},
            f"`{CI}:5` runs `pytest`, which does not count: failure swallowed by `|| true`",
        ),
        ({CI: steps("run: pytest", on="workflow_dispatch")}, f"`{CI}:5` runs `pytest`, which does not count: manual trigger only"),
        (
            {CI: steps('run: pytest -m "not mlscore"')},
            f"`{CI}:5` runs `pytest -m 'not mlscore'`, which leaves this test out: deselected by -m 'not mlscore'",
        ),
        (
            {CI: steps("run: pytest tests/unit")},
            f"`{CI}:5` runs `pytest tests/unit`, which leaves this test out: it lies outside the paths that are run "
            "(`tests/unit`)",
        ),
        ({"ci/github/workflows/ci.yml": steps("run: pytest")}, "`ci/github/workflows/ci.yml:5` runs `pytest`, which does not count: outside .github/workflows"),
    ],
)  # fmt: skip
def test_what_is_missing(find, files, sentence):
    proofs, missing = ask(find(files))
    assert proofs == ()
    assert sentence in missing


def test_unread_files_are_told_where_no_proof_is(find):
    _, missing = ask(find({CI: "on: [\n"}))
    assert missing[0] == "no CI workflow runs pytest"
    assert missing[1].startswith(f"{CI}:")
    assert "cannot be read" in missing[1]


def test_what_would_include_the_test_is_told_first(find):
    text = steps("run: pytest other || true", "run: pytest || true")
    _, missing = ask(find({CI: text, "other/test_b.py": ""}))
    assert f"`{CI}:6`" in missing[0]
    assert f"`{CI}:5`" in missing[1]


def test_many_reasons_are_counted(find):
    _, missing = ask(find({CI: steps(*(f"run: pytest -n {n} || true" for n in range(6)))}))
    assert len(missing) == 4
    assert missing[-1] == "3 more CI commands that run pytest do not count"


def test_each_test_gets_its_own_answer(find):
    runs = find({CI: steps("run: pytest -k fast", "run: pytest tests/unit")})
    assert ask(runs, name="test_fast")[0]
    assert not ask(runs, name="test_other")[0]
    assert ask(runs, name="test_other", path="tests/unit/test_b.py")[0]


def test_answers_are_kept_per_file_and_marks(find):
    runs = find({CI: steps("run: pytest")})
    for number in range(1000):
        ask(runs, name=f"test_{number}")
    assert len(runs.known) == 1
    ask(runs, markers=("slow",))
    assert len(runs.known) == 2


def test_the_same_run_is_told_once(find):
    text = (
        "on: push\njobs:\n  t:\n    strategy: {matrix: {python: ['3.11', '3.12']}}\n    steps:\n      - run: pytest\n"
    )
    proofs, _ = ask(find({CI: text}))
    assert len(proofs) == 1


def test_a_run_on_tags_alone_says_so(find):
    (proof,) = ask(find({CI: "on: {push: {tags: ['v*']}}\n" + steps("run: pytest").partition("\n")[2]}))[0]
    assert proof.summary == "GitHub Actions runs `pytest` on push of tags only"


def test_what_is_assumed_about_jenkins_says_so(find):
    ((proof,), _) = ask(find({"Jenkinsfile": "node { sh 'pytest' }"}))
    assert "on push (assuming a multibranch job" in proof.summary


def test_a_file_that_is_not_committed_is_told(find):
    found = find({CI: steps("run: pytest")})
    for names, end in (
        ({CI}, f"once it is committed: `{CI}` has changes that are not"),
        ({"other.yml"}, "on push and pull_request"),
    ):
        ((proof,), _) = ask(replace(found, uncommitted=frozenset(names), known={}))
        assert proof.summary.endswith(end)
