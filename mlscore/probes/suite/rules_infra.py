"""What in a test speaks for the items about infrastructure."""

from __future__ import annotations

from mlscore.probes.suite.claims import Call, Claim, stems
from mlscore.probes.suite.facts import Facts
from mlscore.probes.suite.signs import (
    ORDERED,
    SAME,
    Hint,
    Rule,
    against_limit,
    asks_for_prediction,
    differs_little,
    faked,
    is_metric,
    is_pipeline_run,
    is_prediction,
    is_request,
    is_training,
    is_trivial,
    made_up,
    metric_claims,
    predicts,
    real_data,
    synthetic,
    trains,
    writes_files,
)
from mlscore.probes.suite.vocabulary import METRIC, MODEL, PREDICTION, vocabulary

_REPRODUCIBLE = (
    "reproducible", "reproducibility", "deterministic", "determinism", "same seed", "nondeterminism", "reproducibilidad",
    "repeatable", "non determinism", "determinista", "non deterministic", "fixed seed", "reproducibly",
)  # fmt: skip


def reproducible(facts: Facts) -> Hint | None:
    """infra-1: two trainings, and a claim that they give the same."""
    runs = [*trains(facts), *(c for c in facts.calls if is_pipeline_run(c))]
    if trains(facts) and "seed" in facts.said | facts.param_names and any(is_training(c) for c in facts.around):
        # One training per parameter set, held against one that a fixture has done.
        figures = [c for c in facts.claims if c.op in SAME or differs_little(c)]
        if any(is_metric(c.words) and not (c.left_constant or c.right_constant) for c in figures):
            return Hint("infra-1", 0.75, "trains with several seeds and compares the results")
    indirect = [c for c in facts.around if c.last in ("fit", "train") or stems(c.last) & {"train"}]
    same = [c for c in facts.claims if c.op in SAME or differs_little(c)]
    named = facts.says(*_REPRODUCIBLE)
    often = len(runs) >= 2 or any(c.looped for c in runs)
    if often and named and facts.claims:
        return Hint("infra-1", 0.9, "trains more than once and compares the results")
    if often and same:
        words = frozenset().union(*(c.near for c in same))
        if facts.says("same result", "identical") or facts.declares("seed", "semilla") or words & {"seed", "hash"}:
            return Hint("infra-1", 0.85, "trains more than once and claims the same result")
        two_sided = [c for c in same if not (c.left_constant or c.right_constant or c.near & {"shape", "len", "ndim"})]
        if (
            two_sided
            and not any(c.near & {"version", "alias", "id"} for c in two_sided)
            and len(runs) == 2
            and not any(stems(c.last) & (_PART | {"eda", "scoring", "classification", "report"}) for c in runs)
            and len({c.last for c in runs}) == 1
            and all(
                c.words & (PREDICTION | METRIC | {"model", "weight", "coef", "param", "run", "fit", "train"})
                for c in two_sided
            )
        ):
            return Hint("infra-1", 0.75, "trains twice and compares the results")
    declared = facts.declares(*_REPRODUCIBLE)
    titled = any(f" {p} " in facts.title for p in _REPRODUCIBLE)
    if (titled or (declared and runs)) and (runs or indirect) and same and "slice" not in facts.name:
        return Hint("infra-1", 0.7, "speaks of reproducible training and compares results")
    return None


_LOSS = vocabulary("loss losse perdida")


