"""Breaking the released model on purpose, in its own process, and writing what comes of it as the model is written."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from mlscore.errors import InputError

BREAK = f"{__name__}:write_broken"


def write_broken(model: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Write the model, broken by `fault` with `settings` (None: as it is), to `to`; what was done, and the losses.

    `train` and `other` are Parquet files of the features and the `label`. The losses are those of the `other`.
    `written` is False where the fault does not fit the model, and `why` says so.
    """
    import numpy as np

    from mlscore.faults.models import Subject, model_fault

    path = Path(request["to"])
    if request["fault"] is None:
        _write(model, path, request["form"])
        return {"written": True, "what": "unchanged", "loss": None, "healthy": None, "worse": False}
    rows, labels = _read(model, request["train"], request)
    other, truth = _read(model, request["other"], request)
    subject = Subject.read(model, rows, labels)
    try:
        broken = model_fault(request["fault"], **request.get("settings", {})).put_into(subject, request["seed"])
    except InputError as error:
        return {"written": False, "why": error.what}
    if not broken.same_kind:
        return {"written": False, "why": f"the fault {broken.fault} stands around the model, which no file can hold"}
    asked = Subject.read(model, other, truth).rows
    before, after = (_losses(one, asked, truth) for one in (model, broken.model))
    harm = np.where(np.isfinite(after), after, np.inf) - before
    mean = float(harm.mean())
    # Three standard errors: worse for certain, not by the choice of rows.
    worse = bool(np.isinf(mean) or mean > 3 * float(harm.std()) / np.sqrt(len(harm)))
    _write(broken.model, path, request["form"])
    loss = float(after.mean())
    return {
        "written": True,
        "what": broken.description,
        "loss": loss if np.isfinite(loss) else None,
        "healthy": float(before.mean()),
        "worse": worse and mean > 0,
    }


def _read(model: Any, path: str, request: Mapping[str, Any]) -> tuple[Any, Any]:
    import numpy as np
    import pyarrow.parquet as parquet

    table = parquet.read_table(path)
    table = table.filter(table.column(request["label"]).is_valid())
    labels = table.column(request["label"]).to_pylist()
    rows: Any = table.select([name for name in request["features"] if name != request["label"]])
    if request["text"]:
        rows = rows.column(0).to_pylist()
    known = getattr(model, "classes_", None)
    if known is not None:
        places: dict[Any, Any] = {str(one): one for one in np.asarray(known).tolist()}
        places |= {one: one for one in np.asarray(known).tolist()}
        strange = next((one for one in labels if one not in places and str(one) not in places), None)
        if strange is not None:
            raise InputError(f"the label {strange!r} is none of the model's classes")
        labels = [places[one] if one in places else places[str(one)] for one in labels]
    return rows, np.array(labels)


def _losses(model: Any, rows: Any, truth: Any) -> Any:
    """The loss of each row: whether a label is wrong, or the square of a number's error."""
    import numpy as np

    answers = np.asarray(model.predict(rows))
    if hasattr(model, "classes_"):
        return (answers != truth).astype(float)
    return (answers.astype(float) - truth.astype(float)) ** 2


def _write(model: Any, path: Path, form: str) -> None:
    if form == "skops":
        import_module("skops.io").dump(model, path)
    elif path.suffix == ".joblib":
        import_module("joblib").dump(model, path)
    else:
        path.write_bytes(pickle.dumps(model))
