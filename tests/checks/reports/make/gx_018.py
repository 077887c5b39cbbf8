"""Great Expectations 0.18: results of a validation and of a checkpoint. `python gx_018.py FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import great_expectations as gx
from frames import frames

_, later = frames()
folder = Path(sys.argv[1])
context = gx.get_context(mode="ephemeral")
asset = context.sources.add_pandas("memory").add_dataframe_asset("flights")
request = asset.build_batch_request(dataframe=later)
context.add_or_update_expectation_suite("flights")
validator = context.get_validator(batch_request=request, expectation_suite_name="flights")
validator.expect_table_row_count_to_be_between(min_value=100)
validator.expect_column_values_to_not_be_null("delay")
validator.expect_column_values_to_not_be_null("carrier")
validator.expect_column_mean_to_be_between("distance", max_value=1200)
validator.save_expectation_suite(discard_failed_expectations=False)
result = validator.validate(result_format="BASIC")
(folder / "validation.json").write_text(json.dumps(result.to_json_dict(), indent=1), encoding="utf-8")
store = {"name": "store_validation_result", "action": {"class_name": "StoreValidationResultAction"}}
checkpoint = context.add_or_update_checkpoint(
    name="daily", action_list=[store], validations=[{"batch_request": request, "expectation_suite_name": "flights"}]
)
done = checkpoint.run(result_format="BOOLEAN_ONLY")
(folder / "checkpoint.json").write_text(json.dumps(done.to_json_dict(), indent=1), encoding="utf-8")
