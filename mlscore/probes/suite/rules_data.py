"""What in a test speaks for the items about features and data."""

from __future__ import annotations

from collections.abc import Iterable

from mlscore.probes.suite.claims import READS_DATA, Call, Claim, stems
from mlscore.probes.suite.facts import Facts, brings_data, reads_a_table
from mlscore.probes.suite.signs import (
    ORDERED,
    RANDOM,
    READS,
    SAME,
    Hint,
    Rule,
    faked,
    is_metric,
    is_prediction,
    is_request,
    is_training,
    is_trivial,
    made_up,
    measures,
    metric_claims,
    synthetic,
    trains,
    word,
)
from mlscore.probes.suite.vocabulary import (
    DATA,
    FEATURE,
    FEATURE_MODULE,
    MEMORY,
    PLUMBING_MODULE,
    PROTECTED,
    TIME,
    vocabulary,
)

_NULLS = vocabulary("isnull isna notnull notna null nan missing hasnan nulo faltante none")
_TYPES = vocabulary("dtype numeric")
_VALUES = vocabulary("isin unique nunique allowed issubset fullmatch strip between gt ge lt le")
_COLUMNS = vocabulary("column columna field")
_SHAPE_ONLY = vocabulary(
    "shape col cols column columna len type isinstance ndim size count key exist dtype index path file name version"
)


def schema(facts: Facts) -> Hint | None:
    """data-1: the project's data held against expectations of columns, types, nulls, ranges or categories."""
    by_library = _schema_library(facts)
    if by_library is not None:
        return by_library
    if facts.raises or faked(facts) or trains(facts) or not reads_project_data(facts) or measures(facts) is not None:
        return None
    if any(_wants_failure(c) for c in facts.claims):
        # A check that has to find something is itself under test.
        return None
    if facts.called("transform", "fit_transform"):
        # What a transformer has made of the data says more of the transformer.
        return None
    found: dict[str, str] = {}
    balance = facts.says("balance", "imbalance", "balanced", "label distribution", "class distribution")
    for claim in facts.claims:
        if not claim.words & DATA and not claim.near & _COLUMNS:
            continue
        if is_metric(claim.near) or claim.near & (_PREDICTED | {"model"}):
            continue
        if claim.words & {"scorer", "predictor", "predict", "classifier", "predict_proba"}:
            continue
        if claim.near & _NULLS:
            found["nulls"] = "missing values"
        if claim.near & _TYPES or (claim.near & {"isinstance"} and claim.near & {"apply", "map"}):
            found["types"] = "column types"
        listed = claim.op == "in" and claim.right_constant and not claim.left_constant and claim.left & DATA
        if listed or (claim.near & _VALUES and claim.op != "isinstance"):
            found["values"] = "allowed values"
        if claim.words & {"duplicated", "duplicate"} and claim.op != "isinstance":
            found["duplicates"] = "duplicates"
        if claim.near & _COLUMNS:
            found["columns"] = "columns"
        if balance and claim.op in ORDERED and claim.words & {"count", "bincount", "mean", "value"}:
            found["balance"] = "the balance of classes"
        elif _is_range(claim):
            found["ranges"] = "value ranges"
    if not found:
        return None
    strong = [k for k in found if k != "columns"]
    if not strong and (_made_here(facts) or facts.called("to_csv", "save", "dump")):
        return None
    if _made_here(facts) and not any(reads_a_table(c) for c in (*facts.calls, *facts.around)):
        return None
    confidence = 0.58 if not strong else 0.72 + 0.05 * min(len(found), 3)
    if not any(READS_DATA.fullmatch(c.last) for c in (*facts.calls, *facts.around)):
        # Whose data it is, only the name of a fixture or of a loader says.
        confidence = min(confidence, 0.7)
    return Hint("data-1", confidence, f"checks {_and(found.values())} of the data")


_PREDICTED = vocabulary("predict pred prediction proba prob probability probabilities forecast")


def _wants_failure(claim: Claim) -> bool:
    """Whether a claim wants a validation to fail: `assert not result.passed`."""
    verdict = claim.near & {"passed", "valid", "success", "pass", "ok"}
    return claim.op == "true" and claim.negated and bool(verdict)


