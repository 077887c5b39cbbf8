"""What the page on the cost of features shows is read as it stands there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import mlscore.checks
from mlscore.checks.configured import configured_checks
from mlscore.project.load import load_config

PAGE = Path(__file__).parents[3] / "docs" / "models" / "cost.md"


def test_the_page(tmp_path):
    text = PAGE.read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    (check,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert check.check.id == "feature-cost"
    assert check.item in text.split("\n\n")[1]
    assert all(f"`{option.name}`" in text for option in check.check.options)
    imports = [line for line in text.splitlines() if line.startswith("from mlscore.checks")]
    assert len(imports) == 2
    exec("\n".join(imports), {})
    assert callable(mlscore.checks.check_cost)
