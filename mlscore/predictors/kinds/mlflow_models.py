"""MLflow models that are Python functions, which MLflow itself loads; only from folders whose digest is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.errors import InputError
from mlscore.predictors.extras import need
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.kinds.pickled import check_trust
from mlscore.predictors.sources import digest_of

if TYPE_CHECKING:
    import pyarrow as pa


def open_model(spec: Spec) -> Opened:
    """The python_function of a folder. Raises UsageError unless it is trusted, and InputError when it does not load."""
    folder = Path(spec.name)
    check_trust(digest_of(folder), spec.digests, folder.name)
    pyfunc = need("mlflow.pyfunc", "mlflow")
    try:
        model = pyfunc.load_model(str(folder))
    except (Exception, SystemExit) as error:
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{folder.name} cannot be loaded ({type(error).__name__}: {words})") from None
    schema = model.metadata.get_input_schema()
    names = tuple(schema.input_names()) if schema is not None and schema.has_input_names() else ()

    def answer(rows: pa.Table) -> object:
        return model.predict(rows.to_pandas())

    return Opened(answer=answer, features=names, packages=("mlflow-skinny", "numpy", "pandas"))
