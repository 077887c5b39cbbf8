"""A command as a model: it reads rows on standard input, as JSON lines or CSV, and writes a prediction for each."""

from __future__ import annotations

import csv
import io
import json
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mlscore.errors import InputError
from mlscore.predictors.batches import Batched, Progress
from mlscore.predictors.kinds.base import Answer
from mlscore.predictors.process import EndedError, Watched, environment_of
from mlscore.predictors.search import BatchError
from mlscore.predictors.shapes import Label, Prediction, Provenance
from mlscore.predictors.tidy import Expected, MisanswerError, tidy
from mlscore.project.config import ModelSettings

if TYPE_CHECKING:
    import pyarrow as pa

_LOOK = 0.02  # seconds between two looks at the process
_PREDICTION, _PROBABILITY, _PROBABILITIES = "prediction", "probability", "probabilities"
_HOW = {
    "jsonl": 'write for each row a line: a value, or {"prediction": …, "probabilities": [...]}',
    "csv": f"write a header, and for each row a line; the column is called {_PREDICTION} or {_PROBABILITY}",
}


def open_command(
    settings: ModelSettings, root: Path, *, where: object | None = None, progress: Progress | None = None
) -> Command:
    """The command as a predictor. It is run once for each batch, in the project's folder.

    Raises InputError when there is no such program, and ConfigError when it is not configured what it predicts.
    """
    assert isinstance(settings.source, tuple)
    program = settings.source[0]
    beside = root / program
    found = str(beside) if "/" in program and beside.exists() else shutil.which(program)
    if found is None:
        raise InputError(f'there is no program "{program}"', where=where, hint="name one that is on the PATH")
    return Command((found, *settings.source[1:]), settings, root, where, progress)


class Command(Batched):
    """A command that answers batches of rows."""

    def __init__(
        self,
        command: tuple[str, ...],
        settings: ModelSettings,
        root: Path,
        where: object | None,
        progress: Progress | None,
    ) -> None:
        super().__init__(Path(command[0]).name, settings, root, where, progress)
        self._command = command
        self._know(None)
        self.provenance = Provenance("command")

    def close(self) -> None:
        """A command holds nothing between two batches."""

    def _ask(self, rows: pa.Table, finite: bool, limit: float) -> Prediction:
        form = self._settings.format
        try:
            written = self._run(write_rows(rows, form), limit)
            raw, classes = read_answers(written, form, self.classes)
            return tidy(
                raw,
                Expected(
                    rows=rows.num_rows,
                    task=self.task,
                    classes=classes,
                    positive=self._settings.positive,
                    threshold=self._settings.threshold,
                    finite=finite,
                ),
            )
        except EndedError as error:
            raise BatchError(error.what, error.hint, ended=True, hung=error.hung, memory=error.memory) from None
        except MisanswerError as error:
            raise BatchError(error.what, error.hint, row=error.row) from None

    def _run(self, given: bytes, limit: float) -> str:
        """What the command writes. Raises EndedError when it fails or takes too much."""
        watched = Watched(
            self._command, root=self._root, memory_mb=self._settings.memory_mb, environment=environment_of()
        )
        process = watched.process
        assert process.stdin is not None
        assert process.stdout is not None
        written: list[bytes] = []
        reading = threading.Thread(target=_read, args=(process.stdout, written), daemon=True)
        threading.Thread(target=_write, args=(process.stdin, given), daemon=True).start()
        reading.start()
        deadline = time.monotonic() + limit
        while process.poll() is None:
            watched.look(deadline, limit)
            time.sleep(_LOOK)
        reading.join(timeout=1.0)
        if process.returncode != 0:
            raise watched.ended()
        watched.end()
        return b"".join(written).decode("utf-8", "replace")


def write_rows(rows: pa.Table, form: str) -> bytes:
    """Rows as a command reads them: a JSON object a line, or CSV with a header. Missing is null, or nothing."""
    names = rows.column_names
    text = io.StringIO()
    if form == "csv":
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(names)
        for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            writer.writerow(["" if value is None else _cell(value) for value in row])
    else:
        for row in rows.to_pylist():
            text.write(json.dumps({name: _value(value) for name, value in row.items()}, ensure_ascii=False) + "\n")
    return text.getvalue().encode("utf-8")


