"""Trying a project's own gate: it is given the released model, and models broken on purpose, which it must refuse."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.commands import fill, program_of, run_command, split_command
from mlscore.checks.quality_gate.breaking import BREAK
from mlscore.checks.quality_gate.shapes import GateTrial, Try
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.process import environment_of
from mlscore.predictors.shapes import Task
from mlscore.project.redact import redact

if TYPE_CHECKING:
    from mlscore.checks.context import Context

DEFAULT_FAULTS = ("untrained", "label-shuffled", "off-by-one", "nan-weights")
_ROWS = 20_000  # of training and of validation, from which broken models are made and judged
_FORMS = ("skops", "pickle")


def try_gate(
    context: Context,
    gate: str | Sequence[str],
    *,
    faults: Sequence[str] = DEFAULT_FAULTS,
    broken: Sequence[str] = (),
    limit: float = 600.0,
    seed: int = 0,
) -> GateTrial:
    """Run the gate's command on the released model and on broken ones.

    `{model}` in the command is replaced by the path of a model's file, `{previous}` by that of the previous release. Exit
    code 0 accepts, any other refuses. `faults` are of mlscore.faults.models; `broken` are files that are known to be bad.
    Raises ConfigError where the command, a fault or a file is not there.
    """
    return _Trial(context, gate, limit).run(faults, broken, seed)


class _Trial:
    def __init__(self, context: Context, gate: str | Sequence[str], limit: float) -> None:
        self._context = context
        self._where = context.where
        self._limit = limit
        self._command = split_command(gate, context.where)
        if not any("{model}" in word for word in self._command):
            raise ConfigError(
                "the gate's command has no {model}",
                where=context.where,
                hint="put {model} where the path of the candidate stands",
            )
        program_of(self._command, context.root, context.where)

    def run(self, faults: Sequence[str], broken: Sequence[str], seed: int) -> GateTrial:
        from mlscore.faults.models import model_fault

        for fault in faults:
            model_fault(fault)
        source = self._context.model.source
        released = None if not isinstance(source, str) else self._context.root / source
        unknown: list[str] = []
        tries: list[Try] = []
        rewritten: Try | None = None
        if released is None or not released.exists():
            raise ConfigError(
                "the model is no file that a gate could be given",
                where=self._where,
                hint="name the model's file as source in [tool.mlscore.model]",
            )
        healthy = self._ask(str(released), "the released model", "unchanged")
        for name in broken:
            path = self._context.root / name
            if not path.exists():
                raise ConfigError(f'there is no broken model "{name}"', where=self._where, hint="mend the path")
            tries.append(self._ask(str(path), name, "named as broken"))
        with tempfile.TemporaryDirectory(prefix="mlscore-") as folder:
            rewritten, made, why = self._break(faults, seed, released, Path(folder))
            tries += made
            unknown += why
        return GateTrial(redact(shlex.join(self._command)), healthy, rewritten, tuple(tries), tuple(unknown))

    def _break(
        self, faults: Sequence[str], seed: int, released: Path, folder: Path
    ) -> tuple[Try | None, list[Try], list[str]]:
        if not faults:
            return None, [], []
        with self._context.predictor() as predictor:
            form = predictor.provenance.format
            if form not in _FORMS:
                return None, [], [f"no fault was put into the model: a {form} model cannot be written anew from here"]
            request = self._request(predictor, folder)
            name = released.name

            def make(fault: str | None) -> tuple[Path, Any]:
                path = folder / (fault or "unchanged") / name
                path.parent.mkdir()
                more = {"fault": fault, "seed": seed, "to": str(path), "form": form}
                return path, predictor.inside(BREAK, {**request, **more}, limit=self._limit)

            path, told = make(None)
            rewritten = self._ask(str(path), "the released model, written anew", "unchanged")
            tries, unknown = [], []
            for fault in faults:
                path, told = make(fault)
                if not told["written"]:
                    unknown.append(told["why"])
                    continue
                loss, own, worse = told["loss"], told["healthy"], told["worse"]
                if not worse:
                    unknown.append(f"the fault {fault} makes this model no worse for certain")
                tries.append(self._ask(str(path), fault, told["what"], loss, own, worse))
        return rewritten, tries, unknown

    def _request(self, predictor: Any, folder: Path) -> dict[str, Any]:
        import pyarrow.parquet as parquet

        label = self._context.data.label
        assert label is not None
        kept: dict[str, Any] = {"label": label, "text": predictor.task is Task.TEXT}
        for key, role in (("train", "train"), ("other", "validation")):
            with self._context.table(role) as table:
                names = [column.name for column in table.columns]
                if label not in names:
                    raise InputError(f'there is no column "{label}", the label', where=str(table.source))
                features = predictor.features or tuple(name for name in names if name != label)
                kept["features"] = list(features)
                rows = table.sample(_ROWS, 0, [*features, label])
            path = folder / f"{key}.parquet"
            parquet.write_table(rows, path)
            kept[key] = str(path)
        return kept

    def _ask(
        self,
        path: str,
        model: str,
        what: str,
        loss: float | None = None,
        healthy: float | None = None,
        worse: bool = True,
    ) -> Try:
        previous = self._context.model.previous
        before = str(self._context.root / (previous if isinstance(previous, str) else str(self._context.model.source)))
        command = fill(self._command, {"model": path, "previous": before})
        command = program_of(command, self._context.root, self._where)
        done = run_command(command, self._context.root, self._limit, environment_of())
        if done.code in (126, 127):
            raise ConfigError(f"the gate's command cannot be run: {done.last_words}", where=self._where)
        return Try(model, what, done.code, done.ended, done.last_words, loss, healthy, worse)
