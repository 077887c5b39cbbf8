"""How far one column tells another: measures from 0 to 1, each with what chance alone cannot explain of it.

Every measure belongs to a statistic X that is distributed as chi-square with d degrees of freedom when the columns are
independent, and whose square root is proportional to the measure. So one correction and one bound serve them all: chance
contributes d on average, and the least value that the data allow comes from the non-central chi-square distribution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from mlscore.tables.shapes import Kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Codes = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

BINS = 10  # quantile bins of a column with an order
FEW = 20  # numbers with no more distinct values are told apart one by one
LEAST_ROWS = 10  # values with fewer rows are one category together
MOST_CLASSES = 5000
CLEARLY = 0.05


class Measure(StrEnum):
    """What kind of figure an association is."""

    RANK = "rank correlation"
    CRAMER = "Cramér's V"
    RATIO = "correlation ratio"
    AUC = "AUC"


@dataclass(frozen=True, slots=True)
class Association:
    """How far `feature` tells `attribute`.

    `effect` is from 0 to 1, with the part that chance explains on average taken off; `at_least` is its lower bound at
    the confidence asked for. `rows` were looked at. `auc`, where there is one, is the share of pairs of rows that the
    order puts right (0.5 for none, never below).
    """

    feature: str
    attribute: str
    measure: Measure
    effect: float
    at_least: float
    rows: int
    auc: float | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A column made ready: a category for each row (missing is one of its own), and ranks where it has an order.

    `present` says where there is a value; `ranks` are NaN where there is none. `merged` is the share of the rows whose
    value was too rare to stand alone.
    """

    name: str
    codes: Codes
    classes: int
    present: Flags
    ranks: Numbers | None
    merged: float = 0.0


