"""What in a test speaks for the items about model development."""

from __future__ import annotations

from mlscore.probes.suite.claims import Claim, stems
from mlscore.probes.suite.facts import Facts
from mlscore.probes.suite.rules_data import reads_project_data
from mlscore.probes.suite.signs import (
    ORDERED,
    SAME,
    Hint,
    Rule,
    against_limit,
    differs_little,
    is_metric,
    is_trivial,
    made_up,
    metric_claims,
    predicts,
    trains,
    word,
)
from mlscore.probes.suite.vocabulary import LOOSE_METRIC, METRIC, PREDICTION, PROTECTED, vocabulary

_SIMPLE_MODELS = vocabulary(
    "DummyClassifier DummyRegressor LogisticRegression LinearRegression Ridge Lasso DecisionTreeClassifier "
    "ZeroR GaussianNB DecisionTreeRegressor SeasonalNaive NaiveForecaster KNeighborsClassifier MultinomialNB"
)
_SIMPLER = vocabulary(
    "baseline dummy majority naive simple simpler trivial prior heuristic constant random linear chance "
    "persistence ingenuo aleatorio base simplest mayoria"
)
_BEFORE = vocabulary("previous production champion old last prod current deployed previo anterior produccion incumbent")
_SEARCH = vocabulary(
    "GridSearchCV RandomizedSearchCV HalvingGridSearchCV BayesSearchCV create_study optimize "
    "tune_hyperparameters fmin HalvingRandomSearchCV ParameterGrid"
)
_SLICE = vocabulary(
    "slice subgroup segment subpopulation cohort stratum subset segmento subgrupo rebanada bucket group region "
    "category demographic tier"
)


def _compares_two_figures(claim: Claim) -> bool:
    """Whether both sides of an ordered claim are quality figures of something that predicts."""
    if claim.op not in ORDERED or claim.left_constant or claim.right_constant:
        return False
    loose = METRIC | LOOSE_METRIC | {"predict", "prediction"}
    return bool(claim.left & loose and claim.right & loose)


def _against_constant(claim: Claim) -> bool:
    """Whether one figure is a model's and the other that of the mean, median or commonest value, predicted for all."""
    left, right = (side & PREDICTION for side in (claim.left, claim.right))
    constant = {"mean", "median", "mode", "zero", "frequent", "full"}
    plain = claim.right if left and not right else claim.left if right and not left else frozenset[str]()
    return bool(plain & constant) and bool(claim.near & constant) and not plain & {"y_pred", "model", "limit"}


def simpler_model(facts: Facts) -> Hint | None:
    """model-5: the model's quality held against that of a simpler one."""
    if made_up(facts):
        return None
    made = [c.last for c in (*facts.calls, *facts.around) if c.last in _SIMPLE_MODELS]
    for claim in facts.claims:
        if claim.op not in ORDERED or is_trivial(claim):
            continue
        two = _compares_two_figures(claim)
        sides = (claim.near, claim.left | claim.right)
        simpler = next((w for side in sides if (w := word(side, _SIMPLER)) is not None), None)
        if not made and facts.declares("regress", "regressing", "regressed", "regression", "not worse", "degrade"):
            # The baseline is then what an earlier release has reached.
            continue
        if claim.near & _BEFORE or (claim.words & _BEFORE and not made):
            continue
        if two and made and (simpler or (len(set(made)) > 0 and facts.says("baseline", "simpler", "simple"))):
            return Hint("model-5", 0.9, f"holds the quality against that of a {made[0]}")
        if two and simpler and (claim.near & _SIMPLER) and is_metric(claim.words, loose=True):
            return Hint("model-5", 0.8, f'holds the quality against that of a "{simpler}" model')
        if two and _against_constant(claim):
            return Hint("model-5", 0.76, "holds the quality against that of predicting one value")
        if (
            two
            and facts.says("better than", "outperform", "beat")
            and len(trains(facts)) >= 2
            and is_metric(claim.words)
        ):
            return Hint("model-5", 0.66, "holds one model's quality against another's")
        if two and made and any(n.startswith("Dummy") for n in made):
            return Hint("model-5", 0.88, "holds the quality against that of a dummy model")
        if (
            not two
            and facts.says("better than random", "beat random", "better than chance", "beat baseline", "majority")
            and claim.near & {"majority", "baseline", "chance", "random", "naive", "dummy"}
            and is_metric(claim.words, loose=True)
        ):
            return Hint("model-5", 0.7, "holds the quality against a trivial prediction's")
    return None


