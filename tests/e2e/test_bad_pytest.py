"""pytest's own door: wrong options, configurations and marks end it with a usage error; tests that ran stay shown."""

import pytest

HEAD = "import pytest\nfrom pathlib import Path\n\n"
SOUND = "def test_schema():\n    assert Path(__file__).stat().st_size > 10\n"
MARKED = f'{HEAD}@pytest.mark.mlscore("data-1")\n{SOUND}'
OWN = 'schema = "mlscore-rubric/1"\nid = "own"\nversion = "1"\ntitle = "Own"\n'

# The options given, and the files beside the suite.
WRONG = {
    **{
        f"fail-under {value or 'empty'}": ((f"--mlscore-fail-under={value}",), {})
        for value in ("abc", "-1", "8", "nan", "")
    },
    "profile": (("--mlscore-profile=prod",), {}),
    "report type": (("--mlscore-report=jsn",), {}),
    "report without a name": (("--mlscore-report=json:",), {}),
    "rubric": (("--mlscore-rubric=ml-test-scores",), {}),
    "rubric file missing": (("--mlscore-rubric=own.toml",), {}),
    "rubric file empty": (("--mlscore-rubric=own.toml",), {"own.toml": ""}),
    "rubric with an unknown key": (("--mlscore-rubric=own.toml",), {"own.toml": OWN + "x = 1\n"}),
    "rubric that extends itself": (("--mlscore-rubric=own.toml",), {"own.toml": OWN + 'extends = "own.toml"\n'}),
    "rubric without sections": (("--mlscore-rubric=own.toml",), {"own.toml": OWN}),
    "configuration not UTF-8": ((), {"mlscore.toml": "name = 'Prävention'\n".encode("latin-1")}),
    "configuration empty": ((), {"mlscore.toml": ""}),
    "configuration truncated": ((), {"mlscore.toml": 'name = "x'}),
    "configuration with an unknown key": ((), {"mlscore.toml": "fail-undr = 2\n"}),
    "two configurations at once": (
        (),
        {"mlscore.toml": "name = 'x'\n", "pyproject.toml": "[project]\nname = 'x'\n[tool.mlscore]\nname = 'y'\n"},
    ),
    "attestation of tomorrow": (
        (),
        {
            "mlscore.attestations.toml": '[[attestation]]\nitem = "infra-7"\nowner = "ml-platform"\ndate = 2999-01-01\n'
            'what = "x"\nlink = "https://example.org/a"\n'
        },
    ),
    "baseline truncated": ((), {"mlscore-baseline.json": '{"schema": "mlscore-baseline/1"'}),
    "baseline of a newer mlscore": ((), {"mlscore-baseline.json": '{"schema": "mlscore-baseline/2"}'}),
    "misspelt variable": ((), {}),
}
MARKS = {
    "without brackets": "@pytest.mark.mlscore",
    "without arguments": "@pytest.mark.mlscore()",
    "a list": '@pytest.mark.mlscore(["data-1", "data-2"])',
    "a tuple": '@pytest.mark.mlscore(("data-1",))',
    "a number": "@pytest.mark.mlscore(1)",
    "nothing": "@pytest.mark.mlscore(None)",
    "an empty text": '@pytest.mark.mlscore("")',
    "a misspelt id": '@pytest.mark.mlscore("dta-1")',
    "an id that the rubric lacks": '@pytest.mark.mlscore("data-8")',
    "two ids in one text": '@pytest.mark.mlscore("data-1, data-2")',
    "a section": '@pytest.mark.mlscore("data")',
    "a keyword": '@pytest.mark.mlscore(item="data-1")',
}


@pytest.mark.parametrize("name", WRONG)
def test_usage_error_of_pytest(name, suite, write, complaint, unchanged, monkeypatch, sentences):
    options, files = WRONG[name]
    write("tests/test_a.py", MARKED)
    for file, content in files.items():
        write(file, content)
    if name == "misspelt variable":
        monkeypatch.setenv("MLSCORE_FAIL_UNDR", "2")
    with unchanged():
        done = suite("--mlscore", *options)
    assert complaint(done, 4) == sentences
    assert "passed" not in done.out


