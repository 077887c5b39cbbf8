"""Asking a model in batches, whatever it is: columns chosen, failures searched for the row, answers put together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.errors import ConfigError, InputError
from mlscore.predictors.columns import check_features, select
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.search import BatchError, find_row
from mlscore.predictors.shapes import Label, Prediction, Task
from mlscore.project.config import ModelSettings
from mlscore.project.redact import redact

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int, int], None]


class Batched(Predictor):
    """A predictor that is asked batch by batch. `name` is what messages call it."""

    def __init__(
        self, name: str, settings: ModelSettings, root: Path, where: object | None, progress: Progress | None
    ) -> None:
        self._name = name
        self._settings = settings
        self._root = root
        self._where = where
        self._progress = progress
        self._batches = 0
        self._width: int | None = None

    @abstractmethod
    def _ask(self, rows: pa.Table, finite: bool, limit: float) -> Prediction:
        """The answer to one batch, within `limit` seconds. Raises BatchError."""

    @property
    def positive(self) -> Label | None:
        """The label that counts as positive: the configured one, else the second class of two."""
        if self.classes is None or len(self.classes) != 2 or self.task is Task.MULTILABEL:
            return None
        return self.classes[1] if self._settings.positive is None else self._settings.positive

    def _know(
        self,
        task: str | None,
        features: tuple[str, ...] = (),
        width: int | None = None,
        classes: tuple[Label, ...] | None = None,
    ) -> None:
        """Take what the model says of itself beside what is configured. Raises ConfigError where these do not agree."""
        task = self._settings.task or task
        if task is None:
            raise ConfigError(
                f"{self._name} does not say what it predicts",
                where=self._where,
                hint=f'add task = "…" to [tool.mlscore.model]: {", ".join(Task)}',
            )
        self.task = Task(task)
        self.features = check_features(
            self._settings.features, features, width, self._settings.at("features") or self._where
        )
        self._width = width
        self.classes = self._classes(classes)

    def predict(self, rows: pa.Table, *, finite: bool = True) -> Prediction:
        """See Predictor."""
        given = select(rows, self.features, self._width)
        batch = self._settings.batch
        done: list[Prediction] = []
        for first in range(0, given.num_rows, batch):
            part = given.slice(first, batch)
            try:
                done.append(self._ask(part, finite, self._settings.timeout))
            except BatchError as failure:
                raise self._told(failure, part, first, finite) from None
            self._batches += 1
            if self._progress is not None:
                self._progress(first + part.num_rows, given.num_rows)
        return _joined(done, self.task, self.classes)

    def _classes(self, own: tuple[Label, ...] | None) -> tuple[Label, ...] | None:
        if self.task.numbers:
            return None
        named = self._settings.classes
        if named and own is not None and len(own) != len(named):
            raise ConfigError(
                f"{len(named)} classes are configured, and the model has {len(own)}",
                where=self._settings.at("classes") or self._where,
                hint="leave them out, or name all in the model's order",
            )
        classes = named or own or None
        positive = self._settings.positive
        if classes is not None and positive is not None and positive not in classes:
            raise ConfigError(
                f'"positive" is {positive}, which is none of the model\'s classes',
                where=self._settings.at("positive") or self._where,
                hint=f"write one of {', '.join(str(one) for one in classes)}",
            )
        return classes

    def _told(self, failure: BatchError, rows: pa.Table, first: int, finite: bool) -> InputError:
        """The error about a failure, with the row where one row's fault can be found."""
        row = failure.row
        if failure.searchable:
            row = find_row(lambda part, limit: self._ask(part, finite, limit), rows, failure, self._settings.timeout)
        about = "" if row is None else f" on row {first + row + 1:,}"
        who = f"the model {self._name}"
        if failure.memory and self._batches:
            return InputError(
                f"{who} {failure.what} after {self._batches:,} batch{'es' * (self._batches > 1)} that it had answered",
                where=self._where,
                hint=f"it may keep what it is given; else {failure.hint}",
            )
        what = f"{who} {failure.what}{about}" if failure.ended or failure.search else f"{who}: {failure.what}{about}"
        hint = failure.hint
        if hint is None and failure.searchable:
            hint = "call it by itself with a few of these rows" if row is None else "see what that row holds"
        return InputError(redact(what), where=self._where, hint=None if hint is None else redact(hint))


def _joined(parts: list[Prediction], task: Task, classes: tuple[Label, ...] | None) -> Prediction:
    import numpy as np

    if not parts:
        k = 0 if classes is None else len(classes)
        values = np.empty((0, k), dtype=np.int8) if task is Task.MULTILABEL else np.empty(0)
        return Prediction(values, None, classes)
    if len(parts) == 1:
        return parts[0]
    probabilities = [one.probabilities for one in parts if one.probabilities is not None]
    return Prediction(
        np.concatenate([one.values for one in parts]),
        np.concatenate(probabilities) if len(probabilities) == len(parts) else None,
        parts[0].classes,
    )
