"""Running suites in deepchecks' own environment, once for all the checks that ask the same."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.deepchecks import inside
from mlscore.errors import InputError, MlscoreError
from mlscore.extras.places import need

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.reports.shapes import Finding
    from mlscore.extras.shapes import Environment

_LOOK = 0.05  # seconds between two looks at the process
_MOST = 8  # runs that are remembered


@dataclass(frozen=True, slots=True)
class Ran:
    """What the suites said: the conditions' verdicts, the rows judged by role, and the seconds that deepchecks took.

    `numbers`: the label is a number; `asked` are the checks that were asked for by name.
    """

    findings: tuple[Finding, ...]
    rows: dict[str, int]
    numbers: bool
    asked: tuple[str, ...]
    notes: tuple[str, ...]
    unknown: tuple[str, ...]
    seconds: float


_RUNS: dict[str, Ran | MlscoreError] = {}


def run_suites(
    context: Context, *, suites: Sequence[str], checks: Sequence[str], rows: int, timeout: float, memory_mb: int
) -> Ran:
    """What the suites say of the project's data and model. The same question in the same process is answered once.

    Raises UsageError where the environment is not there, InputError where deepchecks refuses, hangs or takes too much.
    """
    environment = need("deepchecks")
    key = _key(context, suites, checks, rows, (timeout, memory_mb), environment)
    if key not in _RUNS:
        while len(_RUNS) >= _MOST:
            _RUNS.pop(next(iter(_RUNS)))
        try:
            _RUNS[key] = _run(context, suites, checks, rows, timeout, memory_mb, environment)
        except MlscoreError as error:
            # What failed for one item fails for the next.
            _RUNS[key] = error
    found = _RUNS[key]
    if isinstance(found, MlscoreError):
        raise found.with_traceback(None)
    return found


def _run(
    context: Context,
    suites: Sequence[str],
    checks: Sequence[str],
    rows: int,
    timeout: float,
    memory_mb: int,
    environment: Environment,
) -> Ran:
    from mlscore.checks.deepchecks.prepare import prepare

    made = prepare(context, suites, checks, rows)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
        folder = Path(name)
        made.write(folder)
        (folder / inside.REQUEST).write_text(json.dumps(made.request), encoding="utf-8")
        _drive(environment, folder, suites, timeout, memory_mb, lambda what, share: _tell(context, what, share))
        findings = tuple(one for suite in suites for one in _read(folder / f"{suite}.json"))
    return Ran(
        findings,
        {role: table.num_rows for role, table in made.tables.items()},
        made.numbers,
        tuple(checks),
        tuple(made.notes),
        tuple(made.unknown),
        time.monotonic() - began,
    )


def _read(path: Path) -> tuple[Finding, ...]:
    from mlscore.checks.reports.deepchecks import read_findings

    # A suite of which no check is left writes nothing.
    return read_findings(json.loads(path.read_text(encoding="utf-8")), path.name) if path.exists() else ()


def _tell(context: Context, what: str, share: float) -> None:
    if context.progress is not None:
        from mlscore.tables.shapes import Progress

        context.progress(Progress(what, share))


def _drive(
    environment: Environment,
    folder: Path,
    suites: Sequence[str],
    timeout: float,
    memory_mb: int,
    tell: Callable[[str, float], None],
) -> None:
    """Start the program, watch it, and end it with all it started."""
    from mlscore.predictors.process import EndedError, Watched

    # -I: what leads our own Python elsewhere must not lead this one.
    command = [str(environment.python), "-I", str(Path(inside.__file__).absolute()), str(folder)]
    watched = Watched(command, root=folder, memory_mb=memory_mb, environment=environment.environ)
    deadline = time.monotonic() + timeout
    try:
        while watched.process.poll() is None:
            watched.look(deadline, timeout)
            done = sum((folder / f"{suite}.json").exists() for suite in suites)
            tell(f"deepchecks, {suites[min(done, len(suites) - 1)]}", done / len(suites))
            time.sleep(_LOOK)
        if watched.process.returncode != 0:
            raise watched.ended()
    except EndedError as error:
        hint = "ask for fewer rows, or allow more by timeout" if error.hung else error.hint
        hint = "ask for fewer rows, or allow more by memory-mb" if error.memory else hint
        raise InputError(f"deepchecks {error.what}", hint=hint) from None
    finally:
        watched.end()
    failed = folder / inside.FAILED
    if failed.exists():
        said = json.loads(failed.read_text(encoding="utf-8"))["error"]
        raise InputError(f"deepchecks refuses the data: {_clean(said)}")


def _clean(said: str) -> str:
    from mlscore.checks.reports.load import clean

    return clean(said)


def _key(
    context: Context,
    suites: Sequence[str],
    checks: Sequence[str],
    rows: int,
    limits: tuple[float, int],
    environment: Environment,
) -> str:
    """What a run depends on: the settings, the options, and the time and size of each file that they name."""
    data, model = context.data, context.model
    sources = [context.text(role) or role for role in ("train", "validation")]
    named = [data.sources.get(one, one) for one in sources]
    files = [*named, *((model.source,) if isinstance(model.source, str) else model.source or ())]
    said: list[Any] = [str(context.root), environment.made, list(suites), list(checks), rows, named]
    said += [limits, data.label, data.id, data.time, repr(model), [_stamp(context.root / one) for one in files]]
    return json.dumps(said, default=str)


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    """Name, time and size of a file, or of the files in a folder; nothing where it is neither."""
    try:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        return [(one.name, (known := os.stat(one)).st_mtime_ns, known.st_size) for one in files]
    except (OSError, ValueError):
        return []
