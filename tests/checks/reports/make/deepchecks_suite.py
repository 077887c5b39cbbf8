"""deepchecks: a suite of a few checks with conditions, as JSON. `python deepchecks_suite.py FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from deepchecks.tabular import Dataset, Suite
from deepchecks.tabular.checks import DatasetsSizeComparison, FeatureDrift, IsSingleValue, NewCategoryTrainTest
from frames import frames

earlier, later = frames()
folder = Path(sys.argv[1])
features = ["distance", "delay", "carrier"]
suite = Suite(
    "flights",
    IsSingleValue(columns=["carrier"]).add_condition_not_single_value(),
    FeatureDrift(columns=["distance", "carrier"]).add_condition_drift_score_less_than(),
    NewCategoryTrainTest().add_condition_new_categories_less_or_equal(0),
    DatasetsSizeComparison().add_condition_test_size_greater_or_equal(10_000),
)
sets = [Dataset(one[[*features, "late"]], label="late", cat_features=["carrier"]) for one in (earlier, later)]
result = suite.run(train_dataset=sets[0], test_dataset=sets[1])
(folder / "suite.json").write_text(
    json.dumps(json.loads(result.to_json(with_display=False)), indent=1), encoding="utf-8"
)
