"""What `mlscore init` writes into a project: configuration, a first marked test, a CI job; existing files are kept."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mlscore.errors import UsageError
from mlscore.project.discover import OWN_FILE
from mlscore.project.read import parse_toml, read_text

SAMPLE_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One file to write (`text` is its whole new content), or, with `text` None, a sentence on what was left alone."""

    path: Path
    text: str | None
    said: str


_OTHER_CI = (".circleci", "Jenkinsfile", "bitbucket-pipelines.yml", ".travis.yml", ".drone.yml", ".buildkite")


def guess_ci(root: Path) -> str:
    """The CI system whose file is there already; GitHub where there is none, and "none" for one we write no job for."""
    top = _top(root)
    if (top / ".gitlab-ci.yml").exists():
        return "gitlab"
    if (top / "azure-pipelines.yml").exists():
        return "azure"
    if any((top / name).exists() for name in _OTHER_CI) and not (top / ".github" / "workflows").exists():
        return "none"
    return "github"


def project_name(root: Path) -> str | None:
    """The name under `[project]` in pyproject.toml, which reports then use; None without one."""
    path = root / "pyproject.toml"
    found = parse_toml(_read(path), where=path.name).get("project") if path.exists() else None
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) and name.strip() else None


def _top(root: Path) -> Path:
    """The repository's top folder, where CI systems look for their files; without a repository the project's own."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def plan(
    root: Path,
    *,
    name: str | None,
    profile: str,
    serving: str | None,
    fail_under: str | None,
    ci: str | None,
    data: Path | None,
) -> tuple[Step, ...]:
    """What to write where.

    Raises UsageError when `data` cannot be read as CSV, an existing `pyproject.toml` is not TOML, or `fail_under` is no
    number that a score can reach.
    """
    settings = {"name": name} if name else {}
    settings["profile"] = profile
    if serving:
        settings["serving"] = serving
    steps = [_configuration(root, settings, fail_under), _first_test(root, data)]
    if ci:
        steps.append(_ci_job(root, ci))
    return tuple(steps)


def carry_out(steps: tuple[Step, ...]) -> Iterator[str]:
    """Write the files, each whole or not at all, and yield a line after each step.

    Raises OutputError at the first that cannot be written; called again once that is mended, `plan` keeps what is there.
    """
    from mlscore.project.write import write_atomically

    for step in steps:
        if step.text is not None:
            write_atomically(step.path, step.text)
        yield step.said


def _configuration(root: Path, settings: dict[str, str], fail_under: str | None) -> Step:
    import tomlkit

    own = root / OWN_FILE
    if own.exists():
        return Step(own, None, f"kept     {own.name} (it is there already)")
    project = root / "pyproject.toml"
    document = tomlkit.document()
    text = ""
    if project.exists():
        text = _read(project)
        parsed = parse_toml(text, where=project.name)
        document = tomlkit.parse(text)
        if "mlscore" in parsed.get("tool", {}):
            return Step(project, None, "kept     [tool.mlscore] in pyproject.toml (it is there already)")
    table = tomlkit.table()
    for key, value in settings.items():
        table.add(key, value)
    if fail_under is not None:
        table.add("fail-under", _number(fail_under))
    if "tool" not in document:
        document["tool"] = tomlkit.table(is_super_table=True)
    tool = document["tool"]
    tool["mlscore"] = table
    said = "updated  pyproject.toml: [tool.mlscore]" if text else "wrote    pyproject.toml: [tool.mlscore]"
    if _pytest_is_configured_elsewhere(root):
        said += "; add `mlscore = true` to your pytest configuration, or call pytest with --mlscore"
    else:
        pytest_table = tool.setdefault("pytest", tomlkit.table(is_super_table=True))
        options = pytest_table.setdefault("ini_options", tomlkit.table())
        options["mlscore"] = True
        said += " and mlscore = true for pytest"
    return Step(project, _with_line_ends_of(text, tomlkit.dumps(document)), said)


def _with_line_ends_of(before: str, after: str) -> str:
    """`after` with CRLF where the file had it: what is added brings plain line feeds."""
    return after.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in before else after


def _pytest_is_configured_elsewhere(root: Path) -> bool:
    """Whether a file that pytest prefers to pyproject.toml holds its configuration."""
    if any((root / name).exists() for name in ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml")):
        return True
    return any(
        marker in _read(root / name)
        for name, marker in (("tox.ini", "[pytest]"), ("setup.cfg", "[tool:pytest]"))
        if (root / name).exists()
    )


def _number(text: str) -> int | float | str:
    """The threshold as TOML writes it exactly: an integer, a decimal, or else a fraction in quotes."""
    from mlscore.project.keys import DEFAULT_RUBRIC
    from mlscore.project.policy import least_total
    from mlscore.project.rubrics import load_rubric

    least = least_total(text, load_rubric(DEFAULT_RUBRIC, root=Path()), "option --fail-under", loose=True)
    if least.denominator == 1:
        return least.numerator
    decimal = least.numerator / least.denominator
    return decimal if Fraction(repr(decimal)) == least else str(least)


def _read(path: Path) -> str:
    return read_text(path, where=path.name, error=UsageError)


def _first_test(root: Path, data: Path | None) -> Step:
    path = root / "tests" / "test_readiness.py"
    if path.exists():
        return Step(path, None, "kept     tests/test_readiness.py (it is there already)")
    if data is None:
        said = "wrote    tests/test_readiness.py: a first test for data-1, skipped until it reads your data"
        return Step(path, _TEST_TO_FILL_IN, said)
    source = data if data.is_absolute() else Path.cwd() / data
    columns = _expectations(source, data.as_posix())
    try:
        shown = source.resolve().relative_to(root).as_posix()
        where = f'Path(__file__).parents[1] / "{shown}"'
    except ValueError:
        where = f'Path("{source.resolve().as_posix()}")'
    # JSON's quotes are Python's too, and the rules beside them use the same.
    body = "\n".join(f"    {json.dumps(name, ensure_ascii=False)}: {rule}," for name, rule in columns.items())
    text = _SCHEMA_TEST.replace("@DATA@", where).replace("@EXPECTED@", body)
    said = f"wrote    tests/test_readiness.py: a test for data-1 with {len(columns)} columns; correct its ranges"
    if not where.startswith("Path(__file__)"):
        said += "; its data lie outside the project: CI will not find them"
    return Step(path, text, said)


def _expectations(source: Path, shown: str) -> dict[str, str]:
    """A first proposal per column: empty cells allowed or not, and the range of what parses as a number."""
    if not source.exists():
        raise UsageError("there is no such file", where=shown, hint="check the path")
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            names = list(rows.fieldnames or ())
            seen = [row for _, row in zip(range(SAMPLE_ROWS), rows, strict=False)]
    except UnicodeDecodeError:
        raise UsageError("not UTF-8", where=shown, hint="save the file as UTF-8") from None
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"cannot be read: {why}", where=shown, hint="name a CSV file") from None
    except csv.Error as error:
        raise UsageError(f"not valid CSV: {error}", where=shown, hint="name another file") from None
    if not names or not seen:
        raise UsageError("the file has no rows", where=shown, hint="name a CSV file with a header and rows")
    return {name: _rule([row.get(name) or "" for row in seen]) for name in names}


def _rule(cells: list[str]) -> str:
    filled = [c for c in cells if c != ""]
    empty = len(filled) < len(cells)
    try:
        figures = [float(c) for c in filled]
    except ValueError:
        return f'{{"empty": {empty}}}'
    if not figures or not all(map(math.isfinite, figures)):
        return f'{{"empty": {empty}}}'
    return f'{{"empty": {empty}, "min": {min(figures)!r}, "max": {max(figures)!r}}}'


def _ci_job(root: Path, ci: str) -> Step:
    name, text = _CI_JOBS[ci]
    top = _top(root)
    below = root.relative_to(top).as_posix()
    command, shown = _CI_COMMAND, name
    if below != ".":
        # CI reads its files at the repository's top alone, and several projects may stand below it.
        shown = name = name.replace("/mlscore.yml", f"/mlscore-{re.sub(r'[^A-Za-z0-9]+', '-', below).strip('-')}.yml")
        shown += " at the repository's top"
        command = f"cd {below} && {command}"
        text = _in_folder(text, ci, below)
    path = top / name
    if path.exists():
        return Step(path, None, f"kept     {shown} (it is there already); let a job run: {command}")
    return Step(path, text.replace("@INSTALL@", _install(root)), f"wrote    {shown}: a job that runs {command}")


def _in_folder(text: str, ci: str, below: str) -> str:
    """The CI job for a project in a folder of its repository."""
    quoted = json.dumps(below, ensure_ascii=False)
    if ci == "github":
        place = f"    defaults:\n      run:\n        working-directory: {quoted}\n    steps:\n"
        return text.replace("    steps:\n", place)
    if ci == "gitlab":
        text = text.replace("  script:\n", f"  script:\n    - cd {quoted}\n")
        return text.replace("junit: report.xml", f"junit: {json.dumps(f'{below}/report.xml', ensure_ascii=False)}")
    return text.replace("    displayName:", f"    workingDirectory: {quoted}\n    displayName:")


def _install(root: Path) -> str:
    """How CI installs the project, after the files it has."""
    parts = ["pip install ml-test-score"]
    if (root / "requirements.txt").exists():
        parts.append("-r requirements.txt")
    project = _read(root / "pyproject.toml") if (root / "pyproject.toml").exists() else ""
    packaged = re.search(r"^\[(build-system|project|tool\.poetry)\]", project, re.MULTILINE)
    if packaged or (root / "setup.py").exists():
        parts.append("-e .")
    return " ".join(parts)


_CI_COMMAND = "pytest --mlscore"

_CI_JOBS = {
    "github": (
        ".github/workflows/mlscore.yml",
        """\
