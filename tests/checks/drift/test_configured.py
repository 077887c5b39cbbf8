"""Drift as a configured check: passes on clean data, fails on a fault, tells season from fault."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.drift import detect_drift, save
from mlscore.checks.drift.summarise import summarise
from mlscore.collect.checks import run_check
from mlscore.project.load import load_config
from mlscore.tables.table import open_table

DAYS = 60


def hours(seed, *, first=0, days=DAYS, shift=0.0, season=False):
    """Ten rows an hour: a fare with a daily wave, moved by `shift`; with `season` more and more go to Vigo."""
    dice = np.random.default_rng(seed)
    hour = np.repeat(np.arange(first * 24, (first + days) * 24), 10)
    fare = 20 + 3 * np.sin(hour / 24 * 2 * np.pi) + dice.normal(0, 2, len(hour)) + shift
    vigo = 1 / 3 + season * 0.5 * (hour - first * 24) / (days * 24)
    city = np.where(dice.random(len(hour)) < vigo, "Vigo", np.where(dice.random(len(hour)) < 0.5, "Lugo", "Ourense"))
    at = np.datetime64("2026-01-01T00:00:00") + hour.astype("timedelta64[h]")
    return pa.table({"at": pa.array(at), "fare": fare, "city": city})


CONFIG = """
[data]
train = "train.parquet"
serving = "serving.parquet"
time = "at"

[[check]]
use = "drift"
{more}
"""


@pytest.fixture
def run(tmp_path):
    def check(train, serving, more=""):
        pq.write_table(train, tmp_path / "train.parquet")
        pq.write_table(serving, tmp_path / "serving.parquet")
        (tmp_path / "mlscore.toml").write_text(CONFIG.format(more=more), encoding="utf-8")
        config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
        (one,) = configured_checks(config)
        ran = run_check(one, config, today=date(2026, 11, 1), at="2026-11-01T00:00:00Z")
        assert ran.result is not None, ran.error
        return ran

    return check


def test_clean_data_pass(run):
    ran = run(hours(1), hours(2, first=DAYS, days=14))
    assert ran.case.outcome == "passed"
    assert ran.result.summary == "none of 3 columns drifted"
    assert ran.case.placement.items == ("monitor-3",)


def test_a_fault_fails_for_the_right_reason(run):
    ran = run(hours(1), hours(2, first=DAYS, days=14, shift=6.0))
    assert ran.case.outcome == "failed"
    assert ran.result.findings[0].startswith("fare: ")
    assert ran.result.values[0].value == 1
    assert {c["name"]: c["drifted"] for c in ran.result.details["columns"]} == {
        "at": False,
        "fare": True,
        "city": False,
    }


def test_gradual_changes_are_told_where_that_is_wanted(run):
    before, after = hours(1), hours(2, first=DAYS, days=DAYS, season=True)
    tell = 'joint = false\ngradual = "tell"'
    ran = run(before, after, tell)
    assert ran.case.outcome == "passed", ran.result.findings
    assert any(line.startswith("gradual, told and not judged: city") for line in ran.result.unknown)
    judged = run(before, after, "joint = false")
    assert judged.case.outcome == "failed"
    assert judged.result.findings[0].startswith("city: gradual, ")
    fault = run(before, hours(2, first=DAYS, days=DAYS, season=True, shift=6.0), tell)
    assert fault.case.outcome == "failed"
    assert [finding.partition(":")[0] for finding in fault.result.findings] == ["fare"]


def test_a_stored_reference_gives_the_same_verdict(run, tmp_path):
    train, serving = hours(1), hours(2, first=DAYS, days=14, shift=6.0)
    pq.write_table(train, tmp_path / "train.parquet")
    with open_table(tmp_path / "train.parquet") as table:
        save(summarise(table, time="at"), tmp_path / "reference.json")
    stored = run(train, serving, 'reference = "reference.json"')
    whole = detect_drift(tmp_path / "train.parquet", tmp_path / "serving.parquet", time="at")
    assert stored.case.outcome == "failed"
    found = [c["name"] for c in stored.result.details["columns"] if c["drifted"]]
    assert found == list(whole.found)


def test_rows_in_a_json_file_are_no_stored_reference(run, tmp_path):
    day = '{"at": "2024-01-0%d 00:00:00", "fare": %d}'
    (tmp_path / "rows.json").write_text("\n".join(day % (n, n) for n in range(1, 10)), encoding="utf-8")
    ran = run(hours(1), hours(2), 'reference = "rows.json"\njoint = false')
    assert ran.result is not None, ran.error
    assert "fare" in [column["name"] for column in ran.result.details["columns"]]


def test_an_empty_side_is_no_pass(run):
    assert run(hours(1), hours(2).slice(0, 0)).case.outcome == "failed"


def test_an_ignored_column_does_not_count(run):
    ran = run(hours(1), hours(2, first=DAYS, days=14, shift=6.0), 'ignore = ["fare"]\njoint = false')
    assert ran.case.outcome == "passed"


def test_to_list_the_checks_is_light():
    code = "import sys; from mlscore.checks.registry import known_checks; known_checks(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_column_that_is_lost_fails_and_one_that_came_does_not(run):
    before, after = hours(1), hours(2, first=DAYS, days=14)
    lost = run(before, after.drop_columns(["fare"]), "joint = false")
    assert lost.case.outcome == "failed"
    assert [finding.partition(",")[0] for finding in lost.result.findings] == ["fare: lost"]
    gained = run(before, after.append_column("tip", after["fare"]), "joint = false")
    assert gained.case.outcome == "passed"
    assert gained.result.details["gained"] == ["tip"]


def test_lost_times_are_no_reason_to_compare_rows_in_their_order(tmp_path, run):
    with pytest.raises(AssertionError, match='"at"'):
        run(hours(1), hours(2, first=DAYS, days=14).drop_columns(["at"]))


def test_what_drifted_is_told_where_it_is_not_the_values(run):
    before = hours(1)
    rounded = hours(2, first=DAYS, days=14)
    fare = pa.array(np.round(rounded["fare"].to_numpy(), 1))
    ran = run(before, rounded.set_column(1, "fare", fare), "joint = false")
    assert ran.case.outcome == "failed"
    assert "Jensen-Shannon distance of how many digits numbers have" in ran.result.findings[0]
