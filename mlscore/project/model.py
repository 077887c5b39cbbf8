"""What predicts in the project and how it is trained, from `[tool.mlscore.model]`."""

from __future__ import annotations

import re
from types import MappingProxyType

from mlscore.core.evidence import Location
from mlscore.errors import ConfigError
from mlscore.project import keys
from mlscore.project.config import Label, ModelSettings
from mlscore.project.layers import Layers

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_model(layers: Layers) -> ModelSettings:
    """The model's table. Raises ConfigError at the first value that is wrong."""
    given = {key.name: layers.value(keys.MODEL, key.name) for key in keys.TABLES[keys.MODEL]}
    places = {}
    for key in keys.TABLES[keys.MODEL]:
        found = layers.given(keys.MODEL, key.name)
        if found is not None and isinstance(found.where, Location):
            places[key.name] = found.where
    default = ModelSettings()
    classes, features = given["classes"], given["features"]
    threshold, timeout, memory, batch = given["threshold"], given["timeout"], given["memory-mb"], given["batch"]
    model = ModelSettings(
        source=_text_or_list(layers, "source"),
        task=_text(given["task"]),
        features=features if isinstance(features, tuple) else (),
        classes=classes if isinstance(classes, tuple) else (),
        positive=given["positive"] if isinstance(given["positive"], Label) else None,
        threshold=threshold if isinstance(threshold, float) else None,
        trusted=bool(given["trusted"]),
        digest=_digests(given["digest"], places.get("digest")),
        previous=_text_or_list(layers, "previous"),
        train=_text_or_list(layers, "train"),
        artefact=_text(given["artefact"]),
        format=_text(given["format"]) or default.format,
        timeout=float(timeout) if isinstance(timeout, int) else default.timeout,
        memory_mb=memory if isinstance(memory, int) else default.memory_mb,
        batch=batch if isinstance(batch, int) else default.batch,
        places=MappingProxyType(places),
    )
    _check(model)
    return model


def _check(model: ModelSettings) -> None:
    for name, named in (("features", model.features), ("classes", model.classes)):
        # True is 1 to Python, and another label to everyone else.
        kinds = [(type(one), one) for one in named]
        doubled = [one for number, (_, one) in enumerate(kinds) if kinds[number] in kinds[:number]]
        if doubled:
            raise ConfigError(
                f'"{name}" names {doubled[0]} twice', where=model.at(name), hint="take one of the two out"
            )
    if model.classes and model.positive is not None and model.positive not in model.classes:
        raise ConfigError(
            f'"positive" is {model.positive}, which is none of the classes',
            where=model.at("positive"),
            hint=f"write one of {', '.join(str(one) for one in model.classes)}",
        )


def _digests(value: object, where: Location | None) -> tuple[str, ...]:
    found = value if isinstance(value, tuple) else ()
    for one in found:
        if not _DIGEST.fullmatch(one):
            raise ConfigError(
                f'"{one}" is no digest', where=where, hint='write "sha256:" and 64 hexadecimal digits (sha256sum FILE)'
            )
    return found


def _text_or_list(layers: Layers, name: str) -> str | tuple[str, ...] | None:
    """A text as it is, a list as a tuple: one word in a list is a command."""
    value = layers.value(keys.MODEL, name)
    if not isinstance(value, tuple) or not value:
        return None
    given = layers.given(keys.MODEL, name)
    return str(value[0]) if given is not None and isinstance(given.value, str) else value


def _text(value: object) -> str | None:
    return None if value is None else str(value)
