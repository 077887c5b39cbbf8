"""Making a request: samples of the tables with the model's predictions beside their columns, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.deepchecks.conditions import MODEL_SUITE, NEED_THE_MODEL
from mlscore.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from mlscore.checks.context import Context
    from mlscore.predictors.predictor import Predictor

PREDICTION = "mlscore prediction"
SHARE = "mlscore share "
SEED = 0
MOST_PERMUTED = 2_000  # rows of which each feature is permuted
LEAST = 20  # rows that a suite can say anything about
NAMES = {"train": "the training data", "validation": "the validation data"}


@dataclass(slots=True)
class Prepared:
    """Samples by role, the request that goes with them, and what was left out on the way."""

    tables: dict[str, pa.Table]
    request: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> bool:
        """Whether the label is a number that is measured, not a class."""
        import pyarrow as pa

        task, label = self.request["task"], self.request["label"]
        floats = label is not None and pa.types.is_floating(self.tables["train"].schema.field(label).type)
        return task == "regression" or (task is None and floats)

    def write(self, folder: Path) -> None:
        """Write the samples as Parquet into a folder."""
        import pyarrow.parquet as parquet

        for role, table in self.tables.items():
            parquet.write_table(table, folder / f"{role}.parquet")


def prepare(context: Context, suites: Sequence[str], checks: Sequence[str], rows: int) -> Prepared:
    """Draw the samples and have the model answer them.

    Raises ConfigError where a table, the label or the model is not configured, InputError where they do not fit.
    """
    notes: list[str] = []
    label = _label(context, MODEL_SUITE in suites)
    roles = ("train",) if tuple(suites) == ("data_integrity",) else ("train", "validation")
    tables = {role: _sample(context, role, rows, label, notes) for role in roles}
    request: dict[str, Any] = {
        "suites": list(suites),
        "checks": list(checks),
        "without": list(NEED_THE_MODEL),
        "seed": SEED,
        "label": label,
        "task": None,
        "prediction": None,
        "shares": [],
        "classes": [],
        "importance": None,
    }
    made = Prepared(tables, request, notes)
    if MODEL_SUITE in suites:
        assert label is not None
        with context.predictor() as predictor:
            _predict(made, predictor, label)
            wanted = predictor.features or context.model.features
    else:
        wanted = context.model.features
    _describe(made, context, wanted)
    return made


def _label(context: Context, needed: bool) -> str | None:
    from mlscore.checks.labelled import label_of

    return label_of(context) if needed else context.data.label


def _sample(context: Context, role: str, rows: int, label: str | None, notes: list[str]) -> pa.Table:
    from mlscore.checks.labelled import labelled_rows

    with context.table(role) as table:
        where, total = str(table.source), table.count()
        if total < LEAST:
            raise InputError(f"{total} rows of {NAMES[role]}, {LEAST} the least", where=where)
        if label is not None and label not in {column.name for column in table.columns}:
            raise InputError(f"there is no column {label!r}, the label", where=where)
        drawn = table.sample(rows, SEED)
    if total > drawn.num_rows:
        notes.append(
            f"{drawn.num_rows:,} of {total:,} rows of {NAMES[role]}, drawn evenly: rows that are there twice, or in both "
            "tables, are mostly missed"
        )
    if label is not None:
        drawn, without = labelled_rows(drawn, label, NAMES[role], LEAST)
        notes += [f"{one} were left out" for one in without]
    return drawn


def _predict(made: Prepared, predictor: Predictor, label: str) -> None:
    """Put the predictions, and the probabilities where there are any, beside the columns of each table."""
    import numpy as np
    import pyarrow as pa

    task = predictor.task
    if not (task.labels or task.value == "regression"):
        raise InputError(
            f"deepchecks judges models that answer a label or a number, and this one is of the task {task.value!r}",
            hint='ask for suites = ["data_integrity", "train_test_validation"]',
        )
    request = made.request
    if task.labels:
        request["classes"] = sorted(map(_name, predictor.classes or ()))
    for role, table in made.tables.items():
        answer = predictor.predict(table)
        if task.labels:
            named = pa.array([_name(one) for one in answer.values.tolist()], pa.string())
            truth = pa.array([_name(one) for one in _like(table.column(label), answer.values)], pa.string())
        else:
            named = pa.array(np.asarray(answer.values, dtype=float))
            truth = _numbers(table.column(label), label)
        table = table.set_column(table.column_names.index(label), label, truth)
        table = table.append_column(PREDICTION, named)
        classes = answer.classes or predictor.classes
        if task.labels and answer.probabilities is not None and classes:
            names = [_name(one) for one in classes]
            request["classes"] = sorted(names)
            request["shares"] = [SHARE + one for one in request["classes"]]
            for one in request["classes"]:
                shares = np.asarray(answer.probabilities[:, names.index(one)], dtype=float)
                table = table.append_column(SHARE + one, pa.array(shares))
        made.tables[role] = table
    if task.labels:
        seen = {
            one for table in made.tables.values() for one in (*table[label].to_pylist(), *table[PREDICTION].to_pylist())
        }
        strange = sorted(seen - set(request["classes"]))
        if request["shares"] and strange:
            # deepchecks takes probabilities for known classes alone.
            made.notes.append(f"{len(strange)} labels are none of the model's classes: probabilities were left out")
            request["shares"] = []
        request["classes"] = sorted(seen | set(request["classes"]))
    request["prediction"] = PREDICTION
    request["task"] = "regression" if not task.labels else "binary" if len(request["classes"]) <= 2 else "multiclass"
    request["importance"] = _importance(made, predictor, label)


def _like(labels: Any, answers: Any) -> list[Any]:
    """Labels as the model spells them: a table may hold 1.0 or "1" where the model answers 1."""
    import numpy as np

    values = labels.to_pylist()
    known = {str(one): one for one in np.unique(answers).tolist()}
    return [known.get(_name(one), one) for one in values]


def _name(label: object) -> str:
    """A label's name: whole numbers alike, whatever type they came in."""
    if isinstance(label, bool):
        return str(label)
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def _numbers(column: Any, label: str) -> Any:
    import pyarrow as pa

    try:
        return column.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise InputError(f"the model answers numbers, and the label {label!r} holds {column.type}") from None


