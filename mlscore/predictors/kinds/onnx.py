"""ONNX files, answered for by onnxruntime: one matrix, or an input for each column; labels, probabilities, or numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.errors import InputError
from mlscore.predictors.extras import need
from mlscore.predictors.kinds.base import Answer, Opened, Spec
from mlscore.predictors.kinds.onnx_graph import Graph, read_graph
from mlscore.predictors.shapes import Label, Task

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


def open_model(spec: Spec) -> Opened:
    """The model of an ONNX file. Raises InputError when it is damaged or takes what is no table of rows."""
    runtime = need("onnxruntime", "onnx")
    path = Path(spec.name)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{path.name} cannot be loaded ({words})", hint="write it again") from None
    inputs = session.get_inputs()
    for one in inputs:
        if one.type not in _TYPES or len(one.shape) > 2:
            shape = " × ".join(str(size) for size in one.shape)
            raise InputError(
                f'the input "{one.name}" of {path.name} is {one.type} of {shape}, which is no table of rows',
                hint="open it by a function of yours that makes this of rows",
            )
    graph = read_graph(path)
    meta = session.get_modelmeta()
    notes = dict(meta.custom_metadata_map)
    features, width = _features(inputs, notes)
    task, classes = _what(session, graph, spec, inputs)
    producer = {meta.producer_name: graph.producer_version} if meta.producer_name and graph.producer_version else {}
    return Opened(
        answer=_asking(session, inputs, graph, classes),
        task=task,
        features=features,
        classes=classes,
        width=width,
        libraries=producer,
        packages=("onnxruntime", "numpy"),
        commit=notes.get("commit") or notes.get("git_commit"),
        data_digest=notes.get("data_digest"),
    )


def _features(inputs: Any, notes: Mapping[str, str]) -> tuple[tuple[str, ...], int | None]:
    """The features' names and number: of the inputs, or where there is one matrix, as the file's metadata has them."""
    if len(inputs) > 1:
        return tuple(one.name for one in inputs), len(inputs)
    shape = inputs[0].shape
    width = shape[1] if len(shape) == 2 and isinstance(shape[1], int) else 1 if len(shape) == 1 else None
    try:
        named = json.loads(notes.get("feature_names", "null"))
    except ValueError:
        named = None
    if isinstance(named, list) and named and width in (None, len(named)):
        return tuple(str(one) for one in named), len(named)
    return (), width


def _what(session: Any, graph: Graph, spec: Spec, inputs: Any) -> tuple[Task | None, tuple[Label, ...] | None]:
    outputs = session.get_outputs()
    labels = next((one for one in outputs if one.type in ("tensor(int64)", "tensor(string)")), None)
    if labels is None:
        regresses = any(name.endswith("Regressor") for name in graph.operators)
        return spec.task or (Task.REGRESSION if regresses else None), spec.classes or None
    classes = graph.labels or spec.classes
    text = len(inputs) == 1 and inputs[0].type == "tensor(string)" and inputs[0].shape[1:] in ([], [1])
    if spec.task is not None or not classes:
        return spec.task, classes or None
    return Task.TEXT if text else Task.BINARY if len(classes) == 2 else Task.MULTICLASS, classes


def _asking(session: Any, inputs: Any, graph: Graph, classes: tuple[Label, ...] | None) -> Callable[[pa.Table], object]:
    outputs = session.get_outputs()

    def answer(rows: pa.Table) -> object:
        found = session.run(None, fed(rows, inputs))
        labels, shares, numbers = None, None, None
        for one, values in zip(outputs, found, strict=True):
            if one.type in ("tensor(int64)", "tensor(string)") and labels is None:
                labels = values
            elif one.type.startswith("seq(map(") and shares is None:
                order = classes or tuple(sorted(values[0]))
                shares = [[row[label] for label in order] for row in values]
            elif one.type in ("tensor(float)", "tensor(double)", "tensor(float16)") and numbers is None:
                numbers = values
        if labels is not None:
            return Answer(labels, shares if shares is not None else numbers)
        return numbers if shares is None else Answer(None, shares)

    return answer


def fed(rows: pa.Table, inputs: Any) -> dict[str, Any]:
    """What a session's inputs are given of rows. Raises InputError for text where the model takes numbers."""
    import numpy as np

    if len(inputs) == 1:
        one = inputs[0]
        columns = [_typed(rows.column(n), rows.column_names[n], _TYPES[one.type]) for n in range(rows.num_columns)]
        return {one.name: columns[0] if len(one.shape) == 1 else np.column_stack(columns)}
    found = {}
    for one in inputs:
        values = _typed(rows.column(one.name), one.name, _TYPES[one.type])
        found[one.name] = values if len(one.shape) == 1 else values.reshape(-1, 1)
    return found


def _typed(column: Any, name: str, wanted: str) -> Any:
    """A column as the tensor's type. Raises InputError for text where the model takes numbers."""
    import numpy as np
    import pyarrow as pa

    if wanted == "object":
        return np.array([None if one is None else str(one) for one in column.to_pylist()], dtype=object)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        raise InputError(f'"{name}" holds text, and the model takes numbers there', hint="encode it as in training")
    values = column.to_numpy()
    if wanted.startswith("int") and values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f'"{name}" has missing values, and the model takes whole numbers there', hint="fill them")
    return values.astype(wanted)
