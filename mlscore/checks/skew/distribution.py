"""The comparison by distributions, where served examples cannot be recomputed: served features against training data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlscore.checks.drift.report import DriftReport
    from mlscore.tables.shapes import TableOptions


def check_skew_distribution(
    served: object,
    training: object,
    *,
    columns: Sequence[str] | None = None,
    time: str | None = None,
    false_alarms: float = 0.01,
    least_effect: float = 0.05,
    options: TableOptions | None = None,
    seed: int = 0,
) -> DriftReport:
    """Compare the distributions of served features with those of the training data, feature by feature.

    The drift check with the training data as its reference; its report says which features are distributed otherwise. It
    cannot tell skew (two code paths) from drift (another world), and does not see what leaves distributions as they are,
    such as a lagged join. Parameters and errors are those of `detect_drift`.
    """
    from mlscore.checks.drift.detect import detect_drift

    return detect_drift(
        training,
        served,
        time=time,
        columns=columns,
        false_alarms=false_alarms,
        least_effect=least_effect,
        options=options,
        seed=seed,
    )
