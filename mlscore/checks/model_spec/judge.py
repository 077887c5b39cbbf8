"""Judging a model's specification: its aspects tried in a process of its own, whose crash and time-out are findings."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlscore.checks.model_spec.apart import Worked, run_apart
from mlscore.checks.model_spec.shapes import Aspect, SpecReport, Tried
from mlscore.errors import ConfigError, UsageError, did_you_mean
from mlscore.predictors.shapes import Label

_WORKER = "mlscore.checks.model_spec.worker"


def check_model_spec(
    build: str,
    *,
    root: Path | str = ".",
    schema: str | None = None,
    rows: Any = None,
    label: str | None = None,
    features: Sequence[str] = (),
    task: str | None = None,
    classes: Sequence[Label] = (),
    save: str | None = None,
    load: str | None = None,
    level: float | None = None,
    few: int = 10,
    steps: int = 200,
    off: Mapping[str, str] | None = None,
    seed: int = 0,
    limit: float = 300.0,
) -> SpecReport:
    """Try the specification of a model: "module:function" that builds one which is not fitted.

    The model has `fit(rows, labels)`, or `step(batch)` which does one step of training on `batch.rows` and `batch.labels`
    and returns the loss before it, as a float; and `predict(rows)`. `schema` names a pandera schema of its input, `rows`
    (a pyarrow Table or a pandas frame) hold real rows with the column `label`: one of them is needed. `level` is the share
    of labels, or R², that training must reach on `few` rows: by default 0.9 of networks, within `steps` steps, and 0.7 of
    models that are fitted in one go, which need not be able to learn every row. `save(model, path)` and `load(path)`
    are the project's own, "module:function". `off` names aspects and checks of scikit-learn's that need not hold, each
    with the reason. `limit` is in seconds, for all of it.

    Raises ConfigError and UsageError where something named is not there, InputError where rows do not fit.
    """
    if (save is None) != (load is None):
        raise ConfigError("save and load are one without the other", hint="name both functions, or none")
    away = dict(off or {})
    _known(away)
    aspects = [one for one in Aspect if one.value not in away]
    request = {
        "build": build,
        "schema": schema,
        "rows": rows is not None,
        "label": label,
        "features": list(features),
        "task": task,
        "classes": list(classes),
        "save": save,
        "load": load,
        "level": level,
        "few": few,
        "steps": steps,
        "off": away,
        "seed": seed,
    }
    tried: dict[Aspect, Tried] = {}
    material: dict[str, Any] = {"rows": 0, "generated": 0, "notes": []}
    with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
        folder = Path(name)
        if rows is not None:
            _write(rows, folder / "rows.parquet")
        while True:
            left = [one for one in aspects if one not in tried]
            worked = run_apart(_WORKER, {**request, "aspects": left}, folder, Path(root).resolve(), limit)
            begun = _read(worked, tried, material)
            if worked.whole:
                break
            lost = Tried(begun, True, (_ended(worked, limit),))
            tried[begun] = lost
            if begun is Aspect.BUILDS or worked.finished.code is None:
                break
    stopped = [one for one in aspects if one not in tried]
    if stopped:
        why = "it does not build" if tried[Aspect.BUILDS].findings else "the time was up"
        tried |= {one: Tried(one, False, unknown=(why,)) for one in stopped}
    done = tuple(tried[one] for one in Aspect if one in tried)
    return SpecReport(
        build=build,
        tried=done,
        off=away,
        rows=material["rows"],
        generated=material["generated"],
        notes=tuple(material["notes"]),
        hollow=_hollow(done),
    )


def _write(rows: Any, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    parquet.write_table(rows if isinstance(rows, pa.Table) else pa.Table.from_pandas(rows, preserve_index=False), path)


def _known(off: Mapping[str, str]) -> None:
    """Raise UsageError for what cannot be switched off, and for a reason that is missing."""
    names = [one.value for one in Aspect if one is not Aspect.BUILDS]
    for name, reason in off.items():
        if name not in names and not name.startswith("check_"):
            near = did_you_mean(name, names)
            listed = f"the aspects are {', '.join(names)}"
            raise UsageError(f'there is no aspect "{name}" to be off', hint=f"{near} ({listed})" if near else listed)
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f'no reason is given why "{name}" is off', hint=f'write {name} = "why"')


def _read(worked: Worked, tried: dict[Aspect, Tried], material: dict[str, Any]) -> Aspect:
    """Take over what the worker told; the aspect that it had begun last."""
    begun = Aspect.BUILDS
    for line in worked.lines:
        if "begun" in line:
            begun = Aspect(line["begun"])
        elif "tried" in line:
            told = line["tried"]
            lists = {name: tuple(told[name]) for name in ("findings", "unknown", "notes")}
            aspect = Aspect(told["aspect"])
            tried[aspect] = Tried(aspect, told["judged"], figures=told["figures"], **lists)
        else:
            material |= line
    return begun


def _ended(worked: Worked, limit: float) -> str:
    if worked.finished.code is None:
        return f"it did not return within {limit:g} s"
    return f"its process {worked.finished.ended}"


def _hollow(tried: Sequence[Tried]) -> str | None:
    learning = (Aspect.STEP, Aspect.LOSS, Aspect.OVERFITS)
    if not any(one.judged for one in tried if one.aspect in learning):
        return "nothing that tells whether the model learns was judged: step, loss and overfits are off or unknown"
    return None
