"""`pre-commit run` in CI: local hooks that run pytest, each beside one that does not count."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

CONFIG = ".pre-commit-config.yaml"
ALL = "pre-commit run --all-files"
FILES = {"tests/test_a.py": "", "src/m.py": "", "README.md": ""}


def hook(*lines, entry="pytest", top="", repository="local"):
    body = "".join(f"        {line}\n" for line in lines or ("language: system", "pass_filenames: false"))
    return f"{top}repos:\n  - repo: {repository}\n    hooks:\n      - id: tests\n        entry: {entry}\n{body}"


PLAIN = ("language: system", "pass_filenames: false")
PAIRS = [
    (ALL, hook(), ALL, hook(*PLAIN, "stages: [manual]"), "the hook runs at the stage `manual` alone"),
    ("pre-commit run -a --hook-stage manual", hook(*PLAIN, "stages: [manual]"), "pre-commit run -a --hook-stage manual", hook(*PLAIN, "stages: [commit]"), "at the stage `pre-commit`"),
    ("pre-commit run -a --hook-stage=push", hook(*PLAIN, "stages: [pre-push]"), ALL, hook(*PLAIN, "stages: [push]"), "at the stage `pre-push`"),
    (ALL, hook(*PLAIN, "stages: [pre-commit]", top="default_stages: [manual]\n"), ALL, hook(top="default_stages: [manual]\n"), "at the stage `manual`"),
    (ALL, hook(), "pre-commit run", hook(), "staged files alone"),
    ("pre-commit run", hook(*PLAIN, "always_run: true"), "pre-commit run", hook(*PLAIN, "always_run: false"), "staged files alone"),
    ("pre-commit run --from-ref a --to-ref b", hook(), "pre-commit run --to-ref b", hook(), "staged files alone"),
    ("pre-commit run tests -a", hook(), "pre-commit run other -a", hook(), None),
    (ALL, hook(), f"SKIP=a,tests {ALL}", hook(), None),
    (ALL, hook(), "pre-commit install", hook(), None),
    (ALL, hook(), f"{ALL} || true", hook(), "failure swallowed"),
    (ALL, hook(), ALL, hook(entry="pytest --collect-only"), "runs no test"),
    (ALL, hook(entry="bash -c 'pytest -q'"), ALL, hook(entry="bash -c 'pytest || true'"), "failure swallowed"),
    (ALL, hook(), ALL, hook("language: docker_image"), None),
    (ALL, hook(), ALL, hook(repository="https://example.com/hooks"), None),
    (ALL, hook(*PLAIN, "files: ^tests/"), ALL, hook(*PLAIN, "files: ^nowhere/"), None),
    (ALL, hook(*PLAIN, "exclude: ^src/"), ALL, hook(*PLAIN, "exclude: ."), None),
    (f"{ALL} -c other.yaml", hook(), f"{ALL} -c missing.yaml", hook(), None),
    (f"python -m pre_commit run -a; {ALL}", hook(), "pre-commit run -a --files", "repos: [", None),
    ("pre-commit run -a", hook("language: system"), "pre-commit run --files x.py", hook("language: system"), "not in the repository"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "live", "other", "dead", "why"), PAIRS)
def test_live_beside_dead(follow, command, live, other, dead, why):
    found = follow(command, {**FILES, CONFIG: live, "other.yaml": live})
    assert found
    assert [lead.why_not for lead in found] == [None] * len(found)
    reasons = [lead.why_not for lead in follow(other, {**FILES, CONFIG: dead})]
    assert reasons == [] if why is None else why in reasons[0]


def test_the_chain_leads_into_the_hook(follow):
    (lead,) = follow("cd src && pre-commit run -a", {**FILES, CONFIG: hook(), "src/.pre-commit-config.yaml": ""})
    assert [str(place) for place in lead.chain] == ["ci.yml:10", f"{CONFIG}:5"]
    assert lead.selection.paths == ("",)


@pytest.mark.parametrize(
    ("lines", "paths"),
    [
        (("language: system", "types: [python]"), ("src/m.py", "tests/test_a.py")),
        (("language: system", "files: ^tests/"), ("tests/test_a.py",)),
        (("language: system", "files: ^tests/", "args: [-q]", "pass_filenames: false"), ("",)),
    ],
)
def test_the_files_that_a_hook_is_given(follow, lines, paths):
    (lead,) = follow(ALL, {**FILES, CONFIG: hook(*lines)})
    assert lead.selection.paths == paths


def test_the_action_runs_all_files(find):
    text = "on: push\njobs:\n  t:\n    steps:\n      - uses: pre-commit/action@v3\n{}"
    (run,) = find({".github/workflows/ci.yml": text.format(""), CONFIG: hook()}).live
    assert str(run.chain[0]) == ".github/workflows/ci.yml:5"
    given = "        with: {extra_args: lint --all-files}\n"
    assert find({".github/workflows/ci.yml": text.format(given), CONFIG: hook()}).runs == ()
