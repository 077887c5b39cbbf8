"""MLflow: `evaluate` of a table of predictions, its metrics as JSON, and the run in a file store. `python ... FOLDER`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

# The file store is in maintenance; what teams have written in it stays.
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import mlflow
from frames import frames
from mlflow.store.artifact import artifact_repository_registry
from mlflow.store.artifact.artifact_repo import ArtifactRepository


class Dropped(ArtifactRepository):
    """Artifacts go nowhere, so that the run's record names no folder of the machine."""

    def log_artifact(self, local_file, artifact_path=None):
        """Drop it."""

    def log_artifacts(self, local_dir, artifact_path=None):
        """Drop them."""

    def list_artifacts(self, path):
        """There are none."""
        return []


artifact_repository_registry._artifact_repository_registry.register("dropped", Dropped)
os.environ["LOGNAME"] = "ml-platform"

# The run is tagged with the script's name, which would be a path, and with the commit of the folder it runs in.
sys.argv[0] = "flights.py"
earlier, _ = frames()
folder = Path(sys.argv[1]).resolve()
with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    mlflow.set_tracking_uri(Path("store").resolve().as_uri())
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("flights", artifact_location="dropped://artifacts"))
    with mlflow.start_run(run_name="evaluate") as run:
        evaluated = mlflow.models.evaluate(
            data=earlier[["distance", "late", "predicted"]],
            targets="late",
            predictions="predicted",
            model_type="classifier",
            evaluator_config={"log_explainer": False},
        )
        (folder / "metrics.json").write_text(json.dumps(evaluated.metrics, default=float, indent=1), encoding="utf-8")
        evaluated.save("saved")
    shutil.copyfile("saved/metrics.json", folder / "saved-metrics.json")
    (experiment,) = (path.parent.parent for path in Path("store").glob("*/*/meta.yaml"))
    target = folder / "store" / experiment.name
    shutil.rmtree(folder / "store", ignore_errors=True)
    for kept in ("meta.yaml", *(f"{run.info.run_id}/{part}" for part in ("meta.yaml", "metrics", "tags"))):
        source = experiment / kept
        if source.is_dir():
            shutil.copytree(source, target / kept)
        else:
            (target / kept).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / kept)
