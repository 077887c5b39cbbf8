"""Great Expectations 1.x: results of a validation and of a checkpoint. `python gx_1.py FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe
from frames import frames

# What was raised is kept without the frames of its traceback: these name folders of the machine.
sys.tracebacklimit = 0
_, later = frames()
folder = Path(sys.argv[1])
context = gx.get_context(mode="ephemeral")
batch = (
    context.data_sources.add_pandas("memory").add_dataframe_asset("flights").add_batch_definition_whole_dataframe("all")
)
suite = context.suites.add(
    gx.ExpectationSuite(
        name="flights",
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(min_value=100),
            gxe.ExpectColumnValuesToNotBeNull(column="delay"),
            gxe.ExpectColumnValuesToNotBeNull(column="carrier"),
            gxe.ExpectColumnMeanToBeBetween(column="distance", max_value=1200, severity="warning"),
            gxe.ExpectColumnValuesToBeInSet(column="none-such", value_set=["a"]),
        ],
    )
)
definition = context.validation_definitions.add(gx.ValidationDefinition(name="later", data=batch, suite=suite))
result = definition.run(batch_parameters={"dataframe": later}, result_format="BASIC")
(folder / "validation.json").write_text(json.dumps(result.to_json_dict(), indent=1), encoding="utf-8")
checkpoint = context.checkpoints.add(
    gx.Checkpoint(name="daily", validation_definitions=[definition], result_format="BOOLEAN_ONLY")
)
done = checkpoint.run(batch_parameters={"dataframe": later})
(folder / "checkpoint.json").write_text(done.describe(), encoding="utf-8")
