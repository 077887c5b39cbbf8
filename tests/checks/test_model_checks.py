"""Slices, fairness and simpler models as they are configured: the project's own function is the model."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.checks.text import result_lines
from mlscore.core.codec import dumps
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError
from mlscore.project.load import load_config

MODEL = """\
import numpy as np


def good(rows):
    return (rows["hour"] > 12).astype(int).to_numpy()


def scored(rows):
    p = np.where(rows["hour"] > 12, 0.9, 0.1)
    return np.column_stack([1 - p, p])


def untrained(rows):
    return np.random.default_rng(0).integers(0, 2, len(rows))


def collapsed(rows):
    return np.where(rows["carrier"] == "cc", 0, rows["hour"] > 12).astype(int)


def partial(rows):
    return np.where(rows["sex"] == "m", rows["hour"] > 8, rows["hour"] > 12).astype(int)
"""
CONFIG = """\
[data]
train = "train.parquet"
validation = "validation.parquet"
label = "late"
id = "flight"

[model]
source = "{source}"
task = "binary"
features = ["hour", "carrier", "sex"]
classes = [0, 1]
positive = 1
{model}

[[check]]
use = "{use}"
{check}
"""


def rows(seed, n=4000):
    random = np.random.default_rng(seed)
    hour = random.integers(0, 24, n)
    return pa.table(
        {
            "flight": pa.array(range(n)),
            "hour": pa.array(hour),
            "carrier": pa.array(np.array(["aa", "bb", "cc"])[random.integers(0, 3, n)]),
            "sex": pa.array(np.array(["f", "m"])[random.integers(0, 2, n)]),
            "late": pa.array(np.where(random.random(n) < 0.1, random.integers(0, 2, n), hour > 12).astype(int)),
        }
    )


@pytest.fixture
def go(tmp_path):
    def make(use, check="", source="project_model:good", model="", validation=None):
        pyarrow.parquet.write_table(rows(0), tmp_path / "train.parquet")
        pyarrow.parquet.write_table(rows(1) if validation is None else validation, tmp_path / "validation.parquet")
        (tmp_path / "project_model.py").write_text(MODEL, encoding="utf-8")
        text = CONFIG.format(use=use, check=check, source=source, model=model)
        (tmp_path / "mlscore.toml").write_text(text, encoding="utf-8")
        config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
        (one,) = configured_checks(config)
        context = Context(tmp_path, config.data, one.options, date(2026, 11, 1), one.spec.location, model=config.model)
        result = one.check.run(context)
        assert dumps(result.details)
        return one.item, result

    return make


def test_slices(go):
    item, result = go("slices", "slices = { night = { hour = [22, 23, 0, 1] } }\n")
    assert (item, result.outcome) == ("model-6", Outcome.PASSED)
    assert result.summary.startswith("none of ")
    assert [one["name"] for one in result.details["declared"]] == ["night"]
    item, result = go("slices", source="project_model:collapsed")
    assert result.outcome is Outcome.FAILED
    assert result.findings[0].startswith("hour ")
    assert "carrier = cc" in result.findings[0]
    assert "flight" not in " ".join(result.findings)


def test_slices_against_the_previous_release(go):
    now = {"source": "project_model:collapsed", "model": 'previous = "project_model:good"'}
    _, result = go("slices", "margin = 1\npairs = false\n", **now)
    assert result.outcome is Outcome.FAILED
    whole, *slices = result.findings
    assert whole.startswith("all rows: the loss is 0.1")
    assert all("more than the previous release" in line for line in slices)
    assert any("carrier = cc" in line for line in slices)
    _, result = go("slices", "margin = 1\nworsening = 1\n", **now)
    assert result.outcome is Outcome.PASSED


def test_slices_by_scores(go):
    _, result = go("slices", 'loss = "log loss"\n', source="project_model:scored")
    assert result.outcome is Outcome.PASSED
    assert result.details["loss"]["value"] == pytest.approx(0.2155, abs=0.03)
    _, result = go("slices", 'loss = "Brier score"\n', source="project_model:scored")
    assert result.outcome is Outcome.PASSED
    with pytest.raises(ConfigError, match='"log loss" needs probabilities'):
        go("slices", 'loss = "log loss"\n')
    with pytest.raises(ConfigError, match='"absolute error" is no loss of a model that predicts classes'):
        go("slices", 'loss = "absolute error"\n')


FAIR = 'definition = "demographic parity"\nprotected = "sex"\n'


def test_fairness(go):
    item, result = go("fairness", FAIR)
    assert (item, result.outcome) == ("model-7", Outcome.PASSED)
    assert result.summary == "demographic parity: 1 of 1 pairs of groups are within the limit"
    assert "changing sex alone changes 0.00% of answers" in result.notes
    _, result = go("fairness", FAIR, source="project_model:partial")
    assert result.outcome is Outcome.FAILED
    assert result.findings[0].startswith("demographic parity: the selection rate of sex = f is below that of sex = m")
    assert any(line.startswith("changing sex alone changes 1") for line in result.notes)


def test_flips_and_proxies_may_have_limits(go):
    looks = {"source": "project_model:partial"}
    _, result = go("fairness", FAIR + "limit = 0.5\n", **looks)
    assert result.outcome is Outcome.PASSED
    _, result = go("fairness", FAIR + "limit = 0.5\nflips = 0.01\n", **looks)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("changing sex alone changes 1")
    told = rows(1)
    told = told.set_column(2, "carrier", told["sex"])
    _, result = go("fairness", FAIR + "proxies = 0.5\n", validation=told)
    assert result.outcome is Outcome.FAILED
    assert result.findings[0].startswith("carrier tells sex: ")


def test_a_definition_is_never_implied(go):
    with pytest.raises(ConfigError, match='"fairness" needs "definition"'):
        go("fairness", 'protected = "sex"\n')
    with pytest.raises(InputError, match='"justice" is no definition'):
        go("fairness", 'definition = "justice"\nprotected = "sex"\n')


def test_a_protected_attribute_that_is_missing(go):
    with pytest.raises(InputError, match="there is no column 'gender'"):
        go("fairness", 'definition = "equal opportunity"\nprotected = "gender"\n')


def test_simpler(go):
    item, result = go("simpler-model", 'metric = "error"\n', source="project_model:untrained")
    assert (item, result.outcome) == ("model-5", Outcome.FAILED)
    assert result.findings[0].startswith("constant (always the most frequent class): error 0.4")
    # The model is one threshold: a tree finds it, and the check says that it does as well.
    _, result = go("simpler-model", 'metric = "error"\n')
    assert result.outcome is Outcome.FAILED
    assert "small tree" in result.summary
    _, result = go("simpler-model", 'metric = "error"\nmargin = -0.05\n')
    assert result.outcome is Outcome.PASSED
    assert " × dearer" in "\n".join(result_lines(result))


@pytest.mark.parametrize("use", ["slices", "fairness", "simpler-model"])
def test_labels_with_nulls(go, use):
    table = rows(1)
    holes = np.arange(4000) % 4 == 0
    table = table.set_column(4, "late", pa.array(table["late"].to_numpy(), mask=holes))
    more = {"fairness": FAIR, "simpler-model": "margin = -1\n"}.get(use, "")
    _, result = go(use, more, source="project_model:scored", validation=table)
    assert result.outcome is Outcome.PASSED
    assert any("1,000" in line and "label" in line for line in result.unknown)


@pytest.mark.parametrize("use", ["slices", "fairness", "simpler-model"])
def test_without_a_label_or_a_model(go, use, tmp_path):
    more = FAIR if use == "fairness" else ""
    with pytest.raises(InputError, match="there is no column 'late', the label"):
        go(use, more, validation=rows(1).drop_columns(["late"]))
    with pytest.raises(InputError, match="there is no row to predict"):
        go(use, more, validation=rows(1).slice(0, 0))
