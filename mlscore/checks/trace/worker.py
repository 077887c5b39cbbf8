"""The process in which one example is traced through functions of the project, a network, or an ONNX file."""

from __future__ import annotations

import base64
import sys
import warnings
from pathlib import Path
from typing import Any

from mlscore.checks.feature_code.forms import load
from mlscore.checks.model_spec.apart import read_request, write_error, write_line
from mlscore.checks.trace.walk import Walk, finish, look, through_steps, watched
from mlscore.errors import ConfigError, MlscoreError
from mlscore.predictors.channel import unpack_rows
from mlscore.predictors.kinds.base import Spec
from mlscore.predictors.shapes import Task
from mlscore.predictors.worker import opener


def main(folder: Path) -> None:
    """Answer the request in the folder."""
    warnings.simplefilter("ignore")
    try:
        write_line(folder, walked(read_request(folder)))
    except MlscoreError as error:
        write_error(folder, error)


def walked(request: dict[str, Any]) -> dict[str, Any]:
    """The walk that a request asks for."""
    rows = unpack_rows(base64.b64decode(request["row"]))
    walk = Walk()
    if request["steps"]:
        functions = [(name, load(name)) for name in request["steps"]]
        for name, one in functions:
            if not callable(one):
                raise ConfigError(f"{name} is a {type(one).__name__}, and no step", hint="name a function of one value")
        given = rows.column(0).to_pylist() if request["task"] == Task.TEXT else rows.to_pandas()
        return finish(walk, lambda: through_steps(functions, given, walk), request)
    task = None if request["task"] is None else Task(request["task"])
    opened = opener(request["kind"])(Spec(request["kind"], request["name"], task=task))
    if request["kind"] == "onnx":
        from mlscore.checks.trace.graph import through_graph

        return finish(walk, lambda: through_graph(Path(request["name"]), opened, rows, walk), request, opened.classes)
    if opened.model is not None:
        return look(opened.model, request)
    return finish(walk, lambda: watched(lambda: opened.answer(rows), walk), request, opened.classes)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
