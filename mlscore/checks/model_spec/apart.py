"""Running a worker of a check in a process of its own: it is handed a request, writes lines as it goes, and may die."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore import errors
from mlscore.checks.commands import Finished, run_command
from mlscore.errors import MlscoreError
from mlscore.predictors.process import environment_of, search_path

_REQUEST, _LINES, _ERROR = "request.json", "lines.jsonl", "error.json"


@dataclass(frozen=True, slots=True)
class Worked:
    """The lines that a worker wrote, and how it ended."""

    lines: tuple[dict[str, Any], ...]
    finished: Finished

    @property
    def whole(self) -> bool:
        """Whether it came to its end."""
        return self.finished.code == 0


def run_apart(module: str, request: Mapping[str, Any], folder: Path, root: Path, limit: float) -> Worked:
    """Run `python -m MODULE FOLDER` for at most `limit` seconds on a request, which is JSON.

    Raises the error of ours that the worker raised.
    """
    (folder / _REQUEST).write_text(json.dumps(request), encoding="utf-8")
    for name in (_LINES, _ERROR):
        (folder / name).unlink(missing_ok=True)
    environment = environment_of()
    environment["PYTHONPATH"] = os.pathsep.join(search_path(root))
    # Sums of a few rows by one thread are quicker, and the same each time.
    environment.setdefault("OMP_NUM_THREADS", "1")
    finished = run_command([sys.executable, "-m", module, str(folder)], root, limit, environment)
    if (folder / _ERROR).exists():
        kind, what, hint = json.loads((folder / _ERROR).read_text(encoding="utf-8"))
        raise getattr(errors, kind)(what, hint=hint)
    path = folder / _LINES
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    # A process that was ended may have left half a line.
    whole = text[: text.rfind("\n") + 1].splitlines()
    return Worked(tuple(json.loads(line) for line in whole), finished)


def read_request(folder: Path) -> dict[str, Any]:
    """The request, in the worker."""
    found: dict[str, Any] = json.loads((folder / _REQUEST).read_text(encoding="utf-8"))
    return found


def write_line(folder: Path, line: Mapping[str, Any]) -> None:
    """Tell something, in the worker; it stays told whatever happens to the process."""
    with (folder / _LINES).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def write_error(folder: Path, error: MlscoreError) -> None:
    """Tell of a mistake in the request, in the worker."""
    said = [type(error).__name__, error.what, error.hint]
    (folder / _ERROR).write_text(json.dumps(said), encoding="utf-8")
