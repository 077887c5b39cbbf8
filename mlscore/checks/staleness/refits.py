"""Training anew up to a day: by fitting a copy of the estimator in the model's process, or by the project's own command."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.commands import fill, split_command
from mlscore.checks.reproducible.training import Trained, Trainer
from mlscore.checks.staleness.losses import losses_of, row_losses
from mlscore.checks.staleness.plan import day_name
from mlscore.checks.trained import open_trained
from mlscore.errors import ConfigError
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Task

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlscore.checks.context import Context

    Numbers = npt.NDArray[np.float64]

FIT = f"{__name__}:fit"
SINCE, UNTIL = "MLSCORE_SINCE", "MLSCORE_UNTIL"


def fit(model: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """In the model's process: fit a copy of it on `train`, and write the losses of each of `windows` to `to`, as .npy.

    The tables are Parquet files of the features and the `label`. `fitted` is False where the model cannot be trained again.
    """
    import numpy as np
    import pyarrow.parquet as parquet

    from mlscore.faults.models import Subject

    def given(path: str) -> tuple[Any, Any]:
        table = parquet.read_table(path)
        rows: Any = table.select(request["features"])
        return (rows.column(0).to_pylist() if request["text"] else rows), table.column(request["label"])

    rows, labels = given(request["train"])
    subject = Subject.read(model, rows, labels)
    if not subject.trains:
        return {"fitted": False}
    made = subject.refit(subject.rows, subject.labels, request["seed"])
    for path, to in zip(request["windows"], request["to"], strict=True):
        asked, truth = given(path)
        asked = Subject.read(model, asked, truth).rows
        shares = (
            made.predict_proba(asked) if request["measure"] == "log loss" and hasattr(made, "predict_proba") else None
        )
        known = getattr(made, "classes_", None)
        classes = None if known is None else np.asarray(known).tolist()
        np.save(to, row_losses(request["measure"], np.asarray(made.predict(asked)), shares, classes, truth))
    return {"fitted": True}


class Clones:
    """Refits of the predictor's estimator."""

    def __init__(self, predictor: Predictor, label: str, measure: str, *, limit: float = 600.0, seed: int = 0) -> None:
        self._predictor = predictor
        self._label, self._measure = label, measure
        self._limit, self._seed = limit, seed

    def __call__(self, train: Any, since: float, until: float, windows: Sequence[Any]) -> list[Numbers]:
        """The losses of each window after a training on these rows. Raises InputError where it fails."""
        import numpy as np
        import pyarrow.parquet as parquet

        features = list(self._predictor.features or [name for name in train.column_names if name != self._label])
        with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
            folder = Path(name)
            files = [str(folder / "train.parquet"), *(str(folder / f"{n}.parquet") for n in range(len(windows)))]
            for path, rows in zip(files, (train, *windows), strict=True):
                parquet.write_table(rows.select([*features, self._label]), path)
            told = self._predictor.inside(
                FIT,
                {
                    "train": files[0],
                    "windows": files[1:],
                    "to": [str(folder / f"{n}.npy") for n in range(len(windows))],
                    "features": features,
                    "label": self._label,
                    "text": self._predictor.task is Task.TEXT,
                    "measure": self._measure,
                    "seed": self._seed,
                },
                limit=self._limit,
            )
            if told is None or not told["fitted"]:
                raise ConfigError(
                    "the model cannot be trained again from here",
                    hint='add by = "command" and train = "…" to [tool.mlscore.model], or name past models',
                )
            return [np.load(folder / f"{number}.npy") for number in range(len(windows))]


class Trainings:
    """Trainings by the configured command, which is told the days: {since} and {until}, MLSCORE_SINCE and MLSCORE_UNTIL."""

    def __init__(
        self, context: Context, artefact: str, label: str, measure: str, *, limit: float = 3600.0, copy_mb: int = 2000
    ) -> None:
        assert context.model.train is not None
        self._context = context
        self._artefact = artefact
        self._label, self._measure = label, measure
        self._limit, self._copy_mb = limit, copy_mb
        self._command = split_command(context.model.train, context.where)
        self._digests: dict[str, float] = {}

    def __call__(self, train: Any, since: float, until: float, windows: Sequence[Any]) -> list[Numbers]:
        """The losses of each window after a training up to that day.

        Raises InputError where it fails, ConfigError where the command does not heed the day.
        """
        days = {"since": day_name(since), "until": day_name(until)}
        home = Path(tempfile.mkdtemp(prefix="mlscore-"))
        try:
            trainer = Trainer(
                fill(self._command, days),
                self._artefact,
                self._context.root,
                home,
                limit=self._limit,
                copy_mb=self._copy_mb,
                where=self._context.where,
                also={SINCE: days["since"], UNTIL: days["until"]},
            )
            trained = trainer.train()
            other = self._digests.setdefault(trained.digest, until)
            if other != until:
                raise ConfigError(
                    f"training up to {day_name(other)} and up to {days['until']} wrote the same file: the command does not "
                    "heed the day",
                    where=self._context.where,
                    hint="put {until} into the command of train, or let it read MLSCORE_UNTIL",
                )
            return self._answers(trained, windows)
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def _answers(self, trained: Trained, windows: Sequence[Any]) -> list[Numbers]:
        with open_trained(self._context, trained) as predictor:
            return [losses_of(predictor, window, self._label, self._measure) for window in windows]
