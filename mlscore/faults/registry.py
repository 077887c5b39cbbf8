"""The catalogue: every fault there is, those of this package and, when asked, those that others have installed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlscore.errors import UsageError, did_you_mean
from mlscore.faults import association, missing, numeric, rows, settings, texts, times, written
from mlscore.faults.base import Fault

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "mlscore.faults"


def catalogue(*, installed: bool = False) -> tuple[Fault, ...]:
    """Every fault with its default settings; with `installed` also those of other packages.

    Another package offers faults by an entry point of the group `mlscore.faults` that names a Fault, a class of
    one, or several of them. Raises UsageError when one cannot be loaded or takes an id that another has.
    """
    own = [fault for room in (missing, numeric, written, texts, times, association, rows) for fault in room.faults()]
    return tuple(own) if not installed else tuple(_with_others(own))


def fault(id: str, **given: Any) -> Fault:  # noqa: A002 - the catalogue's own word
    """The fault of this id with these settings: `fault("nulls", share=0.3)`.

    Faults of other packages are looked up when none of this one has the id. Raises UsageError for an unknown id or
    setting and for a value that the setting does not take.
    """
    found = next((each for each in catalogue() if each.id == id), None)
    if found is None:
        everything = catalogue(installed=True)
        found = next((each for each in everything if each.id == id), None)
        if found is None:
            near = did_you_mean(id, [each.id for each in everything])
            raise UsageError(f'there is no fault "{id}"', hint=near or "mlscore.faults.catalogue() lists them")
    settings.check_names(type(found), given)
    return replace(found, **given)


def _with_others(own: list[Fault]) -> list[Fault]:
    # Reading the metadata of all installed packages takes longer than everything else here.
    from importlib.metadata import entry_points

    everything = list(own)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        for each in _loaded(entry):
            if any(each.id == known.id for known in everything):
                raise UsageError(f'the entry point "{entry.name}" ({entry.value}) brings a second fault "{each.id}"')
            everything.append(each)
    return everything


def _loaded(entry: EntryPoint) -> list[Fault]:
    place = f'the entry point "{entry.name}" ({entry.value}) of the group {GROUP}'
    try:
        found = entry.load()
    except Exception as error:
        raise UsageError(f"{place} cannot be loaded: {type(error).__name__}: {error}") from error
    several = found if isinstance(found, Iterable) and not isinstance(found, str) else (found,)
    faults = []
    for each in several:
        try:
            made = each() if isinstance(each, type) and issubclass(each, Fault) else each
        except TypeError as error:
            raise UsageError(f"{place} names a fault that cannot be made: {error}") from error
        if not isinstance(made, Fault):
            raise UsageError(f"{place} names {type(made).__name__}, not a mlscore.faults.Fault")
        faults.append(made)
    return faults