def _schema_library(facts: Facts) -> Hint | None:
    if (facts.raises and not facts.claims) or any(_wants_failure(c) for c in facts.claims):
        return None
    for call in facts.calls:
        origin = call.dotted.lower()
        if call.last.startswith("expect_") and call.last not in ("expect_warns",):
            return Hint("data-1", 0.85, f"states an expectation on the data: {call.last}")
        if call.last == "validate" and (
            call.base & {"schema", "esquema", "dataframeschema", "pandera"} or "pandera" in origin
        ):
            read = reads_project_data(facts)
            if made_up(facts) or (not read and (synthetic(facts) or not call.args & DATA)):
                return None
            return Hint("data-1", 0.9, "validates the data against a schema")
        if "great_expectation" in origin or "deepchecks" in origin:
            return Hint("data-1", 0.75, f"runs {origin.partition('.')[0]} on the data")
        if stems(call.last) & {"schema", "esquema"} and stems(call.last) & {"validate", "check", "assert", "validar"}:
            if facts.builds_data or facts.raises or not reads_project_data(facts):
                return None
            return Hint("data-1", 0.7, f"checks the data with {call.last}")
    return None


_NOT_VALUES = vocabulary(
    "len empty shape size drift diff difference abs cpu percent cost sparsity skew psi distance metric loss "
    "model predict inf score prediction fit train_model importance correlation corr p pvalue statistic"
)


# Calls that leave a claim one about the data's values; a call of anything else makes it one about that.
_REDUCTIONS = frozenset(
    {
        "min", "max", "mean", "std", "sum", "median", "quantile", "mode", "count", "nunique", "float", "int", "round",
        "abs", "strip", "lower", "len", "value_counts", "get", "item", "date", "to_datetime", "Timestamp", "datetime",
        "now", "today", "year", "idxmax", "idxmin", "head", "tail", "to_numpy", "astype", "dropna", "all", "any",
    }
)  # fmt: skip


def _is_range(claim: Claim) -> bool:
    """Whether a claim bounds values of the data: against a number, or one column against another."""
    if (
        claim.op not in ORDERED
        or claim.calls - _REDUCTIONS
        or claim.near & _NOT_VALUES
        or claim.words & (TIME | MEMORY | {"predict", "fit", "abs"})
    ):
        return False
    if claim.op == ">" and claim.right_number == 0 and claim.near & {"row", "count"}:
        return False
    if claim.right_number is not None or claim.left_number is not None or claim.right_constant or claim.left_constant:
        return bool(claim.near & DATA) or bool(claim.words & {"df", "frame", "dataframe", "dataset", "column"})
    return bool(claim.left & DATA and claim.right & DATA and claim.near & DATA)


def _made_here(facts: Facts) -> bool:
    """Whether the test calls code that makes a table from a table: what it checks is then that code."""
    return any(
        c.args & DATA
        and not c.dotted.startswith(("pd.", "pandas.", "np.", "numpy.", "len", "set", "isinstance", "list", "sorted"))
        and "." not in c.last
        and c.last not in (*READS, "len", "set", "list", "sorted", "issubset", "all", "any", "str", "type")
        and not c.base & DATA
        for c in facts.calls
    )


_NO_TABLE = frozenset({"model", "pkl", "joblib", "config", "yaml", "tmp", "byte", "string"})


def reads_project_data(facts: Facts) -> bool:
    """Whether the test looks at data from a file or a data fixture that no test code makes up."""
    calls = (*facts.calls, *facts.around)
    built = any(c.last in ("DataFrame", "make_classification", "make_regression", "write_text") for c in calls)
    written = any(c.last in ("to_csv", "to_parquet", "write_text", "to_json") for c in calls)
    if built and (written or not any(READS_DATA.fullmatch(c.last) for c in calls)):
        # It reads back what a fixture has just made up, or gives it to the code under test.
        return False
    if any(brings_data(c) for c in facts.around):
        return True
    if any(reads_a_table(c) or (c.last in READS and not c.args & _NO_TABLE) for c in calls):
        return not any(c.last in ("to_csv", "to_parquet", "write_text", "to_json") for c in facts.calls)
    if facts.builds_data or any(
        c.last in ("DataFrame", "make_classification", "make_regression") for c in facts.around
    ):
        return False
    if any(c.last in RANDOM for c in facts.around):
        return False
    about = {"path", "dir", "config", "loader", "tag", "name", "id", "client"}
    return any(stems(f) & DATA and not stems(f) & about for f in facts.fixtures)