def _importance(made: Prepared, predictor: Predictor, label: str) -> dict[str, float] | None:
    """How much worse the model is when a feature is permuted, as shares of the sum; None where nothing matters.

    Breiman, Machine Learning 45 (2001), section 10. One permutation of each feature, on one sample, in one request.
    """
    import numpy as np
    import pyarrow as pa

    table = made.tables["validation"].slice(0, MOST_PERMUTED)
    features = [name for name in predictor.features or _plain_features(table, made) if name in table.column_names]
    random = np.random.default_rng(SEED)
    order = random.permutation(table.num_rows)
    pieces = [table]
    for name in features:
        at = table.column_names.index(name)
        pieces.append(table.set_column(at, table.schema.field(at), table.column(name).take(pa.array(order))))
    answers = predictor.predict(pa.concat_tables(pieces).drop_columns([PREDICTION, *made.request["shares"]])).values
    rows = table.num_rows
    truth = np.array(table.column(label).to_pylist())
    if made.request["task"] == "regression":
        losses = [
            float(np.mean((np.asarray(answers[n * rows : (n + 1) * rows], dtype=float) - truth) ** 2))
            for n in range(len(pieces))
        ]
    else:
        named = np.array([_name(one) for one in answers.tolist()])
        losses = [float(np.mean(named[n * rows : (n + 1) * rows] != truth)) for n in range(len(pieces))]
    gains = np.maximum(0.0, np.array(losses[1:]) - losses[0])
    if not features or not gains.sum() > 0:
        made.request["without"].append("UnusedFeatures")
        made.unknown.append("which features are used: the model answers alike whichever is permuted")
        return None
    return dict(zip(features, (gains / gains.sum()).tolist(), strict=True))


def _plain_features(table: pa.Table, made: Prepared) -> list[str]:
    label = made.request["label"]
    return [name for name in table.column_names if name != label and not name.startswith("mlscore ")]


def _describe(made: Prepared, context: Context, wanted: Sequence[str]) -> None:
    """Say which columns are features and of which kind, and make plain what pandas would spell otherwise."""
    import pyarrow as pa

    request, data = made.request, context.data
    table = made.tables["train"]
    others = {request["label"], data.time, *data.id}
    names = list(wanted) or [n for n in table.column_names if n not in others and not n.startswith("mlscore ")]
    features, categorical, left = [], [], []
    for name in names:
        if name not in table.column_names or name == request["label"]:
            continue
        kind = table.schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
            categorical.append(name)
        elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            left.append(name)
            continue
        features.append(name)
    if not features:
        raise InputError(
            "there is no feature that deepchecks could look at", hint="it takes numbers, text and booleans"
        )
    if left:
        made.notes.append(f"left out, being neither numbers nor text: {', '.join(left)}")
    if request["importance"] is not None:
        kept = {name: request["importance"].get(name, 0.0) for name in features}
        total = sum(kept.values())
        request["importance"] = {name: share / total for name, share in kept.items()} if total > 0 else None
    request["features"], request["categorical"] = features, categorical
    present = [set(one.column_names) for one in made.tables.values()]
    request["time"] = data.time if all(data.time in names for names in present) else None
    alone = data.id[0] if len(data.id) == 1 else None
    request["index"] = alone if all(alone in names for names in present) else None
    given = (request["label"], request["time"], request["index"], request["prediction"])
    needed = [*features, *(name for name in given if name), *request["shares"]]
    for role, one in made.tables.items():
        missing = [name for name in needed if name not in one.column_names]
        if missing:
            raise InputError(f"{NAMES[role]} have no column {', '.join(missing)}")
        made.tables[role] = _plain(one.select(list(dict.fromkeys(needed))))


def _plain(table: pa.Table) -> pa.Table:
    """The table in types that pandas 2 reads as they are meant: booleans as text, exact decimals as numbers."""
    import pyarrow as pa

    for at, column in enumerate(table.schema):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_boolean(kind) or pa.types.is_large_string(kind):
            kind = pa.string()
        elif pa.types.is_decimal(kind):
            kind = pa.float64()
        if kind != column.type:
            table = table.set_column(at, column.name, table.column(at).cast(kind))
    return table.replace_schema_metadata(None)
