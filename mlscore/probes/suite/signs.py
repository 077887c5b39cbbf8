"""The signs that the rules about items look for: the field's words, and questions about one test's facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlscore.core.placement_words import words_of
from mlscore.probes.suite.claims import Call, Claim, stems
from mlscore.probes.suite.facts import Facts, brings_data
from mlscore.probes.suite.vocabulary import (
    DATA,
    LIMIT,
    LOOSE_METRIC,
    MEMORY,
    METRIC,
    MODEL,
    PREDICTION,
    TIME,
    vocabulary,
)

READS = (
    "read_csv", "read_parquet", "read_json", "read_table", "read_excel", "read_sql", "read_feather", "load_dataset",
    "load_data", "scan_parquet", "scan_csv", "load", "read_data", "get_data", "fetch_data", "from_csv", "load_raw_data",
    "read_pickle", "read_query", "read_delta", "table", "cargar_datos", "load_raw", "load_training_data",
)  # fmt: skip
_MOCKS = frozenset({"Mock", "MagicMock", "AsyncMock", "create_autospec", "PropertyMock", "patch", "NonCallableMock"})
_TRAIN = vocabulary("train fit retrain entrenar ajustar finetune training")
_NOT_TRAIN = vocabulary(
    "load get read path split data set save dir config parse arg transform dataset loader file param test val "
    "create make prepare log plot curve schema build validate check resampler step frame sample row table"
)
_FITTED_NOT_MODEL = vocabulary(
    "vectorizer scaler encoder imputer tokenizer preprocessor transformer cv tfidf pca column selector "
    "binarizer vect discretizer preprocessing featurizer countvectorizer vocabulary feature engineer extractor"
)
_PREDICT = vocabulary("predict prediction infer inference classify recommend forecast predecir clasificar")
_NOT_PREDICT = vocabulary(
    "load save log get read store write plot check validate drift monitor parse format record track report count"
)
_WRITES = frozenset(
    {"write_text", "write_bytes", "touch", "utime", "to_csv", "to_parquet", "to_json", "TemporaryDirectory", "mkdtemp",
     "NamedTemporaryFile", "mkstemp"}
)  # fmt: skip


_SCHEMA = vocabulary("request response schema config error exception input result")


@dataclass(frozen=True, slots=True)
class Hint:
    """One item that a rule sees in a test, how sure it is (0 to 1), and what it saw."""

    item: str
    confidence: float
    why: str


Rule = Callable[[Facts], Hint | None]


def word(words: Iterable[str], vocabulary: frozenset[str]) -> str | None:
    """The first word of `vocabulary` among `words`, in alphabetical order, or None."""
    found = vocabulary.intersection(words)
    return min(found) if found else None


def is_training(call: Call) -> bool:
    """Whether a call trains a model; fitting a vectoriser or splitting data does not."""
    words = stems(call.last)
    if (
        call.last[:1].isupper()
        or not words & _TRAIN
        or words & _NOT_TRAIN
        or call.last in ("fit_transform", "train_test_split")
    ):
        return False
    if words & _FITTED_NOT_MODEL and not words & {"model", "classifier"}:
        return False
    if "fit" in words and call.base & _FITTED_NOT_MODEL and not call.base & {"model", "classifier"}:
        return False
    if words_of(call.last)[-1:] == ("train",) and len(words) > 1 and not call.args and not call.base:
        # `application_train()` makes the table of that name.
        return False
    # In torch, `net.train()` only switches a mode.
    return not (call.last == "train" and call.base and not call.args and not call.strings)


def is_prediction(call: Call) -> bool:
    """Whether a call asks a model for predictions; calling a model itself counts."""
    words = stems(call.last)
    if words & _PREDICT and not words & _NOT_PREDICT and not (call.last[:1].isupper() and words & _SCHEMA):
        return True
    if call.last in ("score", "score_batch", "score_single") and "scorer" in call.base:
        return True
    return call.last in (
        "predict_proba", "decision_function", "score_samples", "model", "net", "clf", "classifier", "predictor", "modelo",
    )  # fmt: skip


def is_pipeline_run(call: Call) -> bool:
    """Whether a call runs a whole pipeline."""
    words = stems(call.last)
    runs = {"run", "execute", "main", "correr", "ejecutar", "launch", "repro"}
    if words & {"pipeline", "workflow", "flow"} and words & runs:
        return True
    if call.last in ("run", "execute", "fit_and_evaluate", "main") and (
        call.base & {"pipeline", "workflow", "flow"} or "pipeline" in call.dotted.lower()
    ):
        return not stems(call.dotted) & {"inference", "runner", "model"}
    if call.args & {"help"}:
        return False
    if call.last in ("run", "check_call", "check_output", "call", "Popen") and call.dotted.startswith("subprocess"):
        return bool(call.args & {"pipeline", "dvc", "repro"})
    return bool(call.last in ("invoke", "main") and call.args & {"pipeline", "repro"})


def is_request(call: Call) -> bool:
    """Whether a call sends a request to a server."""
    if call.last not in ("post", "get", "request", "put"):
        return False
    return bool(
        call.dotted.startswith(("requests.", "httpx."))
        or call.base & {"client", "session", "app", "http", "request", "httpx", "cliente"}
    )


def asks_for_prediction(call: Call) -> bool:
    """Whether a request goes to an endpoint that predicts."""
    wanted = {"predict", "prediction", "invocation", "infer", "inference", "score", "forecast", "classify", "recommend",
              "predecir", "prediccion", "predictions"}  # fmt: skip
    return is_request(call) and call.last in ("post", "request", "put", "get") and bool(call.target & wanted)


def trains(facts: Facts) -> list[Call]:
    """The training calls of the test itself."""
    return [c for c in facts.calls if is_training(c)]


def predicts(facts: Facts) -> bool:
    """Whether the test, or a helper it calls, asks a model for predictions."""
    return any(is_prediction(c) for c in (*facts.calls, *facts.around))


def real_data(facts: Facts) -> bool:
    """Whether the test reads the project's data: a file in its body or fixtures, or a fixture named like data."""
    if any(c.last in READS and not c.args & {"model", "tmp", "pkl", "joblib"} for c in (*facts.calls, *facts.around)):
        return True
    if any(brings_data(c) for c in facts.around):
        return True
    return any(stems(f) & DATA for f in facts.fixtures)