_MOVES = vocabulary("load read save write split download upload get plot log register fetch list")
_CARRIES = vocabulary("save write download upload plot log register list")
_VERBS = vocabulary(
    "preprocess clean encode tokenize tokenise normalize normalise scale impute vectorize stem lemmatize featurize "
    "bucketize bucket engineer extract lag rolling onehot limpiar preprocesar codificar"
)
_NO_FEATURE = vocabulary(
    "label error message metadata meta schema simulate operation version resolve available check validate validity verify "
    "main cli route metric shap impact importance registry explanation"
)
_NO_FEATURE_MODULE = vocabulary(
    "dir path folder file simulator simulation faker security auth registry dictionary impact monitor calibrator "
    "calibration"
)
_NO_FEATURE_CALLS = frozenset(
    {
        "values", "items", "keys", "mkdir", "exists", "from_pretrained", "joinpath", "glob",
        # what a table or an array does itself
        "rename", "drop", "copy", "astype", "groupby", "sum", "mean", "std", "min", "max", "all", "any", "isna", "isnull",
        "notna", "head", "tail", "tolist", "to_numpy", "unique", "nunique", "reset_index", "set_index", "sort_values",
        "get", "append", "merge", "select_dtypes", "duplicated", "equals", "count", "index", "startswith", "endswith",
        "issubset", "issuperset", "union", "difference", "intersection", "isin", "between",
    }
)  # fmt: skip
# Words that speak of features only where something else does: much that is no feature is scaled, extracted or binned.
_VAGUE = vocabulary(
    "scale scaler extract distance derive clip crop bin embed embedding vectorize transform transformer resize stem hot "
    "encode encoder encoding augment augmentation bucket lag rolling cleaner clean normalize normalise normalizer "
    "normaliser"
)
_TRANSFORMER = FEATURE | {"transformer"}
_VERDICT = vocabulary("rule violation error status passed step reason")
_TEXT = vocabulary("text tweet sentence word document review token comment message html")
_RAW = DATA | _TEXT | vocabulary("image timestamp date")


def feature_calls(facts: Facts) -> list[Call]:
    """The calls of the project's own feature or preprocessing code."""
    found: list[Call] = []
    for call in facts.calls:
        name = stems(call.last)
        module = stems(call.dotted.rpartition(".")[0].replace(".", "_"))
        if name & _MOVES and not (name & _VERBS and not (name & _CARRIES and "and" not in name)):
            continue
        if name & _NO_FEATURE or module & _NO_FEATURE_MODULE or call.last in _NO_FEATURE_CALLS:
            continue
        if call.last.startswith("to_") or call.last in facts.fixtures | facts.helpers:
            # Writing a table, and a fixture or helper that makes one up.
            continue
        if not call.dotted and call.base & {"pd", "np", "timestamp"}:
            # `pd.Timestamp(day).normalize()`
            continue
        if name & {"scale"} and name & {"up", "down", "out"}:
            continue
        if call.dotted.startswith(("np.", "numpy.", "pd.", "pandas.", "torch.", "sklearn.", "pytest.", "unittest.")):
            continue
        if is_training(call) or is_prediction(call) or is_request(call):
            continue
        if call.last == "encode" and (
            call.args & {"utf", "ascii"} or module & {"serde", "json"} or facts.called("decode")
        ):
            # Text to bytes, or objects to JSON.
            continue
        if name & {"name", "registry", "config", "assert"} or call.last in ("Path", "len", "list", "set", "str", "int"):
            continue
        if ".transformers." in f".{call.dotted}":
            # The library of that name, by whichever package it is reached.
            continue
        if call.last[:1].isupper() and not _applied(facts):
            # A class that is only made has given no values yet.
            continue
        if module & FEATURE_MODULE and not name & {"pipeline"}:
            found.append(call)
        elif name & FEATURE and not name & {"importance", "name", "config", "store", "pipeline", "assert", "validate"}:
            if not module & PLUMBING_MODULE or name & {"clean", "preprocess", "encode", "tokenize", "normalize"}:
                found.append(call)
        elif call.last in ("transform", "fit_transform") and call.base & (FEATURE | {"transformer"}):
            found.append(call)
    return found


def _applied(facts: Facts) -> bool:
    """Whether the test applies an object to data."""
    return any(
        c.last
        in ("transform", "fit_transform", "apply", "compute", "process", "__call__", "process_item", "preprocess")
        or stems(c.last) & {"transform", "generate", "compute", "preprocess", "process", "apply", "encode", "tokenize"}
        for c in facts.calls
        if not c.last[:1].isupper() and not (c.last == "encode" and facts.called("decode"))
    )


