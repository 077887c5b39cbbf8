"""Writes the samples: results of deepchecks 0.19.1 on small tables with planted faults, and on tables without.

Run by the Python of its environment, with DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY set: `python -I make.py FOLDER`.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from deepchecks.tabular import Dataset, suites

ROWS = 200


def table(seed, planted):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": random.normal(size=ROWS), "b": random.exponential(size=ROWS)})
    frame["c"] = random.choice(["x", "y", "z"], ROWS)
    score = 2 * frame["a"] + (frame["c"] == "x")
    frame["y"] = (score + random.normal(0, 0.5, ROWS) > 0.3).astype(int)
    if planted:
        frame["leak"] = frame["y"] + random.normal(0, 0.01, ROWS)
        frame["b"] += 5 * (seed % 2)
        frame.loc[150:, :] = frame.loc[:49, :].to_numpy()
        frame = frame.astype({"a": float, "b": float, "leak": float, "y": int})
    return frame, 1 / (1 + np.exp(-4 * (score.to_numpy() - 0.3)))


def main(folder):
    warnings.simplefilter("ignore")
    for kind in ("planted", "clean"):
        (train, before), (test, after) = table(2, kind == "planted"), table(3, kind == "planted")
        test.index += ROWS
        data = [Dataset(one, label="y", cat_features=["c"], label_type="binary") for one in (train, test)]
        for name in ("data_integrity", "train_test_validation", "model_evaluation"):
            given = {}
            if name == "model_evaluation":
                given = {
                    "y_pred_train": (before > 0.5).astype(int),
                    "y_pred_test": (after > 0.5).astype(int),
                    "y_proba_train": np.c_[1 - before, before],
                    "y_proba_test": np.c_[1 - after, after],
                    "model_classes": [0, 1],
                }
            result = getattr(suites, name)().run(*data, with_display=False, **given)
            text = json.dumps(json.loads(result.to_json(with_display=False)))
            (folder / f"0.19.1-{kind}-{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
