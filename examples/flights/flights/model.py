"""The model specification: gradient boosted trees, and the simpler models they must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from flights.features import categories, check_requirements, encode

if TYPE_CHECKING:
    import numpy as np
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

SIMPLE_FEATURES = ("clock", "humid", "pressure")


@dataclass(frozen=True, slots=True)
class DelayModel:
    """A fitted classifier with all it needs to answer: the features' order and the categories seen in training."""

    classifier: HistGradientBoostingClassifier
    features: tuple[str, ...]
    categories: dict[str, list[str]]

    def probability(self, table: pd.DataFrame) -> np.ndarray:
        """Return the probability of a late arrival, 0 to 1, for each row of a feature table."""
        check_requirements(self.features)
        return self.classifier.predict_proba(encode(table[list(self.features)], self.categories))[:, 1]


def fit(table: pd.DataFrame, late: pd.Series, *, seed: int, parameters: dict[str, Any] | None = None) -> DelayModel:
    """Train the model on a feature table and its 0/1 labels; the same seed gives the same model."""
    check_requirements(table.columns)
    known = categories(table)
    classifier = HistGradientBoostingClassifier(
        **(PARAMETERS if parameters is None else parameters),
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=seed,
    )
    classifier.fit(encode(table, known), late)
    return DelayModel(classifier, tuple(table.columns), known)


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
