"""A process of its own in which feature functions are tried, so that nothing they do reaches the caller's."""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore.errors import MlscoreError


@dataclass(frozen=True, slots=True)
class Request:
    """What the process is to do: try the functions from `first` on, or compare `probes` with what it computes itself."""

    path: tuple[str, ...]
    functions: tuple[str, ...]
    form: str
    order: Any = None
    off: tuple[Any, ...] = ()
    first: int = 0
    rules: Any = None
    probes: tuple[Any, ...] = ()


def main(folder: Path) -> None:
    """Answer the request in the folder, a file per function; a mistake in the request is written to `error`."""
    with (folder / "request").open("rb") as file:
        path = pickle.load(file)
        # What follows holds frames and dtypes, whose modules must be found first.
        sys.path[:] = list(path)
        request: Request = pickle.load(file)
    try:
        if request.probes:
            _probe(request, folder)
        else:
            _examine(request, folder)
    except MlscoreError as error:
        _write(folder / "error", (type(error).__name__, error.what, error.hint))


def _examine(request: Request, folder: Path) -> None:
    from mlscore.checks.feature_code.coverage import location
    from mlscore.checks.feature_code.examine import examine, pools
    from mlscore.checks.feature_code.forms import Form, load_feature
    from mlscore.checks.feature_code.planning import make_plan

    plan, notes = make_plan(request.order)
    columns = [rule.name for rule in plan.rules]
    features = [load_feature(text, Form(request.form), columns) for text in request.functions]
    drawn = pools(plan)
    _write(folder / "notes", (plan.rules, notes))
    for number, feature in enumerate(features):
        if number < request.first:
            continue
        (folder / f"{number}.begun").touch()
        _write(folder / f"{number}", (examine(feature, plan, request.off[number], drawn), location(feature)))


def _probe(request: Request, folder: Path) -> None:
    from mlscore.checks.feature_code.forms import Form, load_feature
    from mlscore.checks.feature_code.fresh import compare

    columns = [rule.name for rule in request.rules]
    for number, text in enumerate(request.functions):
        (folder / f"{number}.begun").touch()
        feature = load_feature(text, Form(request.form), columns)
        _write(folder / f"{number}", compare(feature, request.rules, request.order, request.probes[number]))


def _write(path: Path, value: object) -> None:
    beside = path.with_suffix(".part")
    beside.write_bytes(pickle.dumps(value))
    beside.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
