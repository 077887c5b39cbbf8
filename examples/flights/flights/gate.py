"""The decision whether a candidate may serve: fixed limits for slow decay, the serving model for sudden drops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Limits:
    """The gate's limits; areas under the ROC curve unless named otherwise."""

    fewest_rows: int = 5_000
    roc_auc: float = 0.68
    over_simple: float = 0.01
    log_loss_gain: float = 0.02
    slice_roc_auc: float = 0.60
    drop: float = 0.01
    slice_drop: float = 0.05


SLICES = ("carrier", "origin")


def objections(
    candidate: Mapping[str, Any],
    simple: Mapping[str, float],
    serving: Mapping[str, Any] | None,
    limits: Limits | None = None,
) -> list[str]:
    """Return the reasons against a candidate; none means that it may serve.

    `candidate` and `serving` are reports of `flights.evaluate.report` on the same rows, `serving` that of the model
    now in service (None for the first); `simple` gives the ROC AUC of each simpler model on those rows.
    """
    limits = limits or Limits()
    overall = candidate["overall"]
    found = []
    if overall["rows"] < limits.fewest_rows:
        found.append(f"judged on {overall['rows']} flights, {limits.fewest_rows} needed")
    if not overall["roc_auc"] >= limits.roc_auc:
        found.append(f"ROC AUC {overall['roc_auc']:.3f} is below {limits.roc_auc}")
    gain = overall["log_loss_constant"] - overall["log_loss"]
    if not gain >= limits.log_loss_gain:
        found.append(f"log loss is {gain:.3f} better than a constant, {limits.log_loss_gain} needed")
    for name, value in simple.items():
        if not overall["roc_auc"] >= value + limits.over_simple:
            found.append(f"ROC AUC {overall['roc_auc']:.3f} is not {limits.over_simple} above {name} ({value:.3f})")
    for kind in SLICES:
        for value, figures in candidate[kind].items():
            if not figures["roc_auc"] >= limits.slice_roc_auc:
                found.append(f"{kind} {value}: ROC AUC {figures['roc_auc']:.3f} is below {limits.slice_roc_auc}")
    if serving is not None:
        found += _drops(candidate, serving, limits)
    return found


def _drops(candidate: Mapping[str, Any], serving: Mapping[str, Any], limits: Limits) -> list[str]:
    found = []
    before, after = serving["overall"]["roc_auc"], candidate["overall"]["roc_auc"]
    if not after >= before - limits.drop:
        found.append(f"ROC AUC fell from {before:.3f} to {after:.3f}, more than {limits.drop}")
    for kind in SLICES:
        for value, figures in serving[kind].items():
            after = candidate[kind].get(value, {"roc_auc": 0.0})["roc_auc"]
            if not after >= figures["roc_auc"] - limits.slice_drop:
                found.append(f"{kind} {value}: ROC AUC fell from {figures['roc_auc']:.3f} to {after:.3f}")
    return found