def read_answers(written: str, form: str, classes: tuple[Label, ...] | None) -> tuple[Answer, tuple[Label, ...] | None]:
    """What a command wrote, and the classes, where its answers name them. Raises MisanswerError for what is no answer."""
    if not written.strip():
        raise MisanswerError("it wrote nothing", hint=_HOW[form])
    return _read_csv(written, classes) if form == "csv" else _read_lines(written, classes)


def _read_lines(written: str, classes: tuple[Label, ...] | None) -> tuple[Answer, tuple[Label, ...] | None]:
    values: list[Any] = []
    shares: list[Any] = []
    lines = [line for line in written.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        try:
            found = json.loads(line)
        except ValueError:
            raise MisanswerError(f"line {number + 1} of its output is no JSON", None, _HOW["jsonl"]) from None
        if isinstance(found, dict):
            if not {_PREDICTION, _PROBABILITIES} & set(found):
                raise MisanswerError(f'line {number + 1} of its output has no "{_PREDICTION}"', None, _HOW["jsonl"])
            if _PREDICTION in found:
                values.append(found[_PREDICTION])
            if _PROBABILITIES in found:
                given = found[_PROBABILITIES]
                if isinstance(given, dict):
                    classes = classes or tuple(given)
                    given = [given.get(str(one), 0.0) for one in classes]
                shares.append(given)
        else:
            values.append(found)
    if values and shares and len(values) != len(shares):
        raise MisanswerError("it wrote probabilities for some rows and not for others", hint=_HOW["jsonl"])
    return Answer(values or None, shares or None), classes


def _read_csv(written: str, classes: tuple[Label, ...] | None) -> tuple[Answer, tuple[Label, ...] | None]:
    rows = [row for row in csv.reader(io.StringIO(written)) if row]
    header, lines = rows[0], rows[1:]
    ragged = next((number for number, row in enumerate(lines) if len(row) != len(header)), None)
    if ragged is not None:
        raise MisanswerError(f"line {ragged + 2} of its output has {len(lines[ragged])} fields, not {len(header)}")
    columns = dict(zip(header, zip(*lines, strict=True), strict=True)) if lines else dict.fromkeys(header, ())
    values = [_told(text, classes) for text in columns[_PREDICTION]] if _PREDICTION in columns else None
    named = [name for name in header if name.startswith(f"{_PROBABILITY}_")]
    shares: Any = None
    if named:
        classes = classes or tuple(name.removeprefix(f"{_PROBABILITY}_") for name in named)
        wanted = [f"{_PROBABILITY}_{one}" for one in classes]
        missing = next((name for name in wanted if name not in columns), None)
        if missing is not None:
            raise MisanswerError(f'its output has no column "{missing}"', hint=f"it has {', '.join(header)}")
        shares = [[_number(columns[name][number]) for name in wanted] for number in range(len(lines))]
    elif _PROBABILITY in columns:
        shares = [_number(text) for text in columns[_PROBABILITY]]
    if values is None and shares is None:
        raise MisanswerError(
            f'its output has no column "{_PREDICTION}"', hint=f"{_HOW['csv']}; it has {', '.join(header)}"
        )
    return Answer(values, shares), classes


def _told(text: str, classes: tuple[Label, ...] | None) -> Any:
    """A prediction as CSV has it: the class that is written so, else a number where it is one."""
    for one in classes or ():
        if text in (str(one), str(one).lower()):
            return one
    for number in (int, float):
        with suppress(ValueError):
            return number(text)
    return text


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _value(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if value is None or isinstance(value, (str, int, float, bool, list, dict)):
        return value
    return _cell(value)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value != value:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _write(stream: IO[bytes], given: bytes) -> None:
    with suppress(OSError, ValueError):
        stream.write(given)
        stream.close()


def _read(stream: IO[bytes], written: list[bytes]) -> None:
    with suppress(OSError, ValueError):
        while chunk := stream.read(65_536):
            written.append(chunk)