def model_code(facts: Facts) -> Hint | None:
    """infra-2: the model's code exercised on small input: a step of training, falling loss, shapes, a checkpoint."""
    calls = (*facts.calls, *facts.around)
    steps = any(
        c.last in ("backward", "step", "train_on_batch", "train_step", "training_step", "apply_gradients")
        for c in calls
    )
    runs = trains(facts)
    modelled = steps or bool(runs)
    for claim in facts.claims:
        if claim.op in ORDERED and not is_trivial(claim) and claim.left & _LOSS and claim.right & _LOSS and modelled:
            return Hint("infra-2", 0.88, "trains a little and claims that the loss falls")
        if claim.op in ORDERED and claim.near & _LOSS and modelled and facts.says("overfit", "memorise", "memorize"):
            return Hint("infra-2", 0.88, "overfits on purpose")
    if facts.says("overfit", "memorise", "memorize", "sobreajuste") and modelled and facts.claims:
        return Hint("infra-2", 0.85, "overfits on purpose")
    words = frozenset().union(*(c.words for c in facts.claims)) if facts.claims else frozenset()
    if any(c.near & {"grad", "gradient"} for c in facts.claims) and steps:
        return Hint("infra-2", 0.82, "takes a step of training and looks at the gradients")
    if steps and words & {"parameter", "weight", "state"} and facts.claims:
        return Hint("infra-2", 0.78, "takes a step of training and looks at the weights")
    nets = any(c.dotted.startswith(("torch.", "tf.", "tensorflow.", "keras.", "jax.", "flax.")) for c in facts.calls)
    saved = facts.called(
        "load_state_dict", "save_checkpoint", "load_checkpoint", "load_from_checkpoint", "save_weights"
    )
    if (saved or (nets and facts.says("checkpoint", "save and load"))) and any(
        c.op in SAME and c.words & ({"parameter", "weight", "state", "model", "net"} | PREDICTION) for c in facts.claims
    ):
        return Hint("infra-2", 0.78, "restores a model from a checkpoint and compares")
    if nets and any(c.near & {"shape", "size"} and c.op in SAME for c in facts.claims):
        made = facts.called("randn", "rand", "randint", "zeros", "ones", "normal", "uniform", "random")
        modules = frozenset().union(facts.said, facts.words, *(stems(c.dotted) for c in facts.calls))
        if made and not facts.raises and not _is_data_code(facts) and modules & _NETS:
            return Hint("infra-2", 0.75, "gives the model random input and checks the shape of its output")
    if runs and not faked(facts) and not facts.raises:
        if metric_claims(facts) and real_data(facts):
            return None
        if not _is_about_training(facts):
            # Training is then only how the test gets at a model for something else.
            owned = facts.says("overfit", "trainable", "converge", "shape", "range", "accuracy increase")
            fitted = all(c.last in ("fit", "partial_fit") for c in runs) and any(is_prediction(c) for c in facts.calls)
            if not owned and not (fitted and facts.claims and all(c.near & PREDICTION for c in facts.claims)):
                return None
        strong = [c for c in facts.claims if c.op not in ("exists", "mock", "is", "is not") and not is_trivial(c)]
        strong = [c for c in strong if not (c.op in SAME and c.left & PREDICTION and c.right & PREDICTION)]
        about = [
            c
            for c in strong
            if c.near & (_LEARNT | PREDICTION) and not c.near & {"id", "path", "name", "version", "stage"}
        ]
        if about and not facts.name & {"slice", "slicing"} and not facts.says("pipeline", "end to end", "integration"):
            return Hint("infra-2", 0.6, f"trains with {runs[0].last} on small input and checks what comes out")
    return None


_LEARNT = vocabulary(
    "model net classes fitted trained coef weight parameter loss losse history estimator importance score metric accuracy "
    "param"
)


def _is_about_training(facts: Facts) -> bool:
    """Whether the test's own name says that training is what it is about, and not where the result goes."""
    own = stems(facts.test.name)
    if own & {"mlflow", "track", "tracking", "log", "logging", "logged", "register", "history", "info"}:
        return False
    return bool(own & {"train", "fit", "learn", "trainability", "trained"}) or (
        "training" in own and "after" not in own and "before" not in own
    )


_NETS = vocabulary(
    "model net network module encoder decoder head unet cnn rnn lstm gru mlp classifier backbone attention "
    "generator discriminator autoencoder vae resnet modelo red"
)


def _is_data_code(facts: Facts) -> bool:
    return bool(
        facts.name
        & {
            "dataset",
            "dataloader",
            "loader",
            "augment",
            "transform",
            "collate",
            "data",
            "loss",
            "metric",
            "distribution",
            "scaler",
            "util",
        }
    )