def prepare(name: str, kind: Kind, column: Any, most: int = MOST_CLASSES) -> Prepared | None:
    """Make a pyarrow column ready, with about `most` categories; None for binary and nested ones, which are not judged."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind in (Kind.BINARY, Kind.NESTED):
        return None
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if not kind.ordered:
        texts = array if pa.types.is_string(array.type) else array.cast(pa.string())
        coded = texts.dictionary_encode()
        raw = np.asarray(pc.fill_null(coded.indices, -1), dtype=np.int64)
        codes, classes, merged = _common(raw, most)
        return Prepared(name, codes, classes, raw >= 0, None, merged)
    numbers = _as_numbers(array)
    there = np.isfinite(numbers)
    values = np.unique(numbers[there])
    if len(values) <= FEW:
        raw = np.searchsorted(values, numbers)
    else:
        edges = np.unique(np.quantile(numbers[there], np.linspace(0, 1, BINS + 1)[1:-1]))
        raw = np.searchsorted(edges, numbers, side="left")
    codes, classes, merged = _common(np.where(there, raw, -1).astype(np.int64), most)
    ranks = np.full(len(numbers), np.nan)
    ranks[there] = _ranks(numbers[there])
    return Prepared(name, codes, classes, there, ranks, merged)


def associate(feature: Prepared, attribute: Prepared, alpha: float) -> Association | None:
    """How far the feature tells the attribute, its lower bound at error `alpha`; None when either never varies.

    Rows without the attribute are left out; a missing feature may tell something and stays.

    Categories: Cramér's V with Bergsma's correction (doi:10.1016/j.jkss.2012.10.002), also between quantile bins of
    columns with an order. Two orders: Spearman's rank correlation. One order: the AUC, as |2 AUC - 1|, with two
    categories, else the correlation ratio of the ranks (the effect size of Kruskal and Wallis).
    """
    feature, attribute = _where(feature, attribute.present), _where(attribute, attribute.present)
    found: list[Association | None] = []
    if feature.ranks is not None and attribute.ranks is not None:
        found.append(_spearman(feature, attribute, alpha))
    if feature.ranks is not None:
        found.append(_ratio(feature, attribute, feature.ranks, attribute.codes, attribute.classes, alpha))
    if attribute.ranks is not None:
        found.append(_ratio(feature, attribute, attribute.ranks, feature.codes, feature.classes, alpha))
    found.append(_cramer(feature, attribute, alpha))
    # The figure that suits the kinds stands, unless another shows clearly more: a relation that is not monotone.
    best: Association | None = None
    for one in found:
        if one is not None and (best is None or one.at_least > best.at_least + CLEARLY):
            best = one
    return best


def lower_bound(statistic: float, freedom: int, alpha: float) -> float:
    """The least non-centrality that lets chi-square exceed `statistic` with probability `alpha`; 0 when chance does.

    By Sankaran's cube-root approximation (doi:10.1093/biomet/50.1-2.199), solved by halving; good to a few per cent.
    """
    if statistic <= freedom:
        return 0.0
    z = NormalDist().inv_cdf(1 - alpha)
    low, high = 0.0, statistic
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _sankaran(statistic, freedom, middle) > z else (low, middle)
    return low


def _sankaran(x: float, freedom: int, noncentral: float) -> float:
    """The normal deviate that x is of a non-central chi-square."""
    mean, spread, skew = freedom + noncentral, freedom + 2 * noncentral, freedom + 3 * noncentral
    h = 1 - 2 * mean * skew / (3 * spread**2)
    p, m = spread / mean**2, (h - 1) * (1 - 3 * h)
    centre = 1 + h * p * (h - 1 - (2 - h) * m * p / 2)
    scale = abs(h) * (2 * p) ** 0.5 * (1 + m * p / 2)
    deviate = ((x / mean) ** h - centre) / scale
    return float(deviate if h > 0 else -deviate)


def _made(
    feature: Prepared, attribute: Prepared, measure: Measure, raw: float, x: float, freedom: int, rows: int,
    alpha: float, auc: float | None = None, chance: float | None = None,
) -> Association:  # fmt: skip
    expected = freedom if chance is None else chance
    corrected = raw * (max(0.0, x - expected) / x) ** 0.5 if x > 0 else 0.0
    bound = raw * (lower_bound(x, freedom, alpha) / x) ** 0.5 if x > 0 else 0.0
    effect = min(1.0, corrected)
    return Association(feature.name, attribute.name, measure, effect, min(bound, effect), rows, auc)


def _cramer(feature: Prepared, attribute: Prepared, alpha: float) -> Association | None:
    import numpy as np

    k, r, rows = feature.classes, attribute.classes, len(feature.codes)
    if k < 2 or r < 2:
        return None
    table = np.bincount(feature.codes * r + attribute.codes, minlength=k * r).reshape(k, r).astype(float)
    expected = np.outer(table.sum(1), table.sum(0)) / rows
    x, freedom = float(((table - expected) ** 2 / expected).sum()), (k - 1) * (r - 1)
    # The number of classes that chance leaves is a little smaller; so a perfect association is 1 in small samples too.
    least = min(k - (k - 1) ** 2 / (rows - 1), r - (r - 1) ** 2 / (rows - 1)) - 1
    raw = (x / rows / least) ** 0.5 if least > 0 else 0.0
    chance = freedom * rows / (rows - 1)
    return _made(feature, attribute, Measure.CRAMER, raw, x, freedom, rows, alpha, chance=chance)


def _spearman(feature: Prepared, attribute: Prepared, alpha: float) -> Association | None:
    import numpy as np

    assert feature.ranks is not None
    assert attribute.ranks is not None
    both = ~(np.isnan(feature.ranks) | np.isnan(attribute.ranks))
    a, b = feature.ranks[both], attribute.ranks[both]
    if len(a) < LEAST_ROWS or a.std() == 0 or b.std() == 0:
        return None
    raw = min(1.0, abs(float(np.corrcoef(a, b)[0, 1])))
    return _made(feature, attribute, Measure.RANK, raw, (len(a) - 1) * raw**2, 1, len(a), alpha)


def _ratio(
    feature: Prepared, attribute: Prepared, ranks: Numbers, codes: Codes, classes: int, alpha: float
) -> Association | None:
    import numpy as np

    there = ~np.isnan(ranks)
    values, groups = ranks[there], codes[there]
    sizes = np.bincount(groups, minlength=classes).astype(float)
    used = sizes > 0
    if used.sum() < 2 or values.std() == 0:
        return None
    means = np.bincount(groups, weights=values, minlength=classes)[used] / sizes[used]
    between = float((sizes[used] * (means - values.mean()) ** 2).sum())
    raw = min(1.0, between / float(((values - values.mean()) ** 2).sum())) ** 0.5
    rows, freedom = len(values), int(used.sum()) - 1
    x = (rows - 1) * raw**2
    if freedom > 1:
        return _made(feature, attribute, Measure.RATIO, raw, x, freedom, rows, alpha)
    auc = 0.5 + abs(float(means[0] - means[1])) / rows
    return _made(feature, attribute, Measure.AUC, 2 * auc - 1, x, 1, rows, alpha, auc)


def _where(column: Prepared, rows: Flags) -> Prepared:
    """The column on some of its rows."""
    import numpy as np

    if rows.all():
        return column
    present, codes = np.unique(column.codes[rows], return_inverse=True)
    ranks = column.ranks
    if ranks is not None:
        ranks = ranks[rows]
        there = ~np.isnan(ranks)
        ranks[there] = _ranks(ranks[there])
    return replace(
        column, codes=codes.astype(np.int64), classes=len(present), present=column.present[rows], ranks=ranks
    )


def _common(raw: Codes, most: int) -> tuple[Codes, int, float]:
    """Categories numbered from 0, the rare ones (and those beyond the most) as one; missing (-1) is one of its own."""
    import numpy as np

    values, inverse, sizes = np.unique(raw, return_inverse=True, return_counts=True)
    keep = (sizes >= LEAST_ROWS) | (values == -1)
    if keep.sum() > most:
        keep &= sizes >= np.sort(sizes[keep])[-most]
    merged = float(sizes[~keep].sum() / max(1, len(raw)))
    numbers = np.where(keep, np.cumsum(keep) - 1, int(keep.sum()))
    codes = numbers[inverse].astype(np.int64)
    present, codes = np.unique(codes, return_inverse=True)
    return codes.astype(np.int64), len(present), merged


def _ranks(values: Numbers) -> Numbers:
    """Ranks from 1, equal values sharing the mean of theirs."""
    import numpy as np

    _, inverse, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    return np.asarray((last - (sizes - 1) / 2)[inverse], dtype=np.float64)


def _as_numbers(array: Any) -> Numbers:
    """Numbers as they are, dates and times as counts of their unit; missing is NaN."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_temporal(array.type):
        array = array.cast(pa.int32() if array.type.bit_width == 32 else pa.int64())
    if pa.types.is_decimal(array.type) or pa.types.is_integer(array.type):
        array = pc.cast(array, pa.float64(), safe=False)
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.float64)
