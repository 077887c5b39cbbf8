"""Which features go together, and are judged together: each could stand in for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlscore.checks.policy.associate import Prepared, associate, prepare
from mlscore.errors import InputError
from mlscore.tables.shapes import Kind

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 3_000
MOST_CLASSES = 100


def group(
    rows: pa.Table, kinds: Mapping[str, Kind], features: Sequence[str], together: float, alpha: float = 0.01
) -> tuple[list[tuple[str, ...]], list[str]]:
    """The features in groups, each linked to another of its group by an association that is surely at least `together`.

    Also a line for each feature that cannot be compared. Binary and nested ones stand alone.
    """
    looked = rows.slice(0, ROWS)
    home = {name: name for name in features}
    ready: dict[str, Prepared] = {}
    lacking = []
    for name in features:
        made = prepare(name, kinds[name], looked.column(name), MOST_CLASSES)
        if made is None:
            lacking.append(f"{name}: {kinds[name].value} values are not compared with other features")
        else:
            ready[name] = made
    names = list(ready)
    pairs = max(1, len(names) * (len(names) - 1) // 2)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            if home[one] == home[other]:
                continue
            found = associate(ready[one], ready[other], alpha / pairs)
            if found is not None and found.at_least >= together:
                old, new = home[other], home[one]
                home = {name: new if at == old else at for name, at in home.items()}
    groups: dict[str, list[str]] = {}
    for name in features:
        groups.setdefault(home[name], []).append(name)
    return [tuple(each) for each in groups.values()], lacking


def declared(groups: Sequence[Sequence[str]], features: Sequence[str]) -> list[tuple[str, ...]]:
    """The given groups, and each other feature by itself. Raises InputError where they do not fit the features."""
    named = [name for each in groups for name in each]
    for name in named:
        if name not in features:
            raise InputError(f'a group names "{name}", which is no feature of the model')
        if named.count(name) > 1:
            raise InputError(f'"{name}" is in two groups', hint="name each feature once")
    rest = [(name,) for name in features if name not in named]
    return [*(tuple(each) for each in groups if each), *rest]
