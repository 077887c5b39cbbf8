"""The check as it is configured: functions, table, list and limits from the project's files."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.cli import run as run_command
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError, UsageError
from mlscore.project.load import load_config

FEATURES = """\
import time


def clock(rows):
    return rows["hour"] + 0.5


def wind(rows):
    time.sleep(0.03)
    return (rows["gust"] * 2).rename("wind")
"""
MODEL = """\
import numpy as np


def scored(rows):
    p = 1 / (1 + np.exp(-2 * rows["clock"].to_numpy()))
    return np.column_stack([1 - p, p])
"""
CONFIG = """\
[data]
train = "train.csv"
validation = "validation.csv"
label = "late"
id = "flight"
time = "day"
{model}

[[check]]
use = "feature-cost"
{check}
"""
WITH_MODEL = """
[model]
source = "project_model:scored"
task = "binary"
features = ["clock", "wind"]
classes = [0, 1]
"""
LIST = '[[feature]]\nname = "clock"\nsource = "schedule"\n[[feature]]\nname = "wind"\nsource = "stations, radar"\n'


@pytest.fixture
def go(tmp_path):
    random = np.random.default_rng(0)
    clock, n = random.normal(size=3000), 3000
    table = pd.DataFrame(
        {
            "flight": range(n),
            "day": pd.to_datetime("2013-01-01") + pd.to_timedelta(np.arange(n) % 180, unit="D"),
            "hour": random.integers(0, 24, n),
            "gust": random.exponential(10, n),
            "clock": clock,
            "wind": np.where(random.random(n) < (np.arange(n) % 180) / 900, np.nan, random.normal(size=n)),
            "late": (random.random(n) < 1 / (1 + np.exp(-2 * clock))).astype(int),
        }
    )
    table.to_csv(tmp_path / "train.csv", index=False)
    table.fillna({"wind": 0.0}).to_csv(tmp_path / "validation.csv", index=False)
    for name, text in (("cost_project.py", FEATURES), ("project_model.py", MODEL), ("features.toml", LIST)):
        (tmp_path / name).write_text(text, encoding="utf-8")

    def make(check, model=""):
        (tmp_path / "mlscore.toml").write_text(CONFIG.format(check=check, model=model), encoding="utf-8")
        config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
        (one,) = configured_checks(config)
        context = Context(tmp_path, config.data, one.options, date(2026, 11, 1), one.spec.location, model=config.model)
        return one.item, one.check.run(context)

    return make


@pytest.mark.slow
def test_all_of_it_at_once(go):
    """The dear, useless feature is named for its time, its sources, its holes and what it costs for its gain."""
    item, result = go(
        'functions = ["cost_project:clock", "cost_project:wind"]\nlist = "features.toml"\nseconds = 0.3\nbatch = 200\n'
        "most-latency = 25\nmost-sources = 1\nmost-missing = 0.1\nmost-memory = 50\nmost-per-gain = 1000",
        WITH_MODEL,
    )
    assert (item, result.outcome) == ("data-3", Outcome.FAILED)
    assert all(line.startswith("wind: ") for line in result.findings)
    assert [line.split()[1:3] for line in sorted(result.findings)] == [
        ["it", "costs"],
        ["it", "hangs"],
        ["it", "is"],
        ["one", "row"],
    ]
    assert result.summary.endswith("; and 3 more")
    assert any(line.startswith("clock: ") and line.endswith("; on the front") for line in result.notes)
    assert any(line.startswith("wind: ") and line.endswith("; dominated by clock") for line in result.notes)
    assert result.details["metric"] == "AUC"


def test_a_table_alone(go):
    """Without functions and a model, the columns that are neither id, time nor label are counted."""
    _, result = go("most-missing = 0.1")
    (finding,) = result.findings
    assert finding.startswith("wind: it is missing in ")
    assert {one["feature"] for one in result.details["over_time"]} == {"hour", "gust", "clock", "wind"}
    assert go('most-missing = 0.1\nfeatures = ["clock"]')[1].outcome is Outcome.PASSED


def test_gains_of_a_file_and_sources_by_name(go, tmp_path):
    (tmp_path / "gains.json").write_text('{"clock": 0.2, "wind": 0.1}', encoding="utf-8")
    _, result = go(
        'features = ["clock", "wind"]\ngains = "gains.json"\nlist = "features.toml"\n'
        'sources = { wind = "stations" }\nmost-sources = 1'
    )
    assert result.outcome is Outcome.PASSED
    assert [line.split(":")[0] for line in result.notes] == ["clock", "wind"]
    assert "1 source;" in result.notes[1]
    assert "gain 0.1 (0.1 to 0.1)" in result.notes[1]


def test_without_limits_it_earns_nothing(go):
    _, result = go('features = ["clock"]')
    assert result.outcome is Outcome.HOLLOW
    assert result.hollow == "no limit is given, so that no cost could be too high"


@pytest.mark.parametrize(
    ("check", "error", "said"),
    [
        ('functions = ["cost_project:clocks"]', ConfigError, "mlscore.toml:9: cost_project has no 'clocks'"),
        ('gains = "none.json"', InputError, "none.json: the gains cannot be read"),
        ('time = "when"', InputError, 'there is no column "when", the time'),
        ("groups = { a = 3 }", ConfigError, '"a" in groups is no list of names'),
        ('groups = { a = ["cloc"] }', InputError, 'the group "a" names "cloc", which is no feature; did you mean'),
        ("sources = { clock = [] }", ConfigError, '"clock" in sources is no list of names'),
        ('list = "none.toml"', ConfigError, "none.toml"),
        ("most-latency = -1", UsageError, "the limit of latency is -1"),
        ("most-missing = 2", ConfigError, "most-missing"),
    ],
)
def test_what_cannot_be_configured(go, check, error, said):
    with pytest.raises(UsageError) as caught:
        go(check)
    assert said in str(caught.value)
    assert isinstance(caught.value, error)


def test_the_command(go, tmp_path, monkeypatch, capsys):
    go("most-missing = 0.1")
    monkeypatch.chdir(tmp_path)
    assert run_command(["check", "data-3"]) == 1
    assert "failed  data-3 feature-cost: wind: it is missing in " in capsys.readouterr().out