def feature_code(facts: Facts) -> Hint | None:
    """data-7: the values that feature code gives, held against values known beforehand."""
    calls = feature_calls(facts)
    if not calls or trains(facts) or any(is_prediction(c) for c in facts.calls) or measures(facts) is not None:
        return None
    names = frozenset().union(*(stems(c.last) | c.base for c in calls))
    exact = False
    some = False
    for claim in facts.claims:
        if not claim.words & names and not claim.near & {
            "out",
            "result",
            "output",
            "expected",
            "actual",
            "transformed",
        }:
            continue
        if claim.near & _VERDICT or (claim.near & _SHAPE_ONLY and not claim.near & _NULLS):
            continue
        if claim.calls == {"set"}:
            # Names of what comes out, not its values.
            continue
        if claim.op in SAME and claim.right_number != 200:
            known = frozenset().union(*(stems(p) for p in facts.param_names)) if facts.param_names else frozenset()
            held = (
                claim.left_constant
                or claim.right_constant
                or bool(claim.words & {"expected", "esperado"})
                or claim.op == "~"
                or bool(known and (claim.right <= known or claim.left <= known))
            )
            exact = exact or (held and not claim.flag)
            some = True
        elif claim.op in ORDERED:
            some = some or claim.left_constant or claim.right_constant
        elif claim.op in ("in", "not in"):
            # In a text that is its content; in a table or a mapping it is the name of a column.
            in_text = bool(claim.words & _TEXT) or any(c.strings for c in calls)
            some = some or (in_text and (claim.left_constant or claim.right_constant))
        elif claim.op == "true" and claim.calls & {"islower", "isupper", "isdigit", "isfinite"}:
            some = True
    if not some:
        return None
    telling = [c for c in calls if not c.last[:1].isupper() and c.last not in ("fit", "transform", "fit_transform")]
    made = [c for c in calls if c.last[:1].isupper()]
    name = (telling or made or calls)[0].last
    about = _is_about_features(facts, calls)
    if (facts.raises and not exact) or not (about or facts.builds_data or any(c.args & _RAW for c in calls)):
        return None
    if faked(facts):
        return Hint("data-7", 0.5, f"checks the values that {name} gives, but with stand-ins")
    if exact and about:
        return Hint("data-7", 0.8, f"holds the values that {name} gives against known ones")
    return Hint("data-7", 0.62, f"checks the values that {name} gives")


def _is_about_features(facts: Facts, calls: list[Call]) -> bool:
    """Whether more than one vague word says that what is called makes features: a telling word, or the file's name."""
    around = frozenset().union(facts.name, stems(facts.test.path.rpartition("/")[2]))
    return any(
        stems(c.last) & (FEATURE - _VAGUE) or stems(c.dotted.rpartition(".")[0].replace(".", "_")) & FEATURE_MODULE
        or c.base & _TRANSFORMER
        for c in calls
    ) or bool(around & (FEATURE_MODULE | (FEATURE - _VAGUE)))  # fmt: skip


def useful_features(facts: Facts) -> Hint | None:
    """data-2: importances, ablations or correlations with the target, and an assertion on them."""
    if not facts.claims:
        return None
    names = {c.last for c in (*facts.calls, *facts.around)}
    claimed = frozenset().union(*(c.words for c in facts.claims))
    if "permutation_importance" in names and claimed & {"importance", "mean", "permutation"}:
        return Hint("data-2", 0.85, "asserts on permutation importances")
    made_up = any(
        c.last in ("DataFrame", "make_classification", "make_regression") for c in (*facts.calls, *facts.around)
    )
    if made_up and not reads_project_data(facts):
        return None
    if claimed & {"importance", "importancia"} and claimed & {"feature", "model", "caracteristica", "shap"}:
        if any(c.near & {"importance", "importancia"} and c.op in ORDERED for c in facts.claims):
            return Hint("data-2", 0.75, "asserts on feature importances")
        return None
    ablates = facts.says("ablation", "leave one out", "without feature", "drop feature", "remove feature", "removing")
    drops = facts.called("drop", "delete") and any(c.last in ("drop", "delete") and c.looped for c in facts.calls)
    fewer = (
        "feature" in facts.said and facts.said & {"cost", "fewer", "number"} and any(c.looped for c in trains(facts))
    )
    if fewer and metric_claims(facts, loose=True):
        return Hint("data-2", 0.7, "trains with fewer features and compares the quality")
    if trains(facts) and (ablates or (drops and "feature" in facts.said)) and metric_claims(facts, loose=True):
        return Hint("data-2", 0.75, "trains without single features and compares the quality")
    correlations = {"corr", "corrwith", "mutual", "spearmanr", "pearsonr"}
    bounded = any(c.op in ORDERED and not is_trivial(c) and c.words & correlations for c in facts.claims)
    if synthetic(facts) and not reads_project_data(facts):
        return None
    if bounded and claimed & {"target", "label", "y", "objetivo"} and not any(is_prediction(c) for c in facts.calls):
        return Hint("data-2", 0.65, "bounds the features' correlation with the target")
    return None


