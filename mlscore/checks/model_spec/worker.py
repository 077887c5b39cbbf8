"""The process in which a specification is tried: it builds the model, and tells of each aspect when it is done."""

from __future__ import annotations

import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlscore.checks.feature_code.forms import load
from mlscore.checks.model_spec.apart import read_request, write_error, write_line
from mlscore.checks.model_spec.aspects import Trial, trainable, try_aspect
from mlscore.checks.model_spec.material import make_material
from mlscore.checks.model_spec.shapes import Aspect, Tried
from mlscore.checks.model_spec.subject import build_with
from mlscore.errors import ConfigError, MlscoreError
from mlscore.predictors.worker import told


def main(folder: Path) -> None:
    """Answer the request in the folder."""
    warnings.simplefilter("ignore")
    try:
        _try(folder, read_request(folder))
    except MlscoreError as error:
        write_error(folder, error)


def _try(folder: Path, request: dict[str, Any]) -> None:
    for name in ("save", "load"):
        if request[name] is not None:
            load(request[name])
    function = load(request["build"])
    if not callable(function):
        raise ConfigError(f"{request['build']} is no function", hint="name one that builds an unfitted model")
    write_line(folder, {"begun": Aspect.BUILDS})
    try:
        first = build_with(function, request["seed"])
    except (Exception, SystemExit) as error:
        _tell(folder, Tried(Aspect.BUILDS, True, (f"{request['build']} raises {told(error)}",)))
        return
    if first is None:
        _tell(folder, Tried(Aspect.BUILDS, True, (f"{request['build']} returns None, and no model",)))
        return
    if not trainable(first):
        raise ConfigError(
            f"{request['build']} builds a {type(first).__name__}, which has neither fit nor step",
            hint="return a model with fit(rows, labels), or with step(batch) that returns the loss",
        )
    _tell(folder, Tried(Aspect.BUILDS, True))
    material = make_material(request, folder, first)
    counts = {"rows": len(material.few[0]), "generated": len(material.generated[0])}
    write_line(folder, {**counts, "notes": list(material.notes)})
    kept = folder / "kept"
    kept.mkdir(exist_ok=True)
    trial = Trial(function, material, request, kept)
    for name in request["aspects"]:
        aspect = Aspect(name)
        if aspect is not Aspect.BUILDS:
            write_line(folder, {"begun": aspect})
            _tell(folder, try_aspect(aspect, trial))


def _tell(folder: Path, tried: Tried) -> None:
    write_line(folder, {"tried": asdict(tried)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
