"""Looking at weights: what is no number, too great, or dead; in the model's own process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlscore.checks.stability.shapes import Weights

LOOK = f"{__name__}:look"
_OF_NETWORKS = ("coefs_", "weight")


def look(model: Any, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is in each array of a model's weights, as JSON."""
    import numpy as np

    from mlscore.predictors.parameters import weights_of

    found = []
    for path, array in weights_of(model).items():
        values = array[np.isfinite(array)]
        dead, units = 0, 0
        if array.ndim == 2 and set(path.split(".")) & set(_OF_NETWORKS):
            # scikit-learn's matrices lead from rows to columns, those of networks with a weight from columns to rows.
            inputs = 0 if "coefs_" in path.split(".") else 1
            dead, units = int((array == 0).all(axis=inputs).sum()), array.shape[1 - inputs]
        found.append(
            {
                "path": path,
                "size": int(array.size),
                "nan": int(np.isnan(array).sum()),
                "infinite": int(np.isinf(array).sum()),
                "least": float(values.min()) if values.size else None,
                "greatest": float(values.max()) if values.size else None,
                "dead": dead,
                "units": units,
            }
        )
    return found


def of_weights(arrays: Sequence[Weights], greatest: float, most_dead: float) -> list[str]:
    """What is wrong with weights: no numbers first, then those beyond the limit, then dead units."""
    found = []
    for one in arrays:
        for count, word in ((one.nan, "NaN"), (one.infinite, "infinite")):
            if count:
                found.append(f"weights: {count:,} of {one.size:,} in {one.path} are {word}")
    for one in arrays:
        ends = [abs(end) for end in (one.least, one.greatest) if end is not None]
        if ends and max(ends) > greatest:
            found.append(f"weights: {one.path} reaches {max(ends):.3g}, {greatest:.3g} is the limit")
    for one in arrays:
        if one.units and one.dead / one.units > most_dead:
            found.append(
                f"weights: {one.dead:,} of {one.units:,} units of {one.path} are dead: all their weights are 0"
            )
    return found
