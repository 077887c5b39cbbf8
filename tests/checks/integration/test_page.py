"""What the page on pipelines shows is read as it stands there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from mlscore.checks.configured import configured_checks
from mlscore.checks.integration import CHECKS, runners
from mlscore.checks.integration.stages import read_stages
from mlscore.project.load import load_config

PAGE = (Path(__file__).parents[3] / "docs" / "models" / "integration.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_configuration_is_read(tmp_path):
    (tmp_path / "pyproject.toml").write_text("".join(blocks("toml")), encoding="utf-8")
    fast, faithful = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert (fast.check.id, fast.item) == ("pipeline-run", "infra-3")
    assert [stage.name for stage in read_stages(fast.options["stages"])] == ["prepare", "train"]
    assert (faithful.options["variant"], faithful.options["runner"]) == ("faithful", "dvc")


def test_the_code_names_what_there_is():
    imports = [line for block in blocks("python") for line in block.splitlines() if line.startswith("from mlscore")]
    assert len(imports) == 2
    exec("\n".join(imports), {})


def test_every_runner_is_told():
    (check,) = CHECKS
    assert check.option("runner").choices == tuple(runners.RUNNERS)
    assert all(f"`{runner}`" in PAGE for runner in runners.RUNNERS)
    assert all(
        f"`{option.name}`" in PAGE or f"{option.name} =" in PAGE for option in check.options if option.name != "copy-mb"
    )
