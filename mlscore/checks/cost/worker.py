"""A process of its own in which feature functions are measured, so that nothing they do reaches the caller's."""

from __future__ import annotations

import pickle
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore.checks.cost.shapes import Measured
from mlscore.errors import MlscoreError, UsageError

WORKER = "mlscore.checks.cost.worker"


@dataclass(frozen=True, slots=True)
class Request:
    """What the process is to do: measure the functions from `first` on, on a pandas frame."""

    path: tuple[str, ...]
    functions: tuple[str, ...]
    form: str
    frame: Any
    batch: int
    seconds: float
    known: tuple[str, ...]
    first: int = 0


def measure_apart(
    functions: Sequence[str], form: str, frame: Any, batch: int, seconds: float, known: Sequence[str], root: Path
) -> list[Measured]:
    """Measure functions, named by texts, in a process of its own. Raises ConfigError as `load_feature` does.

    One that hangs or takes its process with it is not known; the process is started again for the others.
    """
    from mlscore.checks.feature_code.processes import GRACE, paths_of, run_worker

    done: list[Measured] = []
    while len(done) < len(functions):
        first = len(done)
        request = Request(
            tuple(paths_of(root)), tuple(functions), form, frame, batch, seconds, tuple(known), first
        )  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
            folder = Path(name)
            ended = run_worker(folder, request, root, "1", 4 * seconds + GRACE, worker=WORKER)
            while len(done) < len(functions) and (folder / f"{len(done)}").exists():
                done.append(pickle.loads((folder / f"{len(done)}").read_bytes()))
            if len(done) < len(functions):
                lost = functions[len(done)]
                if not (folder / f"{len(done)}.begun").exists():
                    hint = "import it by itself to see why"
                    raise UsageError(f"the process that imports {lost} ended ({ended})", hint=hint)
                hung = "did not return" in ended
                trouble = f"it did not return within {seconds:g} s" if hung else f"its process {ended}"
                done.append(Measured(lost, trouble=trouble, beyond=seconds if hung else None))
    return done


def main(folder: Path) -> None:
    """Answer the request in the folder, a file per function; a mistake in the request is written to `error`."""
    with (folder / "request").open("rb") as file:
        path = pickle.load(file)
        # What follows holds a frame and dtypes, whose modules must be found first.
        sys.path[:] = list(path)
        request: Request = pickle.load(file)
    from mlscore.checks.cost.measure import measure
    from mlscore.checks.feature_code.forms import Form, load_feature

    columns = [str(name) for name in request.frame.columns]
    try:
        features = [load_feature(text, Form(request.form), columns) for text in request.functions]
    except MlscoreError as error:
        _write(folder / "error", (type(error).__name__, error.what, error.hint))
        return
    for number, feature in enumerate(features):
        if number >= request.first:
            (folder / f"{number}.begun").touch()
            made = measure(feature, request.frame, request.batch, request.seconds, request.known)
            _write(folder / f"{number}", made)


def _write(path: Path, value: object) -> None:
    beside = path.with_suffix(".part")
    beside.write_bytes(pickle.dumps(value))
    beside.replace(path)


if __name__ == "__main__":
    # By its own name, so that what it unpickles is what it knows.
    from mlscore.checks.cost.worker import main as run

    run(Path(sys.argv[1]))
