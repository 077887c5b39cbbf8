"""Columns that changed places: found where they did, and not where a stage filters, scales or samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.integration.swapped import chance, swapped_columns


@pytest.fixture
def rows():
    random = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "distance": random.lognormal(6, 0.6, 600).round(),
            "delay": random.normal(5, 20, 600),
            "carrier": np.array(["aa", "bb", "cc"])[random.integers(0, 3, 600)],
            "origin": np.array(["x", "y"])[(random.random(600) < 0.2).astype(int)],
            "late": random.random(600) < 0.3,
        }
    )


@pytest.fixture
def swapped(tmp_path, rows):
    def judge(after):
        rows.to_parquet(tmp_path / "before.parquet")
        after.to_csv(tmp_path / "after.csv", index=False)
        return swapped_columns(tmp_path / "before.parquet", tmp_path / "after.csv")

    return judge


@pytest.mark.parametrize(
    "pair", [("distance", "delay"), ("carrier", "origin"), ("delay", "origin"), ("late", "carrier")]
)
def test_a_pair_that_changed_places(swapped, rows, pair):
    one, other = pair
    found = swapped(rows.rename(columns={one: other, other: one})[list(rows.columns)])
    assert [set(names) for names in found] == [{one, other}]


def test_in_half_of_the_rows(swapped, rows):
    found = swapped(rows.rename(columns={"distance": "delay", "delay": "distance"}).sample(300, random_state=1))
    assert [set(names) for names in found] == [{"distance", "delay"}]


@pytest.mark.parametrize(
    "stage",
    [
        lambda rows: rows,
        lambda rows: rows.sample(300, random_state=0),
        lambda rows: rows[rows["distance"] > 400],
        lambda rows: rows.assign(distance=(rows["distance"] - 400) / 200, delay=(rows["delay"] - 5) / 20),
        lambda rows: rows[list(reversed(rows.columns))],
        lambda rows: rows.assign(distance=rows["delay"]),
        lambda rows: rows.assign(origin=rows["origin"].map({"x": 0, "y": 1})),
        lambda rows: rows.head(10).rename(columns={"distance": "delay", "delay": "distance"}),
        lambda rows: rows[["late"]],
    ],
)
def test_what_stages_do(swapped, rows, stage):
    assert swapped(stage(rows)) == []


def test_chances():
    assert chance([1.0, 2.0], [1.0, 2.0]) == 1.0
    assert chance([], []) == 1.0
    assert chance([], [1.0]) == 0.0
    assert chance(["1"], [1.0]) == 0.0
    assert chance(["a"] * 50, ["a"] * 50) == 1.0
    assert chance(["a", "b"] * 50, ["a", "b", "b", "b"] * 25) == pytest.approx(2.6e-4, rel=0.5)
    # Of 200 pairs of samples of one distribution, few are unlikely.
    random = np.random.default_rng(0)
    found = [chance(random.normal(size=80).tolist(), random.normal(size=60).tolist()) for _ in range(200)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.04)
