"""Shared by the tests: the raw tables, one trained model, and one run of the command line; each made once a session."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flights import data, model, train
from flights.registry import Registry

PROJECT = Path(__file__).parents[1]
ROWS = 60_000
"""Flights to train on in these tests: enough for the real figures, and half a second of training."""

SUBSET = 20_000
"""Flights to train on where only the machinery is tested."""


@dataclass(frozen=True)
class Labelled:
    """The feature table of all flights of 2013 that arrived, with their labels."""

    table: pd.DataFrame
    late: pd.Series

    def rows(self, months: tuple[int, ...]) -> tuple[pd.DataFrame, pd.Series]:
        chosen = self.table.index.str[5:7].astype(int).isin(months)
        return self.table[chosen], self.late[chosen]


@dataclass(frozen=True)
class Workspace:
    """A folder in which the commands run, as an operator runs them."""

    folder: Path

    def run(self, module: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", f"flights.{module}", *map(str, arguments)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    @property
    def registry(self) -> Path:
        return self.folder / "registry"


@pytest.fixture(scope="session")
def flights() -> pd.DataFrame:
    return data.load("flights")


@pytest.fixture(scope="session")
def weather() -> pd.DataFrame:
    return data.load("weather")


@pytest.fixture(scope="session")
def airlines() -> pd.DataFrame:
    return data.load("airlines")


@pytest.fixture(scope="session")
def labelled(flights: pd.DataFrame, weather: pd.DataFrame) -> Labelled:
    return Labelled(*train.labelled(flights, weather))


@pytest.fixture(scope="session")
def fit_rows(labelled: Labelled) -> tuple[pd.DataFrame, pd.Series]:
    return train.sample(*labelled.rows(data.FIT_MONTHS), ROWS, train.SEED)


@pytest.fixture(scope="session")
def trained(fit_rows: tuple[pd.DataFrame, pd.Series]) -> model.DelayModel:
    return model.fit(*fit_rows, seed=train.SEED)


@pytest.fixture(scope="session")
def first_months(flights: pd.DataFrame) -> pd.DataFrame:
    return data.in_months(flights, (*data.FIT_MONTHS, *data.GATE_MONTHS))


@pytest.fixture(scope="session")
def september(flights: pd.DataFrame) -> pd.DataFrame:
    return data.schedule(data.in_months(flights, [9])).reset_index(drop=True)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Run data, training and prediction for September once; the tests look at what came out."""
    place = Workspace(tmp_path_factory.mktemp("flights run"))
    steps = [
        place.run("data", place.folder, "--months", 9),
        place.run(
            "train", "--registry", place.registry, "--rows", SUBSET, PYTHONHASHSEED="1", OMP_NUM_THREADS="2"
        ),
        place.run(
            "predict", place.folder / "schedule.csv", "--registry", place.registry,
            "--output", place.folder / "predictions.csv",
        ),
    ]  # fmt: skip
    for step in steps:
        if step.returncode:
            raise RuntimeError(f"{step.args}\n{step.stdout}\n{step.stderr}")
    return place


@pytest.fixture(scope="session")
def retrained(tmp_path_factory, first_months, weather, airlines) -> Registry:
    """A registry filled by the same training as the workspace's, but within this process."""
    registry = Registry(tmp_path_factory.mktemp("retrained"))
    assert train.run(registry, first_months, weather, airlines, rows=SUBSET) == []
    return registry


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(2013)
