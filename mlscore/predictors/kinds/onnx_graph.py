"""What an ONNX file says that its runtime does not tell: operators, class labels and the version that produced it.

The file is a protocol buffer; the few fields are read by their numbers, which the format's specification (onnx.proto3,
messages ModelProto, GraphProto, NodeProto and AttributeProto) fixes for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlscore.predictors.shapes import Label

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MODEL_VERSION, _MODEL_GRAPH = 3, 7
_GRAPH_NODE = 1
_NODE_OPERATOR, _NODE_ATTRIBUTE = 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_INTS, _ATTRIBUTE_STRINGS = 1, 8, 9
_LABELS = ("classlabels_int64s", "classlabels_ints", "classlabels_strings")

Wire = int | bytes


@dataclass(frozen=True, slots=True)
class Graph:
    """Operators, the labels in the order of the probabilities (empty where no operator has any), and the version."""

    operators: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    producer_version: str | None = None


def read_graph(path: Path) -> Graph:
    """What the file says. A file that onnxruntime has loaded is well formed; of another, nothing is said."""
    try:
        return _model(path.read_bytes())
    except (IndexError, UnicodeDecodeError):
        return Graph()


def _model(data: bytes) -> Graph:
    operators: list[str] = []
    labels: tuple[Label, ...] = ()
    version = None
    for field, value in fields(data):
        if field == _MODEL_VERSION and isinstance(value, bytes):
            version = value.decode("utf-8")
        elif field == _MODEL_GRAPH and isinstance(value, bytes):
            for inner, node in fields(value):
                if inner == _GRAPH_NODE and isinstance(node, bytes):
                    operator, named = _node(node)
                    operators.append(operator)
                    labels = named or labels
    return Graph(tuple(operators), labels, version or None)


def _node(data: bytes) -> tuple[str, tuple[Label, ...]]:
    operator = ""
    labels: tuple[Label, ...] = ()
    for field, value in fields(data):
        if field == _NODE_OPERATOR and isinstance(value, bytes):
            operator = value.decode("utf-8")
        elif field == _NODE_ATTRIBUTE and isinstance(value, bytes):
            labels = _attribute(value) or labels
    return operator, labels


def _attribute(data: bytes) -> tuple[Label, ...]:
    name = ""
    labels: list[Label] = []
    for field, value in fields(data):
        if field == _ATTRIBUTE_NAME and isinstance(value, bytes):
            name = value.decode("utf-8")
            if name not in _LABELS:
                return ()
        elif field == _ATTRIBUTE_STRINGS and isinstance(value, bytes):
            labels.append(value.decode("utf-8"))
        elif field == _ATTRIBUTE_INTS and isinstance(value, bytes):  # packed
            place = 0
            while place < len(value):
                number, place = _varint(value, place)
                labels.append(_signed(number))
        elif field == _ATTRIBUTE_INTS and isinstance(value, int):
            labels.append(_signed(value))
    return tuple(labels) if name in _LABELS else ()


def fields(data: bytes) -> Iterator[tuple[int, Wire]]:
    """The fields of a message: number and value. Raises IndexError when it is cut off."""
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = _varint(data, place)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            size, place = _varint(data, place)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise IndexError(kind)
        if place + size > len(data):
            raise IndexError(place)
        yield tag >> 3, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number
