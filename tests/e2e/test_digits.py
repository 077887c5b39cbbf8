"""The digits example: images, served as ONNX. It runs whole in a clean copy, and is told about honestly."""

import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import configured_checks
from mlscore.core.codec import dumps
from mlscore.project.load import load_config
from mlscore.project.reports import read_report

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "examples" / "digits"


@pytest.fixture(scope="module")
def expected():
    return read_report(DIGITS / "expected-report.json")


@pytest.fixture
def copied(tmp_path):
    """The example alone, in a repository with the CI of this one: what CI runs is evidence too."""
    repository = tmp_path / "repository"
    for name in (".github", ".ci"):
        shutil.copytree(ROOT / name, repository / name)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, repository)
    # Where this repository's own tests are, so that its CI's first pytest is seen to look elsewhere.
    (repository / "tests").mkdir()
    shutil.copy(__file__, repository / "tests")
    copy = repository / "examples" / "digits"
    shutil.copytree(DIGITS, copy, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis"))
    who = ["-c", "user.name=team", "-c", "user.email=team@example.org"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "The example"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    return copy


@pytest.mark.slow
def test_a_clean_copy_gives_the_expected_report(copied, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from examples.expected import score

    def files():
        return {path.relative_to(copied) for path in copied.rglob("*") if "__pycache__" not in path.parts}

    before = files()
    assert dumps(score(copied)) == (DIGITS / "expected-report.json").read_text(encoding="utf-8")
    assert {path for path in files() - before if not path.parts[0].startswith(".")} == set()


@pytest.mark.slow
def test_the_released_files_are_what_the_commands_write(tmp_path):
    copy = tmp_path / "digits"
    shutil.copytree(DIGITS, copy, ignore=shutil.ignore_patterns("__pycache__", "models"))
    done = subprocess.run([sys.executable, "-m", "digits.train"], cwd=copy, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    lines = (copy / "models" / "training-log.csv").read_text(encoding="utf-8").splitlines()
    kept = (DIGITS / "models" / "training-log.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == kept[0]
    assert [float(one.split(",")[1]) for one in lines[1:]] == pytest.approx(
        [float(one.split(",")[1]) for one in kept[1:]], rel=0.1
    )


def test_each_check_is_evidence_that_passed(expected):
    items = {item.id: item for item in expected.items}
    configured = configured_checks(load_config(DIGITS, environ={}, today=date(2026, 11, 21)))
    assert len(configured) >= 8
    for one in configured:
        (evidence,) = (e for e in items[one.item].evidence if e.source.name == one.nodeid)
        assert evidence.outcome.value == "passed", one.nodeid


def test_its_readme_says_of_every_item_what_an_image_changes(expected):
    text = (DIGITS / "README.md").read_text(encoding="utf-8")
    table = text.partition("## What differs without columns")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| ([\w-]+-\d) [^|]*\| (\w+) \|", table, re.MULTILINE))
    assert set(told) == {item.id for item in expected.items}
    assert set(told.values()) == {"same", "differs", "gone"}


def test_its_readme_shows_its_score(tmp_path, expected):
    readme = tmp_path / "README.md"
    shutil.copy(DIGITS / "README.md", readme)
    done = subprocess.run(
        [sys.executable, "-m", "mlscore", "render", DIGITS / "expected-report.json", "--to", f"readme:{readme}"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert readme.read_text(encoding="utf-8") == (DIGITS / "README.md").read_text(encoding="utf-8")
