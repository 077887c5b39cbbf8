"""The page about deepchecks shows what is read as it stands there, and the whole table; `mlscore check` runs it."""

import json
import re
from datetime import date
from pathlib import Path

import pandas as pd

from mlscore.checks.configured import configured_checks
from mlscore.checks.deepchecks.conditions import TABLE
from mlscore.cli import run as run_command
from mlscore.project.load import load_config

PAGE = (Path(__file__).parents[3] / "docs" / "models" / "deepchecks.md").read_text(encoding="utf-8")
CONFIG = """
[data]
train = "train.parquet"
validation = "train.parquet"
label = "y"

[[check]]
use = "deepchecks"
item = "monitor-3"

[[check]]
use = "deepchecks"
item = "data-2"
"""


def test_the_configuration_is_read(tmp_path):
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    (check,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert (check.check.id, check.item) == ("deepchecks", "monitor-2")


def test_every_row_of_the_table_is_told():
    for name, one in TABLE.items():
        (line,) = (
            line
            for line in PAGE.partition("## When it alarms")[0].splitlines()
            if re.search(rf"(\| |[ ,]){name}( [†‡])? ?[|(]", line)
        )
        assert ", ".join(one.items) in line
        assert (f"{name} †" in line) == (one.noisy == ("labels", "numbers"))
        assert (f"{name} ‡" in line) == (one.noisy == ("numbers",))


def test_the_command_runs_it(tmp_path, monkeypatch, capsys, stand_in):
    asked = stand_in("planted")
    pd.DataFrame({"a": range(50), "y": [0, 1] * 25}).to_parquet(tmp_path / "train.parquet")
    (tmp_path / "mlscore.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run_command(["check", "--report", "json"]) == 1
    drift, leak = json.loads(capsys.readouterr().out)["checks"]
    assert [one["outcome"] for one in (drift, leak)] == ["failed", "failed"]
    assert drift["findings"][0].startswith("fail: Feature Drift: ")
    assert leak["findings"][0].startswith("fail: Feature Label Correlation")
    assert len(asked) == 1