def synthetic(facts: Facts) -> bool:
    """Whether the test makes its data up in its own body."""
    if any(stems(c.last) & {"generate", "synthetic", "simulate"} for c in facts.calls):
        return True
    return facts.builds_data or facts.called(
        "array",
        "tensor",
        "randn",
        "rand",
        "normal",
        "randint",
        "uniform",
        "choice",
        "zeros",
        "ones",
        "arange",
        "linspace",
    )


RANDOM = frozenset(
    {"DataFrame", "make_classification", "make_regression", "default_rng", "normal", "randn", "rand", "uniform", "randint",
     "beta", "binomial", "choice", "RandomState"}
)  # fmt: skip


def made_up(facts: Facts) -> bool:
    """Whether nothing but figures that the test or its helpers invent is there: no project's data, and no model asked."""
    if real_data(facts) or predicts(facts) or trains(facts):
        return False
    return synthetic(facts) or any(c.last in RANDOM for c in facts.around)


def faked(facts: Facts) -> bool:
    """Whether what the test exercises is a mock, a fake or a stub."""
    calls = (*facts.calls, *facts.around)
    if any(c.last in _MOCKS or c.dotted.startswith(("unittest.mock", "mock.")) for c in calls):
        return True
    if facts.own_models:
        return True
    if facts.words & {"fake", "stub"}:
        return True
    if any(f in ("mocker",) or stems(f) & {"mock", "fake", "stub", "mocked"} for f in facts.fixtures):
        return True
    if any(
        (stems(c.last) & {"fake", "stub", "mock", "dummy"} and c.last not in ("DummyClassifier", "DummyRegressor"))
        for c in calls
    ):
        return True
    return any(
        c.last == "setattr"
        and c.base & {"monkeypatch"}
        and c.args & (MODEL | {"predict", "load", "joblib", "run", "train"})
        for c in calls
    )


def is_metric(words: frozenset[str], *, loose: bool = False) -> bool:
    """Whether words speak of a quality figure; `loose` takes "score", "error" and "loss" too."""
    return bool(words & METRIC) or (loose and bool(words & LOOSE_METRIC))


