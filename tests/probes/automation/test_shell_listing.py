"""Commands that list files, and the pytest runs that take what they print."""

from __future__ import annotations

import pytest

from mlscore.probes.automation.shell_listing import MAX_LISTED, printed_paths

FILES = {"tests/test_a.py": "", "tests/unit/test_b.py": "", "tests/helper.py": "", "src/m.py": "", "README.md": ""}
BOTH = ("tests/test_a.py", "tests/unit/test_b.py")


@pytest.mark.parametrize(
    ("commands", "paths"),
    [
        (["find tests -name test_*.py"], BOTH),
        (["find ./tests -type f -name test_*.py -print0", "sort -z"], ("./tests/test_a.py", "./tests/unit/test_b.py")),
        (["find tests -maxdepth 1 -name test_*.py"], BOTH[:1]),
        (["find src tests/unit -name *.py"], ("src/m.py", BOTH[1])),
        (["find -name test_b.py"], BOTH[1:]),
        (["find tests -name test_*.py -mtime 1"], None),
        (["find tests -name test_a.py -o -name x"], None),
        (["find .. -name test_*.py"], None),
        (["find tests -name nothing.py"], None),
        (["ls tests/test_*.py"], BOTH[:1]),
        (["ls -1 tests/test_a.py tests/unit/test_b.py"], BOTH),
        (["ls tests"], None),
        (["ls -l tests/test_a.py"], None),
        (["git ls-files tests/test_*.py"], BOTH[:1]),
        (["git ls-files tests/*.py"], ("tests/helper.py", *BOTH)),
        (["git ls-files -- tests/**/test_*.py"], BOTH[1:]),
        (["git ls-files -o tests"], None),
        (["git ls-files tests/unit"], BOTH[1:]),
        (["git diff --name-only"], None),
        (["circleci tests glob tests/**/test_*.py"], BOTH),
        (["circleci tests glob tests/*.py", "circleci tests split --split-by=timings"], ("tests/helper.py", BOTH[0])),
        (["circleci tests glob tests/**/test_{a,b}.py", "sort", "uniq"], BOTH),
        (["echo tests/unit"], ("tests/unit",)),
        (["find tests -name test_*.py", "grep unit"], None),
        (["find tests -name test_*.py", "uniq -d"], None),
        (["cat list.txt"], None),
    ],
)
def test_what_is_printed(repository, commands, paths):
    assert printed_paths([command.split() for command in commands], "", repository(FILES)) == paths


def test_paths_are_printed_relative_to_the_folder(repository):
    tree = repository(FILES)
    assert printed_paths([["find", "unit", "-name", "test_*.py"]], "tests", tree) == ("unit/test_b.py",)
    assert printed_paths([["find", "../src", "-name", "m.py"]], "tests", tree) == ("../src/m.py",)
    assert printed_paths([["find", "unit"]], None, tree) is None


def test_too_many_paths_are_not_followed(repository):
    words = [str(number) for number in range(MAX_LISTED + 1)]
    assert printed_paths([["echo", *words]], "", repository({})) is None
    assert printed_paths([["echo", *words[1:]]], "", repository({})) == tuple(words[1:])


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("find tests -name 'test_*.py' | xargs pytest", BOTH),
        ("find tests -name 'test_*.py' -print0 | xargs -0 -n 1 python -m pytest -q", BOTH),
        ("ls tests/test_*.py | xargs -I{} pytest {} -x", BOTH[:1]),
        ("ls tests/test_*.py | xargs -I % pytest % -x", BOTH[:1]),
        ("cd tests && find . -name 'test_b.py' | xargs pytest", BOTH[1:]),
        ("git ls-files 'tests/*test_*.py' | sort | xargs -r pytest", BOTH),
        ('circleci tests glob "tests/**/test_*.py" | circleci tests split | xargs pytest', BOTH),
        ('pytest $(circleci tests glob "tests/**/test_*.py" | circleci tests split)', BOTH),
        ('FILES=$(circleci tests glob "tests/**/test_*.py")\npytest $FILES', BOTH),
        (
            'circleci tests glob "tests/**/test_*.py" | circleci tests run --command="xargs pytest -q" --split-by=timings',
            BOTH,
        ),
        ("circleci tests glob 'tests/unit/*' | circleci tests run --command 'xargs pytest'", BOTH[1:]),
        ("circleci tests glob 'x/*' | circleci tests run --command='pytest tests'", ("tests",)),
        ("circleci tests glob 'x/*' | circleci tests run --command='cd tests && pytest unit'", ("tests/unit",)),
        ("for f in $(find tests -name 'test_*.py'); do pytest $f; done", BOTH),
    ],
)
def test_pytest_is_given_what_is_printed(follow, script, paths):
    leads = follow(script, FILES)
    assert [lead.why_not for lead in leads] == [None] * len(leads)
    assert sorted({path for lead in leads for path in lead.selection.paths}) == sorted(paths)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("find tests -newer stamp | xargs pytest", "its arguments are computed (`xargs`)"),
        ("find tests -name 'test_*.py' | grep unit | xargs pytest", "its arguments are computed (`xargs`)"),
        ("find tests -name 'test_*.py' | xargs pytest || true", "failure swallowed"),
        ("find tests -name 'test_*.py' | xargs pytest | tee log", "no `pipefail`"),
        ("pytest $(find tests -newer stamp)", "not in the repository"),
        (
            "circleci tests glob 'tests/*' | circleci tests run --command='xargs pytest || true'",
            "its arguments are computed (`xargs`)",
        ),
        ("circleci tests run --command='xargs pytest'", "its arguments are computed (`xargs`)"),
        ("cat list.txt | (cd tests; xargs pytest)", "its arguments are computed (`xargs`)"),
    ],
)
def test_what_is_not_known_does_not_count(follow, script, why):
    (lead,) = follow(script, FILES)
    assert why in (lead.why_not or "")
