"""Fitting a model anew in its own process, with some columns made to tell nothing."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

FIT = f"{__name__}:fit"


def fit(model: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a clone of the model, let it answer, and say how many seconds that took, as JSON; or why it cannot be.

    The request names Arrow files: `train` with `label`, `rows` to be answered, `answer` to be written (values, then a
    column of probabilities for each of `classes`). Columns of `without` hold one value of their own everywhere.
    """
    try:
        return _fit(model, request)
    except Exception as error:  # the model's own code
        lines = str(error).strip().splitlines()
        return {"refused": f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__}


def _fit(model: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa
    from pyarrow import feather

    if not (hasattr(model, "get_params") and callable(getattr(model, "fit", None))):
        return {"refused": f"a {type(model).__name__} cannot be cloned and fitted"}
    features, without = list(request["features"]), list(request["without"])
    train = feather.read_table(request["train"])
    labels = train.column(request["label"]).to_pandas().to_numpy()
    given, asked = (_blanked(table, features, without, train) for table in (train, feather.read_table(request["rows"])))
    if not hasattr(model, "feature_names_in_") and hasattr(model, "n_features_in_"):
        given, asked = given.to_numpy(), asked.to_numpy()
    fresh = import_module("sklearn.base").clone(model)
    seeds = [name for name, value in fresh.get_params().items() if name.endswith("random_state") and value is None]
    fresh.set_params(**dict.fromkeys(seeds, request["seed"]))
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fresh.fit(given, labels)
        columns = {"values": pa.array(np.asarray(fresh.predict(asked)).tolist())}
        if request["classes"] is not None:
            names = [str(one) for one in fresh.classes_.tolist()]
            if sorted(names) != sorted(request["classes"]):
                return {"refused": f"fitted on these rows, its classes are {', '.join(names[:5])}"}
            if request["shares"]:
                shares = fresh.predict_proba(asked)
                for number, name in enumerate(request["classes"]):
                    columns[f"p{number}"] = pa.array(shares[:, names.index(name)])
    seconds = time.perf_counter() - began
    feather.write_feather(pa.table(columns), request["answer"], compression="uncompressed")
    return {"seconds": seconds}


def _blanked(table: Any, features: Sequence[str], without: Sequence[str], train: Any) -> Any:
    """The features as a frame; a column that is left out holds the training rows' most frequent value, or the first."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in without:
        column = train.column(name).combine_chunks()
        try:
            value = pc.mode(column)[0]["mode"] if not pa.types.is_boolean(column.type) else column[0]
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, IndexError):
            there = column.drop_null()
            value = there[0] if len(there) else column[0]
        constant = pa.repeat(pa.scalar(value.as_py(), column.type), table.num_rows)
        table = table.set_column(table.column_names.index(name), name, constant)
    return table.select(features).to_pandas()
