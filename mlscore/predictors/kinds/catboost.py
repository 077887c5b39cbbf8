"""CatBoost's own model files, binary and JSON."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.errors import InputError
from mlscore.predictors.extras import need
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.shapes import Label, Task
from mlscore.predictors.tidy import plain

if TYPE_CHECKING:
    import pyarrow as pa

_VERSION = re.compile(r"Branch: tags/v(\d\S*)")
_BINARY = ("Logloss", "CrossEntropy")
_CLASSES = ("MultiClass", "MultiClassOneVsAll")
_LABELS = ("MultiLogloss", "MultiCrossEntropy")
_RANKS = ("YetiRank", "PairLogit", "QueryRMSE", "QuerySoftMax", "QueryCrossEntropy", "StochasticRank", "LambdaMart")


def open_model(spec: Spec) -> Opened:
    """The model of a CatBoost file. Raises InputError when it does not load."""
    catboost = need("catboost", "boosters")
    path = Path(spec.name)
    model = catboost.CatBoost()
    try:
        model.load_model(str(path), format="json" if path.suffix.lower() == ".json" else "cbm")
    except catboost.CatBoostError as error:
        raise InputError(
            f"{path.name} cannot be loaded ({' '.join(str(error).split())[:200]})", hint="write it again"
        ) from None
    loss = str(model.get_all_params().get("loss_function", "")).partition(":")[0]
    task, classes = _what(loss, model)
    names = tuple(str(one) for one in model.feature_names_ or ())
    named = names != tuple(str(n) for n in range(len(names)))
    categories, texts = model.get_cat_feature_indices(), model.get_text_feature_indices()
    notes = {str(key): str(value) for key, value in model.get_metadata().items()}

    def answer(rows: pa.Table) -> object:
        pool = catboost.Pool(rows.to_pandas(), cat_features=categories, text_features=texts)
        if task is not None and (task.labels or task is Task.MULTILABEL):
            return model.predict(pool, prediction_type="Probability")
        return model.predict(pool)

    return Opened(
        answer=answer,
        task=task,
        features=names if named else (),
        classes=classes,
        width=len(names),
        libraries=_version(notes),
        packages=("catboost", "numpy"),
        commit=notes.get("commit") or notes.get("git_commit"),
        data_digest=notes.get("data_digest"),
    )


def _what(loss: str, model: Any) -> tuple[Task | None, tuple[Label, ...] | None]:
    own = tuple(plain(one) for one in model.classes_ if one is not None)
    if loss in _BINARY:
        return Task.BINARY, own or (0, 1)
    if loss in _CLASSES:
        return Task.MULTICLASS, own
    if loss in _LABELS:
        return Task.MULTILABEL, own or None
    if loss.startswith(_RANKS):
        return Task.RANKING, None
    return Task.REGRESSION if loss else None, None


def _version(notes: dict[str, str]) -> dict[str, str]:
    """The version that wrote the model, which CatBoost keeps among its notes."""
    found = _VERSION.search(notes.get("catboost_version_info", ""))
    return {} if found is None else {"catboost": found.group(1)}
