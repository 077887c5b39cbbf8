"""Columns of any kind as a matrix of numbers, learnt from the training rows: what the simpler models are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlscore.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Matrix = npt.NDArray[np.float64]

MOST_VALUES = 20
MOST_WORDS = 200
WORDS = 3  # texts of more words on average are read word by word


@dataclass(slots=True)
class Encoder:
    """How the columns become numbers: medians for missing numbers, a column for each frequent value or word."""

    features: tuple[str, ...]
    medians: dict[str, float] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    scale: tuple[Matrix, Matrix] | None = None

    def fit(self, rows: pa.Table) -> Matrix:
        """Learn from the training rows, and encode them."""
        import numpy as np

        for name in self.features:
            column = rows.column(name)
            numbers = _numbers(column)
            if numbers is not None:
                finite = numbers[np.isfinite(numbers)]
                self.medians[name] = float(np.median(finite)) if len(finite) else 0.0
            elif _wordy(column):
                self.words[name] = _frequent(
                    [word for text in _texts(column) for word in set(_split(text))], MOST_WORDS
                )
            else:
                self.values[name] = _frequent(_texts(column), MOST_VALUES)
        raw = self._raw(rows)
        deviation = raw.std(axis=0)
        self.scale = (raw.mean(axis=0), np.where(deviation > 0, deviation, 1.0))
        return self._scaled(raw)

    def encode(self, rows: pa.Table) -> Matrix:
        """The matrix of other rows."""
        return self._scaled(self._raw(rows))

    def _scaled(self, raw: Matrix) -> Matrix:
        import numpy as np

        assert self.scale is not None
        # A value far outside what was trained on must not decide a linear model by itself.
        scaled: Matrix = np.clip((raw - self.scale[0]) / self.scale[1], -10, 10)
        return scaled

    def _raw(self, rows: pa.Table) -> Matrix:
        import numpy as np

        parts: list[Matrix] = []
        width = 0
        for name in self.features:
            made = self._column(name, rows.column(name))
            self.spans[name] = (width, width + len(made))
            width += len(made)
            parts += made
        if not parts:
            raise InputError("no feature can be used by a simpler model", hint="name features of numbers or texts")
        return np.column_stack(parts)

    def _column(self, name: str, column: Any) -> list[Matrix]:
        import numpy as np

        if name in self.medians:
            numbers = _numbers(column)
            if numbers is None:
                raise InputError(f"{name!r} holds numbers in the training data and other values in the validation data")
            absent = ~np.isfinite(numbers)
            return [np.where(absent, self.medians[name], numbers), absent.astype(float)]
        texts = _texts(column)
        if name in self.values:
            found = np.array(texts, dtype=object)
            return [(found == value).astype(float) for value in self.values[name]]
        split = [set(_split(text)) for text in texts]
        return [np.array([float(word in words) for words in split]) for word in self.words[name]]


def _numbers(column: Any) -> Matrix | None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        column = column.cast(pa.timestamp("us")) if pa.types.is_date(kind) else column
        column = column.cast(pa.int64())
    elif not (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    ):
        return None
    return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=float)


def _texts(column: Any) -> list[str]:
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _split(text: str) -> list[str]:
    return text.lower().split()


def _wordy(column: Any) -> bool:
    texts = _texts(column.slice(0, 1000))
    return bool(texts) and sum(len(_split(text)) for text in texts) / len(texts) > WORDS


def _frequent(values: Sequence[str], most: int) -> tuple[str, ...]:
    from collections import Counter

    counted = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(value for value, _ in counted[:most])
