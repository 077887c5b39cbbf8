"""TFDV: anomalies of later rows against a schema of earlier ones, as text. `python tfdv_anomalies.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import tensorflow_data_validation as tfdv
from frames import frames

earlier, later = frames()
folder = Path(sys.argv[1])
before = tfdv.generate_statistics_from_dataframe(earlier)
after = tfdv.generate_statistics_from_dataframe(later.assign(carrier=later["carrier"].replace("UA", "XX")))
schema = tfdv.infer_schema(before)
tfdv.get_feature(schema, "distance").drift_comparator.jensen_shannon_divergence.threshold = 0.1
tfdv.get_feature(schema, "carrier").drift_comparator.infinity_norm.threshold = 0.9
anomalies = tfdv.validate_statistics(after, schema, previous_statistics=before)
tfdv.write_anomalies_text(anomalies, str(folder / "anomalies.pbtxt"))
healthy = tfdv.validate_statistics(before, schema, previous_statistics=before)
tfdv.write_anomalies_text(healthy, str(folder / "healthy.pbtxt"))
