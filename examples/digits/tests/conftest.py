"""Shared by the tests: the images, and the network that was released."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from digits import data

PROJECT = Path(__file__).parents[1]
RELEASED = PROJECT / "models" / "digits.onnx"


@pytest.fixture(scope="session")
def judged() -> pd.DataFrame:
    return data.judged()


@pytest.fixture(scope="session")
def pixels(judged: pd.DataFrame) -> np.ndarray:
    return judged[list(data.PIXELS)].to_numpy()


@pytest.fixture(scope="session")
def training_pixels() -> np.ndarray:
    return data.training()[list(data.PIXELS)].to_numpy()


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(8)
