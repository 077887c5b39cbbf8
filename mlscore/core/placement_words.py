"""What words alone say of a test: its section by marker, file or folder, and an item that its name suggests."""

from __future__ import annotations

import re
from functools import lru_cache

METAMORPHIC = "metamorphic"
"""A section many suites have and the rubric has not: such tests are listed under it and earn nothing."""

SECTION_MARKERS = {
    "feature_data": "data", "data": "data", "features": "data", "feature": "data", "features_data": "data",
    "data_test": "data", "data_tests": "data", "feature_and_data": "data", "features_and_data": "data",
    "model_dev": "model", "model_development": "model", "development": "model", "model": "model",
    "model_test": "model", "model_tests": "model",
    "ml_infra": "infra", "ml_infrastructure": "infra", "infrastructure": "infra", "infra": "infra",
    "infrastructure_test": "infra", "infra_test": "infra",
    "monitoring": "monitor", "monitor": "monitor", "monitoring_test": "monitor", "monitor_test": "monitor",
    "metamorphic": METAMORPHIC, "mutamorphic": METAMORPHIC, "metamorphic_test": METAMORPHIC,
    "mutamorphic_test": METAMORPHIC,
}  # fmt: skip

# A file or folder belongs to a section when nothing but that section's words is left of its name.
_SECTION_WORDS = {
    "data": (
        "data", "dataset", "datasets", "feature", "features", "schema", "integrity", "quality", "validation", "datos",
        "caracteristicas", "esquema",
    ),
    "model": ("model", "models", "development", "dev", "modelo", "modelos", "desarrollo"),
    "infra": ("infra", "infrastructure", "infraestructura"),
    "monitor": ("monitor", "monitors", "monitoring", "monitoreo", "monitorizacion"),
    METAMORPHIC: ("metamorphic", "mutamorphic", "metamorfico", "metamorficas"),
}  # fmt: skip
# At least one of these has to be among the words: `test_quality.py` or `test_dev.py` says nothing by itself.
_DECISIVE = {
    "data": {"data", "dataset", "datasets", "feature", "features", "schema", "datos", "caracteristicas"},
    "model": {"model", "models", "development", "modelo", "modelos"},
    "infra": {"infra", "infrastructure", "infraestructura"},
    "monitor": {"monitor", "monitors", "monitoring", "monitoreo", "monitorizacion"},
    METAMORPHIC: {"metamorphic", "mutamorphic", "metamorfico", "metamorficas"},
}
_NOISE = frozenset(
    {"test", "tests", "testing", "ml", "and", "the", "for", "of", "score", "suite", "check", "checks", "y", "de"}
)
_MISSPELT_FROM = 6
# F1 and R2 are words of the field; other digits stand alone.
_WORD = re.compile(r"[fFrR][12](?![a-zA-Z0-9])|[A-Z]+(?![a-z])|[A-Z]?[a-zà-öø-ÿ]+|\d+")


@lru_cache(maxsize=65536)
def words_of(text: str) -> tuple[str, ...]:
    """The words of an identifier or a sentence, in lower case: "testModelAUC_v2" is test, model, auc, v, 2."""
    return tuple(word.lower() for word in _WORD.findall(text))


@lru_cache(maxsize=8192)
def section_of_path(path: str) -> tuple[str, str] | None:
    """The section a test file belongs to by its name, or by the nearest folder that has a section's name, and why."""
    *folders, file = path.split("/")
    stem = file.rpartition(".")[0] or file
    section = _section_of_name(stem)
    if section is not None:
        return section, f"file {file}"
    for folder in reversed(folders):
        section = _section_of_name(folder)
        if section is not None:
            return section, f"folder {folder}"
    return None


@lru_cache(maxsize=8192)
def _section_of_name(name: str) -> str | None:
    words = [w for w in words_of(name) if w not in _NOISE and not w.isdigit()]
    if not words:
        return None
    for section, known in _SECTION_WORDS.items():
        matched = [_known(word, known) for word in words]
        if None not in matched and _DECISIVE[section].intersection(matched):
            return section
    return None


