"""A predictor whose model runs in a process of its own: asked in batches, and on a failure searched for the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore import errors
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.channel import pack_rows, unpack_prediction
from mlscore.predictors.columns import check_features, select
from mlscore.predictors.kinds.base import Spec
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.process import EndedError, Talk, search_path
from mlscore.predictors.search import BatchError, find_row
from mlscore.predictors.shapes import Label, Prediction, Provenance, Task
from mlscore.predictors.sources import digest_of, find, size_of
from mlscore.project.config import ModelSettings

if TYPE_CHECKING:
    import pyarrow as pa

START = 120.0  # seconds for importing what a model needs, and loading it


def open_apart(
    settings: ModelSettings,
    root: Path,
    *,
    where: object | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Predictor:
    """The predictor of a model that a Python process opens. Raises as `open_predictor` does."""
    assert isinstance(settings.source, str)
    found = find(settings.source, root, where)
    spec = Spec(
        kind=found.kind,
        name=found.name,
        task=None if settings.task is None else Task(settings.task),
        features=settings.features,
        classes=settings.classes,
        positive=settings.positive,
        threshold=settings.threshold,
        digests=settings.digest if settings.trusted else (),
    )
    model = Apart(spec, settings, root, where, progress)
    try:
        model.begin(found.path)
    except BaseException:
        model.close()
        raise
    return model


class Apart(Predictor):
    """A model in another process."""

    def __init__(
        self,
        spec: Spec,
        settings: ModelSettings,
        root: Path,
        where: object | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._spec = spec
        self._settings = settings
        self._root = root
        self._where = where
        self._progress = progress
        self._talk: Talk | None = None
        self._batches = 0
        self._said = ""

    @property
    def positive(self) -> Label | None:
        """The label that counts as positive: the configured one, else the second class of two."""
        if self.classes is None or len(self.classes) != 2 or self.task is Task.MULTILABEL:
            return None
        return self.classes[1] if self._settings.positive is None else self._settings.positive

    @property
    def said(self) -> str:
        """The end of what the model's code has printed."""
        return self._said if self._talk is None else self._talk.said

    def begin(self, path: Path | None) -> None:
        """Open the model, and learn what it says of itself."""
        told = self._start()
        task = self._spec.task or (None if told["task"] is None else Task(told["task"]))
        if task is None:
            raise ConfigError(
                f"{self._settings.source} does not say what it predicts",
                where=self._where,
                hint=f'add task = "…" to [tool.mlscore.model]: {", ".join(Task)}',
            )
        self.task = task
        self.features = check_features(
            self._spec.features, tuple(told["features"]), told["width"], self._settings.at("features") or self._where
        )
        self.classes = self._classes(told["classes"])
        self.provenance = Provenance(
            format=self._format,
            digest=None if path is None else digest_of(path),
            size=None if path is None else size_of(path),
            libraries=told["libraries"],
            installed=told["installed"],
            commit=told["commit"],
            data_digest=told["data_digest"],
        )

    def predict(self, rows: pa.Table, *, finite: bool = True) -> Prediction:
        """See Predictor."""
        given = select(rows, self.features)
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

    def close(self) -> None:
        """End the model's process."""
        if self._talk is not None:
            self._said = self._talk.said
            self._talk.close()
            self._talk = None

    def _classes(self, own: list[Label] | None) -> tuple[Label, ...] | None:
        if self.task.numbers:
            return None
        named = self._spec.classes
        if named and own is not None and len(own) != len(named):
            raise ConfigError(
                f"{len(named)} classes are configured, and the model has {len(own)}",
                where=self._settings.at("classes"),
                hint="leave them out, or name all in the model's order",
            )
        classes = named or (None if own is None else tuple(own)) or None
        positive = self._settings.positive
        if classes is not None and positive is not None and positive not in classes:
            raise ConfigError(
                f'"positive" is {positive}, which is none of the model\'s classes',
                where=self._settings.at("positive"),
                hint=f"write one of {', '.join(str(one) for one in classes)}",
            )
        return classes

    def _start(self) -> dict[str, Any]:
        self._talk = Talk(root=self._root, memory_mb=self._settings.memory_mb)
        try:
            told, _ = self._talk.ask(
                {"do": "open", "path": search_path(self._root), "spec": asdict(self._spec)},
                limit=max(START, self._settings.timeout),
            )
        except EndedError as error:
            raise InputError(
                f"the process that opens {self._name} {error.what}", where=self._where, hint=error.hint
            ) from None
        if "refused" in told:
            kind, what, hint = told["refused"]
            raise getattr(errors, kind)(what, where=self._where, hint=hint)
        if "raised" in told:
            raise InputError(f"{self._name} cannot be opened ({told['raised']})", where=self._where)
        return told

    def _ask(self, rows: pa.Table, finite: bool, limit: float) -> Prediction:
        """One batch. Raises BatchError."""
        if self._talk is None:
            self._start()
        assert self._talk is not None
        request = {
            "do": "predict",
            "task": self.task,
            "classes": self.classes,
            "positive": self._settings.positive,
            "threshold": self._settings.threshold,
            "finite": finite,
        }
        try:
            header, parts = self._talk.ask(request, [pack_rows(rows)], limit=limit)
        except EndedError as error:
            self.close()
            raise BatchError(error.what, error.hint, ended=True, hung=error.hung, memory=error.memory) from None
        if "misanswer" in header:
            what, row, hint = header["misanswer"]
            raise BatchError(what, hint, row=row)
        if "refused" in header:
            _, what, hint = header["refused"]
            raise BatchError(what, hint, row=None, whole=True)
        if "raised" in header:
            raise BatchError(f"raised {header['raised']}", None, search=True)
        return unpack_prediction(header, parts)

    def _told(self, failure: BatchError, rows: pa.Table, first: int, finite: bool) -> InputError:
        """The error about a failure, with the row where one row's fault can be found."""
        row = failure.row
        if failure.searchable:
            row = find_row(lambda part, limit: self._ask(part, finite, limit), rows, failure, self._settings.timeout)
        about = "" if row is None else f" on row {first + row + 1:,}"
        who = f"the model {self._name}"
        if failure.memory and self._batches:
            return InputError(
                f"{who} {failure.what} after {self._batches:,} batches that it had answered",
                where=self._where,
                hint=f"it may keep what it is given; else {failure.hint}",
            )
        what = f"{who} {failure.what}{about}" if failure.ended or failure.search else f"{who}: {failure.what}{about}"
        return InputError(what, where=self._where, hint=failure.hint)

    @property
    def _format(self) -> str:
        return {"callables": "callable", "pickled": "pickle"}.get(self._spec.kind, self._spec.kind)

    @property
    def _name(self) -> str:
        return Path(self._spec.name).name


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
