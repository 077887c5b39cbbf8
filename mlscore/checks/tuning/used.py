"""The hyperparameters that training uses: as a model keeps them, or as a file of parameters names them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlscore.checks.tuning.shapes import Scalar
from mlscore.errors import ConfigError, InputError
from mlscore.project.read import parse_toml, read_text

HYPERPARAMETERS = f"{__name__}:hyperparameters"


def hyperparameters(model: Any, request: Mapping[str, Any]) -> dict[str, Scalar] | None:
    """The hyperparameters of an estimator or a booster, None for a model that does not tell them.

    A search that was saved whole answers for the estimator that it chose.
    """
    model = getattr(model, "best_estimator_", model)
    told: Any = None
    if callable(getattr(model, "get_all_params", None)):  # CatBoost's, with the defaults that it chose
        told = model.get_all_params()
    elif callable(getattr(model, "get_params", None)):
        told = model.get_params(deep=True)
    elif callable(getattr(model, "save_config", None)):  # XGBoost's Booster
        told = _flat(json.loads(model.save_config()))
    elif isinstance(getattr(model, "params", None), Mapping):  # LightGBM's Booster
        told = model.params
    return {str(name): plain(value) for name, value in told.items()} if isinstance(told, Mapping) else None


def read_params(path: Path, name: str, section: str | None = None) -> dict[str, Scalar]:
    """The parameters of a JSON, YAML or TOML file, tables in it as "table.name"; `section` names a table, with dots.

    Raises InputError when the file cannot be read, and ConfigError when the section is not there.
    """
    text = read_text(path, where=name, error=InputError)
    data: Any = None
    if path.suffix == ".toml":
        data = parse_toml(text, where=name)
    elif path.suffix in (".yaml", ".yml"):
        import yaml

        try:
            data = yaml.safe_load(text)
        except yaml.YAMLError:
            data = None
    else:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
    for key in section.split(".") if section else ():
        if not isinstance(data, dict) or key not in data:
            raise ConfigError(f'there is no section "{section}"', where=name, hint="mend the option section")
        data = data[key]
    if not isinstance(data, dict):
        raise InputError(
            "it holds no parameters by name", where=name, hint="write name and value as JSON, YAML or TOML"
        )
    return {key: plain(value) for key, value in _flat(data).items()}


def look_up(name: str, told: Mapping[str, Scalar]) -> str | None:
    """The key of a parameter among those told: its own, or the only one that ends in it after "__" or "."."""
    if name in told:
        return name
    found = [key for key in told if key.endswith((f"__{name}", f".{name}"))]
    if not found:  # the search may have been over a pipeline, and the model or the file know the step alone
        found = [key for key in told if name.endswith((f"__{key}", f".{key}", f"/{key}"))]
    return found[0] if len(found) == 1 else None


def plain(value: Any) -> Scalar:
    """A value as JSON has it; what it has no word for as its own text."""
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    try:
        return float(value) if type(value).__name__ == "Decimal" else repr(value)
    except (ValueError, TypeError):
        return repr(value)


def parsed(text: str) -> Scalar:
    """A value that was written as text: numbers, true and false, none."""
    word = text.strip()
    known: dict[str, Scalar] = {"true": True, "false": False, "none": None, "null": None}
    if word.lower() in known:
        return known[word.lower()]
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return text


def same(one: Scalar, other: Scalar) -> bool:
    """Whether two values are the same, whether written as text or not, and but for the rounding of writing numbers."""
    one, other = (parsed(value) if isinstance(value, str) else value for value in (one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other or (one in (0, 1) and other in (0, 1) and one == other)
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-6) or (math.isnan(one) and math.isnan(other))
    return one == other


def _flat(data: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = value
    return found
