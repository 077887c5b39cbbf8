"""A project made of a few files, and its configuration loaded, for the tests of reading what the user has."""

from datetime import date
from pathlib import Path

import pytest

from mlscore.core.evidence import Evidence, Outcome, Source, SourceKind
from mlscore.core.report import SCHEMA, GateResult, ProjectFacts, Report, RubricRef, RunFacts, Tool
from mlscore.errors import MlscoreError
from mlscore.project.load import load_config

TODAY = date(2026, 11, 21)


@pytest.fixture
def today():
    return TODAY


@pytest.fixture
def root(tmp_path):
    """An empty project in a folder with a space and letters beyond ASCII; the search for configuration ends above it."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "mein prøjekt ñ"
    folder.mkdir()
    return folder


@pytest.fixture
def write(root):
    """`write("mlscore.toml", text)`: write a file of the project (text or bytes) and return its path."""

    def write(name, content=""):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


@pytest.fixture
def load(root):
    """`load(**{"fail-under": "2"})`: the project's configuration; keywords are options, `environ` the environment."""

    def load(start=None, *, environ=None, today=TODAY, **options):
        given = {key: (value, f"option --{key}") for key, value in options.items()}
        return load_config(start or root, options=given, environ=environ or {}, today=today)

    return load


@pytest.fixture
def loaded(write, load):
    """`loaded(text)`: the configuration that `mlscore.toml` with that text gives."""

    def loaded(text, **options):
        write("mlscore.toml", text)
        return load(**options)

    return loaded


@pytest.fixture
def complaint(tmp_path):
    """`complaint(function, *args)`: exit code and sentence of the error that a call raises, without the temporary path."""

    def complaint(function, *args, **kwargs):
        with pytest.raises(MlscoreError) as caught:
            function(*args, **kwargs)
        return f"exit {caught.value.exit_code}: {caught.value}".replace(str(tmp_path), "TMP")

    return complaint


@pytest.fixture(scope="session")
def rubric():
    from mlscore.project.rubrics import load_rubric

    return load_rubric("ml-test-score", root=Path())


@pytest.fixture(scope="session")
def report(rubric):
    """A report of the shipped rubric in which data-1 alone is verified."""
    from mlscore.core.evaluate import evaluate
    from mlscore.core.score import score

    evidence = [Evidence("data-1", Source(SourceKind.TEST, "tests/test_a.py::test_a"), Outcome.PASSED)]
    items = evaluate(rubric, evidence, today=TODAY)
    return Report(
        schema=SCHEMA,
        tool=Tool("mlscore", "0.1.0"),
        project=ProjectFacts("flights"),
        rubric=RubricRef(rubric.id, rubric.version, rubric.digest),
        generated_at="2026-11-21T12:00:00Z",
        run=RunFacts("pytest", tests=1, marked=1),
        score=score(rubric, items),
        items=items,
        gate=GateResult(True),
    )
