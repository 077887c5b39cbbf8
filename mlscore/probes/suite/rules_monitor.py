"""What in a test speaks for the items about monitoring."""

from __future__ import annotations

from mlscore.probes.suite.claims import Claim, stems
from mlscore.probes.suite.facts import Facts
from mlscore.probes.suite.rules_data import reads_project_data, schema
from mlscore.probes.suite.signs import (
    ORDERED,
    SAME,
    Hint,
    Rule,
    against_limit,
    asks_for_prediction,
    differs_little,
    faked,
    is_pipeline_run,
    is_prediction,
    is_request,
    is_training,
    is_trivial,
    measures,
    metric_claims,
    predicts,
    synthetic,
    writes_files,
)
from mlscore.probes.suite.vocabulary import METRIC, PREDICTION, vocabulary

_SERVING = vocabulary(
    "serving served live production prod request incoming online servicio produccion inference logged current "
    "monitored servida solicitud"
)
_TRAINING = vocabulary("train training reference offline baseline historical entrenamiento referencia ref")
_DISTANCE = vocabulary(
    "ks_2samp psi wasserstein_distance jensenshannon chi2_contingency kl_div entropy calculate_psi compute_psi "
    "ks_test population_stability_index anderson_ksamp energy_distance"
)
_VULNERABLE = vocabulary("vulnerability outdated audit cve deprecation")


def dependencies(facts: Facts) -> Hint | None:
    """monitor-1: changes of what the system depends on are noticed."""
    if writes_files(facts):
        # A scanner tried on a file that the test has made up looks after nobody's dependencies.
        return None
    audits = any({"pip", "audit"} <= c.args or "pip-audit" in c.strings or "safety" in c.strings for c in facts.calls)
    if audits and (facts.claims or facts.called("run", "check_call")):
        return Hint("monitor-1", 0.75, "audits the dependencies")
    if (
        facts.said & {"dependency", "requirement", "upstream", "dependencia"}
        and facts.said & _VULNERABLE
        and facts.claims
    ):
        return Hint("monitor-1", 0.62, "looks after the dependencies")
    if "upstream" in facts.said and facts.said & {"schema", "change", "contract"} and facts.claims and not faked(facts):
        return Hint("monitor-1", 0.6, "notices when upstream changes")
    return None


def input_invariants(facts: Facts) -> Hint | None:
    """monitor-2: what comes in for serving held against the data's invariants."""
    seen = schema(facts)
    words = facts.said | facts.words | facts.fixtures
    serving = frozenset().union(*(stems(w) for w in words)) & _SERVING
    if seen is not None and serving:
        return Hint("monitor-2", min(0.86, seen.confidence + 0.05), f"{seen.why} that is served")
    if seen is not None and (facts.says("invariant", "invariante") or facts.section == "monitor"):
        return Hint("monitor-2", 0.72, f"{seen.why} as an invariant")
    outside = any(
        f" {p} " in facts.title
        for p in (
            "out of range",
            "outside range",
            "outside the range",
            "impossible value",
            "fuera de rango",
            "invariant",
        )
    )
    if outside and any(asks_for_prediction(c) for c in facts.calls):
        return Hint("monitor-2", 0.6, "checks that a request outside the data's invariants is refused")
    return None


