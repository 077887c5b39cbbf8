"""The project's data and configured checks, from `[tool.mlscore.data]` and `[[tool.mlscore.check]]`."""

from __future__ import annotations

from types import MappingProxyType

from mlscore.project import keys
from mlscore.project.config import CheckSpec, DataSettings
from mlscore.project.document import Document
from mlscore.project.layers import Layers
from mlscore.project.structure import entries
from mlscore.project.values import parse


def read_data(layers: Layers) -> DataSettings:
    """The data's table. Raises ConfigError at the first value that is wrong."""
    given = {key.name: layers.value(keys.DATA, key.name) for key in keys.TABLES[keys.DATA]}
    defaults = DataSettings()
    columns = given["id"]
    memory, timeout = given["memory-mb"], given["timeout"]
    return DataSettings(
        sources=MappingProxyType({role: str(given[role]) for role in defaults.ROLES if given[role] is not None}),
        label=None if given["label"] is None else str(given["label"]),
        id=columns if isinstance(columns, tuple) else (),
        time=None if given["time"] is None else str(given["time"]),
        memory_mb=memory if isinstance(memory, int) else defaults.memory_mb,
        timeout=float(timeout) if isinstance(timeout, int) else defaults.timeout,
        engine=defaults.engine if given["engine"] is None else str(given["engine"]),
    )


def read_checks(document: Document) -> tuple[CheckSpec, ...]:
    """The configured checks; their options as they are written. Raises ConfigError for a wrong `use`, `item` or `name`."""
    own = tuple(key.name for key in keys.TABLES[keys.CHECK])
    found = []
    for number, entry in enumerate(entries(document, keys.CHECK)):
        places = {name: document.at(keys.CHECK, number, name) for name in entry}
        named = {
            name: str(parse(keys.key(keys.CHECK, name), entry[name], places[name])) for name in own if name in entry
        }
        found.append(
            CheckSpec(
                use=named["use"],
                item=named.get("item"),
                name=named.get("name"),
                options=MappingProxyType({name: value for name, value in entry.items() if name not in own}),
                location=document.at(keys.CHECK, number),
                places=MappingProxyType(places),
            )
        )
    return tuple(found)
