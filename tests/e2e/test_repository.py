"""The repository itself: generated pages are current, links lead somewhere, and what it promises to hold is there."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mlscore

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_generated_pages_are_current():
    # In a process of its own, as the command runs: other tests leave modules and settings of this one changed.
    command = [sys.executable, "-m", "docs.generate", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    dead = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert dead == []


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    alone = [
        page.relative_to(ROOT / "docs").as_posix()
        for page in (ROOT / "docs").glob("*.md")
        if page.relative_to(ROOT / "docs").as_posix() not in navigation
    ]
    assert alone == []


def test_the_pre_commit_entry_is_a_command_that_exists():
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (entry,) = re.findall(r"entry: mlscore (\w+)", hook)
    done = subprocess.run([sys.executable, "-m", "mlscore", entry, "--help"], capture_output=True, check=False)
    assert done.returncode == 0


def test_the_configuration_in_the_readme_is_valid(tmp_path):
    from datetime import date

    from mlscore.project.load import load_config

    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "pyproject.toml").write_text(block, encoding="utf-8")
        assert tomllib.loads(block)["tool"]["mlscore"]
        assert load_config(folder, environ={}, today=date(2026, 1, 1)).file == folder / "pyproject.toml"


def test_the_package_is_typed_and_versioned_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", mlscore.__version__)
    assert (ROOT / "mlscore" / "py.typed").exists()


def test_every_module_says_first_what_it_is_about():
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mlscore").rglob("*.py")
        if not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_no_module_is_longer_than_500_lines():
    long = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mlscore").rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 500
    ]
    assert long == []
