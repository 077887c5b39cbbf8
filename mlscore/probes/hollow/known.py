"""What is known of other people's libraries: which calls assert, which libraries never do, which names promise a check."""

from __future__ import annotations

import re
import sys
from functools import cache

# Exact dotted names whose call fails when something is wrong, with the exception class of the failure.
ASSERTING = {
    "pytest.fail": "Failed",
    "pytest.raises": "Failed",
    "pytest.warns": "Failed",
    "pytest.deprecated_call": "Failed",
    "pytest.RaisesGroup": "Failed",
    "subprocess.check_call": "CalledProcessError",
    "subprocess.check_output": "CalledProcessError",
    "jsonschema.validate": "ValidationError",
    "sklearn.utils.estimator_checks.check_estimator": "AssertionError",
    "torch.autograd.gradcheck": "RuntimeError",
    "torch.autograd.gradgradcheck": "RuntimeError",
    "jax.test_util.check_grads": "AssertionError",
    "hypothesis.stateful.run_state_machine_as_test": "AssertionError",
    "py_compile.compile": "PyCompileError",
    "hamcrest.assert_that": "AssertionError",
    "playwright.sync_api.expect": "AssertionError",
    "playwright.async_api.expect": "AssertionError",
    "testfixtures.compare": "AssertionError",
    "nose.tools.eq_": "AssertionError",
    "nose.tools.ok_": "AssertionError",
    "matplotlib.testing.compare.compare_images": "AssertionError",
}
# Libraries of which every call is an assertion.
ASSERTING_ROOTS = frozenset({"pytest_check", "chispa", "robber", "sure"})
# Decorators that make a test check something, whatever its body does.
ASSERTING_DECORATORS = frozenset(
    {
        "sklearn.utils.estimator_checks.parametrize_with_checks",
        "matplotlib.testing.decorators.image_comparison", "matplotlib.testing.decorators.check_figures_equal",
        "pytest.mark.mpl_image_compare", "pytest.mark.limit_memory", "pytest.mark.limit_leaks",
        "pytest.mark.filterwarnings", "pytest.mark.timeout", "timeout_decorator.timeout", "pytest_bdd.scenario",
    }
)  # fmt: skip
ASSERTING_METHODS = {
    "raise_for_status": "HTTPError",
    "check_returncode": "CalledProcessError",
    "fnmatch_lines": "Failed",
    "re_match_lines": "Failed",
    "no_fnmatch_line": "Failed",
    "no_re_match_line": "Failed",
    "fail": "AssertionError",
    "failIf": "AssertionError",
    "failUnless": "AssertionError",
    "failUnlessEqual": "AssertionError",
    "should_equal": "AssertionError",
}
PANDERA_ROOTS = frozenset({"pandera"})
PANDERA_DECORATORS = frozenset({"check_types", "check_io", "check_input", "check_output"})
MOCK_CLASSES = frozenset(
    {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock", "create_autospec"}
)
# A mock knows these alone by that prefix; another `assert...` raises AttributeError.
MOCK_ASSERTIONS = frozenset(
    {
        "assert_called", "assert_called_once", "assert_called_with", "assert_called_once_with", "assert_any_call",
        "assert_has_calls", "assert_not_called", "assert_awaited", "assert_awaited_once", "assert_awaited_with",
        "assert_awaited_once_with", "assert_any_await", "assert_has_awaits", "assert_not_awaited",
    }
)  # fmt: skip
# On a mock these answer with another mock, which is true, or with nothing at all.
MOCK_NON_ASSERTIONS = frozenset(
    {"called_once", "called_once_with", "called_with", "has_calls", "not_called", "any_call", "has_been_called"}
)

# Their `validate` and `expect_…` answer with a result to be read and never raise.
RESULT_ROOTS = frozenset(
    {
        "great_expectations", "deepchecks", "evidently", "whylogs", "tensorflow_data_validation", "pytorch_lightning",
        "lightning", "ultralytics", "nannyml", "ydata_profiling", "pandas_profiling",
    }
)  # fmt: skip
# Third-party libraries that do their work and assert nothing in passing.
SILENT_ROOTS = RESULT_ROOTS | frozenset(
    {
        "numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn", "torch", "torchvision", "torchaudio",
        "torchmetrics", "tensorflow", "tensorflow_hub", "tensorflow_datasets", "keras", "jax", "flax", "optax", "xgboost",
        "lightgbm", "catboost", "statsmodels", "prophet", "transformers", "datasets", "evaluate", "tokenizers",
        "sentence_transformers", "accelerate", "peft", "spacy", "nltk", "gensim", "cv2", "PIL", "skimage", "imageio",
        "matplotlib", "seaborn", "plotly", "bokeh", "altair", "shap", "lime", "eli5", "optuna", "hyperopt", "ray", "dask",
        "pyspark", "duckdb", "sqlalchemy", "psycopg2", "psycopg", "pymongo", "redis", "boto3", "botocore", "google",
        "azure", "mlflow", "wandb", "neptune", "comet_ml", "dvc", "joblib", "cloudpickle", "dill", "yaml", "toml",
        "tomlkit", "requests", "httpx", "aiohttp", "flask", "fastapi", "starlette", "django", "streamlit", "gradio",
        "uvicorn", "click", "typer", "rich", "tqdm", "loguru", "structlog", "prometheus_client", "kafka", "airflow",
        "prefect", "dagster", "kfp", "zenml", "metaflow", "hydra", "omegaconf", "dotenv", "pydantic", "attr", "attrs",
        "pytest", "hypothesis", "mock", "pytest_mock", "freezegun", "responses", "respx", "moto", "vcr", "faker",
        "factory", "networkx", "numba", "psutil", "memory_profiler", "imblearn", "category_encoders", "feature_engine",
        "featuretools", "tsfresh", "geopandas", "shapely", "openai", "anthropic", "langchain", "onnx", "onnxruntime",
        "skops", "fairlearn", "aif360", "h5py", "zarr", "xarray", "pandera", "surprise", "implicit", "umap", "ibis",
        "narwhals", "sqlglot", "nbformat", "bs4", "lxml", "selenium", "playwright", "syrupy", "pytz",
        "dateutil", "tabulate", "openpyxl", "fsspec", "s3fs", "gcsfs", "git", "libcst", "anyio", "trio",
    }
)  # fmt: skip
# Words of a result-less check that belong to well-known functions which check nothing.
NOT_CHECKS = frozenset(
    {
        "cross_validate", "check_random_state", "check_cv", "validation_curve", "validation_step", "assert_type",
        "expectation", "checkpoint", "checkout", "check_pickle", "inspect_module", "test_client", "test_step",
    }
)  # fmt: skip
CHECK_WORDS = frozenset(
    {
        "assert", "asserts", "assertion", "assertions", "check", "checks", "checker", "checking", "verify", "verifies",
        "validate",
        "validates", "validation", "validator", "expect", "expects", "expectation", "expectations", "ensure", "ensures",
        "should", "must", "require", "requires", "confirm", "confirms", "raise", "raises", "fail", "fails", "enforce",
    }
)  # fmt: skip
LEADING_CHECK_WORDS = frozenset(
    {"assert", "check", "checks", "verify", "validate", "expect", "ensure", "should", "must", "require", "enforce"}
)

# Fixtures of plugins that compare, or count, when the test is over.
CHECKING_FIXTURES = frozenset({"regtest", "snapshot", "regtest_redirect", "httpx_mock", "respx_mock"})
# Calls that make numerical trouble, a slow call or a failing example raise.
TURNING_TROUBLE_INTO_ERRORS = frozenset(
    {
        "torch.autograd.detect_anomaly", "torch.autograd.set_detect_anomaly", "torch.use_deterministic_algorithms",
        "jax.debug_nans", "jax.checking_leaks", "tensorflow.debugging.enable_check_numerics", "asyncio.timeout",
        "asyncio.wait_for", "doctest.DebugRunner", "async_timeout.timeout", "anyio.fail_after", "trio.fail_after",
    }
)  # fmt: skip
# Running a script or a notebook: what it asserts stands where this analysis does not look.
RUNNERS = frozenset({"runpy.run_path", "runpy.run_module"})
# What models do when they are asked: none of it checks anything.
ESTIMATOR_VERBS = frozenset(
    {
        "fit", "predict", "predict_proba", "transform", "fit_transform", "fit_predict", "partial_fit", "score", "forward",
        "evaluate", "decision_function", "train",
    }
)  # fmt: skip
# Methods that code under test calls on objects handed to it.
CALLED_BACK = ESTIMATOR_VERBS | {
    "call", "update", "send", "write", "log", "emit", "step", "notify", "handle", "run", "publish", "save", "load", "read",
    "get", "post", "put", "execute", "query",
}  # fmt: skip

# Fixtures of pytest and of common plugins which assert nothing by themselves.
SILENT_FIXTURES = frozenset(
    {
        "request", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "monkeypatch", "capsys", "capfd",
        "caplog", "recwarn", "mocker", "pytestconfig", "cache", "event_loop", "client", "app", "test_client", "db",
        "session", "spark", "spark_session", "runner", "cli_runner", "fs", "faker", "requests_mock",
        "record_property", "doctest_namespace", "class_mocker", "module_mocker", "session_mocker", "async_client",
        "capsysbinary", "live_server", "settings", "rf", "admin_client", "postgresql", "mlscore_evidence", "subtests",
    }
)  # fmt: skip
INERT_DECORATOR_ROOTS = (
    SILENT_ROOTS | frozenset({"parameterized", "ddt", "flaky", "allure", "aioresponses", "time_machine", "pytest_cases"})
    | frozenset({"unittest", "contextlib", "functools", "asyncio", "typing", "warnings", "abc"})
)  # fmt: skip

# Answers nobody reads by accident: the last part of a call's name, whose result alone tells whether it went well.
BOOLEAN_CALLS = frozenset(
    {
        "allclose", "array_equal", "array_equiv", "isclose", "equals", "equal", "isfinite", "isnan", "is_file", "exists",
        "is_dir", "issubset", "issuperset", "isdisjoint", "startswith", "endswith", "isinstance", "issubclass", "hasattr",
        "callable", "any", "all", "is_fitted", "identical",
    }
)  # fmt: skip
# The same, referenced without parentheses: the method itself is always true.
METHODS_ALONE = frozenset(
    {"all", "any", "equals", "issubset", "issuperset", "isdisjoint", "startswith", "endswith", "isna", "isnull",
     "notna", "notnull", "tolist", "to_list", "is_file", "is_dir"}
)  # fmt: skip
EXIT_CODE_CALLS = frozenset({"subprocess.run", "subprocess.call", "subprocess.Popen", "os.system", "pytest.main",
                             "doctest.testmod", "doctest.testfile", "os.popen"})  # fmt: skip
HTTP_ROOTS = frozenset({"requests", "httpx"})
HTTP_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})

