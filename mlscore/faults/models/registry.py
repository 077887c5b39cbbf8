"""The catalogue of models' faults: all of them, one by its id, and all that can be put into a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from mlscore.errors import InputError, UsageError, did_you_mean
from mlscore.faults import settings
from mlscore.faults.models import features, labels, weights
from mlscore.faults.models.base import Broken, ModelFault
from mlscore.faults.models.subject import Fit, Subject


def model_catalogue() -> tuple[ModelFault, ...]:
    """Every fault of models with its default settings."""
    return tuple(fault for room in (weights, labels, features) for fault in room.faults())


def model_fault(id: str, **given: Any) -> ModelFault:  # noqa: A002 - the catalogue's own word
    """The fault of this id with these settings: `model_fault("label-shuffled", share=0.5)`.

    Raises UsageError for an unknown id or setting and for a value that the setting does not take.
    """
    known = model_catalogue()
    found = next((each for each in known if each.id == id), None)
    if found is None:
        near = did_you_mean(id, [each.id for each in known])
        raise UsageError(
            f'there is no fault of models "{id}"', hint=near or "mlscore.faults.models.model_catalogue() lists them"
        )
    settings.check_names(type(found), given)
    return replace(found, **given)


def every_model_fault(
    model: Any,
    rows: Any,
    labels: Any,
    *,
    seed: int = 0,
    fit: Fit | None = None,
    faults: Iterable[ModelFault] | None = None,
) -> Iterator[Broken]:
    """The model broken in every way there is, one after the other; what cannot be put into it is left out.

    `faults` are those to try, the whole catalogue by default; the rest is as for `ModelFault.apply`.

        for broken in every_model_fault(model, rows, labels):
            assert not my_gate(broken.model), broken.fault
    """
    subject = Subject.read(model, rows, labels, fit)
    for fault in model_catalogue() if faults is None else faults:
        try:
            yield fault.put_into(subject, seed)
        except InputError:
            continue