def feature_cost(facts: Facts) -> Hint | None:
    """data-3: time or memory that a feature takes, held against a limit."""
    measured = measures(facts)
    named = facts.says(
        "feature cost", "cost of feature", "cost of the feature", "feature latency", "feature computation time"
    )
    if measured is None:
        return None
    if named and not facts.says("model cost"):
        return Hint("data-3", 0.8, f"bounds the {measured} that features cost")
    if any(is_prediction(c) or is_training(c) or is_request(c) for c in facts.calls):
        return None
    calls = feature_calls(facts) or [
        c for c in facts.calls if c.last in ("transform", "fit_transform") and not c.base & {"model", "pipeline"}
    ]
    if calls:
        return Hint("data-3", 0.75, f"bounds the {measured} that {calls[0].last} takes")
    if facts.said & {"feature", "preprocessing", "caracteristica"}:
        return Hint("data-3", 0.65, f"bounds the {measured} that features take")
    return None


_BANNED = vocabulary(
    "banned forbidden prohibited deprecated blacklist blocklist disallowed excluded prohibida protected"
)


def meta_requirements(facts: Facts) -> Hint | None:
    """data-4: the model's features held against a list of what is not allowed."""
    # A protected attribute missing from a made-up table may be nothing but the table's encoding.
    said = facts.says("protected", "sensitive", "forbidden", "banned", "not used", "leak")
    kept_out = said or not (facts.builds_data or feature_calls(facts))
    for claim in facts.claims:
        protected = word(claim.left, PROTECTED) if claim.op == "not in" and kept_out else None
        banned = word(claim.near, _BANNED) or protected
        about = (claim.near if protected else claim.words) & {"feature", "column", "caracteristica", "columna", "input"}
        if banned and about and not is_metric(claim.words) and claim.op in ("not in", "==", "true", "in", "~"):
            return Hint("data-4", 0.82, f'holds the features against a list of "{banned}" ones')
    if facts.says("allowed feature", "forbidden feature", "target leakage", "label leakage", "banned feature") and any(
        c.words & {"feature", "column"} and c.op in ("not in", "true", "==") for c in facts.claims
    ):
        return Hint("data-4", 0.6, "checks which features are allowed")
    return None


_PRIVATE = vocabulary(
    "pii gdpr anonymize anonymise anonymized pseudonymise pseudonymize encrypt encrypted encryption "
    "redact privacy anonimizar anonimizado cifrado cifrar privacidad seudonimizar deidentify erasure "
    "anonymizer anonymization pseudonym kanonymity redacted"
)
_CIPHERS = vocabulary("encrypt encrypted encryption cifrado cifrar redact redacted")
_PERSONAL = vocabulary("email phone ssn passport telefono correo dni iban")


def privacy(facts: Facts) -> Hint | None:
    """data-5: personal data masked, encrypted, kept out or deleted on the way through the pipeline."""
    words = frozenset().union(facts.words, facts.name, *(stems(c.last) for c in facts.calls))
    found = word(words, _PRIVATE)
    if found in _CIPHERS and not (
        facts.builds_data or (words | facts.said) & (_PERSONAL | {"customer", "patient", "df"})
    ):
        # Secrets of the system are encrypted as well as people's data.
        found = None
    if found == "privacy" and any(is_request(c) for c in facts.calls):
        found = None
    found = found or word(facts.said, frozenset({"gdpr", "pii", "erasure", "privacidad"}))
    if not facts.claims or facts.called("setenv") or is_only_mocked(facts):
        return None
    if found:
        return Hint("data-5", 0.78, f'checks how personal data is treated ("{found}")')
    personal = [c for c in facts.claims if c.op in ("not in", "true", "==") and c.near & _PERSONAL]
    if personal and facts.said & {"mask", "masked", "hash", "hashed", "removed", "drop", "leak", "delete", "deleted"}:
        return Hint("data-5", 0.65, "checks that personal columns are masked or gone")
    if facts.says("right to be forgotten", "user deletion", "delete user", "deleted user") and facts.said & {
        "train",
        "training",
        "data",
    }:
        return Hint("data-5", 0.65, "checks that a user's deletion reaches the data")
    return None


def is_only_mocked(facts: Facts) -> bool:
    """Whether the only assertions are about calls of mocks."""
    return bool(facts.claims) and all(c.op == "mock" for c in facts.claims)


def _and(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


RULES: tuple[Rule, ...] = (schema, feature_code, useful_features, feature_cost, meta_requirements, privacy)