# Methods and attributes of literals, arrays and frames. Others may be accessors that the project has registered.
DATA_METHODS = frozenset(
    {
        "T", "abs", "add", "add_suffix", "agg", "aggregate", "all", "any", "append", "apply", "argmax", "argmin",
        "argsort", "array", "assign", "astype", "at", "base", "between", "bfill", "capitalize", "cat", "ceil",
        "choice", "clip", "columns", "combine", "concat", "contains", "copy", "corr", "count", "cov", "cummax",
        "cummin", "cumprod", "cumsum", "date", "day", "dayofweek", "days", "describe", "diag", "diff", "difference",
        "div", "dot", "drop", "drop_duplicates", "dropna", "dt", "dtype", "dtypes", "duplicated", "empty", "encode",
        "endswith", "eq", "equals", "expanding", "explode", "extend", "ffill", "fill", "fillna", "filter", "flat",
        "flatten", "floor", "format", "ge", "get", "groupby", "gt", "head", "hour", "iat", "idxmax", "idxmin", "iloc",
        "imag", "index", "insert", "integers", "intersection", "is_monotonic_decreasing", "is_monotonic_increasing",
        "is_unique", "isdigit", "isin", "isna", "isnull", "issubset", "issuperset", "item", "items", "itemsize",
        "iterrows", "itertuples", "join", "keys", "kurt", "le", "len", "level", "loc", "lower", "lstrip", "lt", "map",
        "mask", "max", "mean", "median", "melt", "memory_usage", "merge", "min", "minute", "mode", "month", "mul",
        "name", "names", "nbytes", "ndim", "ne", "nlargest", "nonzero", "normal", "notna", "notnull", "nsmallest",
        "nunique", "pct_change", "permutation", "pivot", "pivot_table", "pop", "prod", "quantile", "random", "rank",
        "ravel", "real", "reindex", "remove", "rename", "repeat", "replace", "resample", "reset_index", "reshape",
        "resize", "rolling", "round", "sample", "searchsorted", "second", "select_dtypes", "sem", "set_index",
        "setdefault", "shape", "shift", "shuffle", "size", "skew", "sort", "sort_index", "sort_values", "split",
        "squeeze", "stack", "standard_normal", "startswith", "std", "str", "strip", "sub", "sum", "swapaxes", "tail",
        "take", "title", "to_dict", "to_list", "to_numpy", "tolist", "total_seconds", "transform", "transpose",
        "uniform", "union", "unique", "unstack", "update", "upper", "value_counts", "values", "var", "view",
        "weekday", "where", "year", "zfill",
    }
)  # fmt: skip

_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@cache
def words(name: str) -> tuple[str, ...]:
    """A name's words in lower case: `assert_sameRows` is assert, same, rows."""
    return tuple(word.lower() for word in _SPLIT.findall(name))


@cache
def promises(name: str) -> bool:
    """Whether a function of this name plausibly checks something, wherever the word stands."""
    return name not in NOT_CHECKS and not CHECK_WORDS.isdisjoint(words(name))


@cache
def promises_first(name: str) -> bool:
    """Whether the name begins with a check word, as an imperative: `validate`, `check_grads`, `assertEqual`."""
    found = words(name)
    return name not in NOT_CHECKS and bool(found) and found[0] in LEADING_CHECK_WORDS


def is_silent(root: str) -> bool:
    """Whether the library of this top-level name is known to assert nothing in passing."""
    return root in SILENT_ROOTS or root in sys.stdlib_module_names
