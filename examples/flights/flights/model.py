"""The model specification: gradient boosted trees, and the simpler models they must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED

import numpy as np
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from flights.features import CATEGORICAL, check_requirements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

PARAMETERS: dict[str, Any] = {
    "learning_rate": 0.03,
    "max_iter": 120,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 50,
    "l2_regularization": 0.0,
    "max_features": 0.5,
}
"""The best trial of docs/tuning.md; a test compares the two."""

TRUSTED = [
    "functools.partial",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils.validation.check_array",
]
"""What a stored model holds beyond the types that skops trusts by itself; a file with any other is not loaded."""

SIMPLE_FEATURES = ("clock", "humid", "pressure")


@dataclass(frozen=True, slots=True)
class DelayModel:
    """A fitted pipeline, which holds all it needs to answer: the features' order and the categories seen in training."""

    pipeline: Pipeline

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that it was trained on, in their order."""
        return tuple(str(name) for name in self.pipeline.feature_names_in_)

    def probability(self, table: pd.DataFrame) -> np.ndarray:
        """Return the probability of a late arrival, 0 to 1, for each row of a feature table."""
        check_requirements(self.features)
        return self.pipeline.predict_proba(table[list(self.features)])[:, 1]


def build(seed: int = 0, *, coded: Sequence[str] = CATEGORICAL, parameters: dict[str, Any] | None = None) -> Pipeline:
    """Return the model before any training; `coded` are the columns that hold categories."""
    # A value never seen in training is missing, which the trees know how to handle.
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = ColumnTransformer(
        [("categories", encoder, list(coded))], remainder="passthrough", verbose_feature_names_out=False
    )
    classifier = HistGradientBoostingClassifier(
        **(PARAMETERS if parameters is None else parameters),
        categorical_features=list(range(len(coded))) or None,
        early_stopping=False,
        random_state=seed,
    )
    return Pipeline([("columns", columns), ("trees", classifier)])


def build_for_few(seed: int = 0) -> Pipeline:
    """Return the model with parameters by which it can learn a few rows: a leaf of 50 flights needs thousands."""
    return build(seed, parameters={**PARAMETERS, "learning_rate": 0.5, "min_samples_leaf": 1, "max_features": 1.0})


def fit(table: pd.DataFrame, late: pd.Series, *, seed: int, parameters: dict[str, Any] | None = None) -> DelayModel:
    """Train the model on a feature table and its 0/1 labels; the same seed gives the same model."""
    check_requirements(table.columns)
    coded = [name for name in CATEGORICAL if name in table.columns]
    return DelayModel(build(seed, coded=coded, parameters=parameters).fit(table, late))


def save(model: DelayModel, path: Path) -> None:
    """Write a fitted model to a skops file, which can be read without running code from it."""
    skops.io.dump(model.pipeline, path, compression=ZIP_DEFLATED, compresslevel=9)


def load(path: Path) -> DelayModel:
    """Return the model of a file that `save` wrote; skops raises `UntrustedTypesFoundException` for other types."""
    return DelayModel(skops.io.load(path, trusted=TRUSTED))


@dataclass(frozen=True, slots=True)
class HourRule:
    """The simplest useful answer: how often flights of that hour of the day were late so far."""

    rates: dict[int, float]
    overall: float

    def probability(self, table: pd.DataFrame) -> np.ndarray:
        """Return the late share of each row's hour in training, or of all hours for one never seen."""
        return table["clock"].astype(int).map(self.rates).fillna(self.overall).to_numpy(dtype=float)


def hour_rule(table: pd.DataFrame, late: pd.Series) -> HourRule:
    """Learn the late share by hour of day."""
    rates = late.groupby(table["clock"].astype(int)).mean()
    return HourRule({int(hour): float(rate) for hour, rate in rates.items()}, float(late.mean()))


@dataclass(frozen=True, slots=True)
class SimpleLogistic:
    """A logistic regression on `SIMPLE_FEATURES` alone."""

    pipeline: Any

    def probability(self, table: pd.DataFrame) -> np.ndarray:
        """Return the probability of a late arrival for each row."""
        return self.pipeline.predict_proba(table[list(SIMPLE_FEATURES)])[:, 1]


def simple_logistic(table: pd.DataFrame, late: pd.Series) -> SimpleLogistic:
    """Fit the logistic regression; missing values take the median."""
    pipeline = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())
    return SimpleLogistic(pipeline.fit(table[list(SIMPLE_FEATURES)], late))