_PART = vocabulary("preprocess preprocessing feature data etl inference prediction ingestion cleaning deploy")
_WHOLE = (
    "end to end", "e2e", "full pipeline", "whole pipeline", "entire pipeline", "complete pipeline", "pipeline run",
    "whole run", "full run", "pipeline completo", "extremo a extremo", "pipeline integration", "training pipeline",
    "integration pipeline", "full training", "complete ml pipeline", "full ml pipeline",
)  # fmt: skip


def whole_pipeline(facts: Facts) -> Hint | None:
    """infra-3: one run over data, training and evaluation, nothing stubbed."""
    if faked(facts) or facts.raises or not (facts.claims or facts.called("run", "check_call", "check_output")):
        return None
    runs = [c for c in facts.calls if is_pipeline_run(c) and (trains(facts) or not stems(c.last) & _PART)]
    if not runs and named_whole(facts):
        runs = [
            c for c in facts.calls if c.last in ("run", "main", "execute", "train_and_evaluate") and not _is_shell(c)
        ]
    inside = [c for c in facts.around if is_pipeline_run(c) and c.last != "run"]
    named = facts.says(*_WHOLE)
    stages = max(_stages(facts), _stages(facts, around=True) if named else 0)
    if runs and (named or stages >= 1 or _asserts_artefacts(facts)):
        return Hint("infra-3", 0.82 if named else 0.72, f"runs the whole pipeline ({runs[0].last})")
    if inside and named:
        return Hint("infra-3", 0.72, "runs the whole pipeline")
    if stages >= 3 and named:
        return Hint("infra-3", 0.78, "runs data, training and evaluation in one go")
    folder = facts.test.path.lower()
    whole = "pipeline" in facts.said or any(
        w in folder for w in ("integration", "pipeline", "e2e", "end_to_end", "workflow")
    )
    persisted = facts.says(
        "persistence", "saving", "save and load", "saving and loading", "serialization", "reload", "leak", "leakage"
    )
    if stages >= 3 and whole and not persisted and not any(is_request(c) for c in facts.calls):
        said = "integration" in facts.name or "integration" in folder
        return Hint("infra-3", 0.74 if said else 0.66, "runs data, training and evaluation in one go")
    return None


def named_whole(facts: Facts) -> bool:
    """Whether a test calls itself a run of the whole pipeline."""
    return facts.says(
        "full pipeline", "whole pipeline", "entire pipeline", "complete pipeline", "full experiment pipeline"
    )


def _is_shell(call: Call) -> bool:
    return call.dotted.startswith(("subprocess.", "os."))


def _asserts_artefacts(facts: Facts) -> bool:
    wanted = {"model", "artifact", "report", "returncode", "exit"}
    return any(c.op == "exists" or is_metric(c.words) or c.words & wanted for c in facts.claims)


def _stages(facts: Facts, *, around: bool = False) -> int:
    """How many kinds of stage the test calls: load, prepare, split, train, evaluate or predict, save.

    With `around`, what its fixtures and helpers call counts too.
    """
    found: set[str] = set()
    for call in (*facts.calls, *facts.around) if around else facts.calls:
        words = call.args if _is_shell(call) else stems(call.dotted if call.last in ("main", "run") else call.last)
        if words & {"load", "read", "get", "ingest", "download", "generate"} and words & {
            "data",
            "csv",
            "dataset",
            "parquet",
        }:
            found.add("data")
        if words & {"preprocess", "clean", "transform", "feature", "prepare", "process", "preprocessing", "vectorize"}:
            found.add("prepare")
        if words & {"split"}:
            found.add("split")
        if is_training(call) or (_is_shell(call) and words & {"train", "training"}):
            found.add("train")
        if words & {"evaluate", "predict", "accuracy", "evaluation"}:
            found.add("evaluate")
        if words & {"dump", "save", "export", "register"}:
            found.add("save")
    return len(found) if "train" in found else 0


_GATE = (
    "quality gate", "before serving", "validate model", "promotion", "promote", "promoted", "deploy", "release", "champion",
    "before deployment", "register", "serving validation", "candidate", "production model", "previous model", "regression",
    "model validation", "new model", "umbral", "minimum accuracy", "acceptance", "regress", "regressing", "regressed",
)  # fmt: skip
_EARLIER = vocabulary(
    "previous production champion prod deployed last prior baseline reference anterior produccion incumbent current"
)


