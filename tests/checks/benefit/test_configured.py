"""The check as it is configured: the project's own function is the model, in a process of its own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError
from mlscore.project.load import load_config

MODEL = """\
import numpy as np


def scored(rows):
    p = 1 / (1 + np.exp(-1.5 * rows["hour"].to_numpy() - 1.0 * (rows["carrier"] == "aa").to_numpy()))
    return np.column_stack([1 - p, p])
"""
CONFIG = """\
[data]
validation = "validation.parquet"
label = "late"
id = "flight"

[model]
source = "project_model:scored"
task = "binary"
classes = ["no", "yes"]
{model}

[[check]]
use = "feature-benefit"
{check}
"""


@pytest.fixture
def go(tmp_path):
    def make(check="", model='features = ["hour", "carrier", "seat"]', data=None):
        random = np.random.default_rng(3)
        hour, carrier = random.normal(size=3000), np.array(["aa", "bb"])[random.integers(0, 2, 3000)]
        chance = 1 / (1 + np.exp(-1.5 * hour - 1.0 * (carrier == "aa")))
        table = pa.table(
            {
                "flight": pa.array(range(3000)),
                "hour": pa.array(hour),
                "carrier": pa.array(carrier),
                "seat": pa.array(random.normal(size=3000)),
                "late": pa.array(np.where(random.random(3000) < chance, "yes", "no")),
            }
        )
        pyarrow.parquet.write_table(table, tmp_path / "validation.parquet")
        (tmp_path / "project_model.py").write_text(MODEL, encoding="utf-8")
        text = CONFIG.format(check=check, model=model)
        (tmp_path / "mlscore.toml").write_text(text.replace('label = "late"\n', "") if data else text, encoding="utf-8")
        config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
        (one,) = configured_checks(config)
        context = Context(tmp_path, config.data, one.options, date(2026, 11, 1), one.spec.location, model=config.model)
        return one.item, one.check.run(context)

    return make


def test_a_needless_feature_fails_it(go):
    item, result = go()
    assert (item, result.outcome) == ("data-2", Outcome.FAILED)
    assert result.summary == "of no benefit: seat"
    assert [value.name for value in result.values] == ["of no benefit", "leakage suspects", "rows predicted"]
    assert result.notes[0].startswith("hour: beneficial, gain 0.")


def test_without_it_the_check_passes(go):
    _, result = go(model='features = ["hour", "carrier"]')
    assert result.outcome is Outcome.PASSED
    assert result.summary == "2 of 2 features or groups of them are beneficial, 4,000 rows predicted"


def test_as_a_yardstick_it_may_stay(go):
    _, result = go('noise = ["seat"]')
    assert result.outcome is Outcome.PASSED
    assert any(line.startswith("seat: noise, gain 0 ") for line in result.notes)


def test_groups_and_limits(go):
    _, result = go('groups = { place = ["carrier", "seat"] }\nmetric = "log loss"')
    assert result.outcome is Outcome.PASSED
    assert any(line.startswith("carrier + seat: beneficial") for line in result.notes)
    with pytest.raises(ConfigError, match='the group "place" is no list of columns'):
        go('groups = { place = "carrier" }')
    _, result = go("leak = 0.3", model='features = ["hour", "carrier"]')
    assert result.summary == "leakage suspects: hour"
    _, result = go('leak = 0.3\nallowed = ["hour"]', model='features = ["hour", "carrier"]')
    assert result.outcome is Outcome.PASSED


def test_without_a_label(go):
    with pytest.raises(ConfigError, match="nothing says which column is to be predicted"):
        go(data="no label")


def test_without_named_features_the_id_and_the_label_are_none(go):
    _, result = go(model="")
    assert {one["feature"] for one in result.details["alone"]} == {"hour", "carrier", "seat"}


@pytest.fixture
def trained(tmp_path):
    """A project whose model is an estimator, with the rows that it was fitted on; `seat` tells nothing."""
    random = np.random.default_rng(5)
    for name in ("train", "validation"):
        hour, seat = random.normal(size=4000), random.normal(size=4000)
        late = np.where(random.random(4000) < 1 / (1 + np.exp(-1.5 * hour)), "yes", "no")
        frame = pd.DataFrame({"hour": hour, "seat": seat, "late": late})
        frame.to_parquet(tmp_path / f"{name}.parquet")
        if name == "train":
            skops.io.dump(LogisticRegression().fit(frame[["hour", "seat"]], late), tmp_path / "model.skops")

    def make(check=""):
        text = (
            '[data]\ntrain = "train.parquet"\nvalidation = "validation.parquet"\nlabel = "late"\n'
            f'[model]\nsource = "model.skops"\n[[check]]\nuse = "feature-benefit"\n{check}\n'
        )
        (tmp_path / "mlscore.toml").write_text(text, encoding="utf-8")
        config = load_config(tmp_path, environ={}, today=date(2026, 11, 1))
        (one,) = configured_checks(config)
        return one.check.run(
            Context(tmp_path, config.data, one.options, date(2026, 11, 1), one.spec.location, model=config.model)
        )

    return make


def test_an_estimator_is_fitted_anew_in_its_own_process(trained):
    result = trained("refit-seconds = 300")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "of no benefit: seat"
    assert result.notes[-1] == "method: leave one out"
    assert (result.details["method"], result.details["fits"]) == ("leave one out", 3)


def test_it_is_permuted_where_fits_are_not_wanted(trained):
    result = trained("refit-seconds = 0")
    assert result.outcome is Outcome.FAILED
    assert result.notes[-1] == "method: permutation"
    assert result.details["fits"] == 0
