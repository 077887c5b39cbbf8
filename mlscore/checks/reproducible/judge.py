"""Training twice and comparing; and on a difference, looking for its cause by varying one thing at a time."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlscore.checks.reproducible.compare import Contents, contents, differences
from mlscore.checks.reproducible.shapes import Difference, Factor, ReproducibleReport
from mlscore.checks.reproducible.training import Held, Trained, Trainer
from mlscore.errors import InputError, MlscoreError
from mlscore.predictors.predictor import Predictor

_DAYS = 40 * 86_400.0  # by which the clock is moved: another month, mostly another weekday
Say = Callable[[str, float], None]


def check_reproducible(
    command: str | Sequence[str],
    artefact: str,
    root: Path,
    *,
    opener: Callable[[Trained], Predictor] | None = None,
    rows: Any = None,
    tolerance: float = 0.0,
    limit: float = 3600.0,
    search: bool = True,
    copy_mb: int = 2000,
    where: object | None = None,
    say: Say = lambda what, share: None,
) -> ReproducibleReport:
    """Train twice by `command`, in fresh processes and folders, and compare what it writes to `artefact`.

    Each training runs in a copy of the project at `root`; a command with `{artefact}` runs in the project itself and is
    told where to write. `opener` opens a trained model, whose parameters and predictions of `rows` are compared; without
    it bytes decide. `tolerance` is relative. On a difference, with `search`, everything that can be is held (random bytes,
    hash seed, threads, clock, order of files, folder), and one after the other let go.

    Raises ConfigError where the command cannot be run, InputError when a training fails, hangs, or writes nothing, and
    where two files differ that `opener` cannot open.
    """
    with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
        trainer = Trainer(command, artefact, root, Path(name), limit=limit, copy_mb=copy_mb, where=where)
        pair = []
        for number in range(2):
            say(f"training {number + 1} of 2", number / 2)
            pair.append(trainer.train())
        deep = _Deep(opener, rows, tolerance)
        found = deep.between(*pair)
        report = ReproducibleReport(
            seconds=tuple(one.seconds for one in pair),
            digests=tuple(one.digest for one in pair),
            parameters=deep.parameters,
            rows=deep.rows,
            differences=tuple(found),
            not_judged=deep.unknown,
        )
        if report.passed or not search:
            return report
        causes, tried, stuck = _search(trainer, deep, say)
        return replace(report, causes=causes, tried=tried, stuck=stuck)


class _Deep:
    """Looks into artefacts, each once; where none can be opened, bytes decide."""

    def __init__(self, opener: Callable[[Trained], Predictor] | None, rows: Any, tolerance: float) -> None:
        self._opener = opener
        self._rows = rows
        self._tolerance = tolerance
        self._seen: dict[str, Contents] = {}
        self._closed: MlscoreError | None = None
        self.parameters: int | None = None
        self.rows: int | None = None
        self.unknown: tuple[str, ...] = ()

    def between(self, one: Trained, other: Trained) -> list[Difference]:
        """The differences, those of bytes first; none for equal digests, which say everything.

        Raises InputError where the bytes differ and the models cannot be opened.
        """
        self._look(one)
        if one.digest == other.digest:
            return []
        sizes = " and ".join(f"{_size(trained.path):,} bytes" for trained in (one, other))
        found = [Difference("bytes", f"the files differ ({sizes})")]
        a, b = self._look(one), self._look(other)
        if self._closed is not None:
            # Files hold dates and addresses: that their bytes differ says nothing of the models in them.
            raise InputError(
                f"the files of two trainings differ, and what is in them cannot be compared: {self._closed.what}",
                where=self._closed.where,
                hint=self._closed.hint,
            )
        return found if a is None or b is None else [*found, *differences(a, b, self._tolerance)]

    def same(self, one: Trained, other: Trained) -> bool:
        """Whether the two are one model."""
        found = self.between(one, other)
        deep = self.parameters is not None or self.rows is not None
        return not any(each.level != "bytes" or not deep for each in found)

    def _look(self, trained: Trained) -> Contents | None:
        if self._opener is None or self._closed is not None:
            return None
        if trained.digest not in self._seen:
            try:
                held = contents(trained, self._opener, self._rows)
            except MlscoreError as error:
                self._closed = error
                self.unknown = (f"what the model has learned and predicts: {error}",)
                return None
            self._seen[trained.digest] = held
            self.parameters = None if held.parameters is None else len(held.parameters)
            self.rows = None if held.prediction is None else len(held.prediction)
        return self._seen[trained.digest]


def _search(trainer: Trainer, deep: _Deep, say: Say) -> tuple[tuple[Factor, ...], tuple[Factor, ...], str | None]:
    base = Held(clock=float(int(time.time())))
    changes = {
        Factor.SEED: replace(base, seed=1),
        Factor.HASH_SEED: replace(base, hashes=4242),
        Factor.THREADS: replace(base, threads=max(2, os.cpu_count() or 2)),
        Factor.ORDER: replace(base, order="reversed"),
        Factor.CLOCK: replace(base, clock=base.clock + _DAYS),
        Factor.FOLDER: replace(base, folder="another-folder"),
    }
    causes: list[Factor] = []
    tried: list[Factor] = []
    try:
        say("training with everything held", 0.0)
        held = trainer.train(base)
        if not deep.same(held, trainer.train(base)):
            return (
                (),
                (),
                "two trainings differ although seed, hash seed, threads, clock, order of files and folder are held",
            )
        for number, (factor, change) in enumerate(changes.items()):
            say(f"training with another {factor}", (number + 2) / (len(changes) + 2))
            if not deep.same(held, trainer.train(change)):
                causes.append(factor)
            tried.append(factor)
    except MlscoreError as error:
        return tuple(causes), tuple(tried), f"the search for the cause was given up: {error}"
    if not causes:
        return (), tuple(tried), "none of these makes a difference alone"
    return tuple(causes), tuple(tried), None


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*")) if path.is_dir() else path.stat().st_size
