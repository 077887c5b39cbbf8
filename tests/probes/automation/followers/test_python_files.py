"""Following Python scripts that start pytest: only those that hand its exit code on count."""

from __future__ import annotations

import pytest

RUN = 'subprocess.run(["pytest"], check=True)'
CASES = [
    ("sys.exit(pytest.main())", None),
    ('sys.exit(pytest.main(["-q"]))', None),
    ("raise SystemExit(pytest.main())", None),
    ("exit(int(pytest.main()))", None),
    ("pytest.main()", "does not hand on"),
    ("code = pytest.main()\nsys.exit(code)", None),
    ("code = pytest.main()\nprint(code)", "does not hand on"),
    ("code = pytest.main()\nif code != 0:\n    sys.exit(1)", None),
    ("code = pytest.main()\nif code:\n    raise RuntimeError('no')", None),
    ("code = pytest.main()\nif code != 0:\n    print('no')", "does not hand on"),
    ("code = pytest.main()\nif code == 0:\n    sys.exit(1)", "does not hand on"),
    ("code = pytest.main()\nsys.exit(0)", "does not hand on"),
    ("def main():\n    return pytest.main()\nsys.exit(main())", None),
    ("def main():\n    return pytest.main()\nmain()", "does not hand on"),
    ("def main():\n    code = pytest.main()\n    return code\nif __name__ == '__main__':\n    sys.exit(main())", None),
    ("def main():\n    pytest.main()\nif __name__ == '__main__':\n    sys.exit(main())", "does not hand on"),
    (RUN, None),
    (RUN.replace("True", "False"), "does not hand on"),
    ('subprocess.check_call([sys.executable, "-m", "pytest"])', None),
    ('subprocess.check_call("pytest || true", shell=True)', "|| true"),
    ('sys.exit(subprocess.call(["pytest"]))', None),
    ('subprocess.call(["pytest"])', "does not hand on"),
    ('os.system("pytest")', "does not hand on"),
    ('done = subprocess.run(["pytest"])\nsys.exit(done.returncode)', None),
    ('done = subprocess.run(["pytest"])\nif done.returncode != 0:\n    sys.exit(done.returncode)', None),
    (f"try:\n    {RUN}\nexcept Exception:\n    pass", "caught by `except`"),
    (f"if os.environ.get('CI'):\n    {RUN}", None),
    (f"if unknown():\n    {RUN}", "runs only if"),
    ("class Suite:\n    def run(self):\n        return pytest.main()\nsys.exit(Suite().run())", "cannot be followed"),
    ('"""runs pytest"""', ""),
    ("import pytest\npytest.mark.slow", ""),
    ("def broken(:  # pytest", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), CASES)
def test_scripts(follow, text, why):
    leads = follow(
        "python scripts/run_tests.py",
        {"scripts/run_tests.py": "import os, subprocess, sys\nimport pytest\n" + text + "\n"},
        env={"CI": "true"},
    )
    if why == "":
        assert leads == []
    else:
        assert [why in (lead.why_not or "") if why else lead.why_not is None for lead in leads] == [True]


@pytest.mark.parametrize(
    "command", ["python run.py", "python3 -u ./run.py", "uv run run.py", "poetry run python run.py", "./run.py"]
)
def test_ways_to_start_a_script(follow, command):
    (lead,) = follow(
        command, {"run.py": "import sys\n\nimport pytest\n\nsys.exit(pytest.main(['-m', 'slow', 'tests']))\n"}
    )
    assert (lead.why_not, lead.selection.markexpr, lead.selection.paths) == (None, "slow", ("tests",))
    assert [str(place) for place in lead.chain] == ["ci.yml:10", "run.py:5"]


def test_a_script_that_starts_itself_ends(follow):
    leads = follow(
        "python a.py", {"a.py": "subprocess.check_call(['python', 'a.py'])\nsubprocess.check_call(['pytest'])\n"}
    )
    assert [lead.why_not for lead in leads] == [None]


@pytest.mark.parametrize(
    ("live", "dead"),
    [
        ("import pytest, sys; sys.exit(pytest.main())", "import pytest; pytest.main()"),
        ("import pytest; raise SystemExit(pytest.main(['-q']))", "import pytest; print(pytest.main(['-q']))"),
        (
            "import subprocess as s, subprocess; subprocess.check_call(['pytest'])",
            "import subprocess; subprocess.call(['pytest'])",
        ),
    ],
)
def test_code_on_the_command_line(follow, live, dead):
    for python in ("python", "python3.11 -u", "uv run python"):
        (lead,) = follow(f'{python} -c "{live}"')
        assert (lead.why_not, [str(place) for place in lead.chain]) == (None, ["ci.yml:10"])
        (lead,) = follow(f'{python} -c "{dead}"')
        assert lead.why_not == "the script does not hand on its exit code"
    assert follow("python -c 'print(1)'") == []


def test_code_on_the_command_line_says_what_it_selects(follow):
    (lead,) = follow(
        'cd sub && python -c \'import pytest, sys; sys.exit(pytest.main(["tests", "-m", "fast"]))\'',
        {"sub/tests/a.py": ""},
    )
    assert (lead.selection.paths, lead.selection.markexpr) == (("sub/tests",), "fast")