def is_trivial(claim: Claim) -> bool:
    """Whether a bound is one that the figure cannot leave: 0 or 1 on the side where nothing lies beyond."""
    if claim.near & {"inf", "infinity"} or (claim.op in (">", ">=") and claim.right_number == 0):
        return True
    if claim.op in ("<=", "<") and (claim.right_number == 1 or claim.left_number == 0):
        return True
    return claim.op in (">=", ">") and claim.left_number == 1


ORDERED = frozenset({"<", "<=", ">", ">="})
SAME = frozenset({"==", "~"})


def against_limit(claim: Claim) -> bool:
    """Whether a claim holds a figure against a constant or something named like a limit."""
    if claim.op not in ORDERED or is_trivial(claim):
        return False
    return claim.left_constant or claim.right_constant or bool((claim.left | claim.right) & LIMIT)


def differs_little(claim: Claim) -> bool:
    """Whether a claim bounds a difference: `abs(a - b) < x`, `isclose`, `allclose`."""
    if claim.op not in ("<", "<="):
        return claim.op == "~"
    subtracts = claim.difference and not claim.words & (TIME | MEMORY)
    return subtracts or bool(claim.words & {"abs", "diff", "difference", "delta", "drift"})


def bounded_above(claim: Claim) -> bool:
    """Whether a claim bounds its left side from above by what is no trivial bound."""
    return claim.op in ("<", "<=") and not is_trivial(claim)


def writes_files(facts: Facts) -> bool:
    """Whether the test, or what surrounds it, makes the files that it then looks at."""
    return any(c.last in _WRITES for c in (*facts.calls, *facts.around)) or any(
        stems(f) & {"tmp", "tmpdir", "temp"} for f in facts.fixtures
    )


def metric_claims(facts: Facts, *, loose: bool = False) -> list[Claim]:
    """The ordered claims about a quality figure that could fail."""
    return [
        c
        for c in facts.claims
        if c.op in ORDERED
        and not is_trivial(c)
        and (is_metric(c.near, loose=loose) or is_metric(c.left | c.right))
        and not (c.near & (TIME | MEMORY) and not c.near & METRIC)
        and not (c.near & PREDICTION and not is_metric(c.near, loose=True))
        and not c.near & {"len", "tag", "item", "count", "key", "name", "version", "lower", "upper", "interval"}
    ]


def _is_no_cost(claim: Claim) -> bool:
    """Whether a claim is about how many or how even, or about a prediction made in the meantime."""
    if claim.near & {"len", "count", "deviation", "variance", "std", "timestamp"}:
        return True
    return bool(claim.near & PREDICTION) and not claim.near & (TIME | MEMORY | {"size", "cpu"})


def measures(facts: Facts) -> str | None:
    """ "time" or "memory" when the test measures one and bounds it, else None."""
    calls = (*facts.calls, *facts.around)
    clocks = any(
        c.last in ("perf_counter", "perf_counter_ns", "monotonic", "process_time", "timeit", "time_ns", "default_timer")
        or c.dotted in ("time.time", "timeit.timeit", "timeit.repeat")
        for c in calls
    ) or "benchmark" in facts.fixtures  # fmt: skip
    scales = any(
        c.last
        in (
            "memory_usage",
            "memory_info",
            "get_traced_memory",
            "getsizeof",
            "getrusage",
            "max_memory_allocated",
            "cpu_percent",
            "cpu_times",
        )
        for c in calls
    )
    for claim in facts.claims:
        if claim.op not in ORDERED or is_trivial(claim) or _is_no_cost(claim):
            continue
        if scales and claim.words & (MEMORY | {"size", "cpu"}):
            return "memory" if not claim.near & {"cpu"} else "processor load"
        if clocks and (claim.near & TIME or (claim.words & TIME and not claim.words & PREDICTION)):
            return "time"
    if "benchmark" in facts.fixtures:
        return "time"
    taken = {"fit", "train", "training", "predict", "prediction", "inference", "serving", "response", "execution"}
    for claim in facts.claims:
        if not against_limit(claim) or _is_no_cost(claim):
            continue
        if claim.near & {"latency", "latencia", "throughput", "elapsed", "memory", "memoria"}:
            return "memory" if claim.near & {"memory", "memoria"} else "time"
        if claim.near & {"time", "duration", "tiempo"} and claim.near & taken:
            return "time"
    return None
