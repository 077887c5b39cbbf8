"""The same batches in a fresh process: what hangs on the order of a set, on hashes or on what ran before comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlscore.checks.feature_code.batches import Batch, counterexample
from mlscore.checks.feature_code.forms import Feature
from mlscore.checks.feature_code.look import Look, Settings
from mlscore.checks.feature_code.outputs import Output, difference
from mlscore.checks.feature_code.report import Property, Violation
from mlscore.checks.feature_code.rules import ColumnRule

WORDS = ("in one process", "in another")


def compare(
    feature: Feature, rules: Sequence[ColumnRule], settings: Settings, probes: Sequence[tuple[Batch, Output]]
) -> Violation | None:
    """The violation that the smallest batch shows whose features are others here than where `probes` come from."""
    look = Look(feature, tuple(rules), settings, frozenset({Property.SELF_CONTAINED}))
    found: list[tuple[int, Any]] = []
    for batch, output in sorted(probes, key=lambda one: one[0].rows):
        here = look.output(batch.frame(rules))
        if here is None:
            found.append((batch.rows, (batch, "it fails in another process", "")))
            continue
        apart = difference(output, here, settings.tolerance, WORDS)
        if apart is not None:
            found.append((batch.rows, (batch, apart.says, apart.values)))
    if not found:
        return None
    batch, says, values = found[0][1]
    shown = f"{says}: {values}" if values and not batch.tainted else says
    return Violation(Property.FRESH, shown, counterexample(batch, rules, batch.tainted), len(found))
