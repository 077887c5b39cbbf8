"""The whole of workflow detection on small repositories: what it looks at, in what order, and how fast."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from mlscore.probes.automation import find_ci_runs
from mlscore.project.tree import Tree

CI = ".github/workflows/ci.yml"
LIVE = "on: push\njobs: {t: {steps: [{run: pytest}]}}\n"


def test_an_empty_repository_has_no_runs(find):
    found = find({})
    assert (found.runs, found.live, found.diagnostics) == ((), (), ())


def test_without_a_file_that_looks_like_ci_no_reader_is_made(find, monkeypatch):
    def make(*args):
        raise AssertionError("made")

    monkeypatch.setattr("mlscore.probes.automation.engine.Engine", make)
    assert find({"README.md": "pytest", "src/model.py": ""}).runs == ()
    with pytest.raises(AssertionError, match="made"):
        find({"old/Jenkinsfile.bak": ""})


def test_several_systems_are_read_and_live_runs_come_first(find):
    files = {
        CI: LIVE.replace("pytest", "pytest || true"),
        ".gitlab-ci.yml": "t: {script: pytest}\n",
        ".travis.yml": "script: pytest\n",
    }
    found = find(files)
    assert [(run.system, run.live) for run in found.runs] == [
        ("GitLab CI", True),
        ("Travis CI", True),
        ("GitHub Actions", False),
    ]
    assert len(found.live) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "crlf"])
def test_byte_order_marks_and_windows_line_ends(repository, encoding):
    text = "on: push\njobs:\n  t:\n    steps:\n      - run: |\n          echo\n          pytest\n"
    tree = repository({CI: ""})
    data = text.encode("utf-8-sig") if encoding == "utf-8-sig" else text.replace("\n", "\r\n").encode()
    (tree.root / CI).write_bytes(data)
    (run,) = find_ci_runs(Tree(tree.root)).live
    assert run.chain[0].line == 7


def test_a_file_that_is_not_utf_8_is_told(repository):
    tree = repository({CI: ""})
    (tree.root / CI).write_bytes(b"on: push # \xff\n")
    found = find_ci_runs(Tree(tree.root))
    assert [(d.code, d.location.path) for d in found.diagnostics] == [("ci-unreadable", CI)]


def test_links_out_of_the_repository_are_not_followed(repository, tmp_path):
    outside = tmp_path / "outside.yml"
    outside.write_text(LIVE, encoding="utf-8")
    tree = repository({"a/b": ""})
    folder = tree.root / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").symlink_to(outside)
    assert find_ci_runs(Tree(tree.root)).runs == ()


def test_non_ascii_paths(find):
    (run,) = find({".github/workflows/prüfung läuft.yml": LIVE, "prüf/test_ä.py": ""}).live
    assert run.chain[0].path == ".github/workflows/prüfung läuft.yml"


@pytest.mark.parametrize(
    "command",
    [
        "pytest {}",
        "cd {} && pytest",
        "make {} pytest",
        "./{}",
        "tox -c {}",
        "[ -f {} ] && pytest",
        "python {}.py",
        "npm --prefix {} test",
    ],
)
def test_names_too_long_for_a_file_are_no_error(find, command):
    text = f"on: push\njobs: {{t: {{steps: [{{run: '{command.format('x' * 5000)}'}}, {{run: pytest -q}}]}}}}\n"
    assert "pytest -q" in [run.command for run in find({CI: text, "Makefile": "x:\n\ty\n"}).live]


def test_nothing_of_the_project_is_run(find, tmp_path):
    mark = tmp_path / "ran"
    files = {
        CI: "on: push\njobs: {t: {steps: [{run: nox}, {run: inv test}, {run: ./run.sh}]}}\n",
        "noxfile.py": f"open({str(mark)!r}, 'w')\n",
        "tasks.py": f"open({str(mark)!r}, 'w')\n",
        "run.sh": f"touch '{mark}'\n",
    }
    find(files)
    assert not mark.exists()


def test_a_long_chain_through_every_kind_of_file(find):
    files = {
        CI: "on: push\njobs:\n  t:\n    steps:\n      - run: make test\n",
        "Makefile": ".PHONY: test\ntest:\n\tnpm test\n",
        "package.json": '{"scripts": {"test": "just test"}}',
        "justfile": "test:\n    ./run.sh\n",
        "run.sh": "nox -s test\n",
        "noxfile.py": "import nox\n@nox.session\ndef test(session):\n    session.run('tox', '-e', 'py')\n",
        "tox.ini": "[testenv]\ncommands = poe test\n",
        "pyproject.toml": '[tool.poe.tasks]\ntest = "invoke test"\n',
        "tasks.py": "from invoke import task\n@task\ndef test(c):\n    c.run('pytest -q')\n",
    }
    (run,) = find(files).live
    assert [str(place) for place in run.chain] == [
        f"{CI}:5", "Makefile:3", "package.json:1", "justfile:2", "run.sh:1", "noxfile.py:4", "tox.ini:2", "pyproject.toml:2", "tasks.py:4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "swallowing"),
    [
        ("Makefile", ".PHONY: test\ntest:\n\t-npm test\n"),
        ("package.json", '{"scripts": {"test": "just test || true"}}'),
        ("justfile", "test:\n    -./run.sh\n"),
        ("run.sh", "nox -s test\ntrue\n"),
        (
            "noxfile.py",
            "import nox\n@nox.session\ndef test(session):\n    session.run('tox', '-e', 'py', success_codes=[0, 1])\n",
        ),
        ("tox.ini", "[testenv]\nignore_outcome = true\ncommands = poe test\n"),
        ("pyproject.toml", '[tool.poe.tasks]\ntest = {shell = "invoke test; true"}\n'),
        ("tasks.py", "from invoke import task\n@task\ndef test(c):\n    c.run('pytest -q', warn=True)\n"),
    ],
)
def test_one_link_that_swallows_breaks_the_chain(find, path, swallowing):
    files = {
        CI: "on: push\njobs:\n  t:\n    steps:\n      - run: make test\n",
        "Makefile": ".PHONY: test\ntest:\n\tnpm test\n",
        "package.json": '{"scripts": {"test": "just test"}}',
        "justfile": "test:\n    ./run.sh\n",
        "run.sh": "nox -s test\n",
        "noxfile.py": "import nox\n@nox.session\ndef test(session):\n    session.run('tox', '-e', 'py')\n",
        "tox.ini": "[testenv]\ncommands = poe test\n",
        "pyproject.toml": '[tool.poe.tasks]\ntest = "invoke test"\n',
        "tasks.py": "from invoke import task\n@task\ndef test(c):\n    c.run('pytest -q')\n",
        path: swallowing,
    }
    (run,) = find(files).runs
    assert not run.live
    assert run.why_not


def test_a_matrix_of_scripts_stays_quick(find):
    steps = "".join(f"      - run: make t{n} && tox -e py311 -- -k ${{{{ matrix.a }}}}{n}\n" for n in range(40))
    text = (
        "on: [push, pull_request, schedule]\njobs:\n  t:\n    strategy: {matrix: {a: [1, 2, 3, 4], b: [1, 2, 3, 4]}}\n    steps:\n"
        + steps
    )
    makefile = "".join(f"t{n}: t{n + 1}\n\tpytest -n {n}\n" for n in range(40))
    started = time.perf_counter()
    found = find({CI: text, "Makefile": makefile, "tox.ini": "[testenv]\ncommands = pytest {posargs}\n"})
    assert found.live
    assert time.perf_counter() - started < 20


def test_a_typical_repository_is_quick_and_loads_little(repository):
    """Measured in a process of its own: the median of several goes, without the import of yaml."""
    files = {
        CI: "on: [push, pull_request]\njobs:\n  t:\n    strategy: {matrix: {python: ['3.11', '3.12', '3.13']}}\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: pip install -e .[test]\n      - run: make test\n",
        "Makefile": ".PHONY: test lint\nlint:\n\truff check\ntest: lint\n\tpytest -q tests\n",
        "pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['tests']\n",
        **{f"tests/test_{n}.py": "" for n in range(50)},
    }
    root = repository(files).root
    program = (
        "import json, statistics, sys, time\nfrom pathlib import Path\nimport yaml\n"
        "from mlscore.probes.automation import find_ci_runs\nfrom mlscore.project.tree import Tree\n"
        "times = []\nfor _ in range(7):\n    start = time.perf_counter()\n"
        f"    found = find_ci_runs(Tree(Path({str(root)!r})))\n    times.append(time.perf_counter() - start)\n"
        "loaded = [m for m in sys.modules if m.startswith('mlscore.probes.automation.systems.')]\n"
        "print(json.dumps([statistics.median(times), len(found.live), sorted(loaded), 'rich' in sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    median, live, loaded, rich = json.loads(done.stdout)
    assert live == 1
    assert [name.rpartition(".")[2] for name in loaded] == ["base", "github", "github_contexts", "github_triggers"]
    assert not rich
    # Fifty milliseconds on an idle machine; the rest is room for a busy one.
    assert median < 0.25


def test_a_reader_that_fails_is_told_and_costs_the_others_nothing(repository, monkeypatch):
    from mlscore.probes.automation.systems import github

    def fail(engine):
        raise RuntimeError("no luck")

    monkeypatch.setattr(github, "find", fail)
    found = find_ci_runs(repository({CI: LIVE, ".travis.yml": "script: pytest\n"}))
    assert [run.system for run in found.live] == ["Travis CI"]
    assert [d.code for d in found.diagnostics] == ["ci-failed"]
    assert "no luck" in found.diagnostics[0].message
