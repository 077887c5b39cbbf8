"""What the pages on the gate, on reproducible training and on stability show is read as it stands there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import configured_checks
from mlscore.project.load import load_config

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("quality-gate", "reproducible", "stability", "provenance", "tuning", "model-spec", "trace")


def blocks(page, language):
    return re.findall(
        rf"```{language}\n(.*?)```", (DOCS / "models" / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_configuration_is_read(page, tmp_path):
    (shown,) = (block for block in blocks(page, "toml") if "[[tool.mlscore.check]]" in block)
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    (check,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert check.check.id == page
    assert check.item in (DOCS / "models" / f"{page}.md").read_text(encoding="utf-8").split("\n\n")[1]


@pytest.mark.parametrize("page", [*PAGES, "faults"])
def test_the_code_names_what_there_is(page):
    imports = [
        line for block in blocks(page, "python") for line in block.splitlines() if line.startswith("from mlscore")
    ]
    assert imports
    exec("\n".join(imports), {})