def slices(facts: Facts) -> Hint | None:
    """model-6: quality on parts of the data, each held against a bound."""
    if _protected(facts) is not None:
        return None
    claims = [
        c for c in metric_claims(facts, loose=True) if against_limit(c) or differs_little(c) or _compares_two_figures(c)
    ]
    by_group = [
        c
        for c in facts.claims
        if c.op in ORDERED
        and not is_trivial(c)
        and c.words & {"groupby"}
        and c.words & {"predict", "prediction", "pred"}
    ]
    if by_group:
        return Hint("model-6", 0.8, "groups the predictions and bounds what each group gets")
    if not claims:
        return None
    random_parts = facts.called("choice", "sample", "shuffle", "permutation") or facts.says("random")
    vocabulary = frozenset().union(facts.name, facts.words, facts.params)
    said = word(
        facts.said, frozenset({"slice", "subgroup", "segment", "subpopulation", "cohort", "segmento", "subgrupo"})
    )
    in_code = word(vocabulary, _SLICE)
    groups = any(c.last == "groupby" for c in (*facts.calls, *facts.around))
    filtered = _filters_rows(facts)
    measured = predicts(facts) or facts.called_anywhere("score", "evaluate", "evaluate_model", "accuracy_score")
    if not (measured or any(is_metric(c.near) for c in claims)) or made_up(facts):
        return None
    if random_parts and not (groups or filtered) and not facts.says("data slice", "slice"):
        return None
    if said:
        if random_parts and not groups and not filtered:
            return Hint("model-6", 0.45, f'speaks of a "{said}", but draws it at random')
        return Hint("model-6", 0.85, f'bounds the quality on each "{said}"')
    if groups:
        return Hint("model-6", 0.8, "groups the predictions and bounds the quality of each group")
    if filtered and measured:
        return Hint("model-6", 0.68, "bounds the quality on a part of the data")
    if in_code and facts.params and measured and in_code in (facts.name | facts.params):
        return Hint("model-6", 0.65, f'bounds the quality by "{in_code}"')
    if facts.says("per class", "each class", "by class", "per category", "por clase"):
        return Hint("model-6", 0.62, "bounds the quality of every class")
    return None


def _filters_rows(facts: Facts) -> bool:
    """Whether the test takes rows by a condition on a column (`df[df["x"] == v]`) or a mask, and predicts on them."""
    import ast

    masks = {
        target.id
        for node in ast.walk(facts.test.node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Compare)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(facts.test.node):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Compare | ast.BinOp | ast.Call):
            inner = node.slice
            if isinstance(inner, ast.Compare) or (
                isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.BitAnd | ast.BitOr)
            ):
                return True
            if isinstance(inner, ast.Call) and getattr(inner.func, "attr", "") in (
                "isin",
                "between",
                "contains",
                "apply",
            ):
                return True
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Name)
            and (node.slice.id in masks or stems(node.slice.id) & {"mask", "slice"})
        ):
            return True
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "query":
            return True
    return False


def _protected(facts: Facts) -> str | None:
    columns = frozenset().union(*(stems(s) for s in facts.strings)) if facts.strings else frozenset()
    return word(frozenset().union(columns, facts.words, facts.params, facts.name), PROTECTED)


_FAIR = vocabulary("fairness fair fairlearn demographic equalized disparate inclusion parity equidad aif360 unbiased")


