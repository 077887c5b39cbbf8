"""Degraded variants are written in steps with their offline losses, whole or not at all, and over nothing."""

import csv

import numpy as np
import pyarrow.parquet as parquet
import pytest
import skops.io

from mlscore.checks import read_pairs, write_variants
from mlscore.errors import ConfigError, InputError, OutputError


@pytest.fixture
def make(project, predictor):
    """`make(folder, form, **more)`: the variants of the project's model."""

    def call(folder="out/variants", form="skops", **more):
        rows = [parquet.read_table(project / f"{name}.parquet") for name in ("train", "validation")]
        return write_variants(
            predictor(form), rows[0], rows[1], project / folder, label="late", name="model.skops", ordered=True, **more
        )

    return call


def test_variants_get_worse_step_by_step(make, project):
    found = make()
    folder = project / "out" / "variants"
    with (folder / "variants.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["model"] == "released"
    assert float(rows[0]["offline"]) == pytest.approx(found.released)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["variants.csv", *(one.file for one in found.made)])
    losses = {one.model: one.offline for one in found.made}
    assert losses["label-shuffled-share-0.75"] >= losses["label-shuffled-share-0.1"] - 0.01
    assert losses["quantised-bits-1"] > found.released
    assert {"stale-weights-share-0.5", "stale-weights-share-0.05"} <= set(losses)
    truth = parquet.read_table(project / "validation.parquet").to_pandas()
    for one in found.made:
        wrong = float((skops.io.load(folder / one.file).predict(truth[list("abc")]) != truth["late"]).mean())
        assert one.offline == pytest.approx(wrong)


def test_the_table_becomes_pairs(make, project):
    found = make()
    path = project / "out" / "variants" / "variants.csv"
    pairs = read_pairs(str(path))
    assert pairs.lost == {"without a figure of online": len(found.made) + 1}
    lines = path.read_text(encoding="utf-8").splitlines()
    filled = [lines[0], *(",".join([*line.split(",")[:4], "1.5", *line.split(",")[5:]]) for line in lines[1:])]
    path.write_text("\n".join(filled), encoding="utf-8")
    assert len(read_pairs(str(path)).pairs) == len(found.made) + 1


def test_nothing_is_written_over(make, project):
    (project / "there").mkdir()
    (project / "there" / "mine.txt").write_text("mine", encoding="utf-8")
    for name in ("there", "model.skops"):
        with pytest.raises(ConfigError, match=f'"{name}" is there already, and nothing is written over'):
            make(name)
    assert [path.name for path in (project / "there").iterdir()] == ["mine.txt"]
    with pytest.raises(OutputError, match="cannot be written"):
        make("model.skops/variants")


def test_what_cannot_be_made_is_said(make, project):
    with pytest.raises(InputError, match="a onnx model cannot be written anew from here"):
        make(form="onnx")
    with pytest.raises(InputError, match="no degraded variant can be made of the model"):
        make(steps=[("slice-collapse", {})])
    assert not (project / "out" / "variants").exists()
    assert list((project / "out").iterdir()) == []
    found = make(steps=[("slice-collapse", {}), ("label-shuffled", {"share": 1.0})])
    assert found.refused[0].startswith("slice-collapse.skops: ")
    assert [one.worse for one in found.made] == [True]


def test_without_an_order_of_time_nothing_is_stale(project, predictor):
    rows = parquet.read_table(project / "train.parquet")
    found = write_variants(predictor(), rows, rows, project / "v", label="late", name="model.skops")
    assert not any(one.fault == "stale-weights" for one in found.made)
    assert found.refused == ("stale models: nothing says in which order of time the training rows are",)
    assert np.isfinite([one.offline for one in found.made]).all()