def _known(word: str, known: tuple[str, ...]) -> str | None:
    """`word` itself, or the word it is a misspelling of by one or two letters (long words only)."""
    if word in known:
        return word
    if len(word) < _MISSPELT_FROM:
        return None
    letters = set(word)
    for k in known:
        most = 1 if len(k) < 9 else 2
        # A step changes at most two letters of the set, so most words are ruled out without measuring.
        if len(k) >= _MISSPELT_FROM and len(letters.symmetric_difference(k)) <= 2 * most and _distance(word, k) <= most:
            return k
    return None


def _distance(a: str, b: str) -> int:
    """Levenshtein's distance, with a swap of neighbours as one step (optimal string alignment)."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if before and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]


# Item by words of a test's name and docstring, within a section only: each alternative is a set of words that must all
# be there. Plurals are folded. In order: the first that fits wins.
_BY_WORDS = tuple(
    (item, tuple(phrase.strip() for phrase in phrases.split(",")))
    for item, phrases in (
        ("data-5", "privacy, pii, gdpr, personal data, anonymization, encryption, privacidad, dato personale"),
        ("data-4", "forbidden feature, banned feature, deprecated feature, protected attribute, allowed feature"),
        ("data-3", "feature cost, cost of feature, feature latency, feature memory, feature time, extraction time"),
        ("data-2", "feature importance, permutation importance, ablation, beneficial, importancia"),
        ("data-1", "schema, missing value, no missing, null, nan, dtype, data type, column type, value range"),
        ("data-1", "allowed value, expected column, required column, duplicate, data quality, label distribution"),
        ("data-1", "esquema, nulo, faltante, columna esperada"),
        ("data-7", "preprocess, preprocessing, clean, cleaning, tokenize, encode, encoding, normalize, stopword"),
        ("model-7", "fairness, inclusion, demographic, gender, protected group, parity, equidad"),
        ("model-6", "slice, subgroup, segment, subpopulation, per class, segmento"),
        ("model-5", "simple baseline, simpler model, beat baseline, dummy classifier, majority class"),
        ("model-4", "staleness, stale model"),
        ("model-3", "hyperparameter, hyperparam, grid search, tuned, hiperparametro"),
        ("model-2", "offline online, offline and online"),
        ("infra-1", "reproducible, reproducibility, determinism, deterministic training, same seed, nondeterminism"),
        ("infra-1", "reproducibilidad, reproducible"),
        ("infra-7", "rollback, roll back, previous version"),
        ("infra-6", "canary"),
        ("infra-5", "explain, explanation, debuggable, shap, explicacion"),
        ("infra-3", "end to end, e2e, full pipeline, pipeline integration, integration pipeline, pipeline completo"),
        ("infra-4", "quality gate, quality threshold, before serving, minimum accuracy, accuracy threshold, umbral"),
        ("infra-2", "overfit, loss decrease, training step, output shape, gradient"),
        ("monitor-4", "stale, staleness, model age, obsoleto, antiguedad"),
        ("monitor-3", "skew, data drift, feature drift, distribution drift, training serving, sesgo"),
        ("monitor-5", "numerical stability, numerically stable, nan, infinite, finite, infinito"),
        ("monitor-6", "latency, inference time, prediction time, memory, throughput, training time, response time"),
        ("monitor-6", "latencia, memoria"),
        ("monitor-7", "prediction drift, prediction quality, concept drift, prediction distribution"),
        ("monitor-2", "data invariant, input invariant, invariant, input schema, input validation, invariante"),
        ("monitor-1", "dependency, dependencies, vulnerability"),
    )
)
WORDS_ALONE = 0.4
"""Confidence of a suggestion that rests on words of the name alone, in a test already known to be of that section."""


@lru_cache(maxsize=16384)
def suggested_by_words(section: str, name: str, docstring: str | None, rubric_ids: tuple[str, ...]) -> str | None:
    """The item of `section` that the words of a test's name and its docstring's first line suggest, or None."""
    first = (docstring or "").strip().partition("\n")[0]
    said = " ".join(singular(w) for w in words_of(name.partition("[")[0]))
    said = f" {said} / {' '.join(singular(w) for w in words_of(first))} "
    for item, phrases in _BY_WORDS:
        if item.startswith(section + "-") and item in rubric_ids and any(f" {p} " in said for p in phrases):
            return item
    return None


def singular(word: str) -> str:
    """A lower-case word without the plural's ending, as far as its letters tell: "features", "dependencies", "losses"."""
    if len(word) > 4 and word.endswith("ies") and word != "series":
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "is", "us", "as")) else word
