"""The frames in which a model's process and its caller talk: a header in JSON, and parts in bytes."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from mlscore.predictors.shapes import Prediction

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

_HEAD = struct.Struct("<4sII")
_SIZE = struct.Struct("<Q")
_MAGIC = b"mls1"


class BrokenChannelError(Exception):
    """Something that is no frame arrived."""


def write_frame(stream: IO[bytes], header: Mapping[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Write a frame and flush it."""
    text = json.dumps(header).encode("utf-8")
    stream.write(_HEAD.pack(_MAGIC, len(text), len(parts)) + text)
    for part in parts:
        stream.write(_SIZE.pack(len(part)))
        stream.write(part)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], list[bytes]] | None:
    """The next frame, or None at the end. Raises BrokenChannelError for what is no frame."""
    head = stream.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size or not head.startswith(_MAGIC):
        raise BrokenChannelError("no frame")
    _, length, count = _HEAD.unpack(head)
    header = json.loads(_exactly(stream, length))
    return header, [_exactly(stream, _SIZE.unpack(_exactly(stream, _SIZE.size))[0]) for _ in range(count)]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise BrokenChannelError("a frame was cut off")
    return found


def pack_rows(rows: pa.Table) -> bytes:
    """Rows as an Arrow stream."""
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue()


def unpack_rows(part: bytes) -> pa.Table:
    """The rows of an Arrow stream."""
    import pyarrow as pa

    return pa.ipc.open_stream(part).read_all()


def pack_prediction(prediction: Prediction) -> tuple[dict[str, Any], list[bytes]]:
    """A prediction as a header and parts. Nothing is pickled: what a model returned may not run code in its caller."""
    import numpy as np

    values = prediction.values
    header: dict[str, Any] = {"classes": prediction.classes, "mixed": None}
    parts = []
    if values.dtype == object:
        header["mixed"] = values.tolist()
    else:
        parts.append(_pack(values))
    if prediction.probabilities is not None:
        header["probabilities"] = True
        parts.append(_pack(np.asarray(prediction.probabilities, dtype=np.float64)))
    return header, parts


def unpack_prediction(header: Mapping[str, Any], parts: Sequence[bytes]) -> Prediction:
    """The prediction of a header and parts."""
    import numpy as np

    arrays = [np.load(io.BytesIO(part), allow_pickle=False) for part in parts]
    if header["mixed"] is not None:
        values = np.empty(len(header["mixed"]), dtype=object)
        values[:] = header["mixed"]
    else:
        values = arrays.pop(0)
    classes = header["classes"]
    return Prediction(
        values, arrays[0] if header.get("probabilities") else None, None if classes is None else tuple(classes)
    )


def _pack(array: npt.NDArray[Any]) -> bytes:
    import numpy as np

    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()
