"""What a project's own training command writes: which file that is, and the model in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.reproducible.training import Trained
    from mlscore.predictors.predictor import Predictor


def training_of(context: Context) -> tuple[str | tuple[str, ...], str]:
    """The command that trains, and the file it writes. Raises ConfigError where either is not configured."""
    model = context.model
    if model.train is None:
        raise ConfigError(
            "nothing says how the model is trained",
            where=context.where,
            hint='add train = "…", the command, to [tool.mlscore.model]',
        )
    found = model.artefact or (model.source if isinstance(model.source, str) else None)
    if found is None or (":" in found and not (context.root / found).exists()):
        raise ConfigError(
            "nothing says which file training writes",
            where=context.where,
            hint='add artefact = "…" to [tool.mlscore.model]',
        )
    return model.train, found


def open_trained(context: Context, trained: Trained) -> Predictor:
    """The model that a training wrote; to be closed. Raises as `open_predictor` does."""
    from mlscore.predictors.predictor import open_predictor

    model = context.model
    # What this very training wrote is as trustworthy as the command that was configured to train.
    digests = (*model.digest, trained.digest) if model.trusted else model.digest
    return open_predictor(replace(model, source=str(trained.path), digest=digests), context.root, where=context.where)