def _caps(claim: Claim) -> bool:
    """Whether a claim wants a figure to stay low that is better when high: a test for leaks does."""
    capped = claim.op in ("<", "<=") and not claim.left_constant
    return capped and bool(claim.near & {"auc", "auroc", "accuracy", "f1", "precision", "recall", "r2", "score"})


def quality_gate(facts: Facts) -> Hint | None:
    """infra-4: quality held against a threshold or the earlier model's before anything is served."""
    gates = any(
        words & {"promote", "bless", "approve", "promover", "blessing"}
        or (words & {"deploy", "register", "gate", "release"} and words & {"should", "can", "if", "quality", "decide"})
        for words in (stems(c.last) for c in facts.calls)
    )
    if gates and facts.claims and not faked(facts) and not all(c.op == "mock" for c in facts.claims):
        words = facts.said | frozenset().union(*(c.args for c in facts.calls), *(c.words for c in facts.claims))
        if words & (METRIC - {"metric"}):
            return Hint("infra-4", 0.72, "asks whether a candidate may be promoted")
    claims = metric_claims(facts)
    compared = metric_claims(facts, loose=True)
    if not compared or facts.raises or "config" in facts.name:
        return None
    invented = facts.builds_data or synthetic(facts)
    ran = any(c.words & {"run", "runner", "experiment", "evaluate", "evaluation", "eval", "report"} for c in claims)
    modelled = (
        predicts(facts)
        or facts.called_anywhere("evaluate", "score", "evaluate_model", "eval")
        or real_data(facts)
        or (ran and not invented)
    )
    if faked(facts) or made_up(facts):
        # Of figures that the test invents only the metric is tested.
        return None
    against_earlier = [
        c
        for c in compared
        if c.near & _EARLIER and not (c.left_constant or c.right_constant) and is_metric(c.words, loose=True)
    ]
    said = facts.says(*_GATE)
    if (
        against_earlier
        and modelled
        and (said or any(c.near & {"production", "champion", "previous", "prod"} for c in against_earlier))
    ):
        return Hint("infra-4", 0.8, "compares the quality with the earlier model's")
    limits = [c for c in claims if against_limit(c) and not differs_little(c) and not _caps(c)]
    if "morphic" in facts.test.path.lower() or facts.name & {"slice", "slicing", "robustness", "stability"}:
        return None
    if not limits or facts.says("metamorphic", "mutamorphic", "synonym", "perturbation", "invariance", "mutation"):
        return None
    trained = bool(trains(facts))
    real = real_data(facts)
    if said and modelled:
        return Hint("infra-4", 0.82, "holds the model's quality against a threshold before it is used")
    if modelled and not (trained and not real):
        return Hint("infra-4", 0.68, "holds the model's quality against a threshold")
    own_training = any(c.last not in ("fit", "partial_fit") for c in trains(facts))
    if own_training and not invented:
        return Hint("infra-4", 0.64, "holds a freshly trained model's quality against a threshold")
    return None


_EXPLAINS = vocabulary(
    "shap explain explanation lime contribution attribution explicar explicacion gradcam saliency explainer"
)


def debuggable(facts: Facts) -> Hint | None:
    """infra-5: an explanation of a single prediction, or each step of its computation."""
    dotted = " ".join(c.dotted.lower() for c in facts.calls)
    words = (
        frozenset().union(*(stems(c.last) for c in facts.calls), facts.words, facts.name) if facts.calls else facts.name
    )
    explains = words & {
        "shap", "explain", "explainer", "explanation", "lime", "contribution", "attribution", "explicar", "explicacion",
        "gradcam", "saliency",
    }  # fmt: skip
    asked = any(
        (stems(c.last) & _EXPLAINS or c.dotted.lower().startswith(("shap.", "lime.")))
        and (c.args | c.base) & (MODEL | {"explainer"})
        and (not c.last[:1].isupper())
        and not stems(c.last) & {"create", "make", "init", "get_explainer", "build", "load"}
        for c in (*facts.calls, *facts.around)
    )
    if ("shap." in dotted or "lime." in dotted or explains) and asked and facts.claims and not faked(facts):
        if facts.raises or "schema" in facts.name or all(c.op in ("mock", "exists") for c in facts.claims):
            return None
        if words & {"importance"} and not words & {"contribution", "row", "single", "local", "instance", "explain"}:
            return None
        return Hint("infra-5", 0.76, "checks the explanation of a prediction")
    if (
        facts.says("intermediate output", "step by step", "layer by layer", "debuggable")
        and predicts(facts)
        and facts.claims
    ):
        return Hint("infra-5", 0.66, "follows one example through the computation")
    return None


