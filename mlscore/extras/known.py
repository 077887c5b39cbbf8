"""The extras that have an environment of their own."""

from __future__ import annotations

from mlscore.errors import UsageError, did_you_mean
from mlscore.extras.shapes import Extra

EXTRAS = {
    extra.id: extra
    for extra in (
        Extra(
            id="deepchecks",
            title="deepchecks 0.19.1 with pandas 2, numpy 1 and scikit-learn 1.5: suites on data and models",
            pythons=("3.12", "3.11"),
            environ={
                # On import it would call its vendor, and leave an id in a file.
                "DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY": "1",
                # Its charts' library keeps a list of fonts, which takes seconds to make.
                "MPLCONFIGDIR": "{folder}/matplotlib",
                "MPLBACKEND": "agg",
            },
            probe="import deepchecks.tabular.suites, pyarrow.parquet",
            room=1_600,
        ),
    )
}
# What pip brings into our own environment, which people will ask for here as well.
OF_PIP = ("data", "spark", "postgres", "model", "onnx", "boosters", "mlflow", "all")


def find_extra(id_: str) -> Extra:
    """The extra of that id. Raises UsageError where there is none."""
    if id_ in EXTRAS:
        return EXTRAS[id_]
    if id_ in OF_PIP:
        raise UsageError(
            f'"{id_}" has no environment of its own: it lives in the one that mlscore is in',
            hint=f'pip install "ml-test-score[{id_}]"',
        )
    listed = f"there is {', '.join(EXTRAS)}"
    near = did_you_mean(id_, tuple(EXTRAS))
    raise UsageError(f'there is no extra environment "{id_}"', hint=f"{near} ({listed})" if near else listed)
