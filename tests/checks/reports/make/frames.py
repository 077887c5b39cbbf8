"""The small data that every sample is made of: flights with a shift, a hole and a wrong class in the later half."""

from __future__ import annotations

import numpy as np
import pandas as pd


def frames(rows: int = 300) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The earlier and the later rows: `distance` moved, `carrier` as before, `delay` with missing values later."""
    rng = np.random.default_rng(7)

    def make(shift: float, missing: float) -> pd.DataFrame:
        distance = rng.normal(1000 + shift, 200, rows)
        delay = rng.normal(10, 5, rows)
        delay[rng.random(rows) < missing] = np.nan
        late = (rng.random(rows) < 0.3).astype(int)
        predicted = np.where(rng.random(rows) < 0.8, late, 1 - late)
        carrier = rng.choice(["AA", "B6", "UA"], rows)
        return pd.DataFrame(
            {"distance": distance, "delay": delay, "carrier": carrier, "late": late, "predicted": predicted}
        )

    return make(0.0, 0.0), make(600.0, 0.2)
