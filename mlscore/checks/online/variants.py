"""Degraded variants of a model, in steps, with their offline losses: what a small live experiment can be made with."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.quality_gate.breaking import BREAK
from mlscore.errors import ConfigError, InputError, OutputError
from mlscore.predictors.shapes import Task

if TYPE_CHECKING:
    import pyarrow as pa

    from mlscore.predictors.predictor import Predictor

TABLE = "variants.csv"
RELEASED = "released"
STALE = "stale-weights"
COLUMNS = ("model", "file", "fault", "offline", "online", "worse", "rows")
_SHARES = (0.1, 0.25, 0.5, 0.75)
STEPS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    *(("label-shuffled", {"share": share}) for share in _SHARES),
    *((STALE, {"share": share}) for share in (0.5, 0.2, 0.05)),
    *(("quantised", {"bits": bits}) for bits in (4, 3, 2, 1)),
)
_FORMS = ("skops", "pickle")


@dataclass(frozen=True, slots=True)
class Variant:
    """One model that was written: its name, file, fault, what was done, its mean loss offline, and whether that is worse.

    `worse`: beyond three standard errors. `offline` is None where the loss is no number.
    """

    model: str
    file: str
    fault: str
    what: str
    offline: float | None
    worse: bool


@dataclass(frozen=True, slots=True)
class Variants:
    """What was written to `folder`: the measure of losses, the released model's, each variant, and what was refused."""

    folder: Path
    measure: str
    released: float
    rows: int
    made: tuple[Variant, ...]
    refused: tuple[str, ...] = ()


def write_variants(
    predictor: Predictor,
    train: pa.Table,
    other: pa.Table,
    folder: Path,
    *,
    label: str,
    name: str,
    ordered: bool = False,
    steps: Sequence[tuple[str, Mapping[str, Any]]] = STEPS,
    seed: int = 0,
    limit: float = 600.0,
) -> Variants:
    """Write the predictor's model to a new `folder`, degraded in `steps`: faults of `mlscore.faults.models` with settings.

    `train` are the rows it was trained on, in order of time where `ordered`: without it no stale one is made. `other` are
    rows whose mean loss (share of wrong answers, or squared error) is the offline figure. `name` is how the model's file
    is called: its suffix stays. `variants.csv` lists the files with these figures, and has an empty column for the online
    ones: filled in, it can be read as pairs. The folder appears whole or not at all.

    Raises ConfigError where `folder` is there already, for nothing is ever written over, InputError where the model is none
    that can be written anew, or nothing can be made of it, and OutputError where the folder cannot be written.
    """
    if os.path.lexists(folder):
        raise ConfigError(
            f'"{folder.name}" is there already, and nothing is written over',
            hint="name another folder, or move it away",
        )
    form = predictor.provenance.format
    if form not in _FORMS:
        raise InputError(
            f"a {form} model cannot be written anew from here",
            hint="name a skops or pickle file, or degrade the model by hand",
        )
    home = folder.parent
    try:
        home.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=home))
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=folder, hint="name another folder") from None
    try:
        kept = _made(predictor, train, other, made, folder, label, Path(name).suffix, ordered, steps, seed, limit)
        made.chmod(0o755)
        os.rename(made, folder)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=folder, hint="make room") from None
    finally:
        with suppress(OSError):
            shutil.rmtree(made)
    return kept


def _made(
    predictor: Predictor,
    train: pa.Table,
    other: pa.Table,
    made: Path,
    folder: Path,
    label: str,
    suffix: str,
    ordered: bool,
    steps: Sequence[tuple[str, Mapping[str, Any]]],
    seed: int,
    limit: float,
) -> Variants:
    """The variants written into `made`, as they will stand in `folder`."""
    import pyarrow.parquet as parquet

    features = list(predictor.features or [column for column in train.column_names if column != label])
    variants, refused, released = [], [], None
    with tempfile.TemporaryDirectory(prefix="mlscore-") as aside:
        request: dict[str, Any] = {"label": label, "features": features, "text": predictor.task is Task.TEXT}
        for key, rows in (("train", train), ("other", other)):
            request[key] = str(Path(aside) / f"{key}.parquet")
            parquet.write_table(rows.select([*features, label]), request[key])
        for fault, settings in steps:
            if fault == STALE and not ordered:
                continue
            file = f"{'-'.join([fault, *(f'{name}-{value:g}' for name, value in settings.items())])}{suffix}"
            more = {"fault": fault, "settings": dict(settings), "seed": seed, "form": predictor.provenance.format}
            told = predictor.inside(BREAK, {**request, **more, "to": str(made / file)}, limit=limit)
            if told is None or not told["written"]:
                refused.append(f"{file}: {'there is no model to look into' if told is None else told['why']}")
                continue
            released = told["healthy"]
            stem = file.removesuffix(suffix) if suffix else file
            variants.append(Variant(stem, file, fault, told["what"], told["loss"], told["worse"]))
    if not ordered and any(fault == STALE for fault, _ in steps):
        refused.append("stale models: nothing says in which order of time the training rows are")
    if released is None:
        raise InputError(f"no degraded variant can be made of the model: {'; '.join(refused)}")
    measure = "error" if predictor.task.labels else "squared error"
    found = Variants(folder, measure, float(released), other.num_rows, tuple(variants), tuple(refused))
    _write_table(found, made / TABLE)
    return found


def _write_table(found: Variants, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerow([RELEASED, "", "", f"{found.released:.6g}", "", "no", found.rows])
        for one in found.made:
            loss = "" if one.offline is None else f"{one.offline:.6g}"
            writer.writerow([one.model, one.file, one.fault, loss, "", "yes" if one.worse else "no", found.rows])
