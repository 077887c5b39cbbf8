"""An ONNX graph with all its intermediate outputs, and one example's way through it.

A protocol buffer is merged with another by writing the one behind the other, and a repeated field of a message inside is
then longer: so outputs are added to a graph without a library that writes it. Fields by number: ModelProto.graph 7,
GraphProto.node 1 and output 12, NodeProto.input 1, output 2, name 3 and op_type 4, ValueInfoProto.name 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore.checks.trace.shapes import Step
from mlscore.checks.trace.snapshot import describe
from mlscore.checks.trace.walk import Walk
from mlscore.predictors.extras import need
from mlscore.predictors.kinds.base import Opened
from mlscore.predictors.kinds.onnx import fed
from mlscore.predictors.kinds.onnx_graph import fields

_GRAPH, _NODE, _OUTPUT = 7, 1, 12


@dataclass(frozen=True, slots=True)
class Node:
    """One operator: its name, what it does, and what its inputs and outputs are called."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def through_graph(path: Path, opened: Opened, rows: Any, walk: Walk) -> Any:
    """Through an ONNX file, node by node, to what the file answers."""
    runtime = need("onnxruntime", "onnx")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    # An optimised graph has other nodes than the file.
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    data = path.read_bytes()
    nodes = read_nodes(data)
    known = {one.name for one in runtime.InferenceSession(data, options).get_outputs()}
    wanted = [name for node in nodes for name in node.outputs if name and name not in known]
    session = runtime.InferenceSession(with_outputs(data, wanted), options, providers=["CPUExecutionProvider"])
    given = fed(rows, session.get_inputs())
    names = [one.name for one in session.get_outputs()]
    made = dict(zip(names, session.run(names, given), strict=True))
    values = {**given, **made}
    for node in nodes:
        before = next((describe(values[name]) for name in node.inputs if name in values), None)
        for name in node.outputs:
            if name in made:
                title = f"{node.name or node.operator} → {name}"
                walk.note(Step(title, node.operator, before, describe(made[name])))
    return opened.answer(rows)


def read_nodes(data: bytes) -> list[Node]:
    """The operators of a file, in their order."""
    found = []
    for number, graph in fields(data):
        if number != _GRAPH or not isinstance(graph, bytes):
            continue
        for inner, node in fields(graph):
            if inner != _NODE or not isinstance(node, bytes):
                continue
            texts: dict[int, list[str]] = {1: [], 2: [], 3: [], 4: []}
            for field, value in fields(node):
                if field in texts and isinstance(value, bytes):
                    texts[field].append(value.decode("utf-8"))
            found.append(Node("".join(texts[3]), "".join(texts[4]), tuple(texts[1]), tuple(texts[2])))
    return found


def with_outputs(data: bytes, names: list[str]) -> bytes:
    """The file with these values as outputs of its graph, whose types the runtime infers."""
    added = b"".join(_field(_OUTPUT, _field(1, name.encode())) for name in names)
    return data + _field(_GRAPH, added)


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
