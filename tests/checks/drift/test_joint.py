"""The joint test sees lost and turned associations, and neither margins nor chance."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlscore.checks.drift.joint import joint_drift


def rows(seed, count=4_000, missing=0.0):
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(count)
    kind = np.where(common + rng.standard_normal(count) > 0, "a", "b")
    x = common + rng.standard_normal(count)
    return {
        "at": pa.array((np.sort(rng.integers(0, 60, count)) * 86_400_000_000).astype("int64")).cast(pa.timestamp("us")),
        "x": pa.array(x, mask=rng.random(count) < missing),
        "y": np.exp(common + rng.standard_normal(count)),
        "z": rng.standard_normal(count),
        "kind": kind.tolist(),
        "late": common + rng.standard_normal(count) > 1,
    }


@pytest.fixture(scope="module")
def reference(summary_of):
    return summary_of(rows(0), time="at")


def verdict(reference, summary_of, data, length=5):
    return joint_drift(reference, summary_of(data, like=reference, seed=1), length=length, rate=0.001)


@pytest.mark.parametrize("seed", range(1, 5))
def test_nothing_changed(seed, reference, summary_of):
    found = verdict(reference, summary_of, rows(seed))
    assert not found.drifted
    assert found.area == pytest.approx(0.5, abs=0.04)
    assert found.windows == 12


@pytest.mark.parametrize("column", ["x", "y", "kind", "late"])
def test_a_column_dealt_out_anew_is_seen_and_its_pairs_named(column, reference, summary_of):
    data = rows(7)
    data[column] = np.random.default_rng(1).permutation(np.array(data[column]))
    found = verdict(reference, summary_of, data)
    assert found.drifted
    assert all(column in (pair.left, pair.right) for pair in found.pairs)
    assert abs(found.pairs[0].current) < 0.1 < abs(found.pairs[0].reference)


def test_margins_alone_are_not_joint_drift(reference, summary_of):
    data = rows(8, missing=0.3)
    data["y"] = data["y"] * 1.5
    data["z"] = data["z"] + 1
    assert not verdict(reference, summary_of, data).drifted


def test_two_columns_swapped(reference, summary_of):
    data = rows(9)
    data["x"], data["z"] = data["z"], data["x"]
    assert verdict(reference, summary_of, data).drifted


def test_without_blocks_labels_are_permuted(reference, summary_of):
    found = verdict(reference, summary_of, rows(10), length=None)
    assert found.windows == 0
    assert not found.drifted


def test_what_cannot_be_tested_is_said(reference, summary_of):
    assert "fewer than 60" in verdict(reference, summary_of, rows(1, count=30))
    single = summary_of({"x": rows(1)["x"]})
    assert "two columns" in joint_drift(single, single, length=None, rate=0.01)


def test_many_columns(summary_of):
    def wide(seed, broken=False):
        rng = np.random.default_rng(seed)
        common = rng.standard_normal((3_000, 1))
        values = common + rng.standard_normal((3_000, 50))
        if broken:
            values[:, 7] = rng.permutation(values[:, 7])
        return {f"x{number}": values[:, number] for number in range(50)}

    reference = summary_of(wide(0))
    for broken in (False, True):
        found = joint_drift(reference, summary_of(wide(1, broken), like=reference), length=None, rate=0.001)
        assert found.drifted is broken
    assert all("x7" in (pair.left, pair.right) for pair in found.pairs)


def test_a_time_goes_with_others_by_its_age(summary_of):
    def dated(seed, leak=False):
        data = rows(seed)
        second = np.array(data["at"].cast("int64")) / 1e6
        age = np.random.default_rng((seed, 1)).exponential(40, len(second))
        if leak:
            age[np.argsort(np.array(data["y"]), kind="stable")] = np.sort(age)
        return data | {"born": pa.array(((second - age * 86_400) * 1e6).astype("int64")).cast(pa.timestamp("us"))}

    reference = summary_of(dated(0), time="at")
    assert not verdict(reference, summary_of, dated(1)).drifted
    found = verdict(reference, summary_of, dated(2, leak=True))
    assert found.drifted
    assert {found.pairs[0].left, found.pairs[0].right} == {"y", "born"}


def wandering(seed, days, rows, amplitude=0.05):
    """Columns whose associations are stronger in some weeks than in others, as weather makes them."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), rows)
    strength = (0.6 + amplitude * rng.choice([-1, 1], days // 7 + 1))[day // 7]
    common = rng.standard_normal(len(day))
    columns = {
        f"x{number}": strength * common + np.sqrt(1 - strength**2) * rng.standard_normal(len(day))
        for number in range(5)
    }
    return {"at": pa.array(day * 86_400_000_000).cast(pa.timestamp("us"))} | columns


def test_associations_may_wander_as_they_do_in_the_reference_however_many_rows_there_are(summary_of):
    reference = summary_of(wandering(0, 140, 40), time="at")
    strong = wandering(3, 7, 800, amplitude=0.0)
    rng = np.random.default_rng(1)
    common = rng.standard_normal(5_600)
    for number in range(5):
        strong[f"x{number}"] = 0.72 * common + np.sqrt(1 - 0.72**2) * rng.standard_normal(5_600)
    found = verdict(reference, summary_of, strong, length=7)
    assert found.change > 0.14
    assert not found.drifted
    strong["x2"] = rng.permutation(strong["x2"])
    assert verdict(reference, summary_of, strong, length=7).drifted


def test_free_text_goes_with_others_by_its_first_letters(summary_of):
    data, later = rows(0), rows(9)
    for seed, given in enumerate((data, later)):
        rng = np.random.default_rng(seed)
        given["note"] = [
            f"{word} {rng.integers(10**9)}" for word in rng.choice(["alas", "done", "late", "well"], 4_000)
        ]
    reference = summary_of(data, time="at")
    assert not verdict(reference, summary_of, later).drifted
    # The same texts, dealt out by the label: their lengths and words stay.
    later["note"] = np.array(sorted(later["note"]))[np.argsort(np.argsort(later["late"], kind="stable"))].tolist()
    found = verdict(reference, summary_of, later)
    assert found.drifted
    assert {found.pairs[0].left, found.pairs[0].right} == {"late", "note (first letters)"}
