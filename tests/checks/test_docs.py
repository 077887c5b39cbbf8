"""The page about checks shows code that works."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.context import Context
from mlscore.checks.registry import known_checks
from mlscore.project.config import DataSettings
from mlscore.project.load import load_config

PAGE = Path(__file__).parents[2] / "docs" / "data" / "index.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("rows", "passed"), [(3, True), (2, False)])
def test_the_kind_of_one_s_own(tmp_path, rows, passed):
    (code,) = (block for block in blocks("python") if "CheckResult" in block)
    names = {}
    exec(code, names)
    (tmp_path / "a.csv").write_text("age\n" + "1\n" * rows, encoding="utf-8")
    data = DataSettings(sources={"train": str(tmp_path / "a.csv")})
    context = Context(tmp_path, data, {"source": "train", "least": 3}, date(2026, 11, 1))
    result = names["ENOUGH"].run(context)
    assert (result.passed, result.summary) == (passed, f"{rows} rows")


def test_the_configuration_is_read(tmp_path):
    configuration = blocks("toml")[0]
    (tmp_path / "pyproject.toml").write_text(configuration, encoding="utf-8")
    config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
    assert set(config.data.sources) == {"train", "serving"}
    (spec,) = config.checks
    assert spec.use in known_checks()