name: mlscore
on:
  push:
  pull_request:
permissions:
  contents: read
jobs:
  readiness:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: @INSTALL@
      - run: pytest --mlscore --mlscore-report=terminal --mlscore-report=github
""",
    ),
    "gitlab": (
        ".gitlab-ci.yml",
        """\
readiness:
  image: python:3.12
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH
  script:
    - @INSTALL@
    - pytest --mlscore --junitxml=report.xml
  artifacts:
    when: always
    reports:
      junit: report.xml
""",
    ),
    "azure": (
        "azure-pipelines.yml",
        """\
trigger:
  - "*"
pr:
  - "*"
pool:
  vmImage: ubuntu-latest
steps:
  - task: UsePythonVersion@0
    inputs:
      versionSpec: "3.12"
  - script: @INSTALL@
    displayName: Install
  - script: pytest --mlscore
    displayName: ML Test Score
""",
    ),
}

_TEST_TO_FILL_IN = '''\
"""First tests for production readiness; `mlscore next` says which to write after these."""

import pytest


def training_rows():
    """Return the training data as a list of dictionaries, one per row."""
    pytest.skip("let training_rows() read your training data, then correct the expectations below")


@pytest.mark.mlscore("data-1")
def test_training_data_keeps_its_schema():
    rows = training_rows()
    assert rows, "no training data"
    for number, row in enumerate(rows):
        assert set(row) == {"feature", "label"}, f"row {number}: other columns"
        assert 0 <= float(row["feature"]) <= 100, f"row {number}: feature out of range"
        assert row["label"] in {"0", "1"}, f"row {number}: unknown label"
'''

_SCHEMA_TEST = '''\
"""First tests for production readiness; `mlscore next` says which to write after these."""

import csv
from pathlib import Path

import pytest

DATA = @DATA@

# Proposed from the data as it is: correct every line by what you know of it.
EXPECTED = {
@EXPECTED@
}


@pytest.mark.mlscore("data-1")
def test_training_data_keeps_its_schema():
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows, "no training data"
    for number, row in enumerate(rows, 2):
        assert set(row) == set(EXPECTED), f"line {number}: other columns"
        for name, rule in EXPECTED.items():
            cell = row[name]
            if cell == "":
                assert rule["empty"], f"line {number}: {name} is empty"
            elif "min" in rule:
                assert rule["min"] <= float(cell) <= rule["max"], f"line {number}: {name} = {cell} is out of range"
'''