@pytest.mark.parametrize("name", MARKS)
def test_mark(name, suite, mlscore, write, plain, unchanged, sentences):
    write("tests/test_a.py", f"{HEAD}{MARKS[name]}\n{SOUND}")
    with unchanged():
        done = suite("--mlscore")
        assert done.code == 4
        said = f"{done.out}\n{done.err}".splitlines()
        (head,) = [n for n, line in enumerate(said) if "1 mark cannot be read" in line]
        assert "Traceback" not in done.out + done.err
        where, _, problem = said[head + 1].strip().partition(": ")
        # The commit's hook stops over the same sentence, and the list of tests shows it.
        hook = mlscore("hook")
        assert hook.code == 1
        assert hook.out.splitlines()[0] == f"error: tests/test_a.py:5: {problem}"
        assert problem in mlscore("map").out
    assert where == "tests/test_a.py:4"
    assert [plain(said[head].removeprefix("ERROR: ")), f"{where}: {problem}"] == sentences


def test_an_unread_mark_costs_no_run_without_a_score(suite, write):
    write("tests/test_a.py", f"{HEAD}@pytest.mark.mlscore\n{SOUND}")
    assert suite().code == 0


@pytest.mark.parametrize(
    ("report", "files"),
    [
        ("json:out/report.json", {"out": "a file"}),
        ("badge:out", {"out/a": ""}),
        ("json:/dev/full", {}),
        ("readme", {"README.md": "<!-- mlscore:start -->\n"}),
        ("readme", {"README.md": "# Prüfung\n".encode("latin-1")}),
    ],
    ids=["a file in the path", "a folder", "a full disk", "one marker", "not UTF-8"],
)
def test_report_of_pytest(report, files, suite, write, complaint, unchanged, sentences):
    write("tests/test_a.py", MARKED)
    for name, content in files.items():
        write(name, content)
    with unchanged():
        done = suite("--mlscore", f"--mlscore-report={report}", "--mlscore-report=terminal")
    assert complaint(done, 4) == sentences
    # The tests ran: their results and the score are shown all the same.
    assert "1 passed" in done.out
    assert "data-1" in done.out


def test_a_gate_that_is_not_met_outweighs_nothing_else(suite, write):
    write("tests/test_a.py", MARKED)
    done = suite("--mlscore-fail-under=7")
    assert done.code == 1
    assert "1 passed" in done.out
    write("tests/test_a.py", MARKED.replace("> 10", "< 10"))
    assert suite("--mlscore-fail-under=7").code == 1


def test_what_pytest_refuses_by_itself_stays_its_own(suite, write):
    write("tests/test_a.py", MARKED)
    done = suite("--mlscore", "tests/test_none.py")
    assert done.code == 4
    assert "file or directory not found: tests/test_none.py" in done.out + done.err
    write("tests/test_b.py", "def test_b(:\n")
    done = suite("--mlscore")
    assert done.code == 2
    assert "score not valid" in done.out


@pytest.mark.slow
def test_the_real_pytest_says_the_same(program, write, complaint, sentences):
    write("tests/test_a.py", MARKED)
    assert complaint(program.pytest("--mlscore-fail-under=nan"), 4) == sentences
    done = program.pytest("--mlscore", "--mlscore-report=json:/dev/full")
    complaint(done, 4)
    assert "1 passed" in done.out
    write("tests/test_a.py", MARKED.replace('("data-1")', '(["data-1"])'))
    done = program.pytest("--mlscore")
    assert done.code == 4
    assert "tests/test_a.py:4: " in done.err


@pytest.mark.slow
def test_the_command_hands_pytests_refusal_on(program, write, plain, sentences):
    write("tests/test_a.py", MARKED.replace('("data-1")', '(["data-1"])'))
    done = program("score")
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert "tests/test_a.py:4: " in done.err
    assert plain(done.err.splitlines()[-1]) == sentences
