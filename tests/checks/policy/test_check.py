"""The check `feature-policy` as it is configured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, UsageError
from mlscore.project.config import DataSettings

POLICY = """
require = ["owner"]
[[banned]]
feature = "secret"
reason = "agreed with the data office"
[protected]
attributes = ["gender"]
"""


@pytest.fixture
def project(write, tmp_path):
    random = np.random.default_rng(1)
    gender = random.integers(0, 2, 500)
    frame = pd.DataFrame(
        {"gender": gender, "height": random.normal(size=500) + 3 * gender, "x": random.normal(size=500)}
    )
    frame.assign(label=gender, id=range(500)).to_parquet(tmp_path / "train.parquet")
    write("policy.toml", POLICY)
    write(
        "features.toml", '[[feature]]\nname = "x"\nowner = "team-a"\n[[feature]]\nname = "height"\nowner = "team-a"\n'
    )
    return DataSettings(sources={"train": "train.parquet"}, label="label", id=("id",))


def test_a_list_and_the_training_data(run, project):
    result = run("feature-policy", policy="policy.toml", list="features.toml", data=project)
    assert (result.outcome, result.summary) == (Outcome.FAILED, "1 of 2 features breaks the policy")
    assert result.findings[0].startswith("height: tells gender: AUC 0.9")
    assert result.values[0].value == 1
    assert result.details["associations"][0]["feature"] == "height"
    assert result.details["named by"] == "list"


def test_the_columns_of_the_table_are_the_features_without_a_list(run, project):
    result = run("feature-policy", policy="policy.toml", data=project)
    assert [one["name"] for one in result.details["features"]] == ["gender", "height", "x"]
    assert "gender: a protected attribute is a feature itself" in result.findings


def test_the_pipeline_says_what_is_used_and_the_list_whose_it_is(run, project, write):
    write("model.py", "def names():\n    return ['x', 'secret']\n")
    result = run("feature-policy", policy="policy.toml", list="features.toml", pipeline="model:names", data=project)
    assert result.findings[:2] == ("secret: banned: agreed with the data office", "secret: no owner is stated")
    assert result.details["named by"] == "pipeline"
    assert len(result.findings) == 2


def test_feast_is_read(run, project, write):
    write(
        "store/views.py",
        "from feast import FeatureView, Field\nv = FeatureView(name='v', owner='team-b', schema=[Field(name='x')] )\n"
        "w = FeatureView(name='w', schema=made())\n",
    )
    result = run("feature-policy", policy="policy.toml", feast="store", data=project)
    assert result.outcome is Outcome.PASSED
    assert result.summary == "1 feature keeps to 3 rules"
    assert 'store/views.py:3: the fields of the feature view "w", which are not a plain list' in result.unknown


def test_a_policy_that_allows_everything_is_hollow(run, project, write):
    write("policy.toml", "require = []\n")
    assert run("feature-policy", policy="policy.toml", list="features.toml", data=project).outcome is Outcome.HOLLOW


def test_mistakes_are_one_sentence(run, project, write):
    with pytest.raises(UsageError, match=r"model\.joblib: a fitted pipeline's file is code"):
        run("feature-policy", policy="policy.toml", pipeline="model.joblib", data=project)
    with pytest.raises(ConfigError, match='"model" is no pipeline; name a file that ends with'):
        run("feature-policy", policy="policy.toml", pipeline="model", data=project)
    with pytest.raises(ConfigError, match="nothing says which features there are"):
        run("feature-policy", policy="policy.toml")
    with pytest.raises(ConfigError, match=r"^lost\.toml: there is no such file"):
        run("feature-policy", policy="lost.toml", data=project)
