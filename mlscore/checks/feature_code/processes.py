"""Starting the processes in which functions are tried, ending those that hang, and going on after those that die."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from mlscore import errors
from mlscore.checks.feature_code.examine import Examined
from mlscore.checks.feature_code.planning import Order
from mlscore.checks.feature_code.report import FunctionReport, Off, Property, Violation
from mlscore.checks.feature_code.worker import Request

GRACE = 15.0  # seconds beyond its limits before a process is ended
START = 120.0  # seconds for importing the project's modules and what they need
WORKER = "mlscore.checks.feature_code.worker"
_HASHES = "1", "4242"  # of the process that tries and of the one that compares


class Asked(Protocol):
    """A request that a process reads, which finds its modules in these folders."""

    @property
    def path(self) -> tuple[str, ...]:
        """The folders."""


@dataclass(slots=True)
class Answer:
    """What the process found of each function: the examination and where its code is; rules and notes of the plan."""

    examined: list[tuple[Examined, Any]]
    rules: Any
    notes: tuple[str, ...]


def examine_apart(
    functions: Sequence[str], form: str, order: Order, off: Sequence[Mapping[Property, str]], root: Path
) -> Answer:
    """Try functions, named by texts, in a process of its own. Raises ConfigError and UsageError as `load_feature` does."""
    done: list[tuple[Examined, Any]] = []
    rules: Any = ()
    notes: tuple[str, ...] = ()
    while len(done) < len(functions):
        request = Request(tuple(paths_of(root)), tuple(functions), form, order, tuple(off), len(done))
        with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
            folder = Path(name)
            # Trying, then shrinking for half as long; and the call that is under way.
            ended = run_worker(folder, request, root, _HASHES[0], 2.5 * order.seconds + GRACE)
            if (folder / "notes").exists():
                rules, notes = pickle.loads((folder / "notes").read_bytes())
            while len(done) < len(functions) and (folder / f"{len(done)}").exists():
                done.append(pickle.loads((folder / f"{len(done)}").read_bytes()))
            if len(done) < len(functions):
                number = len(done)
                if not (folder / f"{number}.begun").exists():
                    raise errors.UsageError(
                        f"the process that imports {functions[number]} ended ({ended})",
                        hint="import it by itself to see why",
                    )
                done.append((_lost(functions[number], form, order, off[number], ended), None))
    return Answer(done, rules, notes)


def compare_apart(
    functions: Sequence[str], form: str, rules: Any, settings: Any, probes: Sequence[Any], root: Path
) -> list[Violation | str | None]:
    """Compare probes with what a fresh process computes; a text where it could not."""
    request = Request(tuple(paths_of(root)), tuple(functions), form, settings, rules=rules, probes=tuple(probes))
    with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
        folder = Path(name)
        try:
            ended = run_worker(folder, request, root, _HASHES[1], settings.limit + GRACE)
        except errors.MlscoreError as error:
            ended = str(error)
        paths = [folder / str(number) for number in range(len(functions))]
        return [pickle.loads(path.read_bytes()) if path.exists() else f"another process {ended}" for path in paths]


def run_worker(folder: Path, request: Asked, root: Path, hashes: str, patience: float, *, worker: str = WORKER) -> str:
    """Run the process until it has ended, or has not begun or ended a function for so many seconds; how it ended.

    `worker` is the module that reads the folder's request. Raises the error that it writes to the folder's `error`.
    """
    with (folder / "request").open("wb") as file:
        pickle.dump(request.path, file)
        pickle.dump(request, file)
    environment = {**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": os.pathsep.join(request.path)}
    # pytest-cov would write a coverage file of its own for it.
    environment = {
        name: value for name, value in environment.items() if not name.startswith(("COV_CORE", "COVERAGE_PROCESS"))
    }
    command = [sys.executable, "-m", worker, str(folder)]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=root if root.is_dir() else None,
            env=environment,
        )
        try:
            code = _wait(process, folder, patience)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if (folder / "error").exists():
        kind, what, hint = pickle.loads((folder / "error").read_bytes())
        raise getattr(errors, kind)(what, hint=hint)
    return "did not return and had to be ended" if code is None else f"ended with code {code}"


def _wait(process: subprocess.Popen[bytes], folder: Path, patience: float) -> int | None:
    """The exit code, or None where nothing happened for so many seconds."""
    files, last = 0, time.monotonic()
    while True:
        try:
            return process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            now = len(list(folder.iterdir()))
            if now != files:
                files, last = now, time.monotonic()
            begun = any(path.suffix == ".begun" for path in folder.iterdir())
            if time.monotonic() - last > (patience if begun else max(patience, START)):
                return None


def paths_of(root: Path) -> list[str]:
    """Where the project's modules are looked for: its root and its `src` folder, then where we look."""
    own = [str(folder) for folder in (root, root / "src") if folder.is_dir()]
    return [*own, *(entry for entry in sys.path if entry and entry not in own)]


def _lost(name: str, form: str, order: Order, off: Mapping[Property, str], ended: str) -> Examined:
    """The report of a function that took its process with it."""
    says = f"it did not return within {order.seconds:g} s" if "did not return" in ended else f"its process {ended}"
    report = FunctionReport(
        name=name,
        form=form,
        batches=0,
        planned=order.examples,
        rows=0,
        calls=0,
        seconds=0.0,
        judged=(Property.RUNS,),
        violations=(Violation(Property.RUNS, says),),
        off=tuple(Off(of, off[of]) for of in Property if of in off),
        not_judged=("all but that it runs",),
    )
    return Examined(report)


def with_fresh(report: FunctionReport, found: Violation | str | None) -> FunctionReport:
    """The report with what a fresh process found; a text says why it found nothing out."""
    if isinstance(found, str):
        return replace(report, not_judged=(*report.not_judged, f"{Property.FRESH}: {found}"))
    judged = tuple(of for of in Property if of in report.judged or of is Property.FRESH)
    violations = report.violations if found is None else (*report.violations, found)
    return replace(report, judged=judged, violations=violations)