def skew(facts: Facts) -> Hint | None:
    """monitor-3: training data or features against those at serving."""
    words = facts.said | facts.words | frozenset().union(*(stems(f) for f in facts.fixtures))
    if not facts.claims or facts.raises or faked(facts):
        return None
    trained, served = words & _TRAINING, words & _SERVING
    built = any(
        c.last in ("DataFrame", "normal", "randn", "rand", "uniform", "randint", "Series") for c in facts.around
    )
    read = reads_project_data(facts)
    given = facts.fixtures or any(stems(c.last) & (_SERVING | _TRAINING | {"load", "read", "log"}) for c in facts.calls)
    made_up = not read and (synthetic(facts) or built or not given)
    distance = next((c.last for c in (*facts.calls, *facts.around) if c.last in _DISTANCE), None)
    on_predictions = _about_predictions(facts)
    named = facts.says("skew", "training serving", "train serve", "sesgo entre", "skewed", "training and serving")
    if named and not made_up and (trained or served):
        return Hint("monitor-3", 0.84, "compares training with serving")
    recomputed = words & {"recompute", "recomputed", "recalculated", "recalculada", "parity", "replay"}
    if served and recomputed and any(c.op in SAME or c.op in ORDERED for c in facts.claims) and not made_up:
        return Hint("monitor-3", 0.76, "computes served features again and compares")
    if distance and not on_predictions and not made_up:
        return Hint("monitor-3", 0.78 if served else 0.7, f"compares distributions ({distance})")
    called = frozenset().union(*(stems(c.last) for c in facts.calls))
    drift = (frozenset(facts.title.split()) | called | facts.fixtures) & {"drift", "deriva", "shift"}
    if drift and not on_predictions and not made_up:
        compares = any(c.op in ORDERED and (against_limit(c) or differs_little(c)) for c in facts.claims)
        if compares and (
            facts.says("data drift", "feature drift", "distribution") or (trained and served) or "test" in facts.words
        ):
            return Hint("monitor-3", 0.68, "bounds the drift of the data")
        measured = any(stems(c.last) & {"drift", "psi"} and not is_request(c) and c.args for c in facts.calls)
        about = any(c.near & {"drift", "drifted"} and c.op in (*ORDERED, *SAME, "true") for c in facts.claims)
        if measured and about and not writes_files(facts) and (trained or served or reads_project_data(facts)):
            return Hint("monitor-3", 0.62, "checks the data for drift")
    compared = trained and served and facts.says("distribution", "stability") and not on_predictions and not made_up
    if compared and any(c.op in ORDERED for c in facts.claims):
        return Hint("monitor-3", 0.66, "compares the data of training and serving")
    return None


def _about_predictions(facts: Facts) -> bool:
    if facts.says("prediction drift", "prediction distribution", "concept drift", "model drift", "performance drift"):
        return True
    return any(c.words & (PREDICTION | METRIC) for c in facts.claims) and any(is_prediction(c) for c in facts.calls)


_AGE = vocabulary("age stale staleness old fresh freshness edad antiguedad obsoleto mtime getmtime outdated")


def stale(facts: Facts) -> Hint | None:
    """monitor-4: the age of a model (or of a stage or table) held against a limit."""
    words = facts.said | facts.words
    clock = facts.called_anywhere("getmtime", "stat", "now", "utcnow", "today", "fromtimestamp", "time")
    about = words & {"model", "modelo", "artifact", "train", "trained", "lookup", "index", "table"}
    if writes_files(facts):
        return None
    for claim in facts.claims:
        if claim.op not in ORDERED or not about or is_trivial(claim):
            continue
        if claim.words & {
            "getmtime",
            "mtime",
            "timedelta",
            "age",
            "edad",
            "day",
            "staleness",
            "fromisoformat",
            "st",
        } and (claim.words & _AGE or facts.says("stale", "too old", "age", "fresh", "obsoleto", "staleness", "recent")):
            if not clock and synthetic(facts):
                return None
            return Hint("monitor-4", 0.85, "bounds the age of the model")
    return None


def numbers(facts: Facts) -> Hint | None:
    """monitor-5: no NaN or infinity, plausible weights, in what the model computes."""
    finite = {"isfinite", "isnan", "isinf", "is_nan", "is_inf", "assert_all_finite", "isinfinite", "check_numerics"}
    steps = any(c.last in ("backward", "step", "train_on_batch") for c in facts.calls)
    loads = any("model" in stems(c.last) and not c.last[:1].isupper() for c in (*facts.calls, *facts.around))
    if not (loads or predicts(facts) or any(is_training(c) for c in (*facts.calls, *facts.around)) or steps):
        return None
    for claim in facts.claims:
        if claim.calls & finite or claim.near & {"isfinite", "isnan", "isinf"} or _mentions_finite(claim):
            if claim.op == "true" and claim.near & {"isnan", "isinf"} and not claim.negated:
                # It wants the NaN: a test of some function's edge case.
                continue
            whose = claim.words & (
                PREDICTION | {"weight", "parameter", "coef", "gradient", "grad", "loss", "logit", "model", "net"}
            )
            if whose:
                return Hint("monitor-5", 0.8, "checks what the model computes for NaN and infinity")
    if (
        facts.says(
            "numerical stability",
            "numerically stable",
            "nan in prediction",
            "exploding",
            "estabilidad numerica",
            "dead unit",
        )
        and facts.claims
        and (predicts(facts) or any(is_training(c) for c in facts.calls))
        and not facts.raises
    ):
        return Hint("monitor-5", 0.75, "checks that the model stays numerically stable")
    if facts.called(*finite) and any(is_prediction(c) for c in facts.calls) and facts.claims:
        return Hint("monitor-5", 0.74, "checks what the model computes for NaN and infinity")
    return None


