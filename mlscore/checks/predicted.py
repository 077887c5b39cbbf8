"""A table with what a model predicts beside its columns, as a file: predictions are made batch by batch, and once."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.labelled import label_of, told, unknown_classes
from mlscore.errors import InputError, MlscoreError, OutputError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.predictors.predictor import Predictor
    from mlscore.predictors.shapes import Label, Prediction, Task
    from mlscore.tables.table import Table

PREDICTION = "mlscore prediction"
SCORE = "mlscore score"  # the probability of the positive class
LOG_LOSS = "mlscore log loss"  # of the label among all classes
PREVIOUS = "previous release's "  # stands before each of these names
_OURS = re.compile(r""", (?:'mlscore [^']*'|"previous release's mlscore [^"]*")""")
LEAST = 1e-15
ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Predicted:
    """A file of rows with predictions, and how they were made; `seconds` is what predicting took altogether.

    `scored`: it holds the probability of the positive class; `probable`: it holds the label's log loss. `not_judged` is
    a sentence on rows whose label the model does not know, where there are any.
    """

    path: Path
    label: str
    task: Task
    features: tuple[str, ...]
    classes: tuple[Label, ...] | None
    positive: Label | None
    scored: bool
    probable: bool
    previous: bool
    seconds: float
    rows: int
    not_judged: tuple[str, ...] = ()


@contextmanager
def predictions(context: Context, role: str = "validation", *, previous: bool = False) -> Iterator[Predicted]:
    """The role's rows with the model's predictions, and with the previous release's where asked and configured.

    Raises ConfigError where no label or no model is configured, InputError where the model cannot answer.
    """
    label = label_of(context)
    folder = Path(tempfile.mkdtemp(prefix="mlscore-"))
    source: object | None = None
    try:
        with context.table(role) as table:
            source = table.source
            if label not in {column.name for column in table.columns}:
                raise InputError(f"there is no column {label!r}, the label", where=str(table.source))
            with context.predictor() as predictor:
                if previous and context.model.previous is not None:
                    with context.predictor(previous=True) as before:
                        yield write(table, label, predictor, folder / "predicted.parquet", before)
                else:
                    yield write(table, label, predictor, folder / "predicted.parquet")
    except MlscoreError as error:
        if source is not None and str(folder) in str(error.where):
            # The file is ours and soon gone, with columns that nobody named: a person knows the rows by their source.
            hint = None if error.hint is None else _OURS.sub("", error.hint)
            raise type(error)(_OURS.sub("", error.what), where=source, hint=hint) from None
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(table: Table, label: str, predictor: Predictor, path: Path, before: Predictor | None = None) -> Predicted:
    """Write the table with the predictions of one model, or of two, to a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    scope = table.engine.scope
    names = [column.name for column in table.columns]
    listed = ", ".join(scope.sql(name) for name in names)
    writer: Any = None
    seconds, rows, held = 0.0, 0, {SCORE, LOG_LOSS}
    strangers: Counter[str] = Counter()
    try:
        for batch in _pieces(table, f"SELECT {listed} FROM {scope.relation}", names):
            start = time.perf_counter()
            made = predictor.predict(batch)
            seconds += time.perf_counter() - start
            columns = _columns(made, predictor, batch.column(label), "")
            if predictor.task.labels:
                strangers += unknown_classes(batch.column(label).combine_chunks(), made.classes or predictor.classes)
            held &= set(columns)
            if before is not None:
                columns |= _columns(before.predict(batch), before, batch.column(label), PREVIOUS)
            for name, values in columns.items():
                batch = batch.append_column(name, values)
            writer = writer or parquet.ParquetWriter(path, batch.schema)
            writer.write_table(batch.cast(writer.schema))
            rows += batch.num_rows
    except InputError as error:
        # What the model misses, it misses in these rows.
        raise InputError(error.what, where=error.where or table.source, hint=error.hint) from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=path, hint="make room") from None
    except pa.ArrowInvalid as error:
        raise InputError(f"the model answers some rows otherwise than others: {error}") from None
    finally:
        if writer is not None:
            writer.close()
    if rows == 0:
        raise InputError("there is no row to predict", where=str(table.source))
    return Predicted(
        path,
        label,
        predictor.task,
        predictor.features,
        predictor.classes,
        predictor.positive,
        SCORE in held,
        LOG_LOSS in held,
        before is not None,
        seconds,
        rows,
        tuple(told(strangers, rows)),
    )


def _pieces(table: Table, sql: str, names: list[str]) -> Iterator[Any]:
    import pyarrow as pa

    waiting: list[Any] = []
    for batch in table.engine.batches(sql, "predicting"):
        if batch.num_rows == 0:
            continue
        waiting.append(batch.rename_columns(names))
        if sum(one.num_rows for one in waiting) >= ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _columns(made: Prediction, predictor: Predictor, labels: Any, before: str) -> dict[str, Any]:
    """The columns that tell a prediction; the prediction itself in the label's own type where it fits."""
    import numpy as np
    import pyarrow as pa

    if made.values.ndim != 1:
        raise InputError(
            "the model gives several labels a row, which are not judged together",
            hint="name a function that gives one of them",
        )
    found: dict[str, Any] = {before + PREDICTION: like(made.values, labels.type)}
    classes = made.classes or predictor.classes
    if made.probabilities is None or not classes:
        return found
    shares = np.asarray(made.probabilities, dtype=float)
    if predictor.positive in classes:
        found[before + SCORE] = pa.array(shares[:, classes.index(predictor.positive)])
    places = {str(like_one(name, labels.type)): number for number, name in enumerate(classes)}
    at = np.array([places.get(str(value), -1) for value in labels.to_pylist()])
    present = np.asarray(labels.is_valid())
    # A class that the model does not know has no probability at all.
    of_truth = np.where(at >= 0, shares[np.arange(len(at)), at], 0.0)
    found[before + LOG_LOSS] = pa.array(-np.log(np.maximum(of_truth, LEAST)), mask=~present)
    return found


def like(values: Any, kind: Any) -> Any:
    """Predictions as an Arrow array of the label's type; as they are where that cannot be."""
    import pyarrow as pa

    array = pa.array(values.tolist())
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_floating(array.type) and not pa.types.is_floating(kind):
        return array
    try:
        return array.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return array


def like_one(value: object, kind: Any) -> object:
    """One value as a value of the label's type."""
    import numpy as np

    return like(np.array([value]), kind)[0].as_py()