def inclusion(facts: Facts) -> Hint | None:
    """model-7: predictions compared between groups of people."""
    if not facts.claims and not facts.says("fairness"):
        return None
    dotted = " ".join(c.dotted.lower() for c in (*facts.calls, *facts.around))
    if "fairlearn" in dotted or "aif360" in dotted:
        return Hint("model-7", 0.9, "measures fairness with a library for it")
    names = frozenset().union(*(stems(c.last) for c in facts.calls), facts.words)
    if names & {"demographic", "equalized", "disparate"} and names & {
        "parity",
        "odd",
        "impact",
        "difference",
        "opportunity",
    }:
        if made_up(facts):
            return None
        return Hint("model-7", 0.82, "bounds a fairness figure")
    if not (predicts(facts) or metric_claims(facts, loose=True)):
        return None
    who = _protected(facts)
    fair = word(facts.said | facts.words, _FAIR)
    comparing = any(
        (c.op in ORDERED or c.op in SAME)
        and (is_metric(c.words, loose=True) or c.words & PREDICTION or c.near & {"gap", "ratio", "diff", "rate"})
        for c in facts.claims
    )
    if not comparing:
        return None
    if fair and (who or facts.words & {"group", "grupo"} or facts.says("group", "fairness", "inclusion")):
        return Hint("model-7", 0.8, "compares predictions between groups of people")
    if who and (facts.called_anywhere("groupby") or _filters_rows(facts) or (len(facts.claims) and _swaps(facts, who))):
        directional = any(c.op in ORDERED and not against_limit(c) and not differs_little(c) for c in facts.claims)
        if (
            directional
            and not facts.called_anywhere("groupby")
            and not is_metric(frozenset().union(*(c.near for c in facts.claims)))
        ):
            return None
        return Hint("model-7", 0.78, f'compares predictions by "{who}"')
    return None


def _swaps(facts: Facts, who: str) -> bool:
    """Whether a protected attribute is changed and the predictions are claimed to stay the same."""
    return (who in facts.name or facts.says("bias", "invariance", "invariant", "counterfactual")) and any(
        c.op in SAME or differs_little(c) for c in facts.claims
    )


_GENERAL_SEARCH = frozenset({"optimize", "create_study", "fmin"})
_FOUND = vocabulary("best param score trial tuned")


def _trains_for(facts: Facts) -> bool:
    """Whether a search is one over a model's parameters, as far as the test tells."""
    said = facts.says("hyperparameter", "hyperparam", "tuned", "tuning", "model")
    return said or bool(trains(facts)) or predicts(facts) or reads_project_data(facts) or bool(metric_claims(facts))


def tuned(facts: Facts) -> Hint | None:
    """model-3: a search's result, or parameters that a search has set."""
    found = [c.last for c in facts.calls if c.last in _SEARCH]
    of_models = bool(set(found) - _GENERAL_SEARCH) or _trains_for(facts)
    found += [c.last for c in facts.around if c.last in _SEARCH]
    searches = found if of_models else []
    claimed = frozenset().union(*(c.words for c in facts.claims)) if facts.claims else frozenset()
    if searches and any(c.near & _FOUND and c.op != "exists" for c in facts.claims):
        return Hint("model-3", 0.8, f"asserts on the result of {searches[0]}")
    if (
        (
            facts.declares("hyperparameter", "hyperparam", "hiperparametro", "tuning", "tuned")
            and facts.claims
            and not facts.raises
        )
        and any(c.op in ("!=", *ORDERED) and not is_trivial(c) and not c.near & {"len"} for c in facts.claims)
        and (claimed & {"param", "best", "default", "tuned", "trial"} or facts.calls)
    ):
        real = trains(facts) or predicts(facts) or reads_project_data(facts) or facts.fixtures
        return Hint("model-3", 0.66, "compares tuned parameters with the default ones") if real else None
    return None


def staleness_known(facts: Facts) -> Hint | None:
    """model-4: quality of older models against newer data."""
    if facts.says("staleness", "stale model", "model age", "aging", "older model", "obsolescencia") and metric_claims(
        facts, loose=True
    ):
        return Hint("model-4", 0.72, "compares the quality of an older model on newer data")
    return None


def offline_online(facts: Facts) -> Hint | None:
    """model-2: offline figures against online ones."""
    vocabulary = facts.said | facts.words
    if {"offline", "online"} <= vocabulary and any(
        c.op in ORDERED | SAME and {"offline", "online"} & c.words and is_metric(c.words, loose=True)
        for c in facts.claims
    ):
        return Hint("model-2", 0.8, "compares offline with online figures")
    if (
        facts.words & {"online", "ab", "live"}
        and facts.called("pearsonr", "spearmanr", "corrcoef", "corr")
        and "offline" in vocabulary
    ):
        return Hint("model-2", 0.75, "correlates offline with online figures")
    return None


RULES: tuple[Rule, ...] = (simpler_model, slices, inclusion, tuned, staleness_known, offline_online)
