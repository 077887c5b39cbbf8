"""What the pages on slices, inclusion and simpler models show is read as it stands there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.registry import find_check
from mlscore.project.load import load_config

PAGES = Path(__file__).parents[2] / "docs" / "models"
NAMES = {"slices.md": "slices", "fairness.md": "fairness", "simpler.md": "simpler-model"}


@pytest.mark.parametrize("page", NAMES)
def test_the_configuration_and_the_code_are_read(page, tmp_path):
    text = (PAGES / page).read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    (one,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert one.check.id == NAMES[page]
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec("\n".join(line for line in code.splitlines() if line.startswith("from mlscore")), {})


@pytest.mark.parametrize("page", NAMES)
def test_every_option_is_on_the_page(page):
    table = (PAGES / page).read_text(encoding="utf-8").partition("## Options")[2].partition("\n## ")[0]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("|")
        for name in re.findall(r"`([^`]+)`", line.split("|")[1])
    }
    assert named == {option.name for option in find_check(NAMES[page]).options}