def canary(facts: Facts) -> Hint | None:
    """infra-6: the artifact loaded in the real server, and real input answered."""
    if facts.raises or all(c.near & {"header"} or c.op == "mock" for c in facts.claims):
        # What a response carries beside its body is the web server's affair.
        return None
    if facts.said & {"canary", "canario"} and not faked(facts) and not writes_files(facts):
        answers = any(is_prediction(c) or asks_for_prediction(c) for c in facts.calls)
        if answers:
            return Hint("infra-6", 0.8, "sends a share of traffic to a new model")
        moved = frozenset().union(*(c.near for c in facts.claims)) & {
            "traffic",
            "weight",
            "share",
            "percent",
            "percentage",
        }
        if moved and not any(c.last in ("open", "read_text", "exists") for c in facts.calls):
            return Hint("infra-6", 0.62, "moves traffic to a new model")
    if "shadow" in facts.said and predicts(facts):
        return Hint("infra-6", 0.68, "runs a new model in the shadow of the old one")
    asked = [c for c in facts.calls if asks_for_prediction(c)]
    if not asked or faked(facts) or [c for c in facts.calls if is_request(c)][-1] not in asked:
        # What it looks at is the answer to the last request.
        return None
    numbers = {n for c in facts.claims for n in (c.left_number, c.right_number) if n is not None}
    if any(400 <= n < 600 for n in numbers) or facts.says(
        "invalid", "missing", "error", "unauthorized", "empty", "bad", "wrong"
    ):
        return None
    if facts.says("metric", "health", "version", "schema", "swagger", "doc"):
        return None
    content = any(
        c.op not in ("exists", "isinstance") and c.words & (PREDICTION | {"json", "result", "score", "body", "prediction"})
        and not c.near & {"status", "code", "header"}
        for c in facts.claims
    )  # fmt: skip
    if content:
        return Hint("infra-6", 0.68, "asks the server for a prediction and checks the answer")
    if 200 in numbers:
        return Hint("infra-6", 0.5, "asks the server for a prediction")
    return None


def rollback(facts: Facts) -> Hint | None:
    """infra-7: a model rolled back to an earlier version."""
    calls = [c for c in facts.calls if c.last.lower() in ("rollback", "roll_back", "revert", "revertir", "restore_previous")
             or stems(c.last) & {"rollback"}]  # fmt: skip
    named = facts.says("rollback", "roll back", "rolled back", "previous version", "version anterior", "revert")
    if facts.raises or faked(facts):
        return None
    if any(c.base & {"session", "db", "conn", "connection", "transaction", "cursor", "engine"} for c in calls):
        return None
    words = facts.said | facts.words | frozenset().union(*(c.args for c in calls))
    modelled = words & {
        "model", "version", "modelo", "registry", "store", "deploy", "deployment", "alias", "champion", "accuracy", "dvc",
        "repro",
    }  # fmt: skip
    if calls and facts.claims and modelled and not all(c.op == "mock" for c in facts.claims):
        return Hint("infra-7", 0.84, "rolls a model back and looks at what is live")
    if named and modelled and facts.claims and not facts.raises and not faked(facts):
        return Hint("infra-7", 0.66, "speaks of going back to an earlier model")
    return None


RULES: tuple[Rule, ...] = (reproducible, model_code, whole_pipeline, quality_gate, debuggable, canary, rollback)
