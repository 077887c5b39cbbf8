"""The program that runs deepchecks in its own environment: it reads a request and tables, and writes results as JSON.

Nothing of mlscore is there: only the standard library and what the environment's pins name.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

REQUEST = "request.json"
FAILED = "failed.json"
LONGEST = 500  # characters of an error that are passed on


def main(folder: Path) -> None:
    """Answer the request in a folder: `<suite>.json` for each suite, or `failed.json` that says why there is none."""
    # What the suites print, such as bars of progress, goes where complaints go.
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    try:
        _answer(request, folder)
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"[:LONGEST]
        _write(folder / FAILED, json.dumps({"error": said}))


def _answer(request: dict[str, Any], folder: Path) -> None:
    import_module("numpy").random.seed(request["seed"])
    import_module("random").seed(request["seed"])
    _mend()
    train, validation = (_read(folder / f"{name}.parquet") for name in ("train", "validation"))
    if validation is not None:
        # Equal row numbers would be taken for equal rows.
        validation.index += len(train)
    datasets = [None if frame is None else _dataset(frame, request) for frame in (train, validation)]
    for name in request["suites"]:
        suite = _suite(name, request)
        if not suite.checks:
            continue
        given = _predicted(train, validation, request) if name == "model_evaluation" else {}
        result = suite.run(*datasets, with_display=False, **given)
        _write(folder / f"{name}.json", result.to_json(with_display=False))


def _suite(name: str, request: dict[str, Any]) -> Any:
    suite = getattr(import_module("deepchecks.tabular.suites"), name)()
    for number, check in list(suite.checks.items()):
        kind = type(check).__name__
        wanted = kind not in request["without"] and (not request["checks"] or kind in request["checks"])
        # What has no condition comes to no verdict, and some of it takes long.
        if not wanted or not check._conditions:
            suite.remove(number)
    return suite


def _dataset(frame: Any, request: dict[str, Any]) -> Any:
    return import_module("deepchecks.tabular").Dataset(
        frame[[*request["features"], *(request[key] for key in ("label", "index", "time") if request[key])]],
        features=request["features"],
        cat_features=request["categorical"],
        label=request["label"],
        index_name=request["index"],
        datetime_name=request["time"],
        label_type=request["task"],
    )


def _mend() -> None:
    """Have scorers take the stand-in for a model of numbers, which they know by the name of its method."""
    import_module("deepchecks.tabular.context")._DummyModel._predict.__name__ = "predict"


def _predicted(train: Any, validation: Any, request: dict[str, Any]) -> dict[str, Any]:
    pandas = import_module("pandas")
    given: dict[str, Any] = {}
    for name, frame in (("train", train), ("test", validation)):
        given[f"y_pred_{name}"] = frame[request["prediction"]].to_numpy()
        if request["shares"]:
            given[f"y_proba_{name}"] = frame[request["shares"]].to_numpy()
    if request["classes"]:
        given["model_classes"] = request["classes"]
    if request["importance"]:
        given["feature_importance"] = pandas.Series(request["importance"], dtype=float)
    return given


def _read(path: Path) -> Any:
    return import_module("pandas").read_parquet(path) if path.exists() else None


def _write(path: Path, text: str) -> None:
    """Write a file whole: who waits for it must not read half of it."""
    beside = path.with_suffix(".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