def _mentions_finite(claim: Claim) -> bool:
    return bool(claim.near & {"finite", "nan", "inf"} and claim.op in ("true", "!=", "not in"))


def performance(facts: Facts) -> Hint | None:
    """monitor-6: training speed, latency, throughput or memory held against a limit."""
    measured = measures(facts)
    if (
        measured is None
        or faked(facts)
        or facts.says("feature cost", "feature extraction cost", "timing attack", "health")
    ):
        return None
    calls = facts.calls
    named = facts.says(
        "latency", "inference time", "throughput", "memory", "prediction time", "latencia", "memoria", "response time"
    )
    inner = facts.around
    timed = frozenset().union(*(c.args for c in calls if c.last == "benchmark"))
    if timed & {"train", "fit", "training"}:
        return Hint("monitor-6", 0.8, "measures the time that training takes")
    if timed & {"predict", "inference", "prediction"}:
        return Hint("monitor-6", 0.8, "measures the time that predictions take")
    if any(is_prediction(c) for c in calls) or any(asks_for_prediction(c) for c in calls):
        return Hint("monitor-6", 0.86 if named else 0.8, f"bounds the {measured} that predictions take")
    if any(is_training(c) or is_pipeline_run(c) for c in calls):
        return Hint("monitor-6", 0.8, f"bounds the {measured} that training takes")
    if any(is_prediction(c) for c in inner) or (named and any(is_request(c) for c in calls)):
        return Hint("monitor-6", 0.74, f"bounds the {measured} that predictions take")
    if any(is_training(c) for c in inner) and not facts.said & {"feature", "preprocessing", "vectorization"}:
        return Hint("monitor-6", 0.62, f"bounds the {measured} that training takes")
    if (
        named
        and facts.said & {"model", "inference", "prediction", "serving", "modelo"}
        and not facts.said & {"feature", "preprocessing", "cache", "track", "tracking", "record", "recording"}
    ):
        return Hint("monitor-6", 0.66, f"bounds the model's {measured}")
    return None


def prediction_quality(facts: Facts) -> Hint | None:
    """monitor-7: predictions, or their quality with fresh labels, held against what they were."""
    if not facts.claims or facts.raises or faked(facts):
        return None
    asked = any(is_prediction(c) for c in (*facts.calls, *facts.around))
    if not asked or (synthetic(facts) and not facts.fixtures):
        return None
    drifting = facts.says(
        "prediction drift", "model drift", "concept drift", "performance drift", "prediction distribution", "degradation",
        "prediction quality", "quality regression", "performance degradation", "prediction bias", "degraded",
        "deriva de prediccion", "performance regression",
    )  # fmt: skip
    served = frozenset().union(*(stems(w) for w in (*facts.said, *facts.words))) & {
        "fresh",
        "new",
        "live",
        "production",
        "recent",
        "feedback",
        "incoming",
        "serving",
        "served",
        "nuevo",
        "reciente",
    }
    claims = [c for c in facts.claims if c.op in ORDERED and (c.words & (PREDICTION | METRIC))]
    if drifting and claims:
        return Hint("monitor-7", 0.76, "bounds how far predictions have moved")
    share = [
        c
        for c in claims
        if c.words & PREDICTION and c.words & {"mean", "rate", "ratio", "share", "distribution", "positive"}
    ]
    if share and (facts.section == "monitor" or facts.says("distribution")):
        return Hint("monitor-7", 0.66, "bounds the distribution of the predictions")
    if served and metric_claims(facts) and facts.section in (None, "monitor"):
        return Hint("monitor-7", 0.62, "bounds the quality on fresh data")
    if facts.section == "monitor" and any(differs_little(c) for c in metric_claims(facts)):
        return Hint("monitor-7", 0.64, "bounds how far the quality has moved")
    return None


RULES: tuple[Rule, ...] = (
    dependencies,
    input_invariants,
    skew,
    stale,
    numbers,
    performance,
    prediction_quality,
)
