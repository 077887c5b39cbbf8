"""Which of the rubric's items each check of deepchecks speaks to, and how far its default condition can go."""

from __future__ import annotations

from dataclasses import dataclass

SUITES = ("data_integrity", "train_test_validation", "model_evaluation")
MODEL_SUITE = "model_evaluation"
# These look into the model itself, which stays on our side.
NEED_THE_MODEL = ("BoostingOverfit", "ModelInferenceTime")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a check of deepchecks says something about.

    `suite` is the one it comes in by default (None: none of the three), `items` the rubric's items it speaks to, `why` in
    what way. `worst` is the gravest that its default condition comes to, "fail" or "warn". `quotes`: its details hold
    values of the data, which are not shown.
    """

    suite: str | None
    items: tuple[str, ...]
    why: str
    worst: str = "fail"
    quotes: bool = False
    noisy: tuple[str, ...] = ()


_DATA, _PAIR, _MODEL = SUITES
_VALUES = ("data-1", "monitor-2")

TABLE: dict[str, Spoken] = {
    "IsSingleValue": Spoken(_DATA, ("data-2", *_VALUES), "a column with one value tells a model nothing"),
    "SpecialCharacters": Spoken(_DATA, _VALUES, "values of punctuation alone", "warn"),
    "MixedNulls": Spoken(_DATA, _VALUES, "several spellings of a missing value in a column"),
    "MixedDataTypes": Spoken(_DATA, _VALUES, "numbers and text in a column", "warn"),
    "StringMismatch": Spoken(_DATA, _VALUES, "several spellings of a value", "warn", quotes=True),
    "DataDuplicates": Spoken(_DATA, _VALUES, "rows that are there more than once", "warn"),
    "StringLengthOutOfBounds": Spoken(_DATA, _VALUES, "texts much longer or shorter than the others", "warn"),
    "ConflictingLabels": Spoken(_DATA, _VALUES, "equal rows with different labels"),
    "FeatureLabelCorrelation": Spoken(_DATA, ("data-2",), "a feature that tells the label by itself: a leak"),
    "FeatureFeatureCorrelation": Spoken(_DATA, ("data-2",), "two features that say the same"),
    "IdentifierLabelCorrelation": Spoken(
        _DATA, ("data-2",), "an identifier or time that tells the label: a leak", noisy=("labels", "numbers")
    ),
    "DatasetsSizeComparison": Spoken(_PAIR, ("infra-4",), "validation data too few to judge by"),
    "NewLabelTrainTest": Spoken(_PAIR, ("monitor-2", "monitor-3"), "labels that training never saw", quotes=True),
    "NewCategoryTrainTest": Spoken(_PAIR, ("monitor-2", "monitor-3"), "categories that training never saw"),
    "StringMismatchComparison": Spoken(
        _PAIR, ("monitor-2", "monitor-3"), "spellings that training never saw", quotes=True
    ),
    "DateTrainTestLeakageDuplicates": Spoken(_PAIR, ("infra-4",), "times that are in both training and validation"),
    "DateTrainTestLeakageOverlap": Spoken(_PAIR, ("infra-4",), "validation from times before training ends"),
    "IndexTrainTestLeakage": Spoken(_PAIR, ("infra-4",), "identifiers that are in both training and validation"),
    "TrainTestSamplesMix": Spoken(_PAIR, ("infra-4",), "rows that are in both training and validation"),
    "FeatureLabelCorrelationChange": Spoken(_PAIR, ("data-2",), "a feature that tells the label in training alone"),
    "FeatureDrift": Spoken(_PAIR, ("monitor-3",), "a feature distributed otherwise than in training"),
    "LabelDrift": Spoken(_PAIR, ("monitor-3",), "the label distributed otherwise than in training"),
    "MultivariateDrift": Spoken(_PAIR, ("monitor-3",), "rows that a classifier tells from training's"),
    "TrainTestPerformance": Spoken(_MODEL, ("infra-4",), "quality lost from training to validation"),
    "RocReport": Spoken(_MODEL, ("infra-4",), "a class that the model can hardly tell"),
    "PredictionDrift": Spoken(_MODEL, ("monitor-3",), "predictions distributed otherwise than in training"),
    "SimpleModelComparison": Spoken(_MODEL, ("model-5",), "hardly better than a constant or a tree"),
    "WeakSegmentsPerformance": Spoken(
        _MODEL, ("model-6",), "rows on which the model is much worse", "warn", noisy=("numbers",)
    ),
    "RegressionErrorDistribution": Spoken(_MODEL, ("infra-4",), "errors that lean to one side", noisy=("numbers",)),
    "UnusedFeatures": Spoken(_MODEL, ("data-2",), "features that vary much and are hardly used", "warn"),
    "BoostingOverfit": Spoken(_MODEL, ("infra-4",), "more trees that make validation worse"),
    "ModelInferenceTime": Spoken(_MODEL, ("monitor-6",), "a prediction that takes too long"),
    "PercentOfNulls": Spoken(None, _VALUES, "too many missing values"),
    "OutlierSampleDetection": Spoken(None, ("monitor-2",), "rows unlike all others", "warn"),
    "ClassImbalance": Spoken(None, ("monitor-2",), "a class that is hardly there", "warn"),
    "SingleDatasetPerformance": Spoken(None, ("infra-4",), "quality below a limit"),
    "ConfusionMatrixReport": Spoken(None, ("infra-4",), "a class taken for another too often"),
    "RegressionSystematicError": Spoken(None, ("infra-4",), "errors that lean to one side"),
    "SegmentPerformance": Spoken(None, ("model-6",), "rows on which the model is much worse"),
    "PerformanceBias": Spoken(None, ("model-7",), "a group for which the model is much worse"),
    "MultiModelPerformanceReport": Spoken(None, ("model-5",), "another model that is better"),
}
# What some of them were called before.
FORMER = {
    "CategoryMismatchTrainTest": "NewCategoryTrainTest",
    "TrainTestFeatureDrift": "FeatureDrift",
    "TrainTestLabelDrift": "LabelDrift",
    "TrainTestPredictionDrift": "PredictionDrift",
    "WholeDatasetDrift": "MultivariateDrift",
}
ITEMS = ("monitor-2", "monitor-3", "data-1", "data-2", "infra-4", "model-5", "model-6")  # what our own runs speak to


def spoken(name: str) -> Spoken | None:
    """What a check says something about, by its class's name or its title ("Feature Drift"); None for an unknown one."""
    plain = "".join(letter for letter in name if letter.isalnum())
    return TABLE.get(FORMER.get(plain, plain))


def counts(name: str, severity: str, *, warnings: bool, numbers: bool, asked: bool) -> bool:
    """Whether a bad verdict of that severity counts as a failure.

    A warning does where `warnings`; what is noisy for such a model does where it was asked for by name.
    """
    found = spoken(name)
    noisy = found is not None and ("numbers" if numbers else "labels") in found.noisy
    return (warnings or severity != "warn") and (asked or not noisy)


def worst(name: str) -> str:
    """The gravest severity that the check's default condition comes to."""
    found = spoken(name)
    return found.worst if found else "fail"
