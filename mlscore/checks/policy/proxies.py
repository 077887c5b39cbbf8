"""Which features of a table stand in for what is protected: every pair of them, measured on one sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.checks.policy.associate import LEAST_ROWS, MOST_CLASSES, Association, associate, prepare
from mlscore.checks.policy.features import Feature

if TYPE_CHECKING:
    from mlscore.tables.table import Table

SAMPLE = 100_000
CELLS = 20_000_000  # of a very wide table fewer rows are drawn, so that they fit into memory
LEAST_SAMPLE = 2000
ALPHA = 0.01
MOSTLY = 0.5
MOST_ATTRIBUTES = 200  # values of a protected attribute that are told apart


@dataclass(frozen=True, slots=True)
class Proxies:
    """Every association that was measured, the strongest first, and what could not be judged, a line each."""

    rows: int
    associations: tuple[Association, ...]
    not_judged: tuple[str, ...] = ()


def find_proxies(
    table: Table,
    features: Sequence[Feature],
    protected: Sequence[str],
    *,
    sample: int = SAMPLE,
    seed: int = 0,
    alpha: float = ALPHA,
) -> Proxies:
    """Associations of features with protected attributes on at most `sample` rows of the table, fewer of a very wide one.

    `alpha` is the probability that any lower bound among all pairs lies too high. A feature is looked for under its own
    name and, from a feature store, as view__name; several features together are not looked at.
    Raises InputError when the table cannot be read.
    """
    kinds = {column.name: column.kind for column in table.columns}
    unknown = [f'proxies of "{name}": the table has no such column' for name in protected if name not in kinds]
    attributes = [name for name in protected if name in kinds]
    held: dict[str, str] = {}
    for feature in features:
        column = next((name for name in feature.names if name in kinds), None)
        if column is None:
            unknown.append(f'"{feature.name}" as a proxy: the table has no such column')
        elif column not in attributes:
            held[column] = feature.name
    if not attributes or not held:
        return Proxies(0, (), tuple(unknown))
    width = len(attributes) + len(held)
    drawn = table.sample(min(sample, max(LEAST_SAMPLE, CELLS // width)), seed, [*attributes, *held])
    if drawn.num_rows < LEAST_ROWS:
        unknown.append(f"proxies: {drawn.num_rows} rows are too few, {LEAST_ROWS} the least")
        return Proxies(drawn.num_rows, (), tuple(unknown))
    ready = {}
    for name in (*attributes, *held):
        most = MOST_CLASSES if name in held else MOST_ATTRIBUTES
        prepared = prepare(held.get(name, name), kinds[name], drawn.column(name), most)
        if prepared is None:
            unknown.append(f'"{name}" as a proxy: {kinds[name].value} values are not compared')
            continue
        ready[name] = prepared
        if prepared.ranks is None and prepared.merged > MOSTLY:
            unknown.append(
                f'"{held.get(name, name)}": {prepared.merged:.0%} of its values have fewer than {LEAST_ROWS} rows each, '
                "which count as one category"
            )
    pairs = [(ready[f], ready[a]) for f in held if f in ready for a in attributes if a in ready]
    share = alpha / max(1, 4 * len(pairs))  # up to four measures for each pair
    measured = [associate(feature, attribute, share) for feature, attribute in pairs]
    for (one, other), found in zip(pairs, measured, strict=True):
        if found is None:
            which = one if one.classes < 2 else other
            unknown.append(f'"{one.name}" as a proxy of "{other.name}": "{which.name}" never varies')
    there = [association for association in measured if association is not None]
    there.sort(key=lambda a: (-a.at_least, -a.effect, a.feature))
    return Proxies(drawn.num_rows, tuple(there), tuple(dict.fromkeys(unknown)))
