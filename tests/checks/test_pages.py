"""What the pages on policies, lead times and upstream show is read as it stands there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.lead_time.releases import read_registry
from mlscore.checks.policy.features import read_feature_list
from mlscore.checks.policy.rules import read_policy
from mlscore.checks.upstream.contract import read_contracts
from mlscore.project.load import load_config

PAGES = Path(__file__).parents[2] / "docs" / "data"


def blocks(page, language="toml"):
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", ["policy.md", "lead-time.md", "upstream.md"])
def test_the_configuration_is_read(page, tmp_path):
    shown = [block for block in blocks(page) if "[[tool.mlscore.check]]" in block]
    (tmp_path / "pyproject.toml").write_text("".join(shown), encoding="utf-8")
    checks = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert len(checks) == len(shown) > 0


@pytest.mark.parametrize(
    ("page", "begins", "read"),
    [
        ("policy.md", "# features.toml", lambda path: read_feature_list(path, path.parent).features),
        ("policy.md", "# policy.toml", lambda path: read_policy(path, path.parent).exceptions),
        ("upstream.md", "# contracts.toml", lambda path: read_contracts(path, path.parent)[0].columns),
        ("lead-time.md", "[[version]]", lambda path: read_registry(path, path.parent)),
    ],
)
def test_the_files_are_read(page, begins, read, tmp_path):
    (block,) = (block for block in blocks(page) if block.startswith(begins))
    path = tmp_path / "shown.toml"
    path.write_text(block, encoding="utf-8")
    assert read(path)


@pytest.mark.parametrize("page", ["policy.md", "lead-time.md", "upstream.md"])
def test_the_code_names_what_there_is(page):
    for block in blocks(page, "python"):
        imports = [line for line in block.splitlines() if line.startswith("from mlscore")]
        assert imports
        exec("\n".join(imports), {})
