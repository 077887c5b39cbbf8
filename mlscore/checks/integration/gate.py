"""The quality gate's rule on the model that a pipeline made in its clean folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.integration.clean import inside
from mlscore.checks.integration.shapes import Gate
from mlscore.core.evidence import Location
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.sources import digest_of

if TYPE_CHECKING:
    from mlscore.checks.context import Context

_OWN = "model"
_NOT = ("gate", "faults", "broken", "train", "gate-timeout")  # trying a gate of the project's is infra-4's


def read_gate(given: Mapping[str, Any], context: Context) -> Callable[[Path], Gate]:
    """How the made model is judged: `model` is its path, the rest are options of the check `quality-gate`.

    Rows come from the role or source `validation`; a path that is in the clean folder is read there. Raises ConfigError for
    what does not fit.
    """
    from mlscore.checks.configured import read_options
    from mlscore.checks.registry import find_check
    from mlscore.project.config import CheckSpec

    kind = find_check("quality-gate")
    model = given.get(_OWN, context.model.artefact or context.model.source)
    if not isinstance(model, str) or (":" in model and _OWN not in given):
        hint = 'add model = "…" to it, the path of the model that the pipeline makes'
        raise ConfigError('"gate" does not say which file is the model', where=context.where, hint=hint)
    name = inside(model, context.where)
    unfit = next((key for key in given if key in _NOT), None)
    if unfit is not None:
        hint = "configure the check quality-gate for that"
        raise ConfigError(f'"gate" takes no "{unfit}"', where=context.where, hint=hint)
    rest = {key: value for key, value in given.items() if key != _OWN}
    place = context.where if isinstance(context.where, Location) else None
    options = read_options(kind, CheckSpec(kind.id, options=rest, location=place))

    def judge(folder: Path) -> Gate:
        path = folder / name
        if not path.exists():
            return Gate(name, False, "the pipeline did not make it")
        # What this very run made is as trustworthy as the pipeline that was configured.
        digests = (*context.model.digest, digest_of(path)) if context.model.trusted else context.model.digest
        own = str(options["validation"])
        rows = str(folder / own) if own not in context.data.ROLES and (folder / own).exists() else own
        made = replace(
            context,
            model=replace(context.model, source=str(path), digest=digests),
            options={**options, "validation": rows},
        )
        try:
            result = kind.run(made)
        except InputError as error:
            return Gate(name, False, f"it cannot be judged: {error.what}")
        return Gate(name, result.passed, result.summary, result.hollow)

    return judge
