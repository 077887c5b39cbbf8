"""scikit-learn's cv_results_, as columns: parameters, mean scores and the scores of each fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlscore.checks.tuning.records import number, scalar
from mlscore.checks.tuning.shapes import Trial, Trials
from mlscore.errors import ConfigError, InputError, did_you_mean

_MEAN = "mean_test_"
_PARAM = "param_"


def is_cv_results(columns: Mapping[str, Any]) -> bool:
    """Whether these are the columns of a cv_results_."""
    return any(name.startswith(_MEAN) for name in columns) and all(
        isinstance(columns[name], (list, dict)) for name in columns if name.startswith((_MEAN, _PARAM))
    )


def read_cv_results(columns: Mapping[str, Any], metric: str | None, name: str) -> Trials:
    """The trials. scikit-learn's scores are all better when greater.

    Raises ConfigError when there are several scores and none is chosen, and InputError when columns do not fit together.
    """
    # pandas writes a frame's columns as {"0": …, "1": …}.
    lists = {key: list(one.values()) if isinstance(one, dict) else one for key, one in columns.items()}
    scores = [key.removeprefix(_MEAN) for key in lists if key.startswith(_MEAN)]
    chosen = metric or (scores[0] if len(scores) == 1 else "score")
    if chosen not in scores:
        hint = did_you_mean(chosen, scores) or f"there are {', '.join(scores)}"
        raise ConfigError(f'cv_results_ has no score "{chosen}"', where=name, hint=hint)
    means = lists[_MEAN + chosen]
    folds = [
        one for key, one in lists.items() if key.startswith("split") and key.endswith(f"_test_{chosen}")
        and key.removeprefix("split").removesuffix(f"_test_{chosen}").isdigit()
    ]  # fmt: skip
    named = {key.removeprefix(_PARAM): one for key, one in lists.items() if key.startswith(_PARAM)}
    if not named or any(not isinstance(one, list) or len(one) != len(means) for one in (*named.values(), *folds)):
        raise InputError("the columns of cv_results_ do not fit together", where=name, hint="export it whole")
    whole = lists.get("params")
    trials, lost = [], 0
    for row, mean in enumerate(means):
        value = number(mean)
        if value is None:
            lost += 1
            continue
        # "params" knows which parameters a trial had; in columns those that it had not are empty.
        has = whole[row] if isinstance(whole, list) and isinstance(whole[row], dict) else None
        params = {
            key: scalar(one[row]) for key, one in named.items() if (one[row] is not None if has is None else key in has)
        }
        own = tuple(number(fold[row]) for fold in folds)
        kept = tuple(one for one in own if one is not None)
        trials.append(Trial(str(row), params, value, kept if len(kept) == len(own) else ()))
    return Trials(tuple(trials), chosen, True, lost=lost)
