"""Models that MLflow keeps, by URI: brought into a folder by MLflow in a process of its own, with what its run noted."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore.errors import InputError, UsageError
from mlscore.predictors.process import environment_of
from mlscore.project.redact import redact

SCHEMES = ("models:/", "runs:/", "mlflow-artifacts:/")
_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Brought:
    """Where the model is, and the commit and data that its run noted."""

    folder: Path
    commit: str | None
    data_digest: str | None


def bring(uri: str, into: Path, root: Path, where: object | None) -> Brought:
    """Bring the model of a URI such as `models:/flights/3` into the folder `into`.

    Which server is asked, MLFLOW_TRACKING_URI and MLFLOW_REGISTRY_URI say. Raises UsageError when MLflow is not
    installed, and InputError when there is no such model or no answer.
    """
    if importlib.util.find_spec("mlflow") is None:
        raise UsageError(
            "mlflow is not installed, which this model needs", where=where, hint='pip install "ml-test-score[mlflow]"'
        )
    told = into / "told.json"
    command = [sys.executable, "-m", __name__, uri, str(into / "model"), str(told)]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment_of(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_MINUTES * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{redact(uri)} was not brought within {_MINUTES} minutes", where=where) from None
    if not told.exists():
        words = done.stderr.strip().splitlines()[-1:] or ["MLflow gave no reason"]
        raise InputError(
            f"MLflow does not find {redact(uri)} ({redact(' '.join(words[0].split()))[:300]})",
            where=where,
            hint="check the name and version, and MLFLOW_TRACKING_URI",
        )
    found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return Brought(Path(found["folder"]), found["commit"], found["data_digest"])


def main(uri: str, into: str, told: str) -> None:
    """In the process: bring the model, and write down where it is and what its run noted."""
    from mlscore.predictors.extras import need

    mlflow = need("mlflow", "mlflow")
    Path(into).mkdir()
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=into))
    run_id = mlflow.models.get_model_info(str(folder)).run_id
    commit, data = None, None
    if run_id:
        run = mlflow.MlflowClient().get_run(run_id)
        commit = run.data.tags.get("mlflow.source.git.commit")
        digests = [one.dataset.digest for one in run.inputs.dataset_inputs]
        data = digests[0] if digests else None
    Path(told).write_text(json.dumps({"folder": str(folder), "commit": commit, "data_digest": data}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
