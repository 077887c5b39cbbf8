"""Words of names, files and folders."""

import pytest

from mlscore.core.placement_words import section_of_path, suggested_by_words, words_of

IDS = tuple(f"{section}-{n}" for section in ("data", "model", "infra", "monitor") for n in range(1, 8))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("test_model_auc", ("test", "model", "auc")),
        ("TestModelAUC", ("test", "model", "auc")),
        ("f1_score2", ("f1", "score", "2")),
        ("R2 above 0.5", ("r2", "above", "0", "5")),
        ("validación", ("validación",)),
        ("", ()),
    ],
)
def test_words_of(text, words):
    assert words_of(text) == words


def test_a_section_by_file_or_folder_says_which():
    assert section_of_path("tests/test_ml_infra.py") == ("infra", "file test_ml_infra.py")
    assert section_of_path("tests/02_monitoring/test_a.py") == ("monitor", "folder 02_monitoring")
    assert section_of_path("tests/test_a.py") is None


def test_short_words_are_not_taken_for_misspellings():
    assert section_of_path("tests/test_date.py") is None
    assert section_of_path("tests/test_modem.py") is None


@pytest.mark.parametrize(
    ("section", "name", "item"),
    [
        ("data", "test_no_missing_values", "data-1"),
        ("data", "test_feature_importances", "data-2"),
        ("data", "test_feature_cost", "data-3"),
        ("data", "test_no_banned_features", "data-4"),
        ("data", "test_pii", "data-5"),
        ("data", "test_tokenize", "data-7"),
        ("model", "test_offline_and_online", "model-2"),
        ("model", "test_hyperparameters", "model-3"),
        ("model", "test_staleness", "model-4"),
        ("model", "test_majority_class", "model-5"),
        ("model", "test_slices", "model-6"),
        ("model", "test_fairness", "model-7"),
        ("infra", "test_reproducibility", "infra-1"),
        ("infra", "test_loss_decreases", "infra-2"),
        ("infra", "test_end_to_end", "infra-3"),
        ("infra", "test_quality_gate", "infra-4"),
        ("infra", "test_explanations", "infra-5"),
        ("infra", "test_canary", "infra-6"),
        ("infra", "test_rollback", "infra-7"),
        ("monitor", "test_dependencies", "monitor-1"),
        ("monitor", "test_input_invariants", "monitor-2"),
        ("monitor", "test_skew", "monitor-3"),
        ("monitor", "test_model_age", "monitor-4"),
        ("monitor", "test_numerically_stable", "monitor-5"),
        ("monitor", "test_latency", "monitor-6"),
        ("monitor", "test_prediction_drift", "monitor-7"),
        ("infra", "test_helpers", None),
        ("model", "test_latency", None),
        ("metamorphic", "test_schema", None),
    ],
)
def test_words_suggest_an_item_of_the_section(section, name, item):
    assert suggested_by_words(section, name, None, IDS) == item


def test_an_item_the_rubric_has_not_is_not_suggested():
    assert suggested_by_words("data", "test_schema", None, ("data-2",)) is None
